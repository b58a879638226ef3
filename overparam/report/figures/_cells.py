"""Cells of a sweep as points: how many samples, which dimension, which width, how many of its seeds fitted."""

import itertools
from collections.abc import Iterable
from typing import Any, NamedTuple

import proofs_check
from overparam.data._spec import DEFAULT_D, DEFAULT_N
from overparam.report._sweep_folder import Sweep
from overparam.widths import clopper_pearson

_GENERAL = ("gaussian", "sphere", "anisotropic")  # generators whose points are in general position, almost surely
_PLANE = ("data.n", "data.d", "model.width")


class Point(NamedTuple):
    """One cell."""

    n: int | None  # None where the data decide it
    d: int | None
    width: int
    other: str  # the settings besides these in which the cells of the sweep differ, in words
    fits: int  # seeds that fitted, confirmed in float64
    open: int  # seeds that are censored, not confirmed, or not there yet
    rows: int  # seeds that are there
    seeds: int  # seeds asked for
    counts: bool  # whether counting parameters bounds exact fits here: one hidden layer of relu, continuous labels
    general: bool  # whether the points are in general position, so that the pairs construction applies

    @property
    def share(self) -> float | None:
        """Of the seeds that are there, those that fitted."""
        return self.fits / self.rows if self.rows else None

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Of the probability to fit, whatever the open seeds turn out to be."""
        return clopper_pearson(self.fits, self.seeds, censored=self.open, level=level)


def points_of(sweep: Sweep) -> list[Point]:
    """The cells in their order; settings that are not an axis come from the specification."""
    from overparam.sweeps import SweepSpec, cells

    by_id = {cell.id: cell for cell in cells(SweepSpec(**sweep.settings))}
    others = [axis for axis in sweep.axes if axis not in _PLANE]
    found = []
    for row in sweep.rows:
        cell = by_id.get(row["cell"])
        if cell is None:
            continue
        drawn = cell.data.kind == "generator"
        relu = (cell.model.depth, cell.model.activation) == (1, "relu")
        labels = cell.data.labels in (None, "gaussian") and cell.data.data not in ("clusters", "moment", "collinear")
        found.append(
            Point(
                n=(cell.data.n or DEFAULT_N) if drawn else cell.data.samples,
                d=(cell.data.d or DEFAULT_D) if drawn else None,
                width=cell.model.width,
                other=", ".join(f"{axis.partition('.')[2]} = {_said(row[axis])}" for axis in others),
                fits=row["fitted"] - row["unconfirmed"],
                open=row["max_steps"] + row["unconfirmed"] + row["seeds"] - row["rows"],
                rows=row["rows"],
                seeds=row["seeds"],
                counts=relu and drawn and (labels or cell.data.labels == "gaussian"),
                general=relu and cell.data.data in _GENERAL,
            )
        )
    return found


def _said(value: Any) -> str:
    return "default" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def grouped(points: Iterable[Point], *fields: str) -> dict[tuple, list[Point]]:
    """Points with equal fields together, groups and their points in the order of their fields, then of the width."""

    def key(point: Point) -> tuple:
        return tuple(getattr(point, field) for field in fields)

    def order(point: Point) -> tuple:
        return (*((value is not None, value) for value in key(point)), point.width)

    return {k: list(mine) for k, mine in itertools.groupby(sorted(points, key=order), key)}


def needed(n: int, d: int) -> int:
    """Parameter counting: fewer neurons fit almost no labels of n distinct points exactly; a theorem."""
    return int(proofs_check.THEOREMS["param-count"].width(n, d))


def enough(n: int, d: int) -> int:
    """The pairs construction: so many neurons suffice for n points in general position; a theorem."""
    return int(proofs_check.THEOREMS["pairs-2n-over-d-plus-1"].width(n, d))


def cells_csv(points: list[Point], level: float = 0.95) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """Head and rows of the numbers behind a figure of a sweep; intervals are at `level`."""
    head = ("n", "d", "width", "settings", "word", "seeds", "rows", "fitted", "open", "share", "low", "high", "needed")
    rows = [
        (p.n, p.d, p.width, p.other, "observed", p.seeds, p.rows, p.fits, p.open, p.share, *p.interval(level),
         needed(p.n, p.d) if p.counts and p.n and p.d else None)
        for p in points
    ]  # fmt: skip
    return head, rows
