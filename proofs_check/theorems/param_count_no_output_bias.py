"""Fewer than ceil(n/(d + 1)) ReLU neurons without output bias fit almost no labels.

Network: x -> sum_j v_j relu(<u_j, x> + b_j).  By rescaling each neuron it has k (d + 1) effective parameters.
Quantifier: fix any points; for all labels outside a set of Lebesgue measure 0 the minimal width is at least
ceil(n/(d + 1)).  See `param-count` for what "almost every" leaves open.
Hypotheses: none; real labels.
Proof: docs/theory/counting.md.
"""

from proofs_check.theorems._entry import Quantifier, Side, Theorem


def width(n_samples: int, dim: int) -> int:
    """ceil(n/(d + 1)): the least k with k (d + 1) >= n."""
    return -(-n_samples // (dim + 1))


THEOREM = Theorem(
    key="param-count-no-output-bias",
    title="parameter counting without output bias",
    statement="For any points and almost every real labelling, no network of fewer than ceil(n/(d + 1)) ReLU "
    "neurons without output bias takes all labels.",
    cite=None,
    locator="docs/theory/counting.md; folklore",
    family="one hidden ReLU layer, hidden biases, no output bias",
    activations=("relu",),
    hidden_bias=True,
    output_bias=False,
    quantifier=Quantifier.ALMOST_EVERY_LABELLING,
    side=Side.LOWER,
    explicit_constants=True,
    hypotheses=(),
    width=width,
    proof="docs/theory/counting.md",
)
