"""ceil(4n/d) ReLU neurons with an output bias take any real labels on n points in affine general position.

Network: x -> c + sum_j v_j relu(<u_j, x> + b_j).  The constant is commonly quoted from bubeck2020, which proves
4 ceil(n/d) in networks without output bias.  With an output bias ceil(4n/d) is a theorem, since the pairs theorem
needs no more: docs/theory/pairs.md.  Without one it is false for 2 <= n <= d/4: then it allows a single neuron
v relu(<u, x> + b), which takes no two labels of opposite sign.
Quantifier: every data set; hypothesis: affine general position.
"""

from proofs_check.position import affine_general_position
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def width(n_samples: int, dim: int) -> int:
    """ceil(4n/d)."""
    return -(-4 * n_samples // dim)


THEOREM = Theorem(
    key="s-baum",
    title="ceil(4n/d) as commonly quoted",
    statement="Any real labels on n points in affine general position are taken by a network of ceil(4n/d) ReLU "
    "neurons with an output bias; without output bias this is false for 2 <= n <= d/4.",
    cite="bubeck2020",
    locator="quoted from here, where the bound is 4 ceil(n/d)",
    family="one hidden ReLU layer, hidden biases, output bias",
    activations=("relu",),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=True,
    hypotheses=(affine_general_position,),
    width=width,
    proof="docs/theory/pairs.md",
)
