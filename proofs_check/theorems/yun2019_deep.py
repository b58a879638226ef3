"""Any real labels on n distinct points: L hidden ReLU layers in pairs of widths 2p + 1 and 2q + 2, floor(L/2) pq >= n.

Network: L >= 2 hidden layers of widths A, B, A, B, .., if L is odd one more of width 2; output bias.  All hidden layers
work: the weights between the layers of a pair are about 4n/floor(L/2) each, 4n in all, whatever L is.
Quantifier: every data set; hypothesis: the points are distinct.  docs/theory/deep.md proves more, for pairs of layers
of different widths: sum over the pairs of floor((A - 1)/2) floor((B - 2)/2) >= n, all other layers of width at least
2.
Source: yun2019, Proposition 3.4, has W = Omega(n) weights; its constants are not known to us.  The sum of all
k_l k_(l+1), quoted elsewhere as a capacity, is not enough: see docs/theory/deep.md.
"""

from proofs_check.position import points_distinct
from proofs_check.reading import Dataset
from proofs_check.theorems._entry import Quantifier, Side, Theorem
from proofs_check.theorems._grids import grid_within


def allows(widths: tuple[int, ...], dataset: Dataset) -> bool:
    """Layers no wider than those of some promised network of as many layers that could not be narrower."""
    pairs, odd = divmod(len(widths), 2)
    if pairs == 0 or (odd and widths[-1] > 2):
        return False
    first, second = max(widths[0 : 2 * pairs : 2]), max(widths[1 : 2 * pairs : 2])
    return grid_within(max(first - 2, 1), max(second - 2, 1), -(-dataset.n_samples // pairs))


THEOREM = Theorem(
    key="yun2019-deep",
    title="the deep network after Yun et al.",
    statement="Any real labels on n distinct points are taken by a network with an output bias and L >= 2 hidden ReLU "
    "layers of alternate widths A and B (a last one without partner has 2), if floor(L/2) floor((A - 1)/2) "
    "floor((B - 2)/2) >= n.",
    cite="yun2019",
    locator="Proposition 3.4, in the form of docs/theory/deep.md",
    family="at least two hidden ReLU layers, hidden biases, output bias",
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
