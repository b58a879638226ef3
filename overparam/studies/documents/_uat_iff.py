"""One hidden layer is universal if and only if its activation is no polynomial: what finite data show of it.

With a polynomial activation of degree k every network of one hidden layer, of whatever width and with whatever biases,
is a polynomial of degree at most k, so at N points it reaches a subspace of dimension at most C(d + k, k).  With any
other activation that is locally bounded and continuous almost everywhere, N neurons take any labels at N distinct
points.  Both need biases: tanh networks without them are odd functions.

Measured on random points: the checker's word that no polynomial of degree k takes random labels, and that a ReLU
network does; in exact rational arithmetic, the rank of random neurons (weights in 1/8) with activation t^k, and of all
monomials, against C(d + k, k); in float64, the rank of random tanh and ReLU neurons, cut at 1e-10 of the largest
singular value.  That is less than the sentence says: it is about all activations, all functions and compact sets, and
the files about one that is no polynomial (ReLU), degrees up to k and finitely many points.  So the claim is cut to the
files.
"""

import math
from fractions import Fraction
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.data import from_arrays
from overparam.errors import OverparamError
from overparam.exact import exact_rank
from overparam.memorizers import memorize, polynomial_rank
from overparam.records import Table, Verdict
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.widths import certify, prove_not_polynomial

CUT = 1e-10  # singular values below this share of the largest are rounding


class Sizes(NamedTuple):
    """Cases (d, k); points and random neurons."""

    cases: tuple[tuple[int, int], ...]
    n: int
    neurons: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(((3, 2), (4, 2), (3, 3)), 60, 500),
    "laptop": Sizes(((3, 2), (4, 2), (3, 3), (5, 1), (5, 2), (5, 3), (5, 4)), 150, 2000),
    "paper": Sizes(((3, 2), (4, 2), (3, 3), (5, 1), (5, 2), (5, 3), (5, 4)), 150, 2000),
}

Activation = Literal["relu", "tanh", "square", "cube"]


def measure(
    setting: Setting, *, activations: tuple[Activation, ...] = ("relu", "tanh"), biases: bool = True
) -> Finding:
    """Ranks and certificates.

    Args:
        setting: size, root and folder.
        activations: those taken as no polynomials.
        biases: without them points come in pairs x, -x.
    """
    size = _SIZES[setting.size]
    rows, accepted, limited, full = [], 0, True, True
    for d, k in size.cases:
        rng = np.random.default_rng([setting.root, d, k])
        points = np.rint(64 * rng.normal(size=(size.n, d))) / 64  # short numbers, exact in floats
        if not biases:
            points = np.concatenate([points[: size.n // 2], -points[: size.n // 2]])
        labels, most = rng.normal(size=len(points)), math.comb(d + k, k)
        folder = setting.folder / f"d{d}-degree-{k}"
        try:
            prove_not_polynomial(from_arrays(points, labels), k, folder / "no-polynomial")
            accepted += 1
            certify(memorize(points, labels, "zhang"), from_arrays(points, labels), folder / "relu")
            accepted += 1
        except OverparamError:
            pass
        ranks = (_power_rank(rng, points, k, most + 5), polynomial_rank(points, k))
        limited &= ranks == (most, most)
        found = [_rank(rng, points, name, size.neurons, biases=biases) for name in activations]
        full &= found == [len(points)] * len(found)
        rows.append((d, k, len(points), most, *ranks, *found))
    wanted = 2 * len(size.cases)
    names = [f"{name}, {size.neurons} neurons" for name in activations]
    return Finding(
        holds=limited and full and accepted == wanted,
        words=f"{len(rows)} cases of {size.n} random points: the checker accepted {accepted} of {wanted} statements, "
        f"that no polynomial of degree k takes the random labels and that a ReLU network does. In exact rational "
        f"arithmetic t^k spans C(d + k, k) dimensions: {_told(rows)}. Random neurons of {', '.join(activations)} span "
        f"{'all' if full else 'not all'} of the labels. That universality on compact sets follows is the theorem's.",
        instances=len(rows),
        certified=accepted == wanted,
        tables=(
            Table(
                "Dimensions of the labels that random neurons reach",
                ("d", "k", "points", "C(d + k, k)", "t^k, exact", "all monomials, exact", *names),
                tuple(rows),
            ),
        ),
    )


def _told(rows: list[tuple[int, ...]]) -> str:
    return ", ".join(f"{row[4]} for d = {row[0]}, k = {row[1]}" for row in rows)


def _power_rank(rng: np.random.Generator, points: NDArray, k: int, neurons: int) -> int:
    """Over the rationals, of neurons (<w, x> + b)^k with weights in 1/8."""
    weights = [[Fraction(int(w), 8) for w in row] for row in rng.integers(-16, 17, size=(neurons, points.shape[1] + 1))]
    rows = [[Fraction(float(x)) for x in point] + [Fraction(1)] for point in points]
    return exact_rank(
        [[sum((a * b for a, b in zip(row, w, strict=True)), Fraction(0)) ** k for w in weights] for row in rows]
    )


def _rank(rng: np.random.Generator, points: NDArray, activation: Activation, neurons: int, *, biases: bool) -> int:
    """In float64, of random neurons with a non-polynomial activation."""
    pre = points @ rng.normal(size=(points.shape[1], neurons)) + biases * rng.normal(size=neurons)
    made = {"relu": np.maximum(pre, 0), "tanh": np.tanh(pre), "square": pre**2, "cube": pre**3}[activation]
    singular = np.linalg.svd(made, compute_uv=False)
    return int(np.sum(singular > CUT * singular[0]))


STUDY = Experiment(
    id="s-uat-iff",
    claim="On the data in claims/s-uat-iff no network of one hidden layer with a polynomial activation of degree k, "
    "of any width and with any biases, takes the labels, and a ReLU network of n neurons does. This is the finite "
    "part of the sentence that one hidden layer is universal if and only if its activation is no polynomial; for "
    "other activations and on compact sets it is the theorem's, and not shown here.",
    refuted_by="polynomial neurons of rank above C(d + k, k), or neurons with another activation of less than full "
    "rank",
    cites=("leshno1993", "pinkus1999"),
    locator="Theorem 1 of leshno1993; the finite form in docs/theory/smooth.md, section 2",
    measure=measure,
    proved=True,
    word=Verdict.SCOPED,
)
