"""Fewer than ceil(n/d) ReLU neurons without any bias fit almost no labels.

Network: x -> sum_j v_j relu(<u_j, x>).  By rescaling each neuron it has k d effective parameters.
Quantifier: fix any points; for all labels outside a set of Lebesgue measure 0 the minimal width is at least ceil(n/d),
if any network fits them at all: without biases f(0) = 0, and f is linear on each ray from 0.
See `param-count` for what "almost every" leaves open.
Hypotheses: none; real labels.
Proof: docs/theory/counting.md.
"""

from proofs_check.theorems._entry import Quantifier, Side, Theorem


def width(n_samples: int, dim: int) -> int:
    """ceil(n/d): the least k with k d >= n."""
    return -(-n_samples // dim)


THEOREM = Theorem(
    key="param-count-no-bias",
    title="parameter counting without any bias",
    statement="For any points and almost every real labelling, no network of fewer than ceil(n/d) ReLU "
    "neurons without any bias takes all labels.",
    cite=None,
    locator="docs/theory/counting.md; folklore",
    family="one hidden ReLU layer, no hidden biases, no output bias",
    activations=("relu",),
    hidden_bias=False,
    output_bias=False,
    quantifier=Quantifier.ALMOST_EVERY_LABELLING,
    side=Side.LOWER,
    explicit_constants=True,
    hypotheses=(),
    width=width,
    proof="docs/theory/counting.md",
)
