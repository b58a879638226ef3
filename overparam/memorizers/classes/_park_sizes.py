"""How far to fold the line, and how many points share a code: the plan of the n^(2/3) network, from n and c alone."""

import math


def pieces(n_samples: int, bits: int) -> int:
    """Into how many pieces the upper half of [0, 2^(bits + 1)) is cut, so that each can be shifted past all others.

    A piece of p points meets at most p (n - 1) bad shifts of the 2^bits, so p is the largest number below that.
    """
    return -(-n_samples // max(((1 << bits) - 1) // max(n_samples - 1, 1), 1))


def plan(n_samples: int, label_bits: int) -> tuple[int, int]:
    """Bits of the folded line, and of the places that share a code, for the fewest units.

    Folding to b bits costs 2 + 4 pieces; the rest 2 units for each code and 7 (c + 2) for each place of a code.
    """
    least = (n_samples - 1).bit_length()
    most = 2 * least + 1  # from there on there is one piece, and folding is nearly free
    best, folding = (math.inf, 0, 0), 0
    for bits in range(most, least - 1, -1):
        folding += 2 + 4 * pieces(n_samples, bits)
        for place in range(bits + 1):
            units = folding + (2 << (bits - place)) + 7 * (label_bits + 2) * (1 << place)
            if units < best[0]:
                best = units, bits, place
    return best[1], best[2]
