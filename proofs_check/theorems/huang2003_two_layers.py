"""Any real labels on n distinct points are met to any accuracy by about 2 sqrt(3n) tanh units in two hidden layers.

Network: two hidden layers of m + 2q and q units, m = ceil(n/q), output bias; any q that makes the total m + 3q least.
Quantifier: every data set and every error above 0; hypothesis: the points are distinct.
Proof: docs/theory/smooth.md, section 4.  The source's 2 sqrt((c + 2) n), here with c = 1 output, treats sqrt(n/(c + 2))
and its quotient as integers; the count here is exact, and for n = 2 it is 4 + 1 = 5 although 2 sqrt(6) < 5.  The labels
are met approximately only.
"""

from math import isqrt

from proofs_check.position import points_distinct
from proofs_check.reading import Dataset
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def splits(n_samples: int) -> list[int]:
    """All numbers q of blocks for which ceil(n/q) + 3q is least."""
    total = {q: -(-n_samples // q) + 3 * q for q in range(1, isqrt(n_samples) + 2)}  # beyond sqrt(n) it only grows
    return [q for q, count in total.items() if count == min(total.values())]


def allows(widths: tuple[int, ...], dataset: Dataset) -> bool:
    """At most m + 2q and q units, for some q that makes the total least; so 7 points may get (9, 1), 8 get (8, 2)."""
    n = dataset.n_samples
    return len(widths) == 2 and any(widths[0] <= -(-n // q) + 2 * q and widths[1] <= q for q in splits(n))


THEOREM = Theorem(
    key="huang2003-two-layers",
    title="the two hidden layers after Huang",
    statement="For any real labels on n distinct points and any error above 0, a network with two hidden layers of "
    "ceil(n/q) + 2q and q tanh units, q making the total least, differs from no label by more.",
    cite="huang2003",
    locator="abstract; docs/theory/smooth.md, section 4",
    family="two hidden tanh layers, hidden biases, output bias",
    activations=("tanh",),
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
