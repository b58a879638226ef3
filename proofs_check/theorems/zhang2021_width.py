"""Any labels on n points, under hypotheses not known here, are taken by one hidden layer of 2n/d smooth neurons.

Network: one hidden layer.  Read from the abstract only, so there is no bound here: which biases are counted, and for
which activations and points, is not known to us.  It cannot be all points: on the line through (1, .., 1) in dimension
8 one neuron of a monotone activation does not take the labels 0, 1, 0, 1 of four points.  madden2024-jacobian gives
2 ceil(n/(d + 1)) neurons with hidden biases.
Proof: zhang2021.
"""

from proofs_check.position import as_in_the_source
from proofs_check.theorems._entry import Quantifier, Side, Theorem

THEOREM = Theorem(
    key="zhang2021-2n-over-d",
    title="the width of Zhang et al. 2021",
    statement="Under the source's hypotheses, one hidden layer of width at least 2n/d with a smooth activation has "
    "parameters that take the labels of n points; only the abstract was read, so no bound is used here, and it is not "
    "true of every n points.",
    cite="zhang2021",
    locator="abstract; display only",
    family="one hidden tanh, erf or GELU layer, hidden biases, output bias",
    activations=("tanh", "erf", "gelu"),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=False,
    hypotheses=(as_in_the_source,),
    width=None,
    proof="zhang2021",
)
