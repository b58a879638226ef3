"""Four points leave a polynomial of degree 4 one degree of freedom: a line of coefficients, all of them perfect fits.

V is the matrix of the monomials 1, x, .., x^q at n distinct points.  Its rank is min(n, q + 1), so for n <= q + 1 every
y is taken and the coefficients that take it form an affine set of dimension q + 1 - n: one solution plus the multiples
of prod_i (x - x_i) by polynomials of degree q - n.

Measured: that the exact checker accepts full row rank for every n <= q + 1; in exact rational arithmetic, the rank of
every V and that V sends the coefficients of x^k prod_i (x - x_i) to 0; and in float64, at the four points -1, -0.3,
0.4, 1, that for random y no member of the line leaves a residual beyond rounding.
"""

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from overparam.exact import exact_rank
from overparam.records import Plot, Series
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.documents._polynomials import POINTS, on_grid, product, values_of, vandermonde
from overparam.widths import GivenMatrix, NotAccepted, prove_full_row_rank

RESIDUAL = 1e-10  # times 1 + |t|: of c0 + t u, whose entries are of size 1 + |t|
NULL = 1e-14  # |V u| / |u|: sums of five products of numbers below 2


class Sizes(NamedTuple):
    """Largest degree and number of points; random right sides of the four points."""

    degree: int
    right_sides: int


_SIZES: dict[Size, Sizes] = {"ci": Sizes(6, 20), "laptop": Sizes(12, 100), "paper": Sizes(12, 100)}


def measure(setting: Setting, *, repeated: bool = False, moved: Fraction = Fraction(0)) -> Finding:
    """Ranks, null vectors and residuals; `repeated` makes two points one, `moved` puts a root beside its point."""
    size = _SIZES[setting.size]
    ranks, pairs, accepted, nulls = 0, 0, 0, True
    for degree in range(1, size.degree + 1):
        for n in range(1, size.degree + 1):
            points = list(on_grid(n))
            if repeated and n > 1:
                points[1] = points[0]
            matrix = vandermonde(points, degree)
            pairs += 1
            ranks += exact_rank(matrix) == min(n, degree + 1)
            if n <= degree + 1:
                accepted += _proved(matrix, setting, f"degree-{degree}-points-{n}")
            roots = [points[0] + moved, *points[1:]]
            for k in range(degree + 1 - n):  # x^k prod (x - x_i)
                null = [Fraction(0)] * k + product(roots)
                null += [Fraction(0)] * (degree + 1 - len(null))
                nulls &= not any(values_of(matrix, null))
    provable = sum(n <= degree + 1 for degree in range(1, size.degree + 1) for n in range(1, size.degree + 1))
    matrix = np.array(vandermonde(POINTS, 4), float)
    null = np.array(product([POINTS[0] + moved, *POINTS[1:]]), float)
    rng = np.random.default_rng([setting.root, 4])
    worst, spread = 0.0, np.linspace(-10, 10, 41)
    for y in rng.normal(size=(size.right_sides, 4)):
        start = np.linalg.lstsq(matrix, y, rcond=None)[0]
        off = np.abs(matrix @ (start[:, None] + null[:, None] * spread) - y[:, None]).max(axis=0)
        worst = max(worst, float(np.max(off / (1 + np.abs(spread)))))
    vanishing = float(np.linalg.norm(matrix @ null) / np.linalg.norm(null))
    rank = int(np.linalg.matrix_rank(matrix))
    exact = ranks == pairs and accepted == provable and nulls
    return Finding(
        holds=exact and worst <= RESIDUAL and vanishing <= NULL and rank == 4,
        words=f"Degrees and numbers of points up to {size.degree}: the checker accepted full row rank for {accepted} "
        f"of {provable} matrices with n <= q + 1; so the polynomials that take n given values form an affine set of "
        "dimension q + 1 - n, by linear algebra and not by the checker: a line for degree 4 and four points. Computed "
        f"by the program in exact arithmetic, not by the checker: {ranks} of {pairs} ranks are min(n, q + 1), and the "
        f"products {'are' if nulls else 'are not'} in every null space. At the points -1, -0.3, "
        f"0.4, 1 in float64: rank {rank}, |V u| / |u| = {vanishing:.1e}, residual over 1 + |t| at most {worst:.1e} for "
        f"{size.right_sides} right sides and |t| <= 10. Nothing is said of which member of the line is a good one.",
        instances=provable,  # what files show; the rest is in the words
        links=(
            Link("residual on the line, over 1 + |t|", RESIDUAL, worst),
            Link("length of V u over that of u", NULL, vanishing),
        ),
        certified=exact,
        plots=(_picture(),),
    )


def _proved(matrix: list[list[Fraction]], setting: Setting, name: str) -> bool:
    try:
        prove_full_row_rank(GivenMatrix(matrix), setting.folder / name)
    except NotAccepted:
        return False
    return True


def _picture() -> Plot:
    """Five members of one line."""
    x = np.linspace(-1.15, 1.15, 93)
    y = np.array([0.3, -0.5, 0.6, 0.1])
    start = np.linalg.lstsq(np.array(vandermonde(POINTS, 4), float), y, rcond=None)[0]
    bend = np.prod([x - float(point) for point in POINTS], axis=0)
    curves = tuple(
        Series(f"t = {t:g}", tuple(x.tolist()), tuple((np.polyval(start[::-1], x) + t * bend).tolist()), kind="formula")
        for t in (-6.0, -3.0, 0.0, 3.0, 6.0)
    )
    data = Series("the four samples", tuple(map(float, POINTS)), tuple(y.tolist()), joined=False)
    return Plot("Five of the polynomials of degree 4 through four points", "x", "value", (*curves, data))


STUDY = Experiment(
    id="s-poly-line",
    claim="For the points and degrees q of this study, the monomials of degree at most q at n <= q + 1 points have "
    "rank n, as many as there are values to take; degree 4 and four points are among them.",
    refuted_by="a rank other than min(n, q + 1) at distinct points, or a member of the line that misses a value",
    cites=(),
    locator="own, linear algebra of Vandermonde matrices",
    measure=measure,
    proved=True,
)
