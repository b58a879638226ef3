"""Too few threshold neurons have too few sign patterns: on any n points some labels -1, 1 are taken by none of them.

Network: x -> c + sum_j v_j step(<u_j, x> + b_j), or the sign of that.  On n points, k neurons attain at most
Cov(n, d + 1)^k Cov(n, k + 1) sign patterns, Cov(n, m) = 2 sum_{i < m} binom(n - 1, i).  The bound is the least k for
which that is at least 2^n.
Quantifier: fix any points; some labelling by -1 and 1, of which nothing else is known, needs that many neurons, even if
only the signs have to be right.  One labelling that is fitted by fewer says nothing.
Hypotheses: none.
Proof: docs/theory/counting.md, from Cover's count.
"""

from proofs_check.theorems._counts import dichotomies, partial_sums, product_reaches
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def width(n_samples: int, dim: int) -> int:
    """The least k whose count reaches 2^n; both factors grow with k, and k = n - 1 is enough."""
    activations, sets, k = dichotomies(n_samples, dim + 1), 1, 0
    for half in partial_sums(n_samples - 1):
        if product_reaches(sets, 2 * half, n_samples):
            break
        k, sets = k + 1, sets * activations
    return k


THEOREM = Theorem(
    key="cover1965-count",
    title="Cover's count for threshold networks",
    statement="For any n points some labelling by -1 and 1 is not taken, not even in sign, by a network with an output "
    "bias of fewer threshold neurons than the least k with Cov(n, d + 1)^k Cov(n, k + 1) >= 2^n, where Cov(n, m) = "
    "2 sum_{i < m} binom(n - 1, i).",
    cite="cover1965",
    locator="the function-counting theorem; for networks docs/theory/counting.md",
    family="one hidden threshold layer, hidden biases, output bias",
    activations=("threshold",),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.SOME_LABELLING,
    side=Side.LOWER,
    explicit_constants=True,
    hypotheses=(),
    width=width,
    proof="docs/theory/counting.md",
)
