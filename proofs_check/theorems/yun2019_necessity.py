"""Some n distinct points have labels that need hidden ReLU layers with (k_1 + 1)(k_2 + 1) .. (k_L + 1) >= n - 1.

Network: L hidden layers of any widths, one output.  For one hidden layer that is k >= n - 2.
Quantifier: in every dimension and for every n there is one data set, equally spaced points of a line with labels 0,
1, 0, 1, ..; nothing follows for other data, such as points in general position.
Hypotheses: none.
Source: yun2019, Theorem 3.3: k_1 + 2 >= n for one hidden layer and 2 k_1 k_2 + k_2 + 2 >= n for two.  The product is
never less demanding, and is so of any depth.

Proof.  On the line the outputs of the first l layers are piecewise linear with at most K_l knots in common, K_0 =
0.  On each of the K_(l-1) + 1 pieces a neuron of layer l is relu of an affine function, which adds at most one knot;
so K_l + 1 <= K_(l-1) + k_l (K_(l-1) + 1) + 1 = (k_l + 1)(K_(l-1) + 1), and the output has at most (k_1 + 1) .. (k_L +
1) - 1 knots.  Of three neighbouring points the middle one lies strictly above or below the chord, so there is a knot
between the outer two with a downward or an upward bend; triples of the same kind do not overlap, so n - 2 knots are
needed.
"""

import math

from proofs_check.theorems._entry import Quantifier, Side, Theorem


def width(n_samples: int, dim: int) -> int:
    """The least k for one hidden layer, n - 2, whatever the dimension."""
    return max(n_samples - 2, 0)


def most_points(widths: tuple[int, ...]) -> int:
    """The n up to which the product form lets these hidden layers take every labelling of n distinct points."""
    return math.prod(k + 1 for k in widths) + 1


THEOREM = Theorem(
    key="yun2019-necessity",
    title="what some distinct points force",
    statement="For every n there are n points of a line and labels that no ReLU network with hidden layers of widths "
    "k_1, .., k_L with (k_1 + 1) .. (k_L + 1) < n - 1 takes; with one hidden layer, none of fewer than n - 2 neurons.",
    cite="yun2019",
    locator="Theorem 3.3, sharpened in proofs_check/theorems/yun2019_necessity.py",
    family="hidden ReLU layers, hidden biases, output bias",
    activations=("relu",),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.SOME_DATASET,
    side=Side.LOWER,
    explicit_constants=True,
    hypotheses=(),
    width=width,
    proof="proofs_check/theorems/yun2019_necessity.py",
)
