"""Any real labels on n distinct points are taken by n - 1 hidden ReLU layers of width d + 1, and of width 2.

Network: at most n - 1 hidden layers (one, if n = 1), output bias.  A layer carries the point, or one number in its
place, and one neuron of a maximum or a minimum of affine functions.
Quantifier: every data set; hypothesis: the points are distinct.
Source: hanin2017 has width d + 1 for all continuous functions on a compact set, and needs it: that is about infinitely
many points, and says nothing about n of them, for which width 2 is enough.  Proof: docs/theory/deep.md.
"""

from proofs_check.position import points_distinct
from proofs_check.reading import Dataset
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def allows(widths: tuple[int, ...], dataset: Dataset) -> bool:
    """At most n - 1 layers, none wider than d + 1."""
    return 0 < len(widths) <= max(dataset.n_samples - 1, 1) and max(widths) <= dataset.dim + 1


THEOREM = Theorem(
    key="hanin2017-narrow",
    title="the maxima and minima after Hanin and Sellke, on points",
    statement="Any real labels on n distinct points are taken by a network with an output bias and n - 1 hidden ReLU "
    "layers (one, if n = 1), all of width d + 1; width 2 is enough.",
    cite="hanin2017",
    locator="as an interpolator: docs/theory/deep.md",
    family="hidden ReLU layers, hidden biases, output bias",
    activations=("relu",),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=True,
    hypotheses=(points_distinct,),
    width=None,
    proof="docs/theory/deep.md",
    allows=allows,
)
