"""From an exact network to a folder that the checker accepts."""

import dataclasses
import pathlib
from collections.abc import Mapping

import proofs_check
from overparam.certificates import dataset_bytes, dataset_sha256, witness_bytes
from overparam.data import Dataset
from overparam.exact import ExactNetwork
from overparam.widths._deposit import NotAccepted, deposit

__all__ = ["Certificate", "NotAccepted", "certify", "folder_of"]


@dataclasses.dataclass(frozen=True)
class Certificate:
    """An accepted certificate on disk."""

    folder: pathlib.Path
    width: int
    sentence: str  # what the checker accepted, in its own words


def folder_of(out: pathlib.Path, data: Dataset) -> pathlib.Path:
    """Where the certificates of one data set live, named by the first digits of its hash."""
    return out / "certificates" / dataset_sha256(data.points, data.labels)[:12]


def certify(
    network: ExactNetwork,
    data: Dataset,
    folder: pathlib.Path,
    *,
    hidden_bias: bool = True,
    output_bias: bool = True,
    theorem: str | None = None,
    provenance: Mapping[str, str] | None = None,
) -> Certificate:
    """Write data set, statement and witness, and let the checker decide.

    The statement is composed by the checker's own `state`, not by the search.  The folder appears whole or not at all.

    Args:
        folder: the certificate's folder; the data set file is written beside it, in its parent.
        theorem: slug of an upper bound that the width must also respect.
        provenance: how the network was found; the checker ignores it.
    Raises:
        NotAccepted: the checker rejected it, could not decide it within its budget, or refused a file as too long;
            nothing is left on disk but the data set file, and what stood in the folder before.
    """

    def statement(paths: list[pathlib.Path]) -> bytes:
        return proofs_check.state(
            "interpolates",
            paths[0],
            widths=[network.width],
            activation=network.activation,
            hidden_bias=hidden_bias,
            output_bias=output_bias,
            theorem=theorem,
        )

    sentence = deposit(
        folder,
        statement=statement,
        witness=lambda: witness_bytes(network, dict(provenance or {})),
        beside=[dataset_bytes(data.points, data.labels)],
    )
    return Certificate(folder, network.width, sentence)
