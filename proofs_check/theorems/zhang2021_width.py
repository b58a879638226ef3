"""Any labels on almost every n points are taken by one hidden layer of at least 2n/d smooth neurons.

Network: one hidden layer.  Read from the abstract only, so there is no bound here: which biases are counted, and for
which activations, is not known to us.  madden2024-jacobian gives 2 ceil(n/(d + 1)) neurons with hidden biases.
Proof: zhang2021.
"""

from proofs_check.theorems._entry import Quantifier, Side, Theorem

THEOREM = Theorem(
    key="zhang2021-2n-over-d",
    title="the width of Zhang et al. 2021",
    statement="For almost every n points, one hidden layer of width at least 2n/d with a smooth activation has "
    "parameters that take the labels; read from the abstract, so no bound is used here.",
    cite="zhang2021",
    locator="abstract; display only",
    family="one hidden tanh, erf or GELU layer, hidden biases, output bias",
    activations=("tanh", "erf", "gelu"),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=False,
    hypotheses=(),
    width=None,
    proof="zhang2021",
)
