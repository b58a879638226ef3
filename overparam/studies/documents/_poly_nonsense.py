"""An exact fit may do anything elsewhere: nonsense, or exactly the right thing.

The polynomials of degree q through n points are p_0 + prod_i (x - x_i) r(x), r of degree q - n.  At a point x* off the
data a change t of one coefficient of r moves the value by t x*^k prod_i (x* - x_i), which is not 0: every value is
taken, and some member is exactly right at x*.  So an exact fit by itself constrains nothing there.  If the truth has
degree q, one member is right everywhere; and the member whose Legendre coefficients are least is a sensible function.
That every exact fit does nonsense elsewhere is therefore false.

Measured, on smooth truths: in exact rational arithmetic, the slope of the value in t, and that the t which the slope
asks for is right at x*; in float64, root mean squared errors on [-1, 1] of random members (standard deviation 10 for
each coefficient of r), of the member of least Legendre norm, and of the best one.  Judged for degree 4 on draws of the
Gaussian process with covariance exp(-(x - x')^2 / 8), whose length is that of the interval; how large the factor is
depends on how smooth the truth is, and the table has rougher truths.  Which member "least norm" picks depends on the
basis: monomials or Chebyshev polynomials give other functions.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Literal, NamedTuple

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

from overparam.exact import solve
from overparam.records import Plot, Series, Table, Verdict
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.documents._polynomials import on_grid, product, values_of, vandermonde

FACTOR = 10.0  # by which the median error of random members exceeds that of the least-norm one
SD = 10.0  # of the coefficients of r in a random member
ROUNDING = 1e-9  # error, relative to the truth's size, of a member that is right everywhere

Truth = Literal["smooth", "sine", "runge", "quartic"]


class Sizes(NamedTuple):
    """Truths of each kind; degrees; dimensions q + 1 - n of the family; random members a truth."""

    truths: int
    kinds: tuple[Truth, ...]
    degrees: tuple[int, ...]
    free: tuple[int, ...]
    members: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(100, ("smooth",), (4,), (1,), 20),
    "laptop": Sizes(100, ("smooth", "sine", "runge", "quartic"), tuple(range(4, 13)), (1, 2, 3), 100),
    "paper": Sizes(100, ("smooth", "sine", "runge", "quartic"), tuple(range(4, 13)), (1, 2, 3), 100),
}


class Errors(NamedTuple):
    """Root mean squared errors on [-1, 1] of random members, of the least-norm one and of the best one."""

    drawn: NDArray
    least: float
    best: float


def measure(setting: Setting, *, sd: float = SD, tilt: Fraction = Fraction(0)) -> Finding:
    """Slopes and errors; `sd` is that of random members, `tilt` a root misplaced in the formula of the slope."""
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root, 41])
    rows, exact, ratios, instances, whole = [], True, [], 0, 0.0
    for kind in size.kinds:
        for degree in size.degrees:
            for free in size.free:
                points = on_grid(degree + 1 - free)
                truths = [_truth(kind, rng) for _ in range(size.truths)]
                found = [_errors(truth, points, degree, rng, size.members, sd) for truth in truths]
                exact &= all(_slope_holds(truth, points, degree, tilt) for truth in truths[:3])
                middle = [float(np.median(np.concatenate([one.drawn for one in found])))]
                middle += [float(np.median(values)) for values in zip(*[one[1:] for one in found], strict=True)]
                rows.append((kind, degree, len(points), *middle))
                if (kind, degree, free) == ("smooth", 4, 1):
                    ratios.append(middle[0] / middle[1])
                instances += len(truths)
    known = [_truth("quartic", rng) for _ in range(10)]  # degree 4: one member is the truth itself
    for truth in known:
        whole = max(whole, _errors(truth, on_grid(4), 4, rng, 1, sd).best)
    (ratio,) = ratios
    holds = None if whole > ROUNDING else True  # an error in floats alone refutes nothing
    return Finding(
        holds=holds if exact and ratio >= FACTOR else False,
        words=f"{instances} smooth truths: in exact rational arithmetic the value at three points off the data "
        f"{'has' if exact else 'has not'} the slope prod (x* - x_i) in t, and the t that it asks for is right there. "
        f"Median error of random members over that of the member of least Legendre norm: {ratio:.3g} "
        f"for degree 4 and 4 points of the smoothest truths ({rows[0][3]:.3g} against {rows[0][4]:.3g}; the best "
        f"member {rows[0][5]:.3g}). For 10 truths of degree 4 one member is right everywhere, to {whole:.1e}. So an "
        "exact fit neither forces nonsense nor forbids it.",
        instances=instances + len(known),
        links=(
            Link("median error, random members over least norm", FACTOR, ratio, "at least"),
            Link("error of the best member where the truth has degree 4", ROUNDING, whole),
        ),
        plots=(_picture(),),
        tables=(
            Table(
                "Root mean squared error on [-1, 1], medians",
                ("truth", "degree", "points", "random member", "least norm", "best member"),
                tuple(rows),
            ),
        ),
    )


def _truth(kind: Truth, rng: np.random.Generator) -> Callable[[NDArray], NDArray]:
    """A smooth function of size 1."""
    if kind == "runge":
        shift = rng.uniform(-0.5, 0.5)
        return lambda x: 1 / (1 + 25 * (x - shift) ** 2)
    if kind == "sine":
        phase = rng.uniform(0, 2 * np.pi)
        return lambda x: np.sin(np.pi * x + phase)
    if kind == "quartic":
        coefficients = rng.normal(size=5)
        return lambda x: legendre.legval(x, coefficients)
    roots = np.sqrt(np.concatenate([[1.0], np.cumprod(np.arange(1.0, 30))]))  # of k!
    series = (rng.normal(size=30) / roots)[::-1]
    return lambda x: np.exp(-(x**2) / 8) * np.polyval(series, x / 2)  # E f(x) f(x') = exp(-(x - x')^2 / 8)


def _errors(
    truth: Callable[[NDArray], NDArray],
    points: tuple[Fraction, ...],
    degree: int,
    rng: np.random.Generator,
    members: int,
    sd: float,
) -> Errors:
    """In the Legendre basis, in which the least-norm member is sensible and V well conditioned."""
    at, x = np.array(points, float), np.linspace(-1, 1, 201)
    matrix, wanted = legendre.legvander(at, degree), truth(x)
    least = np.linalg.lstsq(matrix, truth(at), rcond=None)[0]
    roots = np.poly(at)[::-1]
    null = np.stack([np.polyval(np.concatenate([np.zeros(k), roots])[::-1], x) for k in range(degree + 1 - len(at))])
    start = legendre.legval(x, least)
    drawn = start + rng.normal(size=(members, len(null))) * sd @ null
    best = start + np.linalg.lstsq(null.T, wanted - start, rcond=None)[0] @ null

    random, *others = (np.sqrt(np.mean((values - wanted) ** 2, axis=1)) for values in (drawn, start[None], best[None]))
    return Errors(random, *(float(one[0]) for one in others))


def _slope_holds(
    truth: Callable[[NDArray], NDArray], points: tuple[Fraction, ...], degree: int, tilt: Fraction
) -> bool:
    """Exactly: p_0 + t prod (x - x_i) has at x* the value that the slope says, and takes the truth's value there."""
    labels = [Fraction(float(truth(np.array(float(x))))) for x in points]
    start = solve(vandermonde(points, degree), labels)
    if start is None:
        return False
    null = product(points) + [Fraction(0)] * (degree - len(points))
    for x in (Fraction(-7, 11), Fraction(1, 7), Fraction(8, 13)):
        (value,), slope = values_of(vandermonde([x], degree), start), Fraction(1)
        for root in points:
            slope *= x - root - tilt
        wanted = Fraction(float(truth(np.array(float(x)))))
        if not slope:
            return False
        t = (wanted - value) / slope
        member = [a + t * b for a, b in zip(start, null, strict=True)]
        if values_of(vandermonde([x, *points], degree), member) != [wanted, *labels]:
            return False
    return True


def _picture() -> Plot:
    """A truth, random members and the one of least norm."""
    rng = np.random.default_rng(3)
    truth, points, x = _truth("smooth", rng), on_grid(4), np.linspace(-1, 1, 81)
    at = np.array(points, float)
    least = legendre.legval(x, np.linalg.lstsq(legendre.legvander(at, 4), truth(at), rcond=None)[0])
    bend = np.prod([x - point for point in at], axis=0)
    grid = tuple(x.tolist())
    drawn = tuple(
        Series(f"random member {i + 1}", grid, tuple((least + t * bend).tolist()))
        for i, t in enumerate(rng.normal(size=3) * SD)
    )
    return Plot(
        "Exact fits of degree 4 to four samples of a smooth function",
        "x",
        "value",
        (
            Series("truth", grid, tuple(truth(x).tolist()), kind="formula"),
            Series("least Legendre norm", grid, tuple(least.tolist())),
            *drawn,
            Series("the four samples", tuple(at.tolist()), tuple(truth(at).tolist()), joined=False),
        ),
    )


STUDY = Experiment(
    id="s-poly-nonsense",
    claim="An exact polynomial fit with more coefficients than samples constrains nothing off the data: its value at "
    "x* takes every real number, with slope prod (x* - x_i) in the free coefficient, and one fit is exactly right "
    "there: that an exact fit always behaves nonsensically elsewhere is false. For degree 4, the four points of this "
    "study and draws of the Gaussian process with covariance exp(-(x - x')^2 / 8), the median error of members whose "
    "coefficient is drawn with standard deviation 10 is ten times that of the member of least Legendre norm, or more.",
    refuted_by="another slope at a point off the data in exact arithmetic, or random members whose median error is "
    "below ten times that of the least-norm member",
    cites=(),
    locator="own, linear algebra of Vandermonde matrices",
    measure=measure,
    proved=False,
    word=Verdict.SCOPED,
)
