"""Any binary labels on n points in affine general position are taken by ceil(n/d) threshold neurons.

Network: x -> c + sum_j v_j step(<u_j, x> + b_j), step(t) = 1 for t >= 0 and 0 otherwise, linear output with a bias.
Baum's output unit is a threshold itself; a linear one is enough for labels -1, 1 or 0, 1, by `sakurai1992-threshold`,
whose bound ceil((n - 1)/d) is never larger and is sharp.
Quantifier: every data set; hypotheses: affine general position, binary labels.
Proof: announced in the abstract of baum1988; implied by the construction of `sakurai1992-threshold`.
"""

from proofs_check.position import affine_general_position, binary_labels
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def width(n_samples: int, dim: int) -> int:
    """ceil(n/d)."""
    return -(-n_samples // dim)


THEOREM = Theorem(
    key="baum1988-threshold",
    title="Baum's theorem",
    statement="Any binary labels on n points in affine general position are taken by a network of ceil(n/d) threshold "
    "neurons.",
    cite="baum1988",
    locator="abstract",
    family="one hidden threshold layer, hidden biases, output bias",
    activations=("threshold",),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=True,
    hypotheses=(binary_labels, affine_general_position),
    width=width,
    proof="baum1988; also proofs_check/theorems/sakurai1992_threshold.py",
)
