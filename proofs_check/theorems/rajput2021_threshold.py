"""Classes on n distinct points are taken by three layers of m, ceil(n / q) - 1 + m and c q threshold units.

Network: threshold units 1[t >= 0], all biases, q = ceil(sqrt(n)), c = ceil(log2 C) for labels on a grid
low + step * {0, .., C - 1} (c = 1 for two labels), m the number of hyperplanes that tell the points apart.  The entry
allows the least of n - 1; 2 D sqrt(pi d / 2) ln n, rounded up, with D = diagonal of the points' box / least
distance; and 2 pi ln(n) / delta, rounded up, for points of the unit sphere at distances of at least delta (other
lengths: see `proofs_check/separation.py`).
Quantifier: every data set; hypothesis: the points are distinct.
Proof: docs/theory/bits.md.  The source has points of the unit sphere, two labels, O~(1 / delta + sqrt(n)) units in all,
and no long weights; here they have m + 1 bits.
"""

from math import isqrt

from proofs_check.position import label_count, points_distinct
from proofs_check.reading import Dataset
from proofs_check.separation import separating_hyperplanes
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def allows(widths: tuple[int, ...], dataset: Dataset) -> bool:
    """At most so many units in each of the three layers, and at least one is always allowed.

    Raises:
        OverBudget: the least distance of the points is too much work.
    """
    if len(widths) != 3:
        return False
    size = isqrt(dataset.n_samples - 1) + 1
    m, groups = separating_hyperplanes(dataset), -(-dataset.n_samples // size)
    classes = (label_count(dataset) - 1).bit_length()
    return all(width <= max(most, 1) for width, most in zip(widths, (m, groups - 1 + m, classes * size), strict=True))


THEOREM = Theorem(
    key="rajput2021-threshold",
    title="the threshold network after Rajput et al.",
    statement="Any labels in C classes on n distinct points are taken by three hidden layers of m, ceil(n / q) - 1 + m "
    "and q ceil(log2 C) threshold units, q = ceil(sqrt(n)), where m is at most n - 1 and, for points of the unit "
    "sphere at distances of at least delta, at most 1 + 2 pi ln(n) / delta.",
    cite="rajput2021",
    locator="abstract, with the constants of docs/theory/bits.md",
    family="three hidden threshold layers, hidden biases, output bias",
    activations=("threshold",),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=True,
    hypotheses=(points_distinct,),
    width=None,
    proof="docs/theory/bits.md",
    allows=allows,
)
