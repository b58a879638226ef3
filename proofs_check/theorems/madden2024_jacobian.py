"""Any real labels on n points in affine general position are taken by 2 ceil(n/(d + 1)) tanh, erf or GELU neurons.

Network: x -> sum_j v_j a(<w_j, x> + b_j), no output bias.
Quantifier: every data set; hypothesis: affine general position (used: distinct projections on one direction, and affine
independence of blocks of d + 1 consecutive points).
Proof: docs/theory/smooth.md, section 3.  The source asks for almost every point set, k d >= 2n and k even, for networks
counted without the constant coordinate of the hidden biases; that affine general position is enough for these three
activations is the project's own.  For polynomial activations full rank is a further hypothesis: with t^2 the Jacobian
of q >= 2 pairs never has rank q (d + 1).
"""

from proofs_check.position import affine_general_position
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def width(n_samples: int, dim: int) -> int:
    """Pairs of neurons, one for each block of dim + 1 points."""
    return 2 * -(-n_samples // (dim + 1))


THEOREM = Theorem(
    key="madden2024-jacobian",
    title="the width after Madden and Thrampoulidis",
    statement="Any real labels on n points in affine general position are taken by a network of 2 ceil(n/(d + 1)) "
    "tanh, erf or GELU neurons with hidden biases.",
    cite="madden2024",
    locator="abstract, for k d >= 2n and almost every point set; in general position the project's own, "
    "docs/theory/smooth.md, section 3",
    family="one hidden tanh, erf or GELU layer, hidden biases, no output bias",
    activations=("tanh", "erf", "gelu"),
    hidden_bias=True,
    output_bias=False,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=True,
    hypotheses=(affine_general_position,),
    width=width,
    proof="docs/theory/smooth.md",
)
