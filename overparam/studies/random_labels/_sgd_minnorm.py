"""Gradient descent on a linear model ends at the interpolant nearest to its start, whatever the order of the samples.

For d >= n, rank n and steps below 2 / |X|_2^2 gradient descent from w_0 converges to X^+ y + (I - X^+ X) w_0: each
gradient is a combination of the samples, so what w_0 has outside their span never changes.  From 0 the limit is the
interpolant of least norm, X^T (X X^T)^-1 y.  For a batch B of samples at a time the limit is the same, in any order of
passes over all of them, as long as each batch's step, the same in every pass, is below 2 / |X_B|_2^2: it is then an
averaged projection towards the solutions of its equations, which all can be solved.  One step below
2 / max_B |X_B|_2^2 for all batches is a case of it.  Adaptive steps, such as Adam's, leave the span.

Measured: limits of full-batch descent, of single samples in several orders and with mini-batches, with steps of
1 / |X_B|_2^2, and of single samples with one step 1 / max |x_i|^2 for all, from several starts at once, against the
formula; and the limit from 0 against the least-norm solution found in exact rational arithmetic.
"""

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.exact import solve
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size

CLOSE = 1e-8  # relative distance of a limit


class Sizes(NamedTuple):
    """Samples, dimension, starts, orders, passes over the data, samples in a mini-batch."""

    n: int
    d: int
    starts: int
    orders: int
    passes: int
    batch: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(20, 100, 5, 3, 300, 5),
    "laptop": Sizes(500, 5000, 5, 3, 300, 50),
    "paper": Sizes(500, 5000, 5, 3, 300, 50),
}


def measure(setting: Setting, *, adaptive: bool = False, forgets: bool = False) -> Finding:
    """Limits; `adaptive` divides steps as Adam does, `forgets` leaves w_0 out of the formula."""
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root, 31])
    points, labels = rng.normal(size=(size.n, size.d)), rng.normal(size=size.n)
    starts = np.concatenate([np.zeros((1, size.d)), rng.normal(size=(size.starts - 1, size.d))])
    inverse = np.linalg.pinv(points)
    outside = 0 * starts if forgets else starts - (starts @ inverse) @ points
    wanted = inverse @ labels + outside
    limits = {"all samples": _descend(points, labels, starts, [np.arange(size.n)], 20 * size.passes, adaptive)}
    for order in range(size.orders):
        shuffled = np.random.default_rng([setting.root, 32, order])
        singles = list(shuffled.permutation(size.n)[:, None])
        limits[f"single samples, order {order + 1}"] = _descend(
            points, labels, starts, singles, size.passes, adaptive, shuffled
        )
    limits["single samples, one step for all"] = _descend(
        points, labels, starts, singles, 2 * size.passes, adaptive, shuffled, common=True
    )
    batches = np.array_split(rng.permutation(size.n), size.n // size.batch)
    limits["mini-batches"] = _descend(points, labels, starts, batches, 2 * size.passes, adaptive, rng)
    scale = np.linalg.norm(wanted, axis=1)
    off = {name: float(np.max(np.linalg.norm(end - wanted, axis=1) / scale)) for name, end in limits.items()}
    ends = np.stack(list(limits.values()))
    orders = float(np.max(np.ptp(ends, axis=0)) / scale.min())
    exact = _least_norm(points[:, : size.d], labels) if size.n <= 30 else inverse @ labels
    least = max(float(np.linalg.norm(end[0] - exact) / np.linalg.norm(exact)) for end in limits.values())
    return Finding(
        holds=bool(max(off.values()) <= CLOSE and least <= CLOSE),
        words=f"n = {size.n}, d = {size.d}, {size.starts} starts: distance of the limits from X^+ y + (I - X^+ X) w_0, "
        f"relative: {'; '.join(f'{name} {one:.1e}' for name, one in off.items())}. Limits of different orders differ "
        f"by {orders:.1e}; from 0 they are within {least:.1e} of the least-norm interpolant"
        f"{', found in exact rational arithmetic' if size.n <= 30 else ''}. It does not hold for adaptive steps.",
        instances=size.starts * len(limits),
        links=(
            *(Link(f"distance of the limit from the formula, {name}", CLOSE, one) for name, one in off.items()),
            Link("distance of the limit from 0 from the least-norm interpolant", CLOSE, least),
        ),
    )


def _descend(
    points: NDArray,
    labels: NDArray,
    starts: NDArray,
    batches: list[NDArray],
    passes: int,
    adaptive: bool,
    rng: np.random.Generator | None = None,
    *,
    common: bool = False,
) -> NDArray:
    """Steps of 1 / |X_B|_2^2 on each batch B, half of what is allowed; a new order of batches each pass if `rng`.

    With `common`, the least of these steps on all batches.
    """
    at, speed = starts, np.zeros_like(starts)
    steps = [1 / float(np.linalg.norm(points[batch], 2)) ** 2 for batch in batches]
    steps = [min(steps)] * len(steps) if common else steps
    for _ in range(passes):
        for i in range(len(batches)) if rng is None else rng.permutation(len(batches)):
            x, y = points[batches[i]], labels[batches[i]]
            slope = (at @ x.T - y) @ x
            if adaptive:  # the second moment of Adam, which rescales each coordinate by itself
                speed = 0.99 * speed + 0.01 * slope**2
                slope = slope / (np.sqrt(speed) + 1e-8)
                at = at - 1e-3 * slope
            else:
                at = at - steps[i] * slope
    return at


def _least_norm(points: NDArray, labels: NDArray) -> NDArray:
    """X^T (X X^T)^-1 y without rounding, then rounded."""
    rows = [[Fraction(x) for x in row] for row in points.tolist()]
    gram = [[sum((a * b for a, b in zip(one, other, strict=True)), Fraction(0)) for other in rows] for one in rows]
    found = solve(gram, [Fraction(y) for y in labels.tolist()])
    if found is None:
        raise RuntimeError("Gaussian samples have a regular Gram matrix")
    columns = zip(*rows, strict=True)
    return np.array([float(sum(a * c for a, c in zip(column, found, strict=True))) for column in columns])


STUDY = Experiment(
    id="z-sgd-minnorm",
    claim="On a linear model with d > n and samples of rank n, gradient descent and stochastic gradient descent, in "
    "passes over all batches in any order and with a step for each batch B that stays the same and is below "
    "2 / |X_B|_2^2 (here half of that, or one for all batches), converge from w_0 to X^+ y + (I - X^+ X) w_0: from 0, "
    "to the interpolant of least norm.",
    refuted_by="a limit that depends on the order of the samples, or is not that of the formula",
    cites=("zhang2017",),
    locator="Section 5",
    measure=measure,
    proved=True,
)
