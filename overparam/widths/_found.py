"""The smallest width at which a network was found and certified: Levenberg-Marquardt, exact repair, checker.

The search runs on the data in units of about their own size, powers of two, so that it finds the same networks for
points of size 1e300 as for the same points of size one; the exact network is carried back without rounding.
"""

import dataclasses
import pathlib
from collections.abc import Iterator

import jax
import numpy as np

from overparam.certificates import repair
from overparam.data import Dataset
from overparam.errors import RepairError
from overparam.networks import Params
from overparam.training import Outcome, levenberg_marquardt_seeds
from overparam.widths._certify import Certificate, NotAccepted, certify
from overparam.widths._scaling import Units

TOLERANCE = 1e-10  # of the residual by the norm of the labels: a start that reaches it is repaired
_REPAIRS = 8  # fitted starts tried at one width before the next width's turn


@dataclasses.dataclass(frozen=True)
class FoundAt:
    """What the search did at one width."""

    width: int
    starts: int
    fitted: int
    certified: int
    stuck: int
    diverged: int
    max_steps: int
    best_residual: float | None  # least ||residual|| / ||labels|| among the starts that stayed finite


def find_width(
    data: Dataset,
    widths: range,
    folder: pathlib.Path,
    *,
    root: jax.Array,
    starts: int = 64,
    max_steps: int = 300,
    judged: Dataset | None = None,
) -> Iterator[tuple[FoundAt, Certificate | None]]:
    """Search widths upwards until one network is certified; yields after every width.

    A width without a certificate shows nothing about whether such a network exists.

    Args:
        widths: ascending; width 0 is decided exactly, without training.
        folder: where the certificate goes.
        root: typed key of the initializations.
        starts: random starts at every width.
        max_steps: Levenberg-Marquardt steps of one start.
        judged: the data set that certificates speak of, if not `data` itself: the same points, some repeated.
    """
    for width in widths:
        row, certificate = _search(data, width, folder, root, starts, max_steps, judged or data)
        yield row, certificate
        if certificate is not None:
            return


def _search(
    data: Dataset, width: int, folder: pathlib.Path, root: jax.Array, starts: int, max_steps: int, judged: Dataset
) -> tuple[FoundAt, Certificate | None]:
    units = Units.of(data.points, data.labels)
    points, labels = units.floats(data.points, data.labels)
    if width == 0:
        constant = Params(np.zeros((0, points.shape[1])), np.zeros(0), np.zeros(0), labels[0])
        certificate = _first_certified([constant], data, judged, units, folder, {"search": "the constant network"})
        fits = int(certificate is not None)
        return FoundAt(0, 0, fits, fits, 0, 0, 0, None), certificate
    run = levenberg_marquardt_seeds(
        points, labels, root, np.arange(starts), width=width, max_steps=max_steps, tolerance=TOLERANCE
    )
    stopped = np.asarray(run.stopped)
    residual = np.asarray(run.residual_norm)
    order = np.argsort(residual, kind="stable")
    fitted = [int(s) for s in order if stopped[s] == Outcome.FITTED][:_REPAIRS]
    networks = [Params(*(leaf[s] for leaf in run.params)) for s in fitted]
    how = {"search": "Levenberg-Marquardt, exact repair", "width": str(width), "starts": str(starts)}
    certificate = _first_certified(networks, data, judged, units, folder, how)
    scale = float(np.linalg.norm(labels)) or 1.0
    count = {outcome: int((stopped == outcome).sum()) for outcome in Outcome}
    row = FoundAt(
        width=width,
        starts=starts,
        fitted=count[Outcome.FITTED],
        certified=int(certificate is not None),
        stuck=count[Outcome.STUCK],
        diverged=count[Outcome.DIVERGED],
        max_steps=count[Outcome.MAX_STEPS],
        best_residual=float(residual[np.isfinite(residual)].min(initial=np.inf)) / scale
        if np.isfinite(residual).any()
        else None,
    )
    return row, certificate


def _first_certified(
    networks: list[Params], data: Dataset, judged: Dataset, units: Units, folder: pathlib.Path, how: dict[str, str]
) -> Certificate | None:
    for params in networks:
        try:
            network = repair(params, *units.exactly(data.points, data.labels))
            return certify(units.undo(network), judged, folder, provenance=how)
        except (RepairError, NotAccepted):
            continue
    return None
