"""Any binary labels on n points in affine general position are taken by ceil((n - 1)/d) threshold neurons.

Network: x -> c + sum_j v_j step(<u_j, x> + b_j), step(t) = 1 for t >= 0 and 0 otherwise, linear output with a bias.
Quantifier: every data set, for the upper bound that this entry is.  It is sharp: n points of the curve
t -> (t, t^2, ..., t^d) with alternating labels need that many, since a hyperplane meets the curve at most d times
and each of the n - 1 consecutive pairs must be separated.
Hypotheses: affine general position, binary labels.

Proof, for labels -1 and 1 (0 and 1 follow by y -> (y + 1)/2).  Let K = ceil((n - 1)/d), so n <= K d + 1.
Pair: let G be at most d of the points, h affine with h = 0 on G only (possible in general position), g affine with
g = y on G (its points are affinely independent), and e > 0 with e |g| <= |h|/2 on all other points.  Then
2 step(h + e g) - 2 step(h - e g) is 2y on G and 0 on all other points.
K even: start with the constant s that most labels have.  At most floor(n/2) <= K d/2 points are wrong, and each has
y = -s, so adding 2y mends it: K/2 pairs, of at most d points each.
K odd: let P be min(n, d) points, h affine with h = 0 on P only, g affine with g = s y on P for a sign s; start with
-s + 2 s step(h + e g).  It is y on P, and s sign(h) elsewhere; exchanging s exchanges the right and the wrong points
outside P, so for one s at most floor((n - d)/2) <= (K - 1) d/2 are wrong: (K - 1)/2 pairs.
n = 1: K = 0, a constant.
"""

from proofs_check.position import affine_general_position, binary_labels
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def width(n_samples: int, dim: int) -> int:
    """ceil((n - 1)/d)."""
    return -((1 - n_samples) // dim)


THEOREM = Theorem(
    key="sakurai1992-threshold",
    title="the sharp form of Baum's theorem",
    statement="Any binary labels on n points in affine general position are taken by a network of ceil((n - 1)/d) "
    "threshold neurons, and for some points and labels by no smaller one.",
    cite="sakurai1992",
    locator="title: networks with d inputs, h hidden units and one output store d h + 1 examples, sometimes no more",
    family="one hidden threshold layer, hidden biases, output bias",
    activations=("threshold",),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=True,
    hypotheses=(binary_labels, affine_general_position),
    width=width,
    proof="proofs_check/theorems/sakurai1992_threshold.py",
)
