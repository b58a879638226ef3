"""Up to a share eps of the sum of squared labels, 2 ceil((op / lambda) ln(1 / eps)) ReLU neurons without biases do.

Network: x -> sum_j v_j relu(<u_j, x>).  op is the largest eigenvalue of X^T X, lambda the least one of H, the matrix
H_ij = <x_i, x_j> (pi - angle(x_i, x_j)) / (2 pi), for the points as they are, of any length.
Quantifier: every data set with lambda > 0, which the hypotheses say exactly; with hidden biases the same holds for the
rows (x, 1), where lambda > 0 for any distinct points.

The source has unit points that are well spread, and constants that it does not name: about (n / d) ln(1 / eps) neurons.
The constants here, points of any length, and when lambda > 0 are proved in docs/theory/weights.md.  The number is no
function of n and d: `neurons` takes bounds on op and lambda, which the checker's kind `least-eigenvalue` certifies.
That no two points are parallel is more than is needed and, for points x and -x, another condition: lambda > 0 allows
such a pair, but not the pairs of three vectors that are dependent, since f(x) - f(-x) is linear in x.
"""

from fractions import Fraction

from proofs_check.rays import opposites_independent, rays_distinct
from proofs_check.roots import PI_ABOVE, ln_above
from proofs_check.theorems._entry import Quantifier, Side, Theorem

_TERMS = 64  # of the series for a bound on lambda


def neurons(op: Fraction, least: Fraction, eps: Fraction) -> int:
    """2 ceil((op / least) ln(1 / eps)), the logarithm rounded up.

    Args:
        op: at least the largest eigenvalue of X^T X.
        least: at most the least eigenvalue of H, positive.
        eps: the share of sum_i y_i^2 that the squared errors may sum to, 0 < eps < 1.
    """
    return 2 * -(-(op / least * ln_above(1 / eps)) // 1)


def least_of_incoherent(n_samples: int, coherence: Fraction) -> Fraction:
    """At most the least eigenvalue of H, for unit points with |<x_i, x_j>| <= coherence < 1 where i and j differ.

    H is X X^T / 4 and (1 / 2 pi) sum_l c_l (X X^T)^(2l + 2), entrywise powers, c_l = binom(2l, l) / (4^l (2l + 1)), by
    the series of the arcsine.  The least eigenvalue of a power is at least 0 and 1 - (n - 1) coherence^(2l + 2).
    """
    total, term, power = Fraction(0), Fraction(1), coherence**2
    for i in range(_TERMS):
        total += term * max(Fraction(0), 1 - (n_samples - 1) * power)
        term *= Fraction((2 * i + 1) ** 2, (2 * i + 2) * (2 * i + 3))
        power *= coherence**2
    return total / (2 * PI_ABOVE)


THEOREM = Theorem(
    key="bubeck2020-ntk",
    title="derivative neurons by Bubeck et al., with constants",
    statement="If no point is 0, no two lie on one ray from 0, and the lines with points on both sides of 0 are "
    "independent, then for every eps between 0 and 1 some network of 2 ceil((op/lambda) ln(1/eps)) ReLU neurons "
    "without hidden bias or output bias leaves squared errors of sum at most eps sum_i y_i^2, where op is the largest "
    "eigenvalue of X^T X and lambda > 0 the least of the matrix <x_i, x_j> (pi - angle) / (2 pi).",
    cite="bubeck2020",
    locator="the network of O((n/d) log(1/eps)) neurons; constants in docs/theory/weights.md",
    family="one hidden ReLU layer, no hidden bias, no output bias",
    activations=("relu",),
    hidden_bias=False,
    output_bias=False,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=True,
    hypotheses=(rays_distinct, opposites_independent),
    width=None,
    proof="docs/theory/weights.md",
)
