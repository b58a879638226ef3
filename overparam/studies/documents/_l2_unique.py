"""A penalty on the squares of the coefficients picks one of the exact fits: which one, and how fast as it vanishes.

J(c) = |V c - y|^2 + lam |c|^2 has the Hessian 2 (V^T V + lam I), positive definite for lam > 0, hence one minimizer,
(V^T V + lam I)^-1 V^T y.  With singular values s_i its component is s_i / (s_i^2 + lam) where the least-norm
interpolant has 1 / s_i: so |c_lam - c_mn| <= lam |c_mn| / s_min^2.  Without the penalty, gradient descent ends at the
interpolant c_mn + (I - V^+ V) c_0, another one for every start.  An L1 penalty does not make the fit unique: where a
column of V stands twice, any share between the two is as good.

Certified, and all of the claim: lower bounds above 0 on the eigenvalues of V^T V + lam I.  Measured besides, and told
with the evidence: in floats, the ends of gradient descent from many starts with and without the penalty; in exact
rational arithmetic, the distance to the least-norm interpolant over lam.
"""

import math
from fractions import Fraction
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.exact import solve
from overparam.records import Plot, Series
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.documents._polynomials import POINTS, values_of, vandermonde
from overparam.widths import GivenMatrix, NotAccepted, prove_least_eigenvalue

SAME = 1e-8  # distance of an end of descent from the closed form, relative
APART = 1e-7  # least distance of two ends without a penalty, ten times that at which ends count as one
LAM = Fraction(1, 10)  # of the descents
SLACK = 1 + 1e-9  # s_min is computed in floats


class Sizes(NamedTuple):
    """Degree, points, starts, steps of descent, exponents -k of the penalties 10^-k of the limit."""

    degree: int
    n: int
    starts: int
    steps: int
    exponents: range


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(4, 4, 50, 8000, range(0, 13, 2)),
    "laptop": Sizes(12, 8, 50, 500_000, range(13)),
    "paper": Sizes(12, 8, 50, 500_000, range(13)),
}


def measure(
    setting: Setting, *, penalty: Literal["l2", "l1", "none"] = "l2", repeated: bool = False, rate: float = 1.0
) -> Finding:
    """Ends of descent; `repeated` writes the last column twice, `rate` multiplies the bound of the limit."""
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root, 5])
    exact = [row + row[-1:] * repeated for row in vandermonde(_spread(size.n), size.degree)]
    matrix, labels = np.array(exact, float), rng.normal(size=size.n)
    starts = rng.normal(size=(size.starts, matrix.shape[1]))
    least = np.linalg.pinv(matrix) @ labels
    ends = _descend(matrix, labels, starts, float(LAM), penalty, size.steps)
    closed = np.linalg.solve(matrix.T @ matrix + float(LAM) * np.eye(matrix.shape[1]), matrix.T @ labels)
    off = float(np.max(np.linalg.norm(ends - closed, axis=1)) / np.linalg.norm(closed))
    spread = float(np.max(np.ptp(ends, axis=0)) / np.linalg.norm(closed))
    free = _descend(matrix, labels, starts, 0.0, "none", size.steps)
    kept = starts - starts @ np.linalg.pinv(matrix) @ matrix  # rows: (I - V^+ V) c_0
    missed = float(np.max(np.linalg.norm(free - least - kept, axis=1)) / np.linalg.norm(least))
    loss = float(np.max(np.linalg.norm(free @ matrix.T - labels, axis=1)))
    gaps = np.linalg.norm(free[:, None] - free[None, :], axis=2)[np.triu_indices(size.starts, 1)]
    shares, distances = _limit(exact, [Fraction(y) for y in labels.tolist()], matrix, size, rate)
    accepted = sum(_proved(exact, lam, setting, name) for name, lam in _penalties(size).items())
    tried = len(_penalties(size))
    holds = (
        off <= SAME
        and spread <= SAME
        and missed <= SAME
        and loss <= SAME
        and float(gaps.min()) >= APART
        and max(shares) <= SLACK
        and accepted == tried
    )
    grid = tuple(10.0**-k for k in size.exponents)
    s_min = float(np.linalg.svd(matrix, compute_uv=False)[-1])
    return Finding(
        holds=holds,
        words=f"Degree {size.degree}, {size.n} points: the checker accepted {accepted} of {tried} Hessians as "
        "positive definite. A strictly convex sum has one minimizer, by a theorem and not by the checker: so the best "
        f"fit is unique whatever the labels. In floats, not certified, {size.starts} starts of gradient descent with "
        f"lam = {float(LAM):g} end within {off:.1e} of the closed form, and of each other within {spread:.1e}; without "
        f"the penalty they end within {missed:.1e} of c_mn + (I - V^+ V) c_0, any two at least {gaps.min():.2g} apart, "
        f"all with residuals of at most {loss:.1e}. In exact rational arithmetic |c_lam - c_mn| is at most "
        f"{max(shares):.6f} of lam |c_mn| / s_min^2 for lam from {grid[-1]:g} to {grid[0]:g}. Uniqueness is that of "
        "the coefficients in a given basis.",
        instances=2 * size.starts + len(grid),
        links=(
            Link("distance of an end from the closed form, relative", SAME, off),
            Link("distance of an unpenalized end from its formula, relative", SAME, missed),
            Link("distance of two unpenalized ends", APART, float(gaps.min()), "at least"),
            Link("distance to the least-norm fit, over lam |c_mn| / s_min^2", 1.0, max(shares)),
        ),
        certified=accepted == tried,
        plots=(
            Plot(
                "The penalized fit approaches the least-norm interpolant",
                "penalty lam",
                "relative distance",
                (
                    Series("exact", grid, tuple(distances)),
                    Series("lam / s_min^2", grid, tuple(lam / s_min**2 for lam in grid), kind="bound"),
                ),
                log_x=True,
                log_y=True,
            ),
        ),
    )


def _spread(n: int) -> tuple[Fraction, ...]:
    """Points at which descent is quick: extremes of a Chebyshev polynomial in 1/64, or the four of the example."""
    if n == len(POINTS):
        return POINTS
    return tuple(Fraction(round(64 * math.cos(math.pi * i / (n - 1))), 64) for i in range(n))


def _descend(matrix: NDArray, labels: NDArray, starts: NDArray, lam: float, penalty: str, steps: int) -> NDArray:
    """Gradient descent on |V c - y|^2 + lam |c|^2, all starts at once; for L1, with soft thresholds."""
    square = lam if penalty == "l2" else 0.0
    largest = np.linalg.norm(matrix, 2) ** 2 + square
    shift = matrix.T @ labels / largest
    keep = np.eye(matrix.shape[1]) - (matrix.T @ matrix + square * np.eye(matrix.shape[1])) / largest
    at = starts
    for _ in range(steps):
        at = at @ keep + shift
        if penalty == "l1":
            at = np.sign(at) * np.maximum(np.abs(at) - lam / (2 * largest), 0)
    return at


def _limit(
    exact: list[list[Fraction]], labels: list[Fraction], matrix: NDArray, size: Sizes, rate: float
) -> tuple[list[float], list[float]]:
    """Of c_lam from c_mn, solved exactly: over the bound, and relative to |c_mn|."""
    gram = [[sum((a * b for a, b in zip(one, other, strict=True)), Fraction(0)) for other in exact] for one in exact]
    across = [list(column) for column in zip(*exact, strict=True)]

    def interpolant(lam: Fraction) -> list[Fraction]:
        ridge = [[g + lam * (i == j) for j, g in enumerate(row)] for i, row in enumerate(gram)]
        found = solve(ridge, labels)
        if found is None:
            raise RuntimeError("distinct points have a regular Gram matrix")
        return values_of(across, found)

    least = interpolant(Fraction(0))
    length = float(sum(c * c for c in least)) ** 0.5
    s_min = float(np.linalg.svd(matrix, compute_uv=False)[-1])
    shares, distances = [], []
    for k in size.exponents:
        moved = interpolant(Fraction(1, 10**k))
        distance = float(sum((a - b) ** 2 for a, b in zip(moved, least, strict=True))) ** 0.5
        distances.append(distance / length)
        shares.append(distance / length * s_min**2 * 10.0**k / rate)
    return shares, distances


def _penalties(size: Sizes) -> dict[str, Fraction]:
    return (
        {"lam-1": Fraction(1), "lam-0.1": LAM, "lam-0.001": Fraction(1, 1000)} if size.degree < 10 else {"lam-0.1": LAM}
    )


def _proved(exact: list[list[Fraction]], lam: Fraction, setting: Setting, name: str) -> bool:
    """The checker's word that the least eigenvalue of V^T V + lam I is at least lam / 2."""
    columns = list(zip(*exact, strict=True))
    hessian = [
        [sum((a * b for a, b in zip(one, other, strict=True)), lam * (i == j)) for j, other in enumerate(columns)]
        for i, one in enumerate(columns)
    ]
    try:
        prove_least_eigenvalue(GivenMatrix(hessian), setting.folder / name, at_least=lam / 2, upper=False)
    except NotAccepted:
        return False
    return True


STUDY = Experiment(
    id="s-l2-unique",
    claim="The matrices V^T V + lam I in claims/s-l2-unique, half of the Hessians of |V c - y|^2 + lam |c|^2 for "
    "Vandermonde matrices V with more columns than rows and the penalties lam > 0 of this study, are positive "
    "definite.",
    refuted_by="a Hessian whose bound is not accepted, or two starts of gradient descent that end apart with lam > 0, "
    "or together without it though they differ in the null space of V",
    cites=(),
    locator="own, strict convexity",
    measure=measure,
    proved=True,
)
