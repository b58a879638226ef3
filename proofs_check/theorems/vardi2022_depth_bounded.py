"""The same as `vardi2022-sqrt` at a depth of about L, with O(n (rho + c) / L + L + d) weights that are not 0.

Network: for a number L, at most 1 + 2 S + max(rho + c + 2, floor(L / 2)) hidden ReLU layers, S = max(1, floor(L / 4)),
of which at most S are wider than 7, and these have at most 2 + 2 ceil((G - 1) / S) units: G = ceil(n / s) groups of
s = max(1, floor(L / (2 (rho + c + 2)))) points.  rho and c are as in `vardi2022-sqrt`.
Quantifier: every data set, every L >= 1; hypothesis: the points are distinct.
Proof: docs/theory/bits.md.  The source says O~(n / L) parameters for 1 <= L <= sqrt(n).  With L < 2 (rho + c + 2) there
is one point a group and the depth is above rho + c + 2 whatever L is, so for small L nothing is gained.  The layers of
width 2 between the wide ones keep the number of all weights, zeros too, proportional to the width.
"""

from proofs_check.position import points_distinct
from proofs_check.reading import Dataset
from proofs_check.theorems._bits import layers_a_slot
from proofs_check.theorems._entry import Quantifier, Side, Theorem

NARROW = 7


def allows(widths: tuple[int, ...], dataset: Dataset) -> bool:
    """Whether some L permits these widths.

    Depth and number of wide layers grow with L and the greatest width falls, so the least L that has enough layers of
    both kinds decides.

    Raises:
        OverBudget: the least distance of the points is too much work.
    """
    layers, wide = layers_a_slot(dataset), sum(width > NARROW for width in widths)
    low, high = 1, 4 * len(widths)  # the last has 1 + 2 len(widths) layers, and len(widths) wide ones
    while low < high:
        middle = (low + high) // 2
        enough = depth(middle, layers) >= len(widths) and selectors(middle) >= wide
        low, high = (low, middle) if enough else (middle + 1, high)
    return max(widths) <= widest(low, layers, dataset.n_samples)


def selectors(bound: int) -> int:
    """Layers that may be wide, for L = bound."""
    return max(1, bound // 4)


def depth(bound: int, layers: int) -> int:
    """Hidden layers for L = bound."""
    return 1 + 2 * selectors(bound) + max(layers, bound // 2)


def widest(bound: int, layers: int, n_samples: int) -> int:
    """Units of the widest layer for L = bound."""
    slots = max(1, bound // (2 * layers))
    groups = -(-n_samples // slots)
    return max(NARROW, 2 + 2 * -(-(groups - 1) // selectors(bound)))


THEOREM = Theorem(
    key="vardi2022-depth-bounded",
    title="the bit-reading network of bounded depth after Vardi, Yehudai and Shamir",
    statement="Any labels in classes on n distinct points are taken, for every L >= 1, by a ReLU network with at most "
    "1 + 2 S + max(rho + c + 2, floor(L / 2)) hidden layers, S = max(1, floor(L / 4)), all but S of them of width at "
    "most 7, those of width at most 2 + 2 ceil((ceil(n / s) - 1) / S), s = max(1, floor(L / (2 (rho + c + 2)))).",
    cite="vardi2022",
    locator="abstract, with the constants of docs/theory/bits.md",
    family="hidden ReLU layers, hidden biases, output bias",
    activations=("relu",),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=True,
    hypotheses=(points_distinct,),
    width=None,
    proof="docs/theory/bits.md",
    allows=allows,
)
