"""Classes on n distinct points are taken by O(log D + log d + n^(2/3) log C) ReLU units: fold the line, then look up.

Network: hidden ReLU layers, all biases; units in all and hidden layers at most `folded_sizes`.  With rho and c as in
`vardi2022-sqrt`: for the folds, sum over b <= j < rho of (2 + 4 ceil(n / floor((2^j - 1) / (n - 1)))) units and two
layers each; 2^(b - e) codes of two units; 7 (c + 2) units in c + 2 layers for each of 2^e places; the best b and e.
Quantifier: every data set; hypothesis: the points are distinct.
Proof: docs/theory/bits.md.  The source has O(n^(2/3) log C + log d + log D) parameters (Theorem 1 with w = 2/3).
Found wrong: as printed, equations (5) and (8) have the coefficient b_i - (b_1 + .. + b_(i-1)) where the partial sums
must telescope to b_i, so b_i - b_(i-1).  Its steps need slopes 1 / (least distance of a value to a step); here one
shift of the line leaves at least 1 / (4 n) below every integer, for all steps.
"""

from proofs_check.position import label_count, points_distinct
from proofs_check.reading import Dataset
from proofs_check.separation import projected_bits
from proofs_check.theorems._bits import folded_sizes
from proofs_check.theorems._entry import Quantifier, Side, Theorem


def allows(widths: tuple[int, ...], dataset: Dataset) -> bool:
    """At most so many units in all, in at most so many layers.

    Raises:
        OverBudget: the least distance of the points is too much work.
    """
    label_bits = (label_count(dataset) - 1).bit_length()
    units, layers = folded_sizes(dataset.n_samples, projected_bits(dataset), label_bits)
    return sum(widths) <= units and len(widths) <= layers


THEOREM = Theorem(
    key="park2021-two-thirds",
    title="the n^(2/3) network after Park et al.",
    statement="Any labels in C classes on n distinct points are taken by a ReLU network of O(log d + log D + "
    "n^(2/3) log C) units, here, for n >= 2, at most sum over b <= j < rho of (2 + 4 ceil(n / floor((2^j "
    "- 1) / (n - 1)))) + 4 + 2^(b - e + 1) + 7 (c + 2) 2^e for the best b >= log2 n and e, in 3 + 2 "
    "max(rho - b, 0) + (c + 2) 2^e layers.",
    cite="park2021mem",
    locator="Theorem 1, with the constants of docs/theory/bits.md",
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
