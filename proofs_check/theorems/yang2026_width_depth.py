"""W^2 L^2 = O(n log(1 / delta)), W and L not too small, is enough for classes on separated points of the unit ball.

Network: ReLU, width W, depth L.  Quantifier: every data set of n points of the unit ball at distances of at least
delta, with labels in classes.  The constants are not given, so there is no number here; `vardi2022-sqrt` is explicit
and has W = 7 and L about 2 sqrt(n (rho + c + 2)), the same up to log n, log d and log C inside the root.
Found wrong: of the lower bound the abstract has two versions.  The listing says W^2 L^2 = Omega(n log(1 / delta)); the
text says Omega(n / log(1 / delta)).  As a statement about all (W, L) the first is refuted by `yun2019-3layer`: two
hidden layers of about 2 sqrt(n) units take any labels on any distinct points, so W^2 L^2 = O(n) whatever
delta is.  The second follows from the VC dimension of networks of p = O(W^2 L) weights,
O(p L log p), for a fixed dimension and 1 / delta at least polynomial in n, and is all that may be used: in
dimension n one unit takes any labels >= 0 of e_1 / 2, .., e_n / 2.  Nor can the upper bound hold for all
(W, L): W = 1 does not take 0, 1, 0 on a line at any depth, and L = 1 needs n - 2 units there (`yun2019-necessity`).
"""

from proofs_check.position import as_in_the_source
from proofs_check.theorems._entry import Quantifier, Side, Theorem

THEOREM = Theorem(
    key="yang2026-width-depth",
    title="the trade of width for depth of Yang and Yang",
    statement="Some ReLU networks of width W and depth L with W^2 L^2 of order n log(1 / delta), W and L not too "
    "small, take any labels in classes on n points of the unit ball at distances of at least delta; how small, and the "
    "constants, are not given, and the lower bound W^2 L^2 = Omega(n log(1 / delta)) of the listing is false.",
    cite="yang2026",
    locator="abstract; display only",
    family="hidden ReLU layers, hidden biases, output bias",
    activations=("relu",),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=False,
    hypotheses=(as_in_the_source,),
    width=None,
    proof="yang2026",
)
