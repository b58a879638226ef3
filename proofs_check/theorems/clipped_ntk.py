"""Two ReLU neurons a step that act as a clipped derivative: few neurons and a small total weight, as observed.

Network: x -> sum_j v_j relu(<u_j, x>).  relu(a + b) - relu(a - b) - b = sign(a) clip(b, -|a|, |a|) exactly, so that a
symmetric difference whose step is as large as the signal is a derivative neuron of bounded weight.  The greedy steps
lower the error (docs/theory/weights.md); how many are needed, and with what total weight, is measured only.  On random
signs of random unit points, n = 64 to 512, eps = 0.1: 2.1 to 4.5 (n/d) ln(1/eps) neurons and W between 10 and 14
sqrt(n).  At n = 100, d = 10 the first factor is 3.8, 4.6, 5.8 and W/sqrt(n) is 16, 18, 18 for eps = 1e-2, 1e-4, 1e-8:
it grows with log(1/eps), but there is no factor 1/eps.  There is no number here.
The sum of the units is even in x, so that a linear part is needed besides: two points x and -x with labels 1 and -1 are
out of its reach without one, though not out of the reach of networks without biases.
"""

from proofs_check.theorems._entry import Quantifier, Side, Theorem

THEOREM = Theorem(
    key="clipped-ntk",
    title="clipped derivative neurons",
    statement="On random labels of random unit points, greedy steps of two ReLU neurons each, without hidden bias "
    "or output bias, were seen to leave a share eps of the squared labels after a few times (n/d) "
    "log(1/eps) steps, a factor that grows slowly with 1/eps, with a total weight near 15 sqrt(n); this "
    "is observed, not proved.",
    cite=None,
    locator="docs/theory/weights.md; display only",
    family="one hidden ReLU layer, no hidden bias, no output bias",
    activations=("relu",),
    hidden_bias=False,
    output_bias=False,
    quantifier=Quantifier.WITH_PROBABILITY,
    side=Side.UPPER,
    explicit_constants=False,
    hypotheses=(),
    width=None,
    proof="docs/theory/weights.md",
)
