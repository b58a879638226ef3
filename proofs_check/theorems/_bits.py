"""Sizes of the networks that read codes bit by bit, for the theorems of this folder; proofs in docs/theory/bits.md."""

from math import isqrt

from proofs_check.position import label_count
from proofs_check.reading import Dataset
from proofs_check.separation import projected_bits


def layers_a_slot(dataset: Dataset) -> int:
    """Number rho + c + 2 of layers that read one point's place and class, compare, and add."""
    return projected_bits(dataset) + (label_count(dataset) - 1).bit_length() + 2


def narrow_depth(n_samples: int, layers: int) -> int:
    """The least of ceil(n / s) + s * layers over the points s a group; s beyond 2 sqrt(n / layers) + 2 is too many."""
    most = min(n_samples, 2 * isqrt(n_samples // layers) + 4)
    return min(-(-n_samples // s) + s * layers for s in range(1, most + 1))


def pieces(n_samples: int, bits: int) -> int:
    """Pieces into which a fold to `bits` bits cuts n points: of p each, with p (n - 1) below 2^bits."""
    return -(-n_samples // max(((1 << bits) - 1) // max(n_samples - 1, 1), 1))


def folded_sizes(n_samples: int, position_bits: int, label_bits: int) -> tuple[int, int]:
    """Units and hidden layers of the network that folds the line, for its best plan.

    The plan is b, at least ceil(log2 n), and e <= b: the least of the units for folds from 2 ceil(log2 n) + 2 bits to b
    bits, 2^(b - e) codes, and 2^e places of c + 2 layers each; ties go to the larger b, then to the smaller e.
    """
    least = (n_samples - 1).bit_length()
    plans, folding = [], 0
    for bits in range(2 * least + 1, least - 1, -1):
        folding += 2 + 4 * pieces(n_samples, bits)
        plans += [
            (folding + (2 << (bits - place)) + 7 * (label_bits + 2) * (1 << place), -bits, place)
            for place in range(bits + 1)
        ]
    _, negated, place = min(plans)
    folds = range(-negated, position_bits)
    few = range(-negated, min(position_bits, 2 * least + 1))  # from there on there is one piece
    units = sum(2 + 4 * pieces(n_samples, bits) for bits in few) + 6 * (len(folds) - len(few))
    units += (2 << (-negated - place)) + 4 + 7 * (label_bits + 2) * (1 << place)
    return units, 3 + 2 * len(folds) + (label_bits + 2) * (1 << place)
