"""The growth function of piecewise linear networks: on any n points some labels -1, 1 need this many ReLU neurons.

Network: x -> c + sum_j v_j relu(<u_j, x> + b_j), W_1 = k (d + 1) weights into the hidden layer, W = k (d + 2) + 1 in
all.  For n >= W_1 + W (in the source: at least the mean depth of the weights, times W) the signs of the outputs on n
points take at most 4 (2 e n/(d + 1))^{W_1} (4 e n/W)^W values.  Widths whose count is below 2^n are too small.
About a width with n < W_1 + W the source says nothing, and so the bound never exceeds the first such width.
Quantifier: fix any points; some labelling by -1 and 1 needs that many neurons, even if only the signs have to be right.
Hypotheses: none.
Proof: bartlett2019; for this depth docs/theory/counting.md, which needs n >= W only.
The number e is replaced by a larger rational one and logarithms are rounded upwards, so the bound can only become
smaller.  In all sizes that the tests try it is at most that of `relu-growth`.
"""

from fractions import Fraction

from proofs_check.roots import PLACES, log2_above
from proofs_check.theorems._counts import E_ABOVE
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def width(n_samples: int, dim: int) -> int:
    """One more than the largest k for which the theorem speaks and its count is below 2^n, 0 if there is none.

    In that range the count grows with k: (4 e n/W)^W does for W <= 4n.
    """
    low, high = 0, (n_samples - 1) // (2 * dim + 3) + 1  # widths below `low` are too few, `high` is not known to be
    while low < high:
        k = (low + high) // 2
        low, high = (k + 1, high) if _too_few(k, n_samples, dim) else (low, k)
    return low


def _too_few(k: int, n: int, d: int) -> bool:
    hidden, weights = k * (d + 1), k * (d + 2) + 1
    patterns = hidden * log2_above(2 * E_ABOVE * n / (d + 1)) + weights * log2_above(4 * E_ABOVE * Fraction(n, weights))
    return patterns < n - 2 << PLACES


THEOREM = Theorem(
    key="bartlett2019-growth",
    title="the growth function of Bartlett et al.",
    statement="For any n points some labelling by -1 and 1 is not taken, not even in sign, by a network with an output "
    "bias of k ReLU neurons, if n >= k (2d + 3) + 1 and 4 (2 e n/(d + 1))^(k (d + 1)) (4 e n/W)^W < 2^n, where "
    "W = k (d + 2) + 1.",
    cite="bartlett2019",
    locator="the bound of the growth function in the proof of the upper bounds of the VC dimension, for two layers",
    family="one hidden ReLU layer, hidden biases, output bias",
    activations=("relu",),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.SOME_LABELLING,
    side=Side.LOWER,
    explicit_constants=True,
    hypotheses=(),
    width=width,
    proof="docs/theory/counting.md; bartlett2019, from the count of Warren 1968 and Goldberg and Jerrum 1995",
)
