"""How much arithmetic one answer may cost, counted before it is done, so that no file keeps the checker busy for long.

A unit of work is one product of two 30-bit digits (about a nanosecond); every counted operation costs at least 100
units, which is what Python itself takes.  The counts depend on the files alone, never on the machine or the clock.
What a certificate may cost grows with the size of its files, so that a small file cannot ask for hours.
"""

from proofs_check.answers import OverBudget

WORK = 10**10  # units, where no file pays for itself: some ten seconds
START, PER_BYTE, MOST = 4 * 10**9, 10**6, 6 * 10**11  # of a certificate: seconds, one more a kilobyte, ten minutes
MEMORY = 2**31  # bits of all numbers read and computed: 256 MiB

_OVERHEAD = 100
_KARATSUBA = 70  # digits; longer factors are split in three half-size products


class Budget:
    """What is left of the work and the memory of one answer."""

    def __init__(self, work: int | None = None) -> None:
        self.allowed = self.work = WORK if work is None else work
        self.memory = MEMORY

    def grant(self, n_bytes: int) -> None:
        """Add the work that a file of this size is worth, up to the most that any certificate gets."""
        added = min(n_bytes * PER_BYTE, max(MOST - self.allowed, 0))
        self.allowed += added
        self.work += added

    def spend(self, units: int, doing: str) -> None:
        """Take `units` of work before doing it.

        Raises:
            OverBudget: not that much is left.
        """
        self.work -= units
        if self.work < 0:
            raise OverBudget(f"{doing} would exceed the checker's budget of {self.allowed} digit operations")

    def hold(self, bits: int, doing: str) -> None:
        """Take memory for numbers of `bits` bits in total.

        Raises:
            OverBudget: not that much is left.
        """
        self.memory -= bits
        if self.memory < 0:
            raise OverBudget(f"{doing} would exceed the checker's budget of {MEMORY} bits of numbers")

    def product(self, a: int, b: int, doing: str) -> int:
        """The product, paid for."""
        bits, other_bits = a.bit_length(), b.bit_length()
        self.spend(product_cost(bits, other_bits), doing)
        self.hold(bits + other_bits, doing)
        return a * b

    def quotient(self, multiple: int, divisor: int, doing: str) -> int:
        """The quotient, paid for; the division must leave no remainder."""
        self.spend(division_cost(multiple.bit_length(), divisor.bit_length()), doing)
        return multiple // divisor


def product_cost(bits: int, other_bits: int) -> int:
    """Units for one product, from the factors' lengths in bits."""
    short, long = sorted((bits // 30 + 1, other_bits // 30 + 1))
    if short <= _KARATSUBA:
        return short * long + _OVERHEAD
    halvings = ((short - 1) // _KARATSUBA).bit_length()
    return (long // short + 1) * _KARATSUBA**2 * 3**halvings


def division_cost(bits: int, other_bits: int) -> int:
    """Units for one division or remainder of a `bits`-bit integer by an `other_bits`-bit one."""
    divisor = other_bits // 30 + 1
    return 3 * max(bits // 30 + 2 - divisor, 1) * divisor + _OVERHEAD


def gcd_cost(bits: int, other_bits: int) -> int:
    """Units for one greatest common divisor."""
    return 8 * (bits // 30 + 1) * (other_bits // 30 + 1) + _OVERHEAD
