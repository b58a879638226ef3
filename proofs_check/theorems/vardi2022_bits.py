"""In one architecture, p numbers of at most B bits take all binary labellings of n points only if p B >= n.

Network: any family that p numbers describe, each of which has at most 2^B values.  There are at most 2^(p B) networks,
each of which takes one labelling of the given points.
Quantifier: for every n points, some labelling; nothing follows for a single labelling, which may be all zeros.
Hypotheses: none.  There is no width here: the entry is for display.  With p about sqrt(n), B is at least sqrt(n), which
the bit-reading networks of `vardi2022-sqrt` need: their long weights cannot be avoided, only shared out.
"""

from proofs_check.theorems._entry import Quantifier, Side, Theorem

THEOREM = Theorem(
    key="vardi2022-bits",
    title="bits are necessary",
    statement="A family of networks given by p numbers of at most 2^B possible values each takes all labellings of "
    "some n points by two classes only if p B >= n, whatever the architecture.",
    cite="vardi2022",
    locator="abstract; counting, in docs/theory/bits.md",
    family="any fixed architecture, hidden biases, output bias",
    activations=("relu", "threshold"),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.SOME_LABELLING,
    side=Side.LOWER,
    explicit_constants=False,
    hypotheses=(),
    width=None,
    proof="docs/theory/bits.md",
)
