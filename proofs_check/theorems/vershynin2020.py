"""About n log^5 n connections take binary labels on separated points of the sphere, at any depth.

Network: at least three layers of threshold or ReLU units, threshold output; k_1, .., k_L units.  If the connections
behind the first layer, k_1 k_2 + .. + k_(L-1) k_L, number more than a constant times n log^5 n, any binary labels of n
points of the unit sphere are taken, provided that |x_i - x_j|^2 is at least a constant times
log log k_max / log k_min and that n and k_max are at most exp(c k_min^(1/5)).
Quantifier: every data set with these hypotheses.  The constants are not given, so there is no number, and no network is
built: a construction without the constants would prove some other theorem.  Those that are built for the same data and
have explicit sizes are `rajput2021-threshold` and `vardi2022-sqrt`.  The hypotheses are quoted from later papers.
"""

from proofs_check.position import as_in_the_source
from proofs_check.theorems._entry import Quantifier, Side, Theorem

THEOREM = Theorem(
    key="vershynin2020",
    title="Vershynin's n log^5 n connections",
    statement="Threshold and ReLU networks of any depth with more than a constant times n log^5 n connections behind "
    "the first layer take any binary labels of n well separated points of the unit sphere, if n and the largest width "
    "are below exp(c k^(1/5)), k the least width; the constants are not given.",
    cite="vershynin2020",
    locator="Theorem 1.1, as quoted by park2021mem; display only",
    family="hidden threshold or ReLU layers, hidden biases, output bias",
    activations=("threshold", "relu"),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=False,
    hypotheses=(as_in_the_source,),
    width=None,
    proof="vershynin2020, Theorem 1.1",
)
