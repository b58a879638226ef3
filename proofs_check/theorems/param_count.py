"""Fewer than ceil((n - 1)/(d + 1)) ReLU neurons with an output bias fit almost no labels.

Network: x -> c + sum_j v_j relu(<u_j, x> + b_j).  By rescaling each neuron it has k (d + 1) + 1 effective parameters.
Quantifier: fix any points; for all labels outside a set of Lebesgue measure 0 the minimal width is at least
ceil((n - 1)/(d + 1)).  Labels such as integers or classes may be exceptional: a network below the bound is then
no contradiction, and class labels on separated points are known to need far fewer parameters in deep networks.
Hypotheses: none; real labels.
Proof: docs/theory/counting.md (for fixed activation sets the outputs are linear in those parameters, and finitely
many subspaces of dimension below n have measure 0).
"""

from proofs_check.theorems._entry import Quantifier, Side, Theorem


def width(n_samples: int, dim: int) -> int:
    """ceil((n - 1)/(d + 1)): the least k with k (d + 1) + 1 >= n."""
    return -((1 - n_samples) // (dim + 1))


THEOREM = Theorem(
    key="param-count",
    title="parameter counting",
    statement="For any points and almost every real labelling, no network of fewer than ceil((n - 1)/(d + 1)) ReLU "
    "neurons with an output bias takes all labels.",
    cite=None,
    locator="docs/theory/counting.md; folklore",
    family="one hidden ReLU layer, hidden biases, output bias",
    activations=("relu",),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.ALMOST_EVERY_LABELLING,
    side=Side.LOWER,
    explicit_constants=True,
    hypotheses=(),
    width=width,
    proof="docs/theory/counting.md",
)
