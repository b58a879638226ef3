"""When points may be exponentially close to each other, a ReLU network of any depth needs of the order of n parameters.

Network: ReLU, any depth.  Quantifier: for delta <= exp(-c n), some n points of the unit ball at distances of at least
delta, and some labels.  The constants are not given, so there is no number here.  It agrees with `vardi2022-sqrt`: with
delta = 2^-n the places of the points have rho >= n bits, and its depth 2 sqrt(n (rho + c + 2)) is above 2 n.
Hypotheses: none.
"""

from proofs_check.theorems._entry import Quantifier, Side, Theorem

THEOREM = Theorem(
    key="siegel2023-separation",
    title="Siegel's lower bound for irregularly spaced points",
    statement="ReLU networks of any depth need at least a constant times n parameters to take some labels on some n "
    "points of the unit ball whose distances are exponentially small in n; the constants are not given.",
    cite="siegel2023",
    locator="abstract; display only",
    family="hidden ReLU layers, hidden biases, output bias",
    activations=("relu",),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.SOME_DATASET,
    side=Side.LOWER,
    explicit_constants=False,
    hypotheses=(),
    width=None,
    proof="siegel2023",
)
