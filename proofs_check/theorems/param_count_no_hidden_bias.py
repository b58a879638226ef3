"""Fewer than ceil((n - 1)/d) ReLU neurons without hidden biases, with an output bias, fit almost no labels.

Network: x -> c + sum_j v_j relu(<u_j, x>).  By rescaling each neuron it has k d + 1 effective parameters.
Quantifier: fix any points; for all labels outside a set of Lebesgue measure 0 the minimal width is at least
ceil((n - 1)/d), if any network fits them at all.  See `param-count` for what "almost every" leaves open.
Hypotheses: none; real labels.
Proof: docs/theory/counting.md.
"""

from proofs_check.theorems._entry import Quantifier, Side, Theorem


def width(n_samples: int, dim: int) -> int:
    """ceil((n - 1)/d): the least k with k d + 1 >= n."""
    return -((1 - n_samples) // dim)


THEOREM = Theorem(
    key="param-count-no-hidden-bias",
    title="parameter counting without hidden biases",
    statement="For any points and almost every real labelling, no network of fewer than ceil((n - 1)/d) ReLU "
    "neurons without hidden biases, with an output bias, takes all labels.",
    cite=None,
    locator="docs/theory/counting.md; folklore",
    family="one hidden ReLU layer, no hidden biases, output bias",
    activations=("relu",),
    hidden_bias=False,
    output_bias=True,
    quantifier=Quantifier.ALMOST_EVERY_LABELLING,
    side=Side.LOWER,
    explicit_constants=True,
    hypotheses=(),
    width=width,
    proof="docs/theory/counting.md",
)
