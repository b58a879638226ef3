"""Parameter counts twice over: by the library's shapes, and by the checker from a file that lists the layers."""

import pathlib
from typing import NamedTuple

import proofs_check
from overparam.certificates import proof_bytes
from overparam.networks import Counted, Layers, Shape, count_parameters, described
from overparam.widths import NotAccepted, deposit


class Recount(NamedTuple):
    """Both answers about one network."""

    counted: Counted
    accepted: bool
    """whether the checker accepted the counts that are claimed, for these layers"""
    says: str
    """the checker's sentence, or why there is none"""


def recount(folder: pathlib.Path, layers: Layers, shape: Shape, trainable: int, statistics: int = 0) -> Recount:
    """Count the layers, and let the checker decide whether they have what is claimed; its files go to `folder`."""
    counted = count_parameters(layers, shape)
    listed = {"input": list(shape), "layers": described(layers)}
    try:
        says = deposit(
            folder,
            statement=lambda paths: proofs_check.state(
                "parameter-count", **listed, trainable=trainable, statistics=statistics
            ),
            witness=lambda: proof_bytes({}, {}),
        )
    except NotAccepted as error:
        return Recount(counted, False, str(error))
    return Recount(counted, True, says)
