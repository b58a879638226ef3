"""Two labels that change C times along a moment curve are taken by ceil(C/d) threshold neurons, and by no fewer.

Network: x -> c + sum_j v_j step(<u_j, x> + b_j), step(t) = 1 for t >= 0 and 0 otherwise, with an output bias.
Quantifier: every data set; hypotheses: the points are (a_1 t, a_2 t^2, .., a_d t^d) with distinct t and no a_k = 0, and
the labels take at most two values.

The source says that for some sets of N points, of positive probability, h threshold neurons in the first layer take
exactly 2 sum_{i <= dh} binom(N - 1, i) of all labellings with two values, whatever layers follow; its formula is read
from the abstract.  Points of a moment curve are such a set, for every d, h and N (`dichotomies` is the count):

Proof.  A hyperplane meets the curve in at most d parameters, so the outputs of h neurons change at most dh times along
it (raise b_j a little where a point lies on the hyperplane of neuron j: no output changes); labels that change more
often are taken by no network with such a first layer.  Now let the labels change C <= dh times.  Cut the changes, in
order, into ceil(C/d) groups of at most d.  For each group, the polynomial of t that has its roots in the middle of the
gaps of these changes and is negative on the left of them all is an affine function of the point, and the step of it is
0, 1, 0, .. from root to root.  Its label after the first change minus its label before, times that step, added to the
first label of all: by induction over the groups that is the label everywhere up to the next group.  So ceil(C/d)
neurons are enough, and by the first part not one of them can be spared.  N points have 2 binom(N - 1, i) labellings
with i changes.
"""

from math import comb

from proofs_check.curves import label_changes, on_moment_curve, two_label_values
from proofs_check.reading import Dataset
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def dichotomies(n_samples: int, dim: int, neurons: int) -> int:
    """How many labellings with two given values these neurons can take on a moment curve, whatever follows them."""
    return 2 * sum(comb(n_samples - 1, i) for i in range(min(dim * neurons, n_samples - 1) + 1))


def allows(widths: tuple[int, ...], dataset: Dataset) -> bool:
    """At most ceil(C/d) neurons in one layer, where the labels change C times along the first coordinate.

    Raises:
        OverBudget: there are too many points, or their numbers are too long.
    """
    changes = label_changes(dataset) if len(widths) == 1 else None
    return changes is not None and widths[0] * dataset.dim < changes + dataset.dim


THEOREM = Theorem(
    key="kowalczyk1993-capacity",
    title="few changes along a moment curve",
    statement="Labels with two values that change C times along n points of a moment curve are taken by a network of "
    "ceil(C/d) threshold neurons with an output bias, and by no smaller one, so that h neurons take exactly 2 times "
    "the sum of binom(n - 1, i) over i <= dh of these labellings.",
    cite="kowalczyk1993",
    locator="abstract, the count for sets of positive probability; the moment curve is the project's own",
    family="one hidden threshold layer, hidden biases, output bias",
    activations=("threshold",),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=True,
    hypotheses=(two_label_values, on_moment_curve),
    width=None,
    proof="proofs_check/theorems/kowalczyk1993_capacity.py",
    allows=allows,
)
