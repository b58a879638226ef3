"""n distinct points of C classes: hidden ReLU layers of 2p - 1, 2q and C neurons, pq >= n.

Network: three hidden layers, one output, no output bias.  The third layer has one neuron a class, and linear
combinations of its outputs are the indicators of the classes; C is the number of different labels, which may be any
real numbers.
Quantifier: every data set; hypothesis: the points are distinct.
Source: yun2019, Proposition 3.2, asks 4 floor(k_1/4) floor(k_2/4) >= n and k_3 >= 4C, known to us at second hand;
ours is proved in docs/theory/deep.md.
"""

from proofs_check.exact import spell
from proofs_check.position import points_distinct
from proofs_check.reading import Dataset
from proofs_check.theorems._entry import Quantifier, Side, Theorem
from proofs_check.theorems._grids import grid_within


def allows(widths: tuple[int, ...], dataset: Dataset) -> bool:
    """The first two layers as for real labels, the third no wider than there are different labels."""
    if len(widths) != 3 or widths[2] > len(set(map(spell, dataset.labels))):
        return False
    return grid_within(widths[0], widths[1], dataset.n_samples)


THEOREM = Theorem(
    key="yun2019-4layer",
    title="the 4-layer network for classes after Yun et al.",
    statement="The labels of n distinct points that have C different labels are taken by a network with three hidden "
    "layers of k_1, k_2 and C ReLU neurons without output bias, if floor((k_1 + 1)/2) floor(k_2/2) >= n.",
    cite="yun2019",
    locator="Proposition 3.2, in the form of docs/theory/deep.md",
    family="three hidden ReLU layers, hidden biases, no output bias",
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
