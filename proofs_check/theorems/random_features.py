"""Random ReLU features: n neurons drawn without looking at the labels take any real labels on n distinct points.

Network: x -> sum_j v_j relu(<u_j, x> + b_j), no output bias; the first layer depends on the points only.
Quantifier: every data set; hypothesis: distinct points.  Folklore; close to leshno1993, whose theorem is about density.

What is proved.  (a) For any n distinct points there are n neurons (u_j, b_j) whose feature matrix relu(<u_j, x_i> +
b_j) is regular, so that every labelling is taken.  (b) Let neurons be drawn independently from a law that gives every
open set a positive probability, and let those be kept that raise the rank.  With probability 1 the draws end with n.
(c) It is not true that n draws are enough with probability 1, or that the rank is n for almost every first layer: a
neuron that is 0 at all points has a positive probability (and two that are positive at the same single point only are
dependent).  Hence the draws of (b).

Proof.  (a) Let u separate the points, z_1 < .. < z_n the projections, and b_j = -k_j with k_1 < z_1 < k_2 < z_2 < ..
< k_n < z_n: the matrix is triangular with a positive diagonal.  (b) While the kept features span a proper subspace V
of R^n, some feature vector of (a) is not in V; as the vector depends continuously on (u, b), neither are those of an
open set of (u, b): a draw raises the rank with a positive probability, and each of the n waits ends with probability 1.
The same holds for any law that gives positive probability to each neuron of (a) for one u.
"""

from proofs_check.position import points_distinct
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def width(n_samples: int, dim: int) -> int:
    """As many as points; the dimension does not matter."""
    return n_samples


THEOREM = Theorem(
    key="random-features",
    title="random features of full rank",
    statement="For any n distinct points there are n ReLU neurons that do not depend on the labels and take all real "
    "labels with suitable output weights and no output bias; drawing neurons from a law that gives every open set a "
    "positive probability, and keeping those that raise the rank, finds them with probability 1.",
    cite=None,
    locator="folklore; compare leshno1993, which is about density",
    family="one hidden ReLU layer, hidden biases, no output bias",
    activations=("relu",),
    hidden_bias=True,
    output_bias=False,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=True,
    hypotheses=(points_distinct,),
    width=width,
    proof="proofs_check/theorems/random_features.py",
)
