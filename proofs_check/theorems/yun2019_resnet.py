"""Any real labels on n points in general position: residual ReLU blocks of 2 ceil(n/(d + 1)) - 2 hidden nodes in all.

Network: h_0 = Ax + a in R^(d + 1), h <- h + V relu(Uh + s) for blocks of any sizes, output <w, h>, no output
bias.  With n = q(d + 1) + r there are 2q - 2 + min(2, r) hidden nodes, one if q = 0 or that is 0 (a block has at least
one).
Quantifier: every data set; hypothesis: affine general position.
Source: yun2019, Theorem 4.1 and Corollary 4.2, have about 4n/d + 6C hidden nodes for C classes on a stream of d
numbers, known to us at second hand.  Ours spends one more number of the stream and half the nodes:
docs/theory/deep.md.
"""

from proofs_check.position import affine_general_position
from proofs_check.reading import Dataset
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def nodes(n_samples: int, dim: int) -> int:
    """2q - 2 + min(2, r) for n = q(d + 1) + r, at least 1."""
    q, r = divmod(n_samples, dim + 1)
    return max(2 * q - 2 + min(2, r), 1) if q else 1


def allows(widths: tuple[int, ...], dataset: Dataset) -> bool:
    """No more nodes in all, however they are spread."""
    return len(widths) > 0 and sum(widths) <= nodes(dataset.n_samples, dataset.dim)


THEOREM = Theorem(
    key="yun2019-resnet",
    title="the residual network after Yun et al.",
    statement="Any real labels on n = q(d + 1) + r points in general position (0 <= r <= d) are taken by residual ReLU "
    "blocks of any sizes with 2q - 2 + min(2, r) hidden nodes in all (one, if q = 0 or that is 0) on a stream of d + 1 "
    "numbers.",
    cite="yun2019",
    locator="Theorem 4.1, in the form of docs/theory/deep.md",
    family="residual ReLU networks, hidden biases, no output bias",
    activations=("relu",),
    hidden_bias=True,
    output_bias=False,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=True,
    hypotheses=(affine_general_position,),
    width=None,
    proof="docs/theory/deep.md",
    allows=allows,
    residual=True,
)
