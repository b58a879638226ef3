"""Polynomial activations of degree m take all labellings of n points only if binom(d + m, m) >= n, at any width.

Network: one hidden layer of any width, activation a polynomial of degree at most m.
Quantifier: every data set with binom(d + m, m) < n has labellings that no such network takes; for a given data set the
condition is rank V_m = n, V_m the values of the monomials of degree at most m.
Proof: docs/theory/smooth.md, section 2; the kind `not-polynomial` certifies one labelling of one data set.  There is no
width, since none is enough, and polynomial activations are no family of this checker: display only.
"""

from proofs_check.theorems._entry import Quantifier, Side, Theorem

THEOREM = Theorem(
    key="pinkus1999-polynomials",
    title="polynomial activations",
    statement="If binom(d + m, m) < n, some labels on any n points are taken by no network with one hidden layer, "
    "of any width, whose activation is a polynomial of degree at most m.",
    cite="pinkus1999",
    locator="the density theorem, for finitely many points; docs/theory/smooth.md, section 2",
    family="one hidden layer of a polynomial activation, hidden biases, output bias",
    activations=("polynomial",),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.SOME_LABELLING,
    side=Side.LOWER,
    explicit_constants=False,
    hypotheses=(),
    width=None,
    proof="docs/theory/smooth.md",
)
