"""Any real labels on n points in affine general position are taken by at most 2 ceil(n/(d + 1)) - 1 ReLU neurons.

Network: x -> c + sum_j v_j relu(<u_j, x> + b_j).  Write n = q (d + 1) + r with 0 <= r <= d.  The width is 0 if n = 1,
1 if q = 0 and n > 1, and otherwise 2q - 1 + min(2, r).  Without an output bias one neuron more is enough.
Quantifier: every data set; hypothesis: affine general position (the construction uses less: distinct projections on
one direction, and affine independence of blocks of d + 1 consecutive points).
Proof: the project's own, docs/theory/pairs.md.
"""

from proofs_check.position import affine_general_position
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def width(n_samples: int, dim: int) -> int:
    """0 for one point; one affine block needs 1; each further block a pair, or one neuron if it is a single point."""
    blocks, rest = divmod(n_samples, dim + 1)
    if blocks == 0:
        return min(n_samples - 1, 1)
    return 2 * blocks - 1 + min(2, rest)


THEOREM = Theorem(
    key="pairs-2n-over-d-plus-1",
    title="the pairs theorem",
    statement="Any real labels on n = q (d + 1) + r points in affine general position (0 <= r <= d) are taken by a "
    "network of 2q - 1 + min(2, r) ReLU neurons with an output bias (1 if q = 0 and n > 1, 0 if n = 1).",
    cite=None,
    locator="docs/theory/pairs.md",
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
