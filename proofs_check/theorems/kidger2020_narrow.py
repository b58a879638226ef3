"""Any real labels on n distinct points are met to any accuracy by a deep network of width d + 2.

Network: any number of hidden layers of at most d + 2 tanh, erf or GELU units, output bias.
Quantifier: every data set and every error above 0; hypothesis: the points are distinct.
Proof: docs/theory/smooth.md, section 5; the source proves more, uniform approximation of any continuous function on a
compact set, in width d + c + 1 for c outputs and activations that are no polynomials (d + c + 2 for polynomials that
are not affine).  On n points width 3 is enough in any dimension, so the width says nothing about memorization.
"""

from proofs_check.position import points_distinct
from proofs_check.reading import Dataset
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def allows(widths: tuple[int, ...], dataset: Dataset) -> bool:
    """No layer wider than d + 2."""
    return max(widths) <= dataset.dim + 2


THEOREM = Theorem(
    key="kidger2020-narrow",
    title="the narrow networks after Kidger and Lyons, on points",
    statement="For any real labels on n distinct points and any error above 0, a network of enough hidden layers of"
    " width d + 2 differs from no label by more.",
    cite="kidger2020",
    locator="the theorem on deep narrow networks, for finitely many points; docs/theory/smooth.md, section 5",
    family="hidden tanh, erf or GELU layers, hidden biases, output bias",
    activations=("tanh", "erf", "gelu"),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=True,
    hypotheses=(points_distinct,),
    width=None,
    allows=allows,
    proof="docs/theory/smooth.md",
)
