"""Any real labels on n distinct points are taken by two hidden ReLU layers of 2p - 1 and 2q neurons, pq >= n.

Network: x -> sum_j v_j relu(<w_j, z> + c_j), z = relu(Ux + b): two hidden layers, no output bias.  With k_1 and k_2 the
widths: floor((k_1 + 1)/2) floor(k_2/2) >= n is enough, so about 4 sqrt(n) neurons.
Quantifier: every data set; hypothesis: the points are distinct.  The labels need not lie in [-1, 1].
Source: yun2019, Theorem 3.1, asks 4 floor(k_1/4) floor(k_2/4) >= n for one output and activations like ReLU, as far as
we know its formulas at second hand; whatever meets that meets ours, and ours is proved in docs/theory/deep.md.  The
formula n <= 4 ceil(k_1/2) ceil(k_2/2), which is also in circulation, cannot be enough: see there.
"""

from proofs_check.position import points_distinct
from proofs_check.reading import Dataset
from proofs_check.theorems._entry import Quantifier, Side, Theorem
from proofs_check.theorems._grids import grid_within


def allows(widths: tuple[int, ...], dataset: Dataset) -> bool:
    """Two layers, neither wider than in some promised network that could not be narrower."""
    return len(widths) == 2 and grid_within(widths[0], widths[1], dataset.n_samples)


THEOREM = Theorem(
    key="yun2019-3layer",
    title="the 3-layer network after Yun et al.",
    statement="Any real labels on n distinct points are taken by a network with two hidden layers of k_1 and k_2 ReLU "
    "neurons without output bias, if floor((k_1 + 1)/2) floor(k_2/2) >= n.",
    cite="yun2019",
    locator="Theorem 3.1, in the form of docs/theory/deep.md",
    family="two hidden ReLU layers, hidden biases, no output bias",
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
