"""Newton's method at any precision for a network with one hidden layer of smooth units."""

from collections.abc import Sequence
from fractions import Fraction

from flint import arb_mat, ctx

from overparam.exact._balls import ball, entrywise, mapped, middle_of, passed, scaled_columns, slopes, with_ones
from overparam.exact._layered import LayeredNetwork
from overparam.exact._layers import ExactLayer


def newton_steps(
    network: LayeredNetwork,
    points: Sequence[Sequence[Fraction]],
    labels: Sequence[Fraction],
    *,
    steps: int,
    bits: int,
) -> LayeredNetwork | None:
    """The network after some Newton steps, each the shortest change of all weights and hidden biases.

    Args:
        network: tanh, erf or gelu units, one hidden layer, no output bias; it keeps none.
        points: (n_samples, dim).
        labels: (n_samples,).
        steps: how many.
        bits: of the precision; the result is rounded to it, and nothing is claimed of it.
    Returns:
        None where the derivatives are linearly dependent at this precision.
    """
    with ctx.workprec(bits):
        target = arb_mat([[ball(y)] for y in labels])
        for _ in range(steps):
            through = passed(network.activation, network.layers, points)
            z, features = with_ones(through.inputs[0]), through.inputs[1]
            outer = network.layers[1].weights[0]
            back = scaled_columns(slopes(network.activation, through.sums[0]), outer)
            kernel = _middles(entrywise(back * back.transpose(), z * z.transpose()) + features * features.transpose())
            try:
                multiplier = _middles(kernel.solve(_middles(through.sums[1] - target)))
            except ZeroDivisionError:
                return None
            by_unit = _times_rows(back, multiplier).transpose() * z  # (units, dim + 1)
            by_output = features.transpose() * multiplier
            if not all(x.is_finite() for x in (*by_unit.entries(), *by_output.entries())):
                return None
            network = _moved(network, by_unit, by_output)
    return network


def _moved(network: LayeredNetwork, by_unit: arb_mat, by_output: arb_mat) -> LayeredNetwork:
    hidden, output = network.layers
    rows, biases = [], []
    for row, bias, change in zip(hidden.weights, hidden.bias, by_unit.tolist(), strict=True):
        *weights, b = (middle_of(ball(w) - t) for w, t in zip((*row, bias), change, strict=True))
        rows.append(tuple(weights))
        biases.append(b)
    outer = tuple(middle_of(ball(v) - t) for v, t in zip(output.weights[0], by_output.entries(), strict=True))
    layers = ExactLayer(tuple(rows), tuple(biases)), ExactLayer((outer,), (Fraction(0),))
    return LayeredNetwork(network.activation, layers)


def _middles(matrix: arb_mat) -> arb_mat:
    return mapped(matrix, lambda x: x.mid())


def _times_rows(matrix: arb_mat, column: arb_mat) -> arb_mat:
    rows = zip(matrix.tolist(), column.entries(), strict=True)
    return arb_mat([[a * z for a in row] for row, z in rows])
