"""What few neurons cost: the sizes of the weights of every network that a ladder has at hand."""

import dataclasses
import json
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

from overparam.data import Dataset
from overparam.exact import ExactNetwork, exact_data, number_spelled
from overparam.memorizers import Memorizer, sizes_of
from overparam.records import Rung


def weights_of(
    rungs: Sequence[Rung], memorizers: Mapping[str, Memorizer], data: Dataset, out: pathlib.Path
) -> tuple[dict[str, Any], ...]:
    """A row a network: those that were searched for, from their certificates, then the constructions.

    Args:
        rungs: of the ladder; `exact` and `found` name certificates of networks.
        memorizers: by rung.
        data: the data as given.
        out: output folder; certificates are named relative to it.
    """
    searched = {
        rung.rung: _network(out / rung.certificate, data.points.shape[1])
        for rung in rungs
        if rung.rung in ("exact", "found") and rung.certificate is not None
    }
    exact = exact_data(data.points, data.labels)
    rows = {name: sizes_of(network, exact) for name, network in searched.items()}
    rows |= {name: memorizer.sizes for name, memorizer in memorizers.items()}
    return tuple({"rung": name, **dataclasses.asdict(sizes)} for name, sizes in rows.items())


def _network(certificate: pathlib.Path, dim: int) -> ExactNetwork:
    """The ReLU network in a witness that the checker has accepted."""
    hidden, outer = json.loads((certificate / "witness.json").read_text())["layers"]
    u = tuple(tuple(map(number_spelled, row)) for row in hidden["weights"])
    b, v, (c,) = (tuple(map(number_spelled, row)) for row in (hidden["bias"], outer["weights"][0], outer["bias"]))
    return ExactNetwork("relu", u, b, v, c, dim)
