"""Witnesses read back and decided by plain fractions, from the description of the format alone."""

from fractions import Fraction

from tests.exact.test_exact_numbers import parse


def factor_of(content):
    """L as rows of fractions."""
    unit = parse(content["unit"])
    rows = [[unit * int(word, 16) for word in row.split(" ")] for row in content["rows"]]
    assert [len(row) for row in rows] == list(range(1, len(rows) + 1))
    assert unit.numerator == 1 or unit.denominator == 1
    return rows


def proves(matrix, floor, content, radius=Fraction(0)):
    """Whether M - floor I - L L^T is diagonally dominant for every M within `radius` of `matrix`, entrywise."""
    rows = factor_of(content)
    if len(rows) != len(matrix):
        return False
    for i, line in enumerate(matrix):
        left = [
            m - (floor if i == j else 0) - sum((a * b for a, b in zip(rows[i], rows[j], strict=False)), Fraction(0))
            for j, m in enumerate(line)
        ]
        if left[i] - radius < sum(abs(x) + radius for j, x in enumerate(left) if j != i):
            return False
    return True


def quotient(matrix, vector):
    """z^T M z / z^T z."""
    image = [sum((m * z for m, z in zip(row, vector, strict=True)), Fraction(0)) for row in matrix]
    return sum(a * b for a, b in zip(image, vector, strict=True)) / sum(z * z for z in vector)


def relu_kernel(layers, points, free, *, hidden_bias=True, output_bias=True):
    """K = J J^T of a deep ReLU network by the chain rule in fractions, and the network's outputs."""
    jacobian, outputs = [], []
    for point in points:
        inputs, slopes = [[Fraction(x) for x in point]], []
        for depth, (weights, bias) in enumerate(layers):
            pre = [
                sum((Fraction(w) * a for w, a in zip(row, inputs[-1], strict=True)), Fraction(b))
                for row, b in zip(weights, bias, strict=True)
            ]
            if depth < len(layers) - 1:
                slopes.append([int(t > 0) for t in pre])
                inputs.append([max(t, Fraction(0)) for t in pre])
        outputs.append(pre[0])
        back, row = [Fraction(1)], []
        for depth in range(len(layers) - 1, -1, -1):
            biased = output_bias if depth == len(layers) - 1 else hidden_bias
            if depth in free:
                row += [b * a for b in back for a in [*inputs[depth], *([1] if biased else [])]]
            if depth:
                weights = layers[depth][0]
                back = [
                    s * sum((b * Fraction(line[j]) for b, line in zip(back, weights, strict=True)), Fraction(0))
                    for j, s in enumerate(slopes[depth - 1])
                ]
        jacobian.append(row)
    dot = [[sum((a * b for a, b in zip(x, z, strict=True)), Fraction(0)) for z in jacobian] for x in jacobian]
    return dot, outputs
