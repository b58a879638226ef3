"""Balls: real numbers known up to a radius, in integers; for angles and for activations that leave the rationals.

A ball at `bits` holds every real x with |x 2^bits - middle| <= radius.  Balls define no `<`: ask
`a.certainly_below(b)`, whose False proves nothing.  Inside the functions a number at f bits is an integer v with an
error e: |x 2^f - v| <= e, and the loops add up their own errors: `>>` and `//` each err by less than 1.
"""

import functools
from fractions import Fraction
from math import isqrt

from proofs_check.budget import product_cost

_HALVINGS = 8  # of the argument of exp, undone by squaring
_STEPS = 32  # of the table of arc tangents


class Ball:
    """A real number in [middle - radius, middle + radius] / 2^bits; two balls in one operation have the same bits."""

    __slots__ = ("bits", "middle", "radius")

    def __init__(self, middle: int, radius: int, bits: int) -> None:
        self.middle = middle
        self.radius = radius
        self.bits = bits

    @classmethod
    def of(cls, number: Fraction | int, bits: int) -> "Ball":
        """The number, rounded down."""
        middle, rest = divmod(number.numerator << bits, number.denominator)
        return cls(middle, int(rest != 0), bits)

    def __add__(self, other: "Ball") -> "Ball":
        return Ball(self.middle + other.middle, self.radius + other.radius, self.bits)

    def __sub__(self, other: "Ball") -> "Ball":
        return Ball(self.middle - other.middle, self.radius + other.radius, self.bits)

    def __mul__(self, other: "Ball") -> "Ball":
        a, b, r, s = self.middle, other.middle, self.radius, other.radius
        return Ball((a * b) >> self.bits, ((abs(a) * s + abs(b) * r + r * s) >> self.bits) + 2, self.bits)

    def __truediv__(self, other: "Ball") -> "Ball":
        """The quotient; `other` must not contain 0."""
        c, s = abs(other.middle), other.radius
        if c <= s:
            raise ZeroDivisionError("the divisor may be 0")
        inverse = (1 << (2 * self.bits)) // other.middle
        return self * Ball(inverse, (s << (2 * self.bits)) // (c * (c - s)) + 2, self.bits)

    def halved(self) -> "Ball":
        """Half of it."""
        return Ball(self.middle >> 1, (self.radius + 1) // 2 + 1, self.bits)

    def certainly_below(self, other: "Ball") -> bool:
        """Whether every number in this ball is less than every number in the other."""
        return self.middle + self.radius < other.middle - other.radius


def pi(bits: int) -> Ball:
    """The number pi, by Machin's 16 atan(1/5) - 4 atan(1/239)."""
    return _from(*_pi(_finer(bits)), bits)


def angle(dot: int, cross: int, bits: int) -> Ball:
    """The angle in [0, pi] of two vectors: atan2(sqrt(cross), dot).

    Args:
        dot: their scalar product, times any positive factor.
        cross: |x|^2 |y|^2 - dot^2 with the square of that factor; >= 0, and not 0 together with `dot`.
        bits: of the result.
    """
    f = _finer(bits)
    square = dot * dot
    # floor(sqrt(floor(x))) = floor(sqrt(x)): the tangent, or its inverse, at f bits and with an error below 1
    if cross <= square:
        v, e = _atan(isqrt((cross << 2 * f) // square), f)
        if dot > 0:
            return _from(v, e, f, bits)
        half_turn, more, _ = _pi(f)
        return _from(half_turn - v, e + more, f, bits)
    v, e = _atan(isqrt((square << 2 * f) // cross), f)
    half_turn, more, _ = _pi(f)
    return _from((half_turn >> 1) - (v if dot > 0 else -v), e + more + 1, f, bits)


def activation(name: str, t: Ball) -> tuple[Ball, Ball]:
    """The value and the derivative at t of tanh, erf or gelu (the exact one: t times the normal distribution's Phi)."""
    if name == "tanh":
        return _tanh(t)
    bits = t.bits
    if name == "erf":
        value, decay = _gauss(t)
        return value, decay * _from(*_two_over_root_pi(_finer(bits)), bits)
    if name == "gelu":
        root_half = Ball(isqrt(1 << (2 * bits - 1)), 1, bits)
        value, decay = _gauss(t * root_half)
        phi = (Ball(1 << bits, 0, bits) + value).halved()
        density = (decay * _from(*_two_over_root_pi(_finer(bits)), bits) * root_half).halved()
        return t * phi, phi + t * density
    raise ValueError(f"the activation must be tanh, erf or gelu, not {name!r}")


def activation_cost(size: int, bits: int) -> int:
    """Units of work for `activation` at |t| <= size."""
    square = min(size * size, bits) + 2
    # the series of erf has at most 8 t^2 + bits terms: (e t^2 / N)^N < 2^-bits for such N
    return (8 * square + 2 * bits) * (product_cost(2 * bits + 2 * square, 2 * bits + 16) + 300)


def angle_cost(dot_bits: int, bits: int) -> int:
    """Units of work for `angle` of a scalar product of so many bits."""
    return (bits // 10 + 30) * (2 * product_cost(bits + 64, bits + 64) + 300) + product_cost(
        2 * dot_bits, 2 * dot_bits + 2 * bits + 64
    )


def _finer(bits: int) -> int:
    """Enough bits more for the errors that the loops below add up."""
    return bits + bits.bit_length() + 12


def _from(v: int, e: int, f: int, bits: int) -> Ball:
    return Ball(v >> (f - bits), (e >> (f - bits)) + 2, bits)


def _series(v: int, f: int) -> tuple[int, int]:
    """The arc tangent of v / 2^f, |v| <= 2^f / 5, by Taylor's series.

    With s = t^2 <= 1/25 each power errs by at most 1.25 (it inherits 1/25 of the error before, and adds |t| * 1 + 1),
    each term by at most 1.25 / 3 + 1, and what is cut off where a power vanishes is less than 2.25 / 3.
    """
    power, square = abs(v), (v * v) >> f
    total, k = power, 1
    while power:
        power = (power * square) >> f
        k += 2
        total += power // k if k % 4 == 1 else -(power // k)
    return (total if v >= 0 else -total), k + 2


@functools.lru_cache(maxsize=4)
def _pi(f: int) -> tuple[int, int, int]:
    (a, d), (b, e) = _series((1 << f) // 5, f), _series((1 << f) // 239, f)
    return 16 * a - 4 * b, 16 * (d + 1) + 4 * (e + 1), f


@functools.lru_cache(maxsize=4)
def _table(f: int) -> tuple[tuple[int, int], ...]:
    """The arc tangents of j / 32 for j = 0 .. 32: atan(c') - atan(c) = atan((c' - c) / (1 + c c'))."""
    rows = [(0, 0)]
    for j in range(1, _STEPS + 1):
        v, e = _series((_STEPS << f) // (_STEPS**2 + j * (j - 1)), f)
        rows.append((rows[-1][0] + v, rows[-1][1] + e + 1))
    return tuple(rows)


def _atan(v: int, f: int) -> tuple[int, int]:
    """The arc tangent of any number in [v, v + 1] / 2^f, 0 <= v <= 2^f."""
    j = (2 * _STEPS * v + (1 << f)) >> (f + 1)  # the nearest j/32
    rest = ((_STEPS * v - (j << f)) << f) // ((_STEPS << f) + j * v)  # |rest| <= 1/64, and one unit for rounding
    w, e = _series(rest, f)
    base, more = _table(f)[j]
    return base + w, e + more + 2


@functools.lru_cache(maxsize=4)
def _log_two(f: int) -> tuple[int, int]:
    """The logarithm of 2 is the sum of 1 / (k 2^k); what is cut off is less than 1."""
    return sum((1 << (f - k)) // k for k in range(1, f + 1)), f + 1


def _decay(x: int, f: int) -> tuple[int, int]:
    """exp(-y) for any y in [x, x + 1] / 2^f, x >= 0."""
    two, e = _log_two(f)
    n = x // two + 1  # exp(-x) = 2^-n exp(r) with r = n log 2 - x in (0, log 2]
    if n > f + 3:
        return 0, 1
    r = n * two - x
    w = r >> _HALVINGS
    total = term = 1 << f
    k = 0
    while term:
        k += 1
        term = ((term * w) >> f) // k
        total += term
    error = 2 * k + 3  # 1.6 for each term, 1 for what is cut off, 1.01 for the rounding of w
    for _ in range(_HALVINGS):
        error = ((2 * total * error + error * error) >> f) + 2
        total = (total * total) >> f
    # r errs by n e, and exp(r) <= 2 passes it on; two units for the last shifts, one for where y lies
    return total >> n, ((error + 3 * n * e) >> n) + 3


def _tanh(t: Ball) -> tuple[Ball, Ball]:
    """With E = exp(-2 |t|): (1 - E) / (1 + E) and 4 E / (1 + E)^2, whose slopes in E are at most 2 and 4.

    As functions of t both have slopes of at most 1.
    """
    f = _finer(t.bits)
    decay, e = _decay(abs(t.middle) << (f - t.bits + 1), f)
    one = 1 << f
    value = ((one - decay) << f) // (one + decay)
    slope = ((4 * decay) << (2 * f)) // (one + decay) ** 2
    signed = value if t.middle >= 0 else -value
    first, second = _from(signed, 2 * e + 1, f, t.bits), _from(slope, 4 * e + 1, f, t.bits)
    return Ball(first.middle, first.radius + t.radius, t.bits), Ball(second.middle, second.radius + t.radius, t.bits)


@functools.lru_cache(maxsize=4)
def _two_over_root_pi(f: int) -> tuple[int, int, int]:
    """sqrt(4 / pi): an error e of pi at f bits changes it by less than e."""
    v, e, _ = _pi(f)
    return isqrt((4 << (3 * f)) // v), e + 2, f


def _gauss(t: Ball) -> tuple[Ball, Ball]:
    """erf(t) and exp(-t^2), whose slopes are at most 2 / sqrt(pi) < 2 and sqrt(2 / e) < 1.

    erf(x) = (2 / sqrt(pi)) x exp(-x^2) S with S = sum_k t_k, t_0 = 1, t_(k+1) = t_k 2 x^2 / (2 k + 3).  An error of 1
    in one t_k adds at most 1 + x^2 + x^4 / 2! + .. = exp(x^2) to S, so N steps add at most N exp(x^2), also where the
    terms have vanished, and exp(-x^2) takes this back to N.
    """
    bits, x = t.bits, abs(t.middle)
    square = x * x  # at 2 bits
    size = (square >> 2 * bits) + 1
    if size > bits + 3:  # 1 - erf(x) <= exp(-x^2) < 2^-bits
        return Ball((1 if t.middle > 0 else -1) << bits, 2 + 2 * t.radius, bits), Ball(0, 1 + t.radius, bits)
    f = _finer(bits)
    h = f + (3 * size + 1) // 2  # exp(x^2) < 2^(1.5 size): so S 2^-h stays below 2^-f
    decay, e = _decay((square << h) >> 2 * bits, h)
    total = term = 1 << f
    k = 0
    while term:
        term = (term * 2 * square) // ((2 * k + 3) << 2 * bits)
        total += term
        k += 1
    v, error = (total * decay) >> h, k + 3 + ((total * e) >> h)
    v, error = (v * x) >> bits, error * (isqrt(size) + 1) + 1
    c, more, _ = _two_over_root_pi(f)
    value = _from((v * c) >> f, 2 * error + more + 2, f, bits)
    signed = value.middle if t.middle >= 0 else -value.middle
    density = _from(decay, e, h, bits)
    return Ball(signed, value.radius + 2 * t.radius, bits), Ball(density.middle, density.radius + t.radius, bits)
