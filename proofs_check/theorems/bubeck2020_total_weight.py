"""Random signs of n points of bounded size cost a total weight of order sqrt(n), whatever the number of neurons.

Network: x -> sum_j v_j relu(<u_j, x> + b_j), of any width, of total weight W = sum_j |v_j| sqrt(|u_j|^2 + b_j^2).
Quantifier: fix any points and draw the labels from {-1, 1}^n, uniformly and independently.  With probability at least
1 - q, every network whose squared errors sum to at most eps n has

    W >= n (1 - sqrt(eps)) / (B (3/2 + sqrt(2 ln(1/q)))),    B^2 = sum_i (|x_i|^2 + 1),

without the 1 where there are no hidden biases.  About one given labelling it says nothing; a lower bound for one data
set is `overparam.memorizers.total_weight_floor`.
Hypotheses: none that a data set could show.
Proof: docs/theory/weights.md.  The source's constant is not known to us; symmetrization and contraction on relu itself
give 2 in place of 3/2.  An output bias has to be excluded: W does not count it, and labels that are all 1 cost nothing.
"""

from fractions import Fraction

from proofs_check.roots import ln_above, sqrt_above
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def least_weight(n_samples: int, squares: Fraction, eps: Fraction, doubt: Fraction) -> Fraction:
    """The bound on W, rounded down.

    Args:
        n_samples: n.
        squares: at least B^2, positive.
        eps: mean squared error, 0 <= eps <= 1.
        doubt: q, 0 < q < 1.
    """
    share = 1 - sqrt_above(eps)
    return max(Fraction(0), n_samples * share) / (
        sqrt_above(squares) * (Fraction(3, 2) + sqrt_above(2 * ln_above(1 / doubt)))
    )


THEOREM = Theorem(
    key="bubeck2020-total-weight",
    title="the total weight that random signs need",
    statement="For any points and labels drawn uniformly from {-1, 1}^n, with probability at least 1 - q every ReLU "
    "network of one hidden layer without output bias whose squared errors sum to at most eps n has total weight "
    "sum_j |v_j| sqrt(|u_j|^2 + b_j^2) at least n (1 - sqrt(eps)) / (B (3/2 + sqrt(2 ln(1/q)))), where "
    "B^2 = sum_i (|x_i|^2 + 1).",
    cite="bubeck2020",
    locator="the lower bound on the total weight; constants in docs/theory/weights.md",
    family="one hidden ReLU layer, hidden biases, no output bias",
    activations=("relu",),
    hidden_bias=True,
    output_bias=False,
    quantifier=Quantifier.WITH_PROBABILITY,
    side=Side.LOWER,
    explicit_constants=True,
    hypotheses=(),
    width=None,
    proof="docs/theory/weights.md",
)
