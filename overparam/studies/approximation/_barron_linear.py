"""Fixed bases need about n^(-1/d): whatever q functions are chosen, some function of bounded Fourier moment is missed.

The class: f with C_f = int |w| |fhat(w)| dw <= C on [0, 1]^d.  It contains C cos(2 pi <k, x>) / (2 pi |k|) for the M
frequencies k, one of each pair k and -k, with |k|_1 <= s; those cosines are orthogonal and have the square norm 1/2, so
a span of dimension q leaves one of them at a distance of (C / (2 pi s)) sqrt((1 - q / M) / 2) at least.  The best s
gives a curve that falls about like q^(-1/d); Barron's constant for the whole class, kappa (C / d) q^(-1/d) with kappa =
1 / (8 pi e^(pi - 1)), is smaller.  Networks choose their m cosines after they saw f, and reach m^(-1/2) (`l-barron`).

Measured: the worst distance over the class's cosines, for q random cosines, q products of Legendre polynomials, and the
q cosines of lowest frequency, which are the best basis for these functions.
"""

import itertools
import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import spherical_jn

from overparam.records import Link, Plot
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._series import bound, pointwise

KAPPA = 1 / (8 * math.pi * math.exp(math.pi - 1))
ROUNDING = 1e-9  # absolute: distances come from orthonormal columns
MOMENT = 1.0  # C


class Sizes(NamedTuple):
    """Largest |k|_1 of the cosines judged in each dimension, spans, draws of the random basis."""

    reach: dict[int, int]
    spans: tuple[int, ...]
    draws: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes({1: 120, 2: 16, 4: 6, 8: 3}, (5, 10, 20, 40, 80), 5),
    "laptop": Sizes({1: 600, 2: 32, 4: 8, 8: 4}, (5, 10, 20, 40, 80, 160, 320), 20),
    "paper": Sizes({1: 600, 2: 32, 4: 8, 8: 4}, (5, 10, 20, 40, 80, 160, 320), 20),
}


def frequencies(d: int, reach: int) -> NDArray:
    """(M, d) integers, one of each pair k, -k with 0 < |k|_1 <= reach, by |k|_2."""
    rows = [()]
    for _ in range(d):
        rows = [(*row, k) for row in rows for k in range(-reach, reach + 1) if sum(map(abs, row)) + abs(k) <= reach]
    kept = [row for row in rows if row > (0,) * d]
    return np.array(sorted(kept, key=lambda row: (sum(k * k for k in row), row)))


def least_distance(d: int, q: int, reach: int, *, claimed: float = 1.0) -> float:
    """The best lower bound over s <= reach for spans of dimension q; `claimed` scales q."""
    best = 0.0
    for s in range(1, reach + 1):
        left = 1 - claimed * q / _count(d, s)
        best = max(best, MOMENT / (2 * math.pi * s) * math.sqrt(max(left, 0.0) / 2))
    return best


def distances(products: NDArray, gram: NDArray, k: NDArray) -> NDArray:
    """Of the class's cosines from a span, given products (q, M) of its basis with cos(2 pi <k, x>) and its Gram matrix.

    Directions whose eigenvalue is rounding are left out.  So what is judged is a span within that of the basis, of
    dimension q or less, for which the lower bound holds all the more: distances may be overstated, which hides what is
    below the bound rather than making it up.
    """
    values, vectors = np.linalg.eigh(gram)
    kept = values > 1e-10 * values[-1]
    inside = (vectors[:, kept].T @ products) / np.sqrt(values[kept])[:, None]
    left = np.maximum(0.5 - np.sum(inside**2, axis=0), 0)
    return MOMENT / (2 * math.pi * np.linalg.norm(k, axis=1)) * np.sqrt(left)


def random_cosines(rng: np.random.Generator, q: int, k: NDArray) -> tuple[NDArray, NDArray]:
    """Products and Gram matrix of cos(<w, x> + b), w Gaussian of the class's mean square frequency, b uniform."""
    d = k.shape[1]
    w = rng.normal(size=(q, d)) * 2 * math.pi * np.sqrt(np.mean(k**2))
    b = rng.uniform(0, 2 * math.pi, size=q)
    return _cosines(w, b, 2 * math.pi * k, np.zeros(len(k))), _cosines(w, b, w, b)


def _cosines(v: NDArray, a: NDArray, w: NDArray, b: NDArray) -> NDArray:
    """Means over [0, 1]^d of cos(<v, x> + a) cos(<w, x> + b)."""

    def mean(frequency: NDArray, phase: NDArray) -> NDArray:
        # of cos: about the cube's centre the imaginary part vanishes and a product of sines is left
        return np.cos(phase + frequency.sum(axis=-1) / 2) * np.prod(np.sinc(frequency / (2 * math.pi)), axis=-1)

    plus = mean(v[:, None] + w[None], a[:, None] + b[None])
    return (plus + mean(v[:, None] - w[None], a[:, None] - b[None])) / 2


def legendre(q: int, k: NDArray) -> tuple[NDArray, NDArray]:
    """Products with the first q orthonormal products of Legendre polynomials, by total degree; an identity."""
    d = k.shape[1]
    degrees = list(itertools.islice(_by_degree(d), q))
    # int_0^1 P_n(2 x - 1) e^(2 pi i k x) dx = (-1)^k i^n j_n(pi k)
    top = max(map(max, degrees))
    table = np.array(
        [1j**n * spherical_jn(n, math.pi * np.abs(k)) * np.where(k < 0, (-1.0) ** n, 1) for n in range(top + 1)]
    )
    table = table * (-1.0) ** (k % 2) * np.sqrt(2 * np.arange(top + 1) + 1)[:, None, None]
    products = np.array([np.prod([table[n, :, j] for j, n in enumerate(row)], axis=0).real for row in degrees])
    return products, np.eye(q)


def measure(setting: Setting, *, claimed: float = 1.0, tuned: bool = False) -> Finding:
    """Worst distances; `claimed` counts a span as smaller, `tuned` judges one cosine that the basis contains."""
    size = _SIZES[setting.size]
    links, plots, holds, instances = [], [], True, 0
    for d, reach in size.reach.items():
        k = frequencies(d, reach)
        spans = [q for q in size.spans if 2 * q <= len(k)]
        least = [least_distance(d, q, reach, claimed=claimed) for q in spans]
        found: dict[str, list[list[float]]] = {"random cosines": [], "Legendre polynomials": [], "lowest cosines": []}
        for q in spans:
            drawn = []
            for draw in range(size.draws):
                rng = np.random.default_rng([setting.root, d, q, draw])
                drawn.append(float(distances(*random_cosines(rng, q, k), k).max()))
            found["random cosines"].append(drawn)
            found["Legendre polynomials"].append([float(distances(*legendre(q, k), k).max())])
            lowest = np.eye(len(k))[:q] / 2
            apart = distances(lowest, np.eye(q) / 2, k)
            found["lowest cosines"].append([float(apart[0] if tuned else apart.max())])
        for name, worst in found.items():
            slack = [min(each) - floor for each, floor in zip(worst, least, strict=True)]
            holds &= min(slack) >= -ROUNDING
            tight = int(np.argmin([min(each) / floor for each, floor in zip(worst, least, strict=True)]))
            lemma = f"worst distance, {name}, d = {d}, q = {spans[tight]}"
            links.append(Link(lemma, least[tight] - ROUNDING, min(worst[tight]), "at least"))
            instances += sum(map(len, worst))
        published = [KAPPA * MOMENT / d * q ** (-1 / d) for q in spans]
        plots.append(
            Plot(
                f"Fixed bases on the class C_f <= 1, d = {d}",
                "dimension q of the span",
                "worst distance",
                (
                    *(pointwise(name, spans, worst) for name, worst in found.items()),
                    bound("lower bound of this study", spans, least),
                    bound("Barron's lower bound for the whole class", spans, published),
                ),
                log_x=True,
                log_y=True,
            )
        )
    tightest = min(links, key=lambda link: link.slack)
    return Finding(
        holds=holds,
        words=f"Cosines of C_f = {MOMENT:g} in d = {', '.join(map(str, size.reach))} dimensions, spans of "
        f"{size.spans[0]} to {size.spans[-1]}, {size.draws} draws of random cosines, Legendre polynomials and the "
        f"lowest cosines: no worst distance is below the bound; nearest to it, by a factor {tightest.slack:.3g}: "
        f"{tightest.lemma}. The bound is about the worst function of the class, not about a given one.",
        instances=instances,
        links=tuple(links),
        plots=tuple(plots),
    )


def _count(d: int, s: int) -> int:
    """How many pairs k, -k have 0 < |k|_1 <= s."""
    return (sum(2**j * math.comb(d, j) * math.comb(s, j) for j in range(min(d, s) + 1)) - 1) // 2


def _by_degree(d: int) -> Iterator[tuple[int, ...]]:
    """Exponents of all monomials of d variables, by total degree."""
    for total in itertools.count():
        for cuts in itertools.combinations(range(total + d - 1), d - 1):
            ends = (-1, *cuts, total + d - 1)
            yield tuple(b - a - 1 for a, b in itertools.pairwise(ends))


STUDY = Experiment(
    id="l-barron-linear",
    claim="Every span of q functions chosen beforehand has a worst distance of at least "
    "(C / (2 pi s)) sqrt((1 - q / M) / 2) from the functions on [0, 1]^d with C_f <= C, for every s, M the number of "
    "cosines with |k|_1 <= s; so fixed bases need about q = (1 / error)^d functions.",
    refuted_by="a basis whose worst distance over the cosines is below the bound",
    cites=("barron1993universal",),
    locator="Theorem 6; the constants of this instance are the project's own",
    measure=measure,
    proved=True,
)
