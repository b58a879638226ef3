"""Width W and depth L with W^2 L^2 = O(n log(1 / delta)) suffice for classes on separated points of the unit ball.

Network: ReLU, width W, depth L.  Quantifier: every data set of n points of the unit ball at distances of at least
delta, with labels in classes.  The constants are not given, so there is no number here; `vardi2022-sqrt` is explicit
and has W = 7 and L about 2 sqrt(n (rho + c + 2)), the same up to log n, log d and log C inside the root.
Found wrong: of the lower bound the abstract has two versions.  The listing says W^2 L^2 = Omega(n log(1 / delta)); the
text says Omega(n / log(1 / delta)).  As a statement about all (W, L) the first is refuted by `yun2019-3layer`: two
hidden layers of about 2 sqrt(n) units take any labels on any distinct points, so W^2 L^2 = O(n) whatever
delta is.  The second follows from the VC dimension of networks of p = O(W^2 L) weights,
O(p L log p), only for 1 / delta polynomial in n, and is all that may be used.
"""

from proofs_check.theorems._entry import Quantifier, Side, Theorem

THEOREM = Theorem(
    key="yang2026-width-depth",
    title="the trade of width for depth of Yang and Yang",
    statement="ReLU networks of width W and depth L with W^2 L^2 at least a constant times n log(1 / delta) take any "
    "labels in classes on n points of the unit ball at distances of at least delta; the constants are not given, and "
    "the lower bound W^2 L^2 = Omega(n log(1 / delta)) of the listing is false.",
    cite="yang2026",
    locator="abstract; display only",
    family="hidden ReLU layers, hidden biases, output bias",
    activations=("relu",),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=False,
    hypotheses=(),
    width=None,
    proof="yang2026",
)
