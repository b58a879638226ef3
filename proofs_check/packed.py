"""Products of integer matrices, a row at a time: a row packed into one long Python integer multiplies at C speed.

The numbers c_0, c_1, .. are packed as c_0 + c_1 2^w + c_2 2^(2w) + ..  A number times a packed row is the packed row of
products, and sums of packed rows are packed sums, as long as every entry keeps below 2^(w - 1) in absolute value.

Slots must hold the products, so packing wastes digits where the multipliers are long, and it takes time by itself
where each row is used once or twice.  Then the numbers are multiplied one by one.
"""

from itertools import repeat
from operator import add, mul
from struct import iter_unpack

from proofs_check.budget import Budget, product_cost

_DOING = "multiplying matrices"
_MOVING = 200  # units for putting a number into a slot, or for taking one out

Rows = list[list[int]]


def product(left: Rows, right: Rows, budget: Budget) -> Rows:
    """Left @ right, exactly; the rows of `left` are the multipliers, those of `right` the packed side.

    Args:
        left: n rows of m integers; zeros cost nothing.
        right: m rows of equally many integers.
    Raises:
        OverBudget: the numbers are too long.
    """
    columns = len(right[0]) if right else 0
    lengths = [longest(row) for row in right]
    width = _slot(max(map(longest, left), default=0) + max(lengths, default=0) + len(right).bit_length())
    used = [(a.bit_length(), bits) for line in left for a, bits in zip(line, lengths, strict=True) if a]
    one_by_one = columns * sum(product_cost(*pair) for pair in used)
    packed = sum(product_cost(bits, columns * width) + columns * width // 30 for bits, _ in used)
    packed += _MOVING * columns * (len(left) + len(right))
    budget.spend(min(one_by_one, packed) + 100 * len(left) * columns, _DOING)
    budget.hold((len(left) + 1) * columns * width, _DOING)
    if one_by_one <= packed:
        return [_combined(line, right, columns) for line in left]
    budget.hold(len(right) * columns * width, _DOING)
    long = [pack(row, width) for row in right]
    return [unpack(sum(a * row for a, row in zip(line, long, strict=True) if a), columns, width) for line in left]


def pack(row: list[int], width: int) -> int:
    """One integer holding all of them in slots of `width` bits, a multiple of 8."""
    half, n_bytes = 1 << (width - 1), width // 8
    shifted = b"".join([(a + half).to_bytes(n_bytes, "little") for a in row])
    return int.from_bytes(shifted, "little") - _in_each_slot(half, len(row), n_bytes)


def unpack(long: int, count: int, width: int) -> list[int]:
    """The `count` integers held in slots of `width` bits."""
    half, n_bytes = 1 << (width - 1), width // 8
    shifted = (long + _in_each_slot(half, count, n_bytes)).to_bytes(count * n_bytes, "little")
    return [int.from_bytes(slot, "little") - half for (slot,) in iter_unpack(f"{n_bytes}s", shifted)]


def longest(numbers: list[int]) -> int:
    """Bits of the longest of them."""
    return max(map(int.bit_length, numbers), default=0)


def _combined(line: list[int], right: Rows, columns: int) -> list[int]:
    """One row of the product, without packing."""
    total = [0] * columns
    for a, row in zip(line, right, strict=True):
        if a:
            total = list(map(add, total, map(mul, repeat(a), row)))
    return total


def _in_each_slot(value: int, count: int, n_bytes: int) -> int:
    return int.from_bytes(value.to_bytes(n_bytes, "little") * count, "little")


def _slot(bits: int) -> int:
    """A width for entries of at most this many bits and a sign: whole bytes."""
    return 8 * ((bits + 1) // 8 + 1)
