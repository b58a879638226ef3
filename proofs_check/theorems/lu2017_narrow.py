"""Any real labels on n distinct points are taken by 2n hidden ReLU layers of width d + 4.

Network: two hidden layers for every point whose label is not 0, no output bias.  Every layer carries the point and the
sums of the positive and of the negative labels so far; the others make a function that is 1 at one point and 0 at all
others.
Quantifier: every data set; hypothesis: the points are distinct.
Source: lu2017 has width d + 4 for all integrable functions, up to any error in L^1: that is about infinitely many
points, and says nothing about n of them.  Proof: docs/theory/deep.md.
"""

from proofs_check.position import points_distinct
from proofs_check.reading import Dataset
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def allows(widths: tuple[int, ...], dataset: Dataset) -> bool:
    """At most 2n layers, none wider than d + 4."""
    return 0 < len(widths) <= 2 * dataset.n_samples and max(widths) <= dataset.dim + 4


THEOREM = Theorem(
    key="lu2017-narrow",
    title="the narrow network after Lu et al., on points",
    statement="Any real labels on n distinct points are taken by a network without output bias and with 2n hidden ReLU "
    "layers of width d + 4.",
    cite="lu2017",
    locator="as an interpolator: docs/theory/deep.md",
    family="hidden ReLU layers, hidden biases, no output bias",
    activations=("relu",),
    hidden_bias=True,
    output_bias=False,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=True,
    hypotheses=(points_distinct,),
    width=None,
    proof="docs/theory/deep.md",
    allows=allows,
)
