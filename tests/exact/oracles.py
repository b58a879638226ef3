"""Slow, plain rational arithmetic, sharing no code with the package."""

from fractions import Fraction


def outputs(network, points):
    """Naive evaluation of an ExactNetwork's fields."""
    values = []
    for x in points:
        total = Fraction(network.c)
        for row, bias, weight in zip(network.u, network.b, network.v, strict=True):
            t = bias + sum(Fraction(w) * Fraction(a) for w, a in zip(row, x, strict=True))
            total += weight * (max(t, Fraction(0)) if network.activation == "relu" else (1 if t >= 0 else 0))
        values.append(total)
    return values


def rank(rows):
    """Rank over the rationals by elimination."""
    rows, found = [[Fraction(x) for x in row] for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((i for i in range(found, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for i in range(found + 1, len(rows)):
            factor = rows[i][column] / rows[found][column]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[found], strict=True)]
        found += 1
    return found
