"""Alternating labels on a moment curve need ceil((n - 1)/d) threshold neurons, whatever follows the first layer.

Network: x -> c + sum_j v_j step(<u_j, x> + b_j); the argument is about the first layer only.
Quantifier: in every dimension and for every n there is one data set, n points of the curve t -> (t, t^2, ..., t^d) with
labels 1, -1, 1, ..; nothing follows for other data.
Hypotheses: none.

Proof.  Points with equal first-layer outputs have equal values, so each of the n - 1 consecutive pairs is told apart by
some neuron j: <u_j, x> + b_j >= 0 at one of the two and < 0 at the other.  Raising b_j a little makes it > 0 where it
was 0 and changes no sign < 0 at the n points.  Then the polynomial t -> <u_j, (t, .., t^d)> + b_j, which is not the
zero polynomial, has a root strictly between the two parameters.  It has at most d roots, and different pairs have
different roots, so k neurons tell at most k d pairs apart: k d >= n - 1.  By `sakurai1992-threshold` as many suffice.
"""

from proofs_check.theorems._entry import Quantifier, Side, Theorem


def width(n_samples: int, dim: int) -> int:
    """ceil((n - 1)/d)."""
    return -((1 - n_samples) // dim)


THEOREM = Theorem(
    key="threshold-alternation",
    title="alternating labels on a moment curve",
    statement="For every n and d there are n points and labels (points of a moment curve, labels alternately 1 and -1) "
    "that no network of fewer than ceil((n - 1)/d) threshold neurons takes.",
    cite=None,
    locator="docs/theory/counting.md; such labels are announced in the abstract of baum1988",
    family="one hidden threshold layer, hidden biases, output bias",
    activations=("threshold",),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.SOME_DATASET,
    side=Side.LOWER,
    explicit_constants=True,
    hypotheses=(),
    width=width,
    proof="proofs_check/theorems/threshold_alternation.py",
)
