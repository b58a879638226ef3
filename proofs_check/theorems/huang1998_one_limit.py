"""Any real labels on n distinct points are taken by n neurons of any activation with a limit at one infinity.

Network: x -> sum_j v_j a(s_j <u, x> + b_j), one direction u for all neurons, no output bias.
Quantifier: every data set; hypothesis: the points are distinct.
Proof: docs/theory/smooth.md, section 1.  The source assumes that the activation is bounded, which is not needed: ReLU
and GELU have a limit at minus infinity.  The common recipe, steep neurons centred at the points, fails without an
output bias for odd activations and an odd number of points: a single tanh neuron centred at a single point is 0 there.
"""

from proofs_check.position import points_distinct
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def width(n_samples: int, dim: int) -> int:
    """n, whatever the dimension."""
    return n_samples


THEOREM = Theorem(
    key="huang1998-one-limit",
    title="the width after Huang and Babri",
    statement="Any real labels on n distinct points are taken by a network of n neurons without output bias, whose "
    "activation is any nonconstant function with a finite limit at one infinity.",
    cite="huang1998",
    locator="abstract; docs/theory/smooth.md, section 1",
    family="one hidden tanh, erf, GELU, ReLU or threshold layer, hidden biases, no output bias",
    activations=("tanh", "erf", "gelu", "relu", "threshold"),
    hidden_bias=True,
    output_bias=False,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=True,
    hypotheses=(points_distinct,),
    width=width,
    proof="docs/theory/smooth.md",
)
