"""Too few ReLU neurons have too few sign patterns: on any n points some labels -1, 1 are taken by none of them.

Network: x -> c + sum_j v_j relu(<u_j, x> + b_j).  On n points, k neurons attain at most
Cov(n, d + 1)^k * sum_{i <= min(n, D)} binom(n, i) sign patterns, D = k (d + 1) + 1, Cov(n, m) = 2 sum_{i < m}
binom(n - 1, i).  The bound is the least k for which that is at least 2^n, the number of labellings by -1 and 1.
Quantifier: fix any points; some labelling by -1 and 1, of which nothing else is known, needs that many neurons, even if
only the signs have to be right.  One labelling that is fitted by fewer says nothing.
Hypotheses: none.
Proof: docs/theory/counting.md (Cover's count of the activation sets, then Sauer's lemma for the linear space of
dimension D in which the outputs lie).
"""

from proofs_check.theorems._counts import dichotomies, partial_sums, product_reaches
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def width(n_samples: int, dim: int) -> int:
    """The least k whose count reaches 2^n; both factors grow with k, and k = ceil((n - 1)/(d + 1)) is enough."""
    activations, sets, k = dichotomies(n_samples, dim + 1), 1, 0
    for size, patterns in enumerate(partial_sums(n_samples)):
        if size == k * (dim + 1) + 1:
            if product_reaches(sets, patterns, n_samples):
                break
            k, sets = k + 1, sets * activations
    return k


THEOREM = Theorem(
    key="relu-growth",
    title="counting the sign patterns of ReLU networks",
    statement="For any n points some labelling by -1 and 1 is not taken, not even in sign, by a network with an output "
    "bias of fewer ReLU neurons than the least k with Cov(n, d + 1)^k sum_{i <= min(n, k (d + 1) + 1)} binom(n, i) >= "
    "2^n, where Cov(n, m) = 2 sum_{i < m} binom(n - 1, i).",
    cite=None,
    locator="docs/theory/counting.md",
    family="one hidden ReLU layer, hidden biases, output bias",
    activations=("relu",),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.SOME_LABELLING,
    side=Side.LOWER,
    explicit_constants=True,
    hypotheses=(),
    width=width,
    proof="docs/theory/counting.md",
)
