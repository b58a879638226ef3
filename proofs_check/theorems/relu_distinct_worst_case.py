"""Any real labels on n >= 5 distinct points are taken by n - 2 ReLU neurons, and some need them.

Network: x -> c + sum_j v_j relu(<u_j, x> + b_j).  The width is n - 2 for n >= 5 and n - 1 for n = 1, 2, 3, 4.
Quantifier: every data set, for the upper bound that this entry is; and in every dimension and for every n there is a
data set (points on a line, zigzag labels) that no smaller network fits, so the bound cannot be improved.
Hypothesis: the points are distinct.
Proof: docs/theory/distinct.md.  For n >= 5 the lower bound is that of yun2019, Theorem 3.3; the upper one is the
project's own.
"""

from proofs_check.position import points_distinct
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def width(n_samples: int, dim: int) -> int:
    """Two less than points, one less for at most four points; the dimension does not matter."""
    return n_samples - 2 if n_samples >= 5 else n_samples - 1


THEOREM = Theorem(
    key="relu-distinct-worst-case",
    title="the exact worst case for distinct points",
    statement="Any real labels on n >= 5 distinct points are taken by a network of n - 2 ReLU neurons with an output "
    "bias (n - 1 neurons for n <= 4), and on a line some labels are taken by no smaller network.",
    cite=None,
    locator="docs/theory/distinct.md",
    family="one hidden ReLU layer, hidden biases, output bias",
    activations=("relu",),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=True,
    hypotheses=(points_distinct,),
    width=width,
    proof="docs/theory/distinct.md",
)
