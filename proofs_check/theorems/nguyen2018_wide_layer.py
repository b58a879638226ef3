"""Any real labels on n distinct points: hidden ReLU layers of any widths and a last one of n - 1 neurons.

Network: L >= 1 hidden layers, output bias.  For an open set of parameters the n - 1 outputs of the last hidden layer
and the constant are linearly independent on the points, so that an output layer is found by solving a linear system.
Quantifier: every data set; hypothesis: the points are distinct.
Source: nguyen2018, for convolutional networks with a layer wider than there are samples and almost all parameters of
analytic activations.  For ReLU it is an open set, not almost all: one neuron that is 0 at every point, which has
positive probability, costs the rank.  Proof, and the convolutional form: docs/theory/deep.md.
"""

from proofs_check.position import points_distinct
from proofs_check.reading import Dataset
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def allows(widths: tuple[int, ...], dataset: Dataset) -> bool:
    """A last hidden layer of at most n - 1 neurons, one if n = 1; the layers before it may have any widths."""
    return len(widths) > 0 and widths[-1] <= max(dataset.n_samples - 1, 1)


THEOREM = Theorem(
    key="nguyen2018-wide-layer",
    title="the wide layer of Nguyen and Hein",
    statement="Any real labels on n distinct points are taken by a network with an output bias whose hidden ReLU "
    "layers have any widths and the last one n - 1 (one, if n = 1); so they are with any hidden layers from some open "
    "set of parameters.",
    cite="nguyen2018",
    locator="the fully connected form of docs/theory/deep.md",
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
