"""Three ways to the least eigenvalue of S = sign * matrix; only what `_finished` returns is about the matrix itself."""

import math
import sys
from typing import NamedTuple

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from overparam.errors import InputError
from overparam.ntk.spectra._davidson import Pair, davidson
from overparam.ntk.spectra._lanczos import Krylov, Ritz, lanczos, leading, least_ritz
from overparam.ntk.spectra._operators import Factor, Operator
from overparam.ntk.spectra._settle import error_of, rounding_below, settle

SEARCH = 5  # times n^(1/3), Lanczos steps before the first factorization: gaps at a bulk edge shrink like n^(-2/3)
STEPS = 200  # of Davidson's method, at most
RATIO = 4  # by which the first shift moves down
TRIES = 40


class Edge(NamedTuple):
    """An extreme eigenvalue; observed, not certified.

    The intervals are right for the matrix of floats as given, if the arithmetic is IEEE's and the Cholesky
    factorization is an ordinary one (any order of summation; no inverted diagonal blocks, no Strassen products).

    Attributes:
        value: the Rayleigh quotient of `vector`.
        residual: some eigenvalue is within it of `value`: |A x - value x| / |x|, rounding added.  For a product instead
            of a matrix, its rounding is only estimated.
        lower, upper: they enclose the extreme eigenvalue.  One side is infinite if nothing was shown about it.
        verified: whether a Cholesky factorization showed that no eigenvalue lies beyond `value` by more than 16 times
            what was asked for or, if that is more, what rounding allows, which `lower` and `upper` show.
        vector: (n,), of norm 1.
        method: what was used.
        matvecs: products with the matrix.
        factorizations: Cholesky factorizations.
    """

    value: float
    residual: float
    lower: float
    upper: float
    verified: bool
    vector: NDArray[np.floating]
    method: str
    matvecs: int
    factorizations: int


class Problem(NamedTuple):
    """What is sought, and how well."""

    operator: Operator
    sign: int
    tolerance: float  # relative
    steps: int  # of Lanczos alone

    @property
    def eps(self) -> float:
        """Twice the unit roundoff."""
        return float(np.finfo(self.operator.dtype).eps)

    def product(self, columns: NDArray[np.floating]) -> NDArray[np.floating]:
        """S times (n, columns)."""
        return self.sign * self.operator.product(columns)


class Found(NamedTuple):
    """A pair, and what it cost."""

    pair: Pair
    norm: float  # estimate of |S|
    products: int
    factorizations: int


def dense(problem: Problem) -> Edge:
    """One eigenpair by LAPACK's tridiagonalization, then the factorization that encloses it."""
    operator = problem.operator
    if operator.dense is None:
        raise InputError("the dense method needs the matrix")
    chosen = 0 if problem.sign > 0 else operator.size - 1
    values, vectors = scipy.linalg.eigh(operator.dense(), subset_by_index=[chosen, chosen], check_finite=False)
    if not len(values):  # bisection loses eigenvalues of clusters; the solver for all of them does not
        values, vectors = (found[..., [chosen]] for found in scipy.linalg.eigh(operator.dense(), check_finite=False))
    value = problem.sign * float(values[0])
    norm = max(abs(value), operator.frobenius / math.sqrt(operator.size))
    return _settled(problem, "dense", Found(Pair(value, np.inf, 0.0, vectors[:, 0], 0), norm, 0, 0))


def shift_invert(problem: Problem) -> Edge:
    """Lanczos for the neighbourhood, a factor below it, Davidson with that, a factor just below the value."""
    eps = problem.eps

    def near(ritz: Ritz) -> bool:
        goal = max(problem.tolerance * abs(ritz.value), eps * max(abs(ritz.largest), abs(ritz.value)))
        return error_of(_pair(ritz)) <= goal

    search = max(40, round(SEARCH * problem.operator.size ** (1 / 3)))
    krylov = lanczos(
        problem.product, _start(problem.operator), search, stop=lambda run: near(least_ritz(run, vector=False))
    )
    ritz = least_ritz(krylov)
    found = Found(_pair(ritz), max(abs(ritz.value), abs(ritz.largest)), krylov.diagonals.shape[1], 0)
    if not near(ritz):
        factor, tries = _factor_below(problem, krylov, ritz, found.norm)
        goal = max(problem.tolerance * abs(ritz.value), rounding_below(problem.operator, found.norm)) / 8
        pair = davidson(problem.product, ritz.vector, factor.solve, lambda p: error_of(p) <= goal, steps=STEPS)
        found = Found(pair, found.norm, found.products + pair.products, tries)
    return _settled(problem, "shift-invert", found)


def krylov_alone(problem: Problem) -> Edge:
    """Lanczos until its own estimate is content."""

    def near(run: Krylov) -> bool:
        ritz = least_ritz(run, vector=False)
        return error_of(_pair(ritz)) <= problem.tolerance * abs(ritz.value)

    krylov = lanczos(problem.product, _start(problem.operator), problem.steps, stop=near)
    ritz = least_ritz(krylov)
    products = krylov.diagonals.shape[1] + problem.operator.spent
    found = Found(_pair(ritz), max(abs(ritz.value), abs(ritz.largest)), products, 0)
    return _finished(problem, "lanczos", found, -np.inf, False)


def _factor_below(problem: Problem, krylov: Krylov, ritz: Ritz, norm: float) -> tuple[Factor, int]:
    """A factor of S - shift I, the shift as little below the Ritz value as a few tries find.

    At a bulk edge the error falls like 1 / steps^2, hence is a third of what the second half of the steps brought.
    """
    before = least_ritz(leading(krylov, krylov.diagonals.shape[1] // 2), vector=False).value
    below = 1.25 * max(ritz.residual, before - ritz.value)
    # float32 costs half, and is good enough while the shift is far above its rounding
    crude = below > 2.0**-20 * norm
    for tries in range(1, TRIES + 1):
        kind = np.dtype(np.float32) if crude else problem.operator.dtype
        factor = problem.operator.factor(problem.sign, ritz.value - below, kind)
        if factor is not None:
            return factor, tries
        below *= RATIO
    raise InputError("matrix: no shift below its eigenvalues was found, which only overflow explains; rescale it")


def _settled(problem: Problem, method: str, found: Found) -> Edge:
    done = settle(problem.operator, problem.sign, found.pair, found.norm, problem.tolerance)
    pair, below = done.pair, rounding_below(problem.operator, found.norm)
    verified = pair.value - done.lower <= 16 * max(problem.tolerance * abs(pair.value), below)
    spent = found.products + done.products, found.factorizations + done.factorizations
    return _finished(problem, method, Found(pair, found.norm, *spent), done.lower, verified)


def _finished(problem: Problem, method: str, found: Found, lower: float, verified: bool) -> Edge:
    """Value and residual from one more product, with the rounding of both added; back to the caller's matrix."""
    operator, unit = problem.operator, problem.eps / 2
    n, vector = operator.size, found.pair.vector / np.linalg.norm(found.pair.vector)
    moved = problem.product(vector[:, None])[:, 0]
    value = float(vector @ moved) / float(vector @ vector)
    size = operator.frobenius if math.isfinite(operator.frobenius) else math.sqrt(n) * found.norm
    # products: (n + 1) u |A| |x|; the subtraction, the norms and the quotient: a few n u of what they hold
    rounding = (2 * n + 16) * unit * (size + abs(value))
    residual = float(np.linalg.norm(moved - value * vector)) * (1 + (2 * n + 16) * unit) + rounding
    back = operator.exponent
    bottom, top = _scaled_below(float(lower), back), -_scaled_below(-(value + rounding), back)
    residual = -_scaled_below(-residual, back)
    try:
        value = math.ldexp(problem.sign * value, back)
    except OverflowError:
        raise InputError(
            f"matrix must have eigenvalues within the range of floats, not {problem.sign * value:.6g} * 2^{back}; "
            f"divide it by a power of two, such as 2^{back}"
        ) from None
    if problem.sign < 0:
        bottom, top = -top, -bottom
    return Edge(value, residual, bottom, top, bool(verified), vector, method, found.products + 1, found.factorizations)


def _scaled_below(value: float, exponent: int) -> float:
    """The largest float at most value * 2^exponent; overflow and underflow included."""
    try:
        found = math.ldexp(value, exponent)
    except OverflowError:
        return -math.inf if value < 0 else sys.float_info.max
    below = not math.isfinite(found) or math.ldexp(found, -exponent) <= value
    return found if below else math.nextafter(found, -math.inf)


def _pair(ritz: Ritz) -> Pair:
    return Pair(ritz.value, ritz.next, ritz.residual, ritz.vector, 0)


def _start(operator: Operator) -> NDArray[np.floating]:
    """A fixed direction that no structure of kernels favours."""
    return np.random.default_rng(operator.size).standard_normal((operator.size, 1)).astype(operator.dtype)
