"""The generic rank of the first-layer Jacobian of two-layer networks with polynomial activation, exactly.

f(x) = sum_r v_r phi(<w_r, x>), phi(t) = t^q.  The Jacobian in the w_r, v_r not zero, has columns <w_r, x>^(q-1) x_a:
forms of degree q in x, which fill the tangent space of the sums of k powers of linear forms.  Its generic rank at n
points is min(n, R), R = min(k d, C(d + q - 1, q)), *except* (Alexander and Hirschowitz) for q = 2, k < d, where R =
k d - k (k - 1) / 2, and for (q, d, k) = (4, 3, 5), (4, 4, 9), (4, 5, 14), (3, 5, 7), where R is one less.
So "the minimum of the counts" is too broad: at q = 2, d = 3, k = 2 counts say 6, while the combination
<w_2, x> (column of w_1) - <w_1, x> (column of w_2) vanishes and the rank is 5.

The minors are polynomials in points and weights, so one integer instance of full row rank proves full row rank for
almost every real one.  And full rank at k / 2 neurons and n points shows that k neurons interpolate every labelling of
almost all n points: with W_0 the instance, W -> f_W - f_(W_0) covers a ball around 0, k neurons of output weights +-t
express t (f_W - f_(W_0)), and t is free.  This gives the capacity floor(k d / 2) of the source, here for each case
computed.  Conversely f has k (d + 2) parameters with biases and output weights, so fewer than n leave a set of labels
of measure 0 within reach; for t^q, homogeneous, rank k (d + 1) is all there is, for t^q + t^(q-1) k (d + 2) is reached.

Instances are integer and random.  The checker's files, and the claim, say of these that ranks are at least R; that they
are generically no more is the counts, that relation for q = 2, and for the four cases the theorem of Alexander and
Hirschowitz, with which the exact ranks of the instances are compared.
"""

import math
from fractions import Fraction

import numpy as np

from overparam.exact import exact_rank
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.convergence._deep import generator
from overparam.widths import GivenMatrix, NotAccepted, prove_full_row_rank

# (q, d, k); then for the capacity (q, d, k) with k even; then for all parameters (q, d, k)
_SIZES: dict[Size, tuple[tuple[tuple[int, int, int], ...], ...]] = {
    "ci": (((2, 3, 2), (3, 3, 2), (3, 4, 4), (4, 3, 5), (3, 5, 7), (4, 4, 8)), ((4, 3, 6),), ((6, 2, 3),)),
    "laptop": (
        (
            *((2, d, k) for d in range(2, 7) for k in range(1, d + 2)),
            *((3, d, k) for d in range(2, 6) for k in range(1, 8)),
            *((4, d, k) for d in range(2, 6) for k in (1, 3, 5, 9, 14)),
        ),
        ((4, 3, 6), (4, 5, 12), (6, 4, 20)),
        ((6, 2, 3), (6, 3, 5), (8, 4, 8)),
    ),
    "paper": (
        tuple((q, d, k) for q in range(2, 7) for d in range(2, 7) for k in range(1, 16)),
        ((4, 3, 6), (4, 5, 12), (6, 4, 20), (6, 10, 20), (8, 10, 40)),
        ((6, 2, 3), (6, 3, 5), (8, 4, 8), (8, 6, 12)),
    ),
}
_LOST_ONE = {(4, 3, 5), (4, 4, 9), (4, 5, 14), (3, 5, 7)}
_LARGEST = 50  # of the random integers


def counted(degree: int, dim: int, width: int) -> int:
    """The lesser of the numbers of columns and of monomials."""
    return min(width * dim, math.comb(dim + degree - 1, degree))


def generic_rank(degree: int, dim: int, width: int) -> int:
    """The rank at almost every weights and sufficiently many points."""
    if degree == 2:
        used = min(width, dim)
        return used * dim - used * (used - 1) // 2
    return counted(degree, dim, width) - ((degree, dim, width) in _LOST_ONE)


def jacobian(points: np.ndarray, weights: np.ndarray, degree: int) -> list[list[int]]:
    """Columns <w_r, x>^(q-1) x_a, Python integers."""
    return [
        [sum(a * b for a, b in zip(w, x, strict=True)) ** (degree - 1) * a for w in weights.tolist() for a in x]
        for x in points.tolist()
    ]


def full_jacobian(points: np.ndarray, weights: np.ndarray, degree: int, *, mixed: bool) -> list[list[int]]:
    """In weights, biases (the last column of `weights`) and output weights; phi is t^q, or t^q + t^(q-1) if mixed."""
    rows = []
    for x in points.tolist():
        row = []
        for w in weights.tolist():
            t = sum(a * b for a, b in zip(w, (*x, 1), strict=True))
            slope = degree * t ** (degree - 1) + mixed * (degree - 1) * t ** (degree - 2)
            row += [slope * a for a in (*x, 1)] + [t**degree + mixed * t ** (degree - 1)]
        rows.append(row)
    return rows


def measure(setting: Setting, *, naive: bool = False) -> Finding:
    """`naive` predicts the minimum of the counts, without the exceptions."""
    shapes, halves, wholes = _SIZES[setting.size]
    predict = counted if naive else generic_rank
    wrong, deficits, accepted = [], [], True
    for degree, dim, width in shapes:
        expected = predict(degree, dim, width)
        points, weights = _drawn(setting.root, (degree, dim, width), expected + 2, width, dim)
        rows = jacobian(points, weights, degree)
        if (rank := _rank(rows)) != expected:
            wrong.append(f"(q, d, k) = ({degree}, {dim}, {width}): {rank}, not {expected}")
        elif rank < counted(degree, dim, width):
            deficits.append(f"({degree}, {dim}, {width}) {rank} of {counted(degree, dim, width)}")
        accepted &= _accepted(rows[:expected], setting, f"rank-{degree}-{dim}-{width}")
    reached = []
    for degree, dim, width in halves:  # n = k d / 2 points, k / 2 neurons
        n = width // 2 * dim
        points, weights = _drawn(setting.root, (degree, dim, width, 1), n, width // 2, dim)
        accepted &= _accepted(jacobian(points, weights, degree), setting, f"capacity-{degree}-{dim}-{width}")
        reached.append(f"k = {width}, d = {dim}: every labelling of n = {n}")
    counts, links = [], []
    for degree, dim, width in wholes:
        n = width * (dim + 2) + 1
        points, weights = _drawn(setting.root, (degree, dim, width, 2), n, width, dim + 1)
        pure, mixed = (_rank(full_jacobian(points[:, :dim], weights, degree, mixed=both)) for both in (False, True))
        if (pure, mixed) != (width * (dim + 1), width * (dim + 2)):
            wrong.append(f"all parameters, (q, d, k) = ({degree}, {dim}, {width}): {pure} and {mixed}")
        counts.append(f"k = {width}, d = {dim}: {pure} and {mixed} of {n} labels")
        links.append(Link(f"rank in all parameters for t^{degree} at k = {width}, d = {dim}", width * (dim + 2), pure))
    return Finding(
        holds=bool(accepted and not wrong),
        words=f"The checker {'accepted' if accepted else 'did not accept'} full row rank of all "
        f"{len(shapes) + len(halves)} matrices. Computed by the program in exact arithmetic, not by the checker: with "
        "2 points more than R, "
        + (f"ranks differ from R, {'; '.join(wrong)}" if wrong else "all ranks are R")
        + f" (below the counts: {', '.join(deficits) or 'none'}); in all parameters, t^q and t^q + t^(q-1), they are "
        f"{'; '.join(counts)}. By theorems, not by the checker: one instance of full rank gives it to almost every "
        f"weights and points, so k neurons interpolate, for {'; '.join(reached)} at almost all points; and no weights "
        "have a rank above R, by the relation between columns for q = 2, else by Alexander and Hirschowitz.",
        instances=len(shapes) + len(halves) + 2 * len(wholes),
        links=tuple(links),
        certified=bool(accepted),
    )


def _drawn(root: int, which: tuple[int, ...], n: int, width: int, dim: int) -> tuple[np.ndarray, np.ndarray]:
    rng = generator(root, *which)
    return rng.integers(-_LARGEST, _LARGEST + 1, (n, dim)), rng.integers(-_LARGEST, _LARGEST + 1, (width, dim))


def _rank(rows: list[list[int]]) -> int:
    return exact_rank([[Fraction(x) for x in row] for row in rows])


def _accepted(rows: list[list[int]], setting: Setting, name: str) -> bool:
    try:
        prove_full_row_rank(GivenMatrix(rows), setting.folder / name)
    except NotAccepted:
        return False
    return True


STUDY = Experiment(
    id="generic-jacobian-rank",
    claim="For activation t^q and each case (q, d, k) of this study, the first-layer Jacobian of k neurons at the R "
    "integer points in claims/generic-jacobian-rank has rank R, where R = min(k d, C(d + q - 1, q)) except for q = 2, "
    "k < d, where R = k d - k (k - 1) / 2, and four cases where R is one less; and for the widths k listed, that of "
    "k / 2 neurons at n = k d / 2 such points has rank n.",
    refuted_by="an exact rank that differs from the prediction, or a matrix that the checker does not accept",
    cites=("madden2024", "alexander1995"),
    locator="rank of the Jacobian and memory capacity; Theorem 1.1 of the second",
    measure=measure,
    proved=False,
)
