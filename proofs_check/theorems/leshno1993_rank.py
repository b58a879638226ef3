"""Any real labels on n distinct points are taken by n neurons of any continuous activation that is no polynomial.

Network: x -> sum_j v_j a(<w_j, x> + b_j), no output bias; for an analytic activation almost every draw of the w_j, b_j
will do.
Quantifier: every data set; hypothesis: the points are distinct.
Proof: docs/theory/smooth.md, section 2, the finite form of the source's theorem on density.  "Not a polynomial" is not
necessary for finitely many points: see pinkus1999-polynomials.
"""

from proofs_check.position import points_distinct
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def width(n_samples: int, dim: int) -> int:
    """n, whatever the dimension."""
    return n_samples


THEOREM = Theorem(
    key="leshno1993-rank",
    title="the finite form of the theorem of Leshno et al.",
    statement="Any real labels on n distinct points are taken by a network of n neurons without output bias, whose "
    "activation is any continuous function that is no polynomial.",
    cite="leshno1993",
    locator="the density theorem, for finitely many points; docs/theory/smooth.md, section 2",
    family="one hidden tanh, erf, GELU or ReLU layer, hidden biases, no output bias",
    activations=("tanh", "erf", "gelu", "relu"),
    hidden_bias=True,
    output_bias=False,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=True,
    hypotheses=(points_distinct,),
    width=width,
    proof="docs/theory/smooth.md",
)
