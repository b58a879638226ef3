"""Exponents of a power law between thresholds, as intervals that inherit the joint coverage of the thresholds'.

Two cells, no model: their thresholds lie in [low, high] each, so the ratio of logarithms lies between that of the
nearer ends and that of the farther ones.

Many cells, one law: widths are whole numbers, so a power law f = a n^b d^c means

    w* = ceil(f),   hence   low - 1 < f <= high   in every cell.

The logarithms of (a, b, c) with low - 1 <= f <= high form a polytope, and the least and the greatest b in it are linear
programs.  If the law holds, the true exponents are in the polytope whenever all intervals hold: with the joint
confidence.  An empty polytope refutes the law at that level.  Asking for low <= f instead would refute laws that hold:
ceil(n / 4) at n = 10, 20, 40 is 3, 5, 10, and no a n^b passes through the three.  Ends that were not confirmed bound
nothing and are left out.
"""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.optimize import linprog

from overparam.errors import InputError
from overparam.widths._grid import CellThreshold, ThresholdGrid

_ROUNDING = 1e-7  # the program's tolerance on its constraints: logarithms are widened by it, so that it errs outwards
_UNBOUNDED, _INFEASIBLE, _SOLVED = 3, 2, 0


@dataclasses.dataclass(frozen=True)
class PowerLaw:
    """What the thresholds of a grid say about w* = ceil(a prod at^exponent).

    Attributes:
        level: joint confidence of everything here.
        possible: whether some law goes through all intervals; if not, the pure power law is excluded at that level.
        exponents: name -> (least, greatest) possible exponent; infinite where the cells do not bound it.
        factor: the same of a.
        sides: confirmed ends that entered.
    """

    level: float
    possible: bool
    exponents: dict[str, tuple[float, float]]
    factor: tuple[float, float]
    sides: int

    @property
    def sentence(self) -> str:
        law = " ".join(["ceil(a", *(f"{name}^{'bcdefgh'[i]}" for i, name in enumerate(self.exponents))]) + ")"
        if not self.possible:
            return (
                f"No law w* = {law} goes through all intervals: where success does not fall with the width, the pure "
                f"power law is excluded at confidence {self.level:g}; run again from another root seed before calling "
                "it refuted."
            )
        listed = ", ".join(
            f"{'bcdefgh'[i]} in {rounded(ends)}" for i, (name, ends) in enumerate(self.exponents.items())
        )
        return (
            f"If w* = {law} and success does not fall with the width, then with confidence {self.level:g} {listed}, "
            f"a in {rounded(self.factor)}; widths outside these cells are not covered."
        )

    def as_json(self) -> dict[str, Any]:
        def ends(pair: tuple[float, float]) -> list[float | None]:
            return [end if math.isfinite(end) else None for end in pair]

        return {
            "level": self.level,
            "possible": self.possible,
            "exponents": {name: ends(pair) for name, pair in self.exponents.items()},
            "factor": ends(self.factor),
            "sides": self.sides,
            "sentence": self.sentence,
        }


def exponent_between(first: CellThreshold, second: CellThreshold, name: str) -> tuple[float, float]:
    """Interval of log(w2* / w1*) / log(x2 / x1) between two cells that differ in `name`, without any model.

    It holds whenever both intervals do; infinite on a side whose ends were not confirmed.

    Raises:
        InputError: the cells do not differ in `name`, or differ in something else.
    """
    others = {key for key in first.at if key != name and first.at[key] != second.at[key]}
    if name not in first.at or first.at[name] == second.at[name] or others:
        raise InputError(f"two cells give the exponent of {name} if they differ in it and in nothing else")
    below, above = (first, second) if first.at[name] < second.at[name] else (second, first)
    span = math.log(above.at[name] / below.at[name])
    least = -math.inf if above.low is None or below.high is None else math.log(above.low / below.high) / span
    most = math.inf if above.high is None or below.low is None else math.log(above.high / below.low) / span
    return least, most


def power_law(grid: ThresholdGrid, names: Sequence[str] | None = None) -> PowerLaw:
    """Which power laws go through all intervals of a grid.

    Args:
        grid: thresholds with their joint intervals.
        names: the quantities with an exponent; all that tell the cells apart if not given.
    Raises:
        InputError: a name that the cells do not have.
    """
    names = list(grid.cells[0].at) if names is None else list(names)
    missing = [name for name in names if name not in grid.cells[0].at]
    if missing:
        raise InputError(f"names must be among {sorted(grid.cells[0].at)}, not {missing}")
    rows, bounds = _sides(grid, names)
    if rows and _solve(np.zeros(1 + len(names)), rows, bounds) is None:
        nothing = (math.inf, -math.inf)
        return PowerLaw(grid.level, False, dict.fromkeys(names, nothing), nothing, len(rows))
    axes = np.eye(1 + len(names))
    ends = [(_least(axis, rows, bounds), -_least(-axis, rows, bounds)) for axis in axes]
    factor = (_power(ends[0][0]), _power(ends[0][1]))
    return PowerLaw(grid.level, True, dict(zip(names, ends[1:], strict=True)), factor, len(rows))


def fitted_range(
    grid: ThresholdGrid, at: Mapping[str, float], names: Sequence[str] | None = None
) -> tuple[float, float] | None:
    """Least and greatest value at one place of any law that goes through all intervals; None if there is none.

    Args:
        grid: thresholds with their joint intervals.
        at: where, such as {"n": 80, "d": 5}; needs the names only.
        names: as in `power_law`.
    """
    names = list(grid.cells[0].at) if names is None else list(names)
    rows, bounds = _sides(grid, names)
    if rows and _solve(np.zeros(1 + len(names)), rows, bounds) is None:
        return None
    row = np.array([1.0, *(math.log(at[name]) for name in names)])
    return _power(_least(row, rows, bounds)), _power(-_least(-row, rows, bounds))


def _sides(grid: ThresholdGrid, names: Sequence[str]) -> tuple[list[np.ndarray], list[float]]:
    """Rows and bounds of `row @ (log a, exponents) <= bound`."""
    rows, bounds = [], []
    for cell in grid.cells:
        row = np.array([1.0, *(math.log(cell.at[name]) for name in names)])
        if cell.high is not None:
            rows.append(row)
            bounds.append(math.log(cell.high) + _ROUNDING)
        if cell.low is not None and cell.low > 1:
            rows.append(-row)
            bounds.append(-math.log(cell.low - 1) + _ROUNDING)
    return rows, bounds


def _least(axis: np.ndarray, rows: list[np.ndarray], bounds: list[float]) -> float:
    """Least value of `axis @ (log a, exponents)`; minus infinity if nothing bounds it."""
    value = _solve(axis, rows, bounds) if rows else None
    return -math.inf if value is None else value


def _solve(axis: np.ndarray, rows: list[np.ndarray], bounds: list[float]) -> float | None:
    """Least value, minus infinity where unbounded, None where nothing satisfies the bounds."""
    result = linprog(
        axis, A_ub=np.array(rows), b_ub=np.array(bounds), bounds=(None, None), method="highs",
        options={"presolve": False},  # which may not tell unbounded from infeasible
    )  # fmt: skip
    if result.status == _SOLVED:
        return float(result.fun)
    if result.status == _INFEASIBLE:
        return None
    if result.status == _UNBOUNDED:
        return -math.inf
    raise RuntimeError(f"the linear program ended without an answer: {result.message}")


def _power(logarithm: float) -> float:
    return math.exp(logarithm) if logarithm < 700 else math.inf


def rounded(ends: tuple[float, float]) -> str:
    """An interval, rounded outwards to two digits behind the point."""
    low, high = ends
    left = "-inf" if math.isinf(low) else f"{math.floor(low * 100) / 100:g}"
    right = "inf" if math.isinf(high) else f"{math.ceil(high * 100) / 100:g}"
    return f"[{left}, {right}]"
