"""Classes on n distinct points are taken by about 2 sqrt(n (rho + c + 2)) hidden ReLU layers of width 7.

Network: hidden layers of at most 7 ReLU neurons, all biases.  rho is the number of bits of the integer part of
n^2 D sqrt(pi d / 2), D = diagonal of the box around the points / least distance; c = ceil(log2 C) for labels on a grid
low + step * {0, .., C - 1}.  The depth is the least of ceil(n / s) + s (rho + c + 2) over s = 1, 2, ..
Quantifier: every data set; hypothesis: the points are distinct (their ratio D enters the number).
Proof: docs/theory/bits.md.  The source has width 12 and a depth of O(sqrt(n log n) + sqrt(n / log n) max(log R, log C))
with R = 10 n^2 r sqrt(pi d) / delta, for points of a ball of radius r at distances of at least delta; the constants
here are ours.  The weights have up to s (rho + c) bits: n bits are not beaten, see `vardi2022-bits`.
"""

from proofs_check.position import points_distinct
from proofs_check.reading import Dataset
from proofs_check.theorems._bits import layers_a_slot, narrow_depth
from proofs_check.theorems._entry import Quantifier, Side, Theorem

WIDTH = 7


def allows(widths: tuple[int, ...], dataset: Dataset) -> bool:
    """At most 7 units a layer, and as many layers as the formula says.

    Raises:
        OverBudget: the least distance of the points is too much work.
    """
    return max(widths) <= WIDTH and len(widths) <= narrow_depth(dataset.n_samples, layers_a_slot(dataset))


THEOREM = Theorem(
    key="vardi2022-sqrt",
    title="the bit-reading network after Vardi, Yehudai and Shamir",
    statement="Any labels in C classes on n distinct points are taken by a ReLU network of width 7 with at most "
    "ceil(n / s) + s (rho + c + 2) hidden layers for the best s, about 2 sqrt(n (rho + c + 2)), where c = ceil(log2 C) "
    "and rho = 1 + floor(log2(n^2 D sqrt(pi d / 2))), D the diagonal of the points' box over their least distance.",
    cite="vardi2022",
    locator="Theorem 3.1, which has width 12; width 7 and its depth are those of docs/theory/bits.md",
    family="hidden ReLU layers of width at most 7, hidden biases, output bias",
    activations=("relu",),
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
