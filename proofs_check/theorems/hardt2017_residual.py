"""Points that keep out of each other's way, C different labels: residual ReLU blocks of n hidden nodes, and one of C.

Network: h_0 = Ax + a, h <- h + V relu(Uh + s) for blocks of any sizes with n hidden nodes in all and one of C at the
end, output <w, h>, no output bias.
Quantifier: every data set; hypothesis: <x_i, x_j> < <x_i, x_i> for all i != j, which distinct points of equal length
have.  The stream has max(d, 2) + 1 numbers.
Source: hardt2017, Theorem 3.2: for unit vectors at distance at least rho and C classes, blocks of k = O(log n / rho^2)
nodes on a stream of k numbers, O(n log n + C^2) parameters, the constants partly hidden.  What was found wrong there
and what is proved here: docs/theory/deep.md.
"""

from proofs_check.directions import apart
from proofs_check.exact import spell
from proofs_check.reading import Dataset
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def allows(widths: tuple[int, ...], dataset: Dataset) -> bool:
    """At least two blocks: the last no wider than there are different labels, the others of at most n nodes in all."""
    if len(widths) < 2 or widths[-1] > len(set(map(spell, dataset.labels))):
        return False
    return sum(widths[:-1]) <= dataset.n_samples


THEOREM = Theorem(
    key="hardt2017-residual",
    title="the residual network after Hardt and Ma",
    statement="The labels of n points with <x_i, x_j> < <x_i, x_i> for all i != j, such as distinct unit vectors, are "
    "taken by residual ReLU blocks of any sizes with n hidden nodes in all, followed by one block of as many nodes as "
    "there are different labels.",
    cite="hardt2017",
    locator="Theorem 3.2, in the form of docs/theory/deep.md",
    family="residual ReLU networks, hidden biases, no output bias",
    activations=("relu",),
    hidden_bias=True,
    output_bias=False,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=True,
    hypotheses=(apart,),
    width=None,
    proof="docs/theory/deep.md",
    allows=allows,
    residual=True,
)
