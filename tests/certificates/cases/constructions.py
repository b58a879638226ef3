"""Witnesses that the constructions give, worked out in fractions apart from the library."""

from fractions import Fraction as F

from tests.certificates.spelling import witness


def solve(rows, right):
    """One solution of a consistent system with independent rows, by elimination; free unknowns are 0."""
    table = [[F(a) for a in row] + [F(b)] for row, b in zip(rows, right, strict=True)]
    leads = []
    for i, row in enumerate(table):
        lead = next(j for j, a in enumerate(row[:-1]) if a)
        leads.append(lead)
        table[i] = [a / row[lead] for a in row]
        for k in range(len(table)):
            if k != i:
                table[k] = [a - table[k][lead] * b for a, b in zip(table[k], table[i], strict=True)]
    solution = [F(0)] * len(rows[0])
    for lead, row in zip(leads, table, strict=True):
        solution[lead] = row[-1]
    return solution


def pairs(points, labels):
    """The pairs construction along the first coordinate, whose values must be distinct."""
    d, order = len(points[0]), sorted(range(len(points)), key=lambda i: points[i][0])
    blocks = [order[i : i + d + 1] for i in range(0, len(order), d + 1)]
    affine = [solve([[*points[i], 1] for i in block], [labels[i] for i in block]) for block in blocks]

    def value(f, i):
        return sum(w * x for w, x in zip(f, [*points[i], 1], strict=True))

    shift = max(0, *(-value(affine[0], i) for i in order))
    units, v = [(affine[0][:-1], affine[0][-1] + shift)], [F(1)]
    for j in range(1, len(blocks)):
        beta = F(points[blocks[j - 1][-1]][0] + points[blocks[j][0]][0]) / 2
        slope_of = [1] + [0] * (d - 1)
        if len(blocks[j]) == 1:
            (i,) = blocks[j]
            units.append((slope_of, -beta))
            v.append((labels[i] - value(affine[j - 1], i)) / (points[i][0] - beta))
            continue
        g = [a - b for a, b in zip(affine[j], affine[j - 1], strict=True)]
        steep = 1 + max(abs(value(g, i)) / abs(points[i][0] - beta) for i in order)
        units += [
            ([steep * s + w for s, w in zip(slope_of, g[:-1], strict=True)], g[-1] - steep * beta),
            ([steep * s for s in slope_of], -steep * beta),
        ]
        v += [F(1), F(-1)]
    return witness(([u for u, _ in units], [b for _, b in units]), ([v], [-shift]))


def slabs(xs, ys):
    """Four neurons for each point of a line, no output bias."""
    e, units, v = F(1, 4), [], []
    for x, y in zip(xs, ys, strict=True):
        eta = F(1, 16 * (1 + abs(y)))
        units += [([1], -x + e + eta * y), ([1], -x + e), ([1], -x - e + eta * y), ([1], -x - e)]
        v += [1 / eta, -1 / eta, -1 / eta, 1 / eta]
    return witness(([u for u, _ in units], [b for _, b in units]), ([v], [0]))
