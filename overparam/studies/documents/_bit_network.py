"""A ReLU network with fewer weights than samples that takes any two-class labels at 0, 1, .., n - 1 exactly.

The samples are cut into groups of L.  The first layer has two neurons a group, whose difference is 1 from the group's
first sample on; the second gives z, the integer whose L binary digits are the labels of x's group, and j, the place of
x in its group.  Then two narrow layers a digit: with T = 2^(L-1-k) the digit is b = relu(z - T + 1) - relu(z - T), z
loses T b, and the label gains relu(b - |j - k|), which is b where j = k and else 0.  About 8 n / L + 58 L weights, so
of the order of sqrt(n) for L near sqrt(n / 7), with numbers of L bits: the idea of reading labels from the digits of
long weights is that of Vardi, Yehudai and Shamir; this network, on the line, is the project's own.
"""

from collections.abc import Sequence
from fractions import Fraction

from overparam.exact import ExactLayer, LayeredNetwork

Rows = Sequence[tuple[Sequence[int], int]]  # weights and bias of each unit


def bit_network(labels: Sequence[int], group: int) -> LayeredNetwork:
    """The network for these labels at 0, 1, .., n - 1.

    Args:
        labels: n of them, -1 or 1, n a multiple of `group`.
        group: how many samples share one code, L.

    >>> from overparam.exact import evaluate
    >>> network = bit_network([1, -1, -1, 1, 1, 1], 3)
    >>> [int(f) for f in evaluate(network, [[i] for i in range(6)])]
    [1, -1, -1, 1, 1, 1]
    """
    digits = [(y + 1) // 2 for y in labels]
    codes = [_number(digits[start : start + group]) for start in range(0, len(digits), group)]
    first: Rows = [((1,), 0)]
    place, code = [1], [0]  # j and z as sums over the first layer
    for g in range(1, len(codes)):
        first = [*first, ((1,), 1 - g * group), ((1,), -g * group)]
        place += [-group, group]
        jump = codes[g] - codes[g - 1]
        code += [jump, -jump]
    layers = [first, [(code, codes[0]), (place, 0)]]
    for k in range(group):
        layers += _digit(k, 1 << (group - 1 - k), first=k == 0)
    return LayeredNetwork("relu", tuple(_layer(rows) for rows in [*layers, [((0, 0, 2, 2), -1)]]))


def weights_of(network: LayeredNetwork) -> int:
    """Weights and biases of all layers, zeros too."""
    return sum(1 for _ in network.numbers())


def _digit(k: int, threshold: int, *, first: bool) -> list[Rows]:
    """Two layers: from (z, j, gain, label), or (z, j) before the first digit, to the same after digit k."""
    rest = () if first else (0, 0)
    units: Rows = [
        ((1, 0, *rest), 1 - threshold),
        ((1, 0, *rest), -threshold),
        ((1, 0, *rest), 0),
        ((0, 1, *rest), -k),
        ((0, -1, *rest), k),
        ((0, 0, *(() if first else (1, 1))), 0),  # the label so far, 0 before the first digit
    ]
    after: Rows = [
        ((-threshold, threshold, 1, 0, 0, 0), 0),
        ((0, 0, 0, 1, -1, 0), k),
        ((1, -1, 0, -1, -1, 0), 0),
        ((0, 0, 0, 0, 0, 1), 0),
    ]
    return [units, after]


def _number(digits: Sequence[int]) -> int:
    return int("".join(map(str, digits)), 2)


def _layer(rows: Rows) -> ExactLayer:
    return ExactLayer(
        tuple(tuple(map(Fraction, weights)) for weights, _ in rows), tuple(Fraction(bias) for _, bias in rows)
    )
