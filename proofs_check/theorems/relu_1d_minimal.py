"""Real labels on points of a line are taken by K* + 1 ReLU neurons; K* knots are the fewest, so K* neurons at least.

Network: x -> c + sum_j v_j relu(u_j x + b_j).  K* is the sum of ceil(r / 2) over the maximal runs of r equal turns of
the slopes between neighbouring points; it is computed exactly, in linear time after sorting.
Quantifier: every data set on a line; the number depends on the labels, not on n and d alone.  For a single data set
the least width is K* or K* + 1; which of the two is weakly NP-hard to tell (`impossible` by the method `line`).
Hypotheses: one coordinate, distinct points.
Proof: docs/theory/one_dimension.md, the project's own; that the least number of knots has a simple form is debarre2022.
"""

from proofs_check.curves import fewest_knots, one_coordinate
from proofs_check.position import points_distinct
from proofs_check.reading import Dataset
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def allows(widths: tuple[int, ...], dataset: Dataset) -> bool:
    """At most K* + 1 neurons in one layer.

    Raises:
        OverBudget: the numbers are too long.
    """
    if dataset.dim != 1 or len(widths) != 1:
        return False
    knots = fewest_knots(dataset)
    return knots is not None and widths[0] <= knots + 1


THEOREM = Theorem(
    key="relu-1d-minimal",
    title="the least number of knots on a line",
    statement="Real labels on distinct points of a line are taken by a network of K* + 1 ReLU neurons with an output "
    "bias, and by none of fewer than K*, where K* is the least number of knots of a piecewise linear function with "
    "these values.",
    cite="debarre2022",
    locator="the least number of knots; the bound on networks is derived in docs/theory/one_dimension.md",
    family="one hidden ReLU layer, hidden biases, output bias",
    activations=("relu",),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=True,
    hypotheses=(one_coordinate, points_distinct),
    width=None,
    proof="docs/theory/one_dimension.md",
    allows=allows,
)
