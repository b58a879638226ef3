"""Up to a share eps of the sum of squared labels, with a total weight that is optimal up to logarithms.

Network: x -> sum_j v_j relu(<u_j, x>), of total weight W = sum_j |v_j| |u_j|.
Quantifier: every data set of unit points that are well spread; the abstract of the source promises
O((n/d) log(1/eps) / eps) neurons of nearly the least total weight, W of order sqrt(n) up to logarithms.  Its constants
and its exact hypotheses are not known to us, so there is no number here: the construction is built and measured, and
what it is made of is proved in docs/theory/weights.md: the recombination of the angles of a plane, whose neurons act as
derivatives without division by a small step, and that its features have a definite Gram matrix.
"""

from proofs_check.position import as_in_the_source
from proofs_check.theorems._entry import Quantifier, Side, Theorem

THEOREM = Theorem(
    key="bubeck2020-harmonic",
    title="complex recombination by Bubeck et al.",
    statement="Labels of n well spread unit points are taken up to a share eps of their squares by a network of "
    "O((n/d) log(1/eps)/eps) ReLU neurons without hidden bias or output bias whose total weight is within logarithms "
    "of the least possible, of order sqrt(n) for labels of size 1; the constants are not given here.",
    cite="bubeck2020",
    locator="abstract; display only",
    family="one hidden ReLU layer, no hidden bias, no output bias",
    activations=("relu",),
    hidden_bias=False,
    output_bias=False,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=False,
    hypotheses=(as_in_the_source,),
    width=None,
    proof="bubeck2020",
)
