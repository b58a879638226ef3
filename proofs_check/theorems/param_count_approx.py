"""With Gaussian labels, too few ReLU neurons leave a mean squared error above 1/100, with probability 1 - 2^-10.

Network: x -> c + sum_j v_j relu(<u_j, x> + b_j).  Fix any points and draw the labels from N(0, I_n).  Let
D = k (d + 1) + 1 and m = n - D > n/100.  The probability that some network of k neurons has mean squared error at most
1/100 is at most Cov(n, d + 1)^k ((t/m) e^{1 - t/m})^{m/2}, t = n/100.  The bound is the least k for which this is not
known to be below 2^-10.
Quantifier: with probability at least 1 - 2^-10 over the labels; about one given labelling it says nothing.
Hypotheses: none that a data set could show.
Proof: docs/theory/counting.md (the distance of y from one subspace is chi-square with at least m degrees of freedom,
and there are at most Cov(n, d + 1)^k subspaces).
"""

from fractions import Fraction

from proofs_check.roots import PLACES, log2_above
from proofs_check.theorems._counts import E_ABOVE, dichotomies
from proofs_check.theorems._entry import Quantifier, Side, Theorem

ERROR = Fraction(1, 100)
DOUBT = 10  # binary places of the probability left


def width(n_samples: int, dim: int) -> int:
    """One more than the largest k whose probability is below the doubt, 0 if there is none; it grows with k."""
    sets = log2_above(dichotomies(n_samples, dim + 1))
    low, high = 0, -((1 - n_samples) // (dim + 1))  # widths below `low` are too few; at `high`, m <= 0
    while low < high:
        k = (low + high) // 2
        low, high = (k + 1, high) if _improbable(k, sets, n_samples, dim) else (low, k)
    return low


def _improbable(k: int, sets: int, n: int, d: int) -> bool:
    m, t = n - k * (d + 1) - 1, n * ERROR
    if t >= m:
        return False
    tail = Fraction(m, 2) * (log2_above(t / m) + (1 - t / m) * log2_above(E_ABOVE))
    return k * sets + tail < -DOUBT << PLACES


THEOREM = Theorem(
    key="param-count-approx",
    title="parameter counting for approximate fits of Gaussian labels",
    statement="For any points and labels drawn from N(0, I_n), the probability that a network of k ReLU neurons with "
    "an output bias has mean squared error at most 1/100 is at most Cov(n, d + 1)^k ((t/m) e^(1 - t/m))^(m/2), "
    "where t = n/100 < m = n - k (d + 1) - 1; the width is the least k for which this is not below 2^-10.",
    cite=None,
    locator="docs/theory/counting.md",
    family="one hidden ReLU layer, hidden biases, output bias",
    activations=("relu",),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.WITH_PROBABILITY,
    side=Side.LOWER,
    explicit_constants=True,
    hypotheses=(),
    width=width,
    proof="docs/theory/counting.md",
)
