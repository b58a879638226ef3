"""Any real labels on n distinct points are taken by one hidden ReLU layer of width n.

Network: x -> sum_j v_j relu(<u, x> + b_j), one direction u for all neurons, no output bias.  The source counts
2n + d weights; here width = n.
Quantifier: every data set; hypothesis: the points are distinct.
Proof: zhang2017, Theorem 1 and Lemma 1: with distinct projections z_1 < ... < z_n on u and one knot before each, the
matrix of neuron outputs is triangular with a positive diagonal.
"""

from proofs_check.position import points_distinct
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def width(n_samples: int, dim: int) -> int:
    """n, whatever the dimension."""
    return n_samples


THEOREM = Theorem(
    key="zhang2017-thm1",
    title="Theorem 1 of Zhang et al.",
    statement="Any real labels on n distinct points are taken by a network of n ReLU neurons without output bias, with "
    "2n + d weights.",
    cite="zhang2017",
    locator="Theorem 1",
    family="one hidden ReLU layer, hidden biases, no output bias",
    activations=("relu",),
    hidden_bias=True,
    output_bias=False,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=True,
    hypotheses=(points_distinct,),
    width=width,
    proof="zhang2017, Theorem 1",
)
