"""Any real labels on n points in affine general position are taken by 4 ceil(n/d) ReLU neurons without output bias.

Network: x -> sum_j v_j relu(<u_j, x> + b_j).
Quantifier: every data set; hypothesis: affine general position.

Proof.  Split the points into ceil(n/d) groups of at most d.  For a group G take h affine with h = 0 on G only, g
affine with g = y on G, e with 0 < e < |h| on all other points, and eta > 0 with eta |g| < e on G and
eta |g| < |h| - e on all other points.  Then
  (1/eta) [relu(h + e + eta g) - relu(h + e) - relu(h - e + eta g) + relu(h - e)]
is y on G (h = 0: the first two terms are e + eta g and e, the last two 0) and 0 elsewhere (h > e: all four arguments
are positive and cancel; h < -e: all are negative).  Four neurons a group.
The source's g is linear, which needs linearly independent groups; an affine g needs general position only.
"""

from proofs_check.position import affine_general_position
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def width(n_samples: int, dim: int) -> int:
    """4 ceil(n/d): four neurons for each group of at most d points."""
    return 4 * -(-n_samples // dim)


THEOREM = Theorem(
    key="bubeck2020-relu-baum",
    title="the ReLU form of Baum's theorem by Bubeck et al.",
    statement="Any real labels on n points in affine general position are taken by a network of 4 ceil(n/d) ReLU "
    "neurons without output bias.",
    cite="bubeck2020",
    locator="the ReLU network with four times as many neurons as Baum's",
    family="one hidden ReLU layer, hidden biases, no output bias",
    activations=("relu",),
    hidden_bias=True,
    output_bias=False,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=True,
    hypotheses=(affine_general_position,),
    width=width,
    proof="proofs_check/theorems/bubeck2020_relu_baum.py",
)
