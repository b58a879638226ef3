"""To take every labelling of every set of n points in general position, (n - 1)/2 parameters are not too many.

The source: certain classes of functions with p parameters (analytic alone is not enough) do not shatter all sets of
2p + 2 points.  For piecewise analytic functions, such as ReLU networks, its abstract promises a slightly weaker result
whose constants are not known to us.  So there is no number here: the entry is for display, and bounds nothing.
Quantifier: some points and some labels of them.
Hypotheses: none.
"""

from proofs_check.theorems._entry import Quantifier, Side, Theorem

THEOREM = Theorem(
    key="sontag1997",
    title="Sontag's (n - 1)/2 parameters",
    statement="Networks of certain analytic classes with p parameters take every labelling by signs of every n points "
    "in general position only if p >= (n - 1)/2; for piecewise analytic ones, such as ReLU networks, the source "
    "promises a slightly weaker bound, whose constants are not given here.",
    cite="sontag1997",
    locator="title and abstract; display only",
    family="one hidden ReLU layer, hidden biases, output bias",
    activations=("relu",),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.SOME_DATASET,
    side=Side.LOWER,
    explicit_constants=False,
    hypotheses=(),
    width=None,
    proof="sontag1997",
)
