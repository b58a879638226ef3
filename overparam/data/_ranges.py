"""What the options of each generator may be, checked before anything is drawn."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from overparam.errors import InputError

if TYPE_CHECKING:
    from overparam.data._spec import DataSpec


def require_in_range(spec: "DataSpec", n: int, d: int) -> None:
    """Refuse options with which the generator of n points of dimension d means nothing.

    Raises:
        InputError: names the option, its range, and what it was.
    """
    if check := _CHECKS.get(spec.data):
        check(spec, n, d)


def _sphere(spec: "DataSpec", n: int, d: int) -> None:
    if d < 2:
        raise InputError("--data sphere needs --d of at least 2: in dimension 1 the unit sphere is two points")


def _clusters(spec: "DataSpec", n: int, d: int) -> None:
    if d < 3:
        raise InputError("--data clusters needs --d of at least 3: below, a centre has at most two points at an angle")
    if spec.angle is not None and not 0 < spec.angle <= math.pi / 2:
        raise InputError(f"--angle must be in radians, above 0 and at most pi/2, not {spec.angle!r}")
    if spec.clusters is not None and spec.clusters > n:
        raise InputError(f"--clusters {spec.clusters} is more than the {n} points")


def _line(spec: "DataSpec", n: int, d: int) -> None:
    if spec.spread is not None and not 0 < spec.spread < math.inf:
        raise InputError(
            f"--spread must be positive and finite, not {spec.spread!r}: without noise rounding alone would decide "
            "which points are dependent; --data collinear plants triples that are collinear exactly"
        )


def _plane(spec: "DataSpec", n: int, d: int) -> None:
    _line(spec, n, d)
    if spec.rank is not None and spec.rank > d:
        raise InputError(f"--rank {spec.rank} is more than the dimension {d}")


def _moment(spec: "DataSpec", n: int, d: int) -> None:
    half, shift = n // 2, moment_shift(n)
    odd = max(half - 1 + half % 2, 1)  # the largest odd integer that a numerator can be

    def exact(power: int) -> bool:
        return (odd ** min(power, 64)).bit_length() <= 53 and shift * power <= 1022

    if not exact(d):
        fits = next(k for k in range(1, 1024) if not exact(k + 1))
        raise InputError(f"--data moment would round t^{d} for {n} points; --d of at most {fits} does not")


def moment_shift(n: int) -> int:
    """The least b with 2^b >= n // 2, of the abscissae (i - n // 2) / 2^b of the moment curve."""
    return max(n // 2 - 1, 0).bit_length()


def _anisotropic(spec: "DataSpec", n: int, d: int) -> None:
    if spec.exponent is not None and not 0 <= spec.exponent <= 32:
        raise InputError(f"--exponent must lie between 0 and 32, not {spec.exponent!r}")


def _collinear(spec: "DataSpec", n: int, d: int) -> None:
    if d < 2:
        raise InputError("--data collinear needs --d of at least 2: in dimension 1 all points are collinear")
    if spec.triples is not None and 3 * spec.triples > n:
        raise InputError(f"--triples {spec.triples} needs {3 * spec.triples} points, but --n is {n}")


_CHECKS: "dict[str, Callable[[DataSpec, int, int], None]]" = {
    "sphere": _sphere,
    "clusters": _clusters,
    "line": _line,
    "plane": _plane,
    "moment": _moment,
    "anisotropic": _anisotropic,
    "collinear": _collinear,
}
