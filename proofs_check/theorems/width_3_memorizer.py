"""Any real labels on n distinct points are taken by a ReLU network with at most three neurons in each hidden layer.

Network: hidden layers of 1, 3, .., 3 neurons, n - 3 of them for n >= 6, 3 for n = 5 and 2 for n <= 4; output bias.
Quantifier: every data set, in every dimension; hypothesis: the points are distinct.
Proof: docs/theory/line_deep.md, the project's own.  No contradiction to the minimal widths of universal approximation,
which grow with the dimension: those are about infinitely many points.  Far fewer layers of width 3 are enough if
weights may be long (park2021mem, Theorem 2).
"""

from proofs_check.position import points_distinct
from proofs_check.reading import Dataset
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def layers(n_samples: int) -> int:
    """Hidden layers that are enough."""
    if n_samples <= 4:
        return 2
    return max(n_samples - 3, 3)


def allows(widths: tuple[int, ...], dataset: Dataset) -> bool:
    """One neuron, then at most three in a layer, and not too many layers."""
    narrow = widths[0] <= 1 and max(widths) <= 3
    return narrow and 2 <= len(widths) <= layers(dataset.n_samples)


def nonzero(widths: tuple[int, ...], dataset: Dataset) -> int:
    """As for any number of layers that share the hinges; see zhang2017_cor1."""
    return dataset.dim + 3 * dataset.n_samples + 2 * (len(widths) - 1) - 4


THEOREM = Theorem(
    key="width-3-memorizer",
    title="the networks of width 3",
    statement="Any real labels on n >= 6 distinct points, in any dimension, are taken by a ReLU network of n - 3 "
    "hidden layers, the first of one neuron and the others of at most three, with an output bias.",
    cite=None,
    locator="docs/theory/line_deep.md",
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
