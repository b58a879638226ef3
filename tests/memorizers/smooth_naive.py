"""tanh, erf and GELU networks in decimal arithmetic of many digits: no balls, no library's special functions."""

import decimal
from decimal import Decimal
from fractions import Fraction

DIGITS = 400
FAR = 28  # beyond, tanh and erf are 1 and -1 up to 10^-24 and 10^-300


def decimal_of(x):
    return Decimal(x.numerator) / Decimal(x.denominator)


def erf(t):
    """By the series sum t (2 t^2)^k / (1 3 5 .. (2k + 1)) times 2 exp(-t^2) / sqrt(pi), whose terms are positive."""
    if abs(t) > FAR:
        return Decimal(1).copy_sign(t)
    term = total = t
    k = 0
    while abs(term) > Decimal(10) ** -DIGITS:
        k += 1
        term = term * 2 * t * t / (2 * k + 1)
        total += term
    return total * 2 * (-t * t).exp() / pi().sqrt()


def pi():
    """Machin's formula."""

    def arctan_inverse(n):
        term = total = Decimal(1) / n
        k = 1
        while abs(term) > Decimal(10) ** -DIGITS:
            term /= -n * n
            k += 2
            total += term / k
        return total

    return 16 * arctan_inverse(5) - 4 * arctan_inverse(239)


def tanh(t):
    e = (2 * t).exp() if abs(t) < 600 else Decimal(10) ** (DIGITS if t > 0 else -DIGITS)
    return (e - 1) / (e + 1)


VALUE = {"tanh": tanh, "erf": erf, "gelu": lambda t: t * (1 + erf(t / Decimal(2).sqrt())) / 2}


def outputs(network, points):
    """Values at every point, as decimals of `DIGITS` digits."""
    found = []
    with decimal.localcontext() as context:
        context.prec = DIGITS
        context.Emax, context.Emin = decimal.MAX_EMAX, decimal.MIN_EMIN
        for point in points:
            z = [decimal_of(Fraction(x)) for x in point]
            for depth, layer in enumerate(network.layers):
                z = [
                    sum((decimal_of(w) * t for w, t in zip(row, z, strict=True)), decimal_of(b))
                    for row, b in zip(layer.weights, layer.bias, strict=True)
                ]
                if depth < len(network.layers) - 1:
                    z = [VALUE[network.activation](t) for t in z]
            found.append(z[0])
    return found


def errors(network, points, labels):
    """|output - label| at every point, as fractions rounded to 10^-300."""
    with decimal.localcontext() as context:
        context.prec = DIGITS
        pairs = zip(outputs(network, points), labels, strict=True)
        return [abs(Fraction(int(f.scaleb(300)), 10**300) - Fraction(y)) for f, y in pairs]
