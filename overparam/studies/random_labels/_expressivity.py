"""Depth two and 2 n + d weights fit any labels, and so do deeper networks, k layers of about n / k units each.

f(x) = sum_j w_j max(<a, x> - b_j, 0) with b_1 < z_1 < b_2 < .. < b_n < z_n, z the sorted projections <a, x_i>: the
matrix A_ij = max(z_i - b_j, 0) is lower triangular with a positive diagonal, so w = A^-1 y exists for every y, and the
least eigenvalue of A is min_i (z_i - b_i).

Measured: networks of this kind on random points with real and class labels, at depth two and with more hidden layers,
accepted by the exact checker; in float64, the residual after back substitution and, for 12 other projections, the
least eigenvalue of a rotated A, which is similar to A and not triangular, against min_i (z_i - b_i).  Tabulated and not
judged: widths of the deeper networks beside n / k; and the error on new points whose classes are drawn independently of
them, which must be that of guessing.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eig, solve_triangular

from overparam.data import from_arrays
from overparam.errors import OverparamError
from overparam.memorizers import memorize
from overparam.records import Table
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.widths import certify

SMALL = 12  # eigenvalues of a triangular matrix of this kind lose about a digit a row
CLASSES = 10


class Sizes(NamedTuple):
    """Points and dimension; of the float run; hidden layers besides one; fresh points."""

    n: int
    d: int
    n_float: int
    hidden: tuple[int, ...]
    fresh: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(200, 10, 200, (2, 5), 2000),
    "laptop": Sizes(400, 30, 5000, (2, 5, 10), 10_000),
    "paper": Sizes(400, 30, 20_000, (2, 5, 10), 10_000),
}


def measure(setting: Setting, *, repeated: bool = False, between: float = 0.5) -> Finding:
    """Certificates and floats; `repeated` gives two points one projection, `between` where knots lie in their gaps."""
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root, 7])
    points, rows, failures = rng.normal(size=(size.n, size.d)), [], []
    if repeated:
        points[1] = points[0]
    for law, labels in {
        "real": rng.normal(size=size.n),
        "classes": rng.integers(CLASSES, size=size.n).astype(float),
    }.items():
        for hidden in (1, *size.hidden):
            try:
                made = (
                    memorize(points, labels, "zhang")
                    if hidden == 1
                    else memorize(points, labels, "zhang-deep", depth=hidden)
                )
                certify(made, from_arrays(points, labels), setting.folder / f"{law}-hidden-layers-{hidden}")
            except OverparamError as error:
                failures.append(f"{law} labels, {hidden} hidden layers: {error}")
                continue
            widths, nonzero = made.network.widths, sum(1 for x in made.network.numbers() if x)
            # of depth two all neurons share one direction, which counts once
            raw = 2 * sum(widths) + size.d if made.shared_direction else nonzero
            rows.append((law, len(widths), max(widths), size.n / len(widths), raw, 2 * size.n + size.d))
    tried = 2 * (1 + len(size.hidden))
    counted = all(raw == promised for _, hidden, _, _, raw, promised in rows if hidden == 1)
    (residual, allowed), heaviest, wrong, gap = _in_floats(rng, size, repeated=repeated, between=between)
    eigenvalue, rounding = _eigenvalue(rng, between)
    certified = not failures and counted
    told = f"; not certified: {'; '.join(failures[:2])}" if failures else ""
    return Finding(
        holds=certified and residual <= allowed and eigenvalue <= rounding,
        words=f"n = {size.n}, d = {size.d}: the checker accepted {len(rows)} of {tried} networks, with real and with "
        f"{CLASSES} class labels, of depth two with n neurons, or deeper{told}. That those of depth two "
        f"{'have' if counted else 'should have'} {2 * size.n + size.d} = 2 n + d weights, since all neurons share one "
        "direction, was counted by the program, not by the checker. In "
        f"float64 at n = {size.n_float}: residual {residual:.1e} |y| after substitution (rounding allows "
        f"{allowed:.1e}), largest weight "
        f"{heaviest:.1e}, min (z_i - b_i) {gap:.1e}. Of a rotated A of {SMALL} other projections the least eigenvalue "
        f"is min (z_i - b_i) to {eigenvalue:.1e}. Of {size.fresh} new points, whose {CLASSES} classes are drawn "
        f"independently of them, {wrong:.1%} get another one, as any classifier would. The widths are tabulated only.",
        instances=tried + 2,
        links=(
            Link("residual in float64, over |y|, against rounding", allowed, residual),
            Link("least eigenvalue from min (z_i - b_i), relative, against rounding", rounding, eigenvalue),
        ),
        certified=certified,
        tables=(
            Table(
                "Networks that the checker accepted",
                ("labels", "hidden layers", "widest", "n / hidden layers", "weights that are not 0", "2 n + d"),
                tuple(rows),
            ),
        ),
    )


def _knots(z: NDArray, between: float) -> NDArray:
    """One before each projection, z ascending."""
    gaps = np.diff(z)
    return np.concatenate([[z[0] - 1.0], z[:-1] + between * gaps])


def _in_floats(
    rng: np.random.Generator, size: Sizes, *, repeated: bool, between: float
) -> tuple[tuple[float, float], float, float, float]:
    """Residual, with what rounding allows; largest weight, share of new points with a wrong class, least diagonal.

    With g = n u / (1 - n u), u = 2^-53, substitution leaves at most g |A| |x| in each equation (Higham 2002, Theorem
    8.5), and the product A x, by which it is looked at, is off by as much again.
    """
    points, direction = rng.normal(size=(size.n_float, size.d)), rng.normal(size=size.d)
    labels = rng.integers(CLASSES, size=size.n_float).astype(float)
    if repeated:
        points[1] = points[0]
    z = points @ direction
    order = np.argsort(z, kind="stable")
    z, labels = z[order], labels[order]
    knots = _knots(z, between)
    if float(np.min(z - knots)) <= 0:
        return (float("inf"), 0.0), float("inf"), float("nan"), float(np.min(z - knots))
    matrix = np.maximum(z[:, None] - knots, 0)
    weights = solve_triangular(matrix, labels, lower=True)
    residual = float(np.linalg.norm(matrix @ weights - labels) / np.linalg.norm(labels))
    share = size.n_float * 2.0**-53
    rounding = 2 * share / (1 - share) * np.linalg.norm(matrix @ np.abs(weights)) / np.linalg.norm(labels)
    fresh, classes = rng.normal(size=(size.fresh, size.d)) @ direction, rng.integers(CLASSES, size=size.fresh)
    outputs = np.concatenate([np.maximum(part[:, None] - knots, 0) @ weights for part in np.array_split(fresh, 20)])
    wrong = float(np.mean(np.clip(np.rint(outputs), 0, CLASSES - 1) != classes))
    return (residual, float(rounding)), float(np.max(np.abs(weights))), wrong, float(np.min(z - knots))


def _eigenvalue(rng: np.random.Generator, between: float) -> tuple[float, float]:
    """Relative distance of the least eigenvalue of a rotated A from the least z_i - b_i, and what rounding does to it.

    A is not symmetric, so rounding moves a simple eigenvalue by up to the backward error of the QR algorithm, here
    SMALL^2 units of |A|, over |<left, right>| of its unit eigenvectors (first order).
    """
    z = np.sort(rng.normal(size=SMALL))
    knots = _knots(z, between)
    turn = np.linalg.qr(rng.normal(size=(SMALL, SMALL)))[0]
    if float(np.min(z - knots)) <= 0:
        return float("inf"), 0.0
    matrix = turn @ np.maximum(z[:, None] - knots, 0) @ turn.T
    found, left, right = eig(matrix, left=True, right=True)
    least, wanted = int(np.argmin(found.real)), float(np.min(z - knots))
    angle = abs(np.vdot(left[:, least], right[:, least]))
    moved = SMALL**2 * np.finfo(float).eps * np.linalg.norm(matrix, 2) / max(angle, np.finfo(float).tiny)
    return abs(float(found[least].real) - wanted) / wanted, float(moved) / wanted


STUDY = Experiment(
    id="z-expressivity",
    claim="On each data set in claims/z-expressivity, n points with real or class labels, a ReLU network of depth two "
    "with n neurons takes every label, and so do networks with more hidden layers.",
    refuted_by="a singular system for distinct projections",
    cites=("zhang2017",),
    locator="Theorem 1, Lemma 1 and Corollary 1",
    measure=measure,
    proved=True,
)
