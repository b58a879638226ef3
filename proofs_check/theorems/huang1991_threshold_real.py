"""Any real labels on n distinct points are taken by n - 1 threshold neurons, and almost all labels by no fewer.

Network: x -> c + sum_j v_j step(<u_j, x> + b_j), step(t) = 1 for t >= 0 and 0 otherwise, with an output bias.
Quantifier: every data set, for the upper bound that this entry is; hypothesis: distinct points.

Proof.  Let u separate the points, z_1 < .. < z_n the projections <u, x_i>, sorted, and y_i the labels in that order.
y_1 + sum_{i >= 2} (y_i - y_(i-1)) step(<u, x> - (z_(i-1) + z_i)/2) is y_i at the i-th point; n - 1 neurons, and as
many as there are places where y_i and y_(i-1) differ.
It is sharp, at any n points and for almost every labelling: with given values 0 and 1 of k neurons at the n points the
outputs are linear in (v, c), hence form a subspace of dimension at most k + 1; there are finitely many such values, so
k < n - 1 neurons reach only a set of measure zero.

The paper itself was not at hand: the entry states what is proved here, and names the source for the number.
"""

from proofs_check.position import points_distinct
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def width(n_samples: int, dim: int) -> int:
    """One less than points; the dimension does not matter."""
    return n_samples - 1


THEOREM = Theorem(
    key="huang1991-threshold-real",
    title="threshold neurons for real labels",
    statement="Any real labels on n distinct points are taken by a network of n - 1 threshold neurons with an output "
    "bias, and almost all labels on given points by no smaller one.",
    cite="huang1991",
    locator="the bound on the number of hidden neurons for real functions on finite sets",
    family="one hidden threshold layer, hidden biases, output bias",
    activations=("threshold",),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=True,
    hypotheses=(points_distinct,),
    width=width,
    proof="proofs_check/theorems/huang1991_threshold_real.py",
)
