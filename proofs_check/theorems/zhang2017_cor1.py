"""Any real labels on n distinct points are taken by a ReLU network of m + 1 hidden layers of O(n/m) neurons.

Network: one hidden neuron, then m >= 1 hidden layers of equal width at most ceil((n - 4)/m) + 2 (at least 2) for m >= 2
and n - 1 (at least 1) for m = 1, then an output with a bias; at most d + 3n + 2m - 4 weights and biases are not 0.
Quantifier: every data set; hypothesis: the points are distinct.
Proof: docs/theory/line_deep.md.  The source has depth k, width O(n/k) and O(n + d) weights without constants; the
constants, and the construction, are the project's own.
"""

from proofs_check.position import points_distinct
from proofs_check.reading import Dataset
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def layer_width(n_samples: int, layers: int) -> int:
    """Neurons that are enough in each of the layers after the first."""
    if layers == 1:
        return max(n_samples - 1, 1)
    return max(-((4 - n_samples) // layers), 0) + 2


def allows(widths: tuple[int, ...], dataset: Dataset) -> bool:
    """One neuron, then layers that are not too wide for their number."""
    if len(widths) < 2 or widths[0] > 1:
        return False
    return max(widths[1:]) <= layer_width(dataset.n_samples, len(widths) - 1)


def nonzero(widths: tuple[int, ...], dataset: Dataset) -> int:
    """Three numbers a point, two a layer, and the direction."""
    return dataset.dim + 3 * dataset.n_samples + 2 * (len(widths) - 1) - 4


THEOREM = Theorem(
    key="zhang2017-cor1",
    title="the depth after Corollary 1 of Zhang et al.",
    statement="For every m >= 2, any real labels on n >= 4 distinct points are taken by a ReLU network of one hidden "
    "neuron followed by m hidden layers of at most ceil((n - 4)/m) + 2 neurons, with an output bias and at most "
    "d + 3n + 2m - 4 weights and biases that are not 0 (for m = 1 by one of 1 + (n - 1) neurons).",
    cite="zhang2017",
    locator="Corollary 1; construction and constants are the project's own, docs/theory/line_deep.md",
    family="ReLU networks of at least two hidden layers, hidden biases, output bias",
    activations=("relu",),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=True,
    hypotheses=(points_distinct,),
    width=None,
    allows=allows,
    nonzero=nonzero,
    proof="docs/theory/line_deep.md",
)
