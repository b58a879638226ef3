"""Madden and Thrampoulidis 2024: 2 ceil(n / (dim + 1)) smooth neurons, by Newton's method from a generic point.

Half of the neurons are drawn; each has a twin with the opposite output weight, so that the outputs vanish.  If the
Jacobian there has rank n, then for small t the labels t y are taken nearby, and with output weights divided by t the
labels y.  Newton's shortest steps find the place, in floats where they can and in ball arithmetic where they cannot;
at the end ball arithmetic confirms Kantorovich's condition, so that an exact interpolator is near.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Literal

from overparam.errors import InputError
from overparam.exact import (
    ExactData,
    ExactLayer,
    LayeredNetwork,
    NearParts,
    bends_little,
    near_parts,
    newton_steps,
    power_of_two_above,
)
from overparam.memorizers._built import Built, Options, refusal
from overparam.memorizers.smooth._jacobian_floats import Twins, descend, drawn

Smooth = Literal["tanh", "erf", "gelu"]

_LENGTHS = (53, 80, 120, 180, 270, 400, 800)  # bits of the numbers, relative to the largest of their layer
_BALLS = ((256, 2**-10), (512, 2**-30), (1024, 2**-80), (2048, 2**-200))  # precision and t where floats find nothing
_CONFIRM = (256, 512, 1024, 2048)


def build_jacobian(data: ExactData, options: Options) -> Built:
    """The construction; points in affine general position always have a place to start from."""
    activation = options.activation or "tanh"
    if activation not in ("tanh", "erf", "gelu"):
        raise InputError(f"jacobian takes activation tanh, erf or gelu, not {activation}")
    units = -(-data.n_samples // (data.dim + 1))
    largest = max(map(abs, data.labels))
    if largest == 0:
        largest = Fraction(1)
    scale = power_of_two_above(largest)
    center = tuple(_rounded_mean(column) for column in zip(*data.points, strict=True))
    points = tuple(tuple(x - m for x, m in zip(point, center, strict=True)) for point in data.points)
    for network, t, steps, bits in _tries(activation, points, [y / scale for y in data.labels], units, options.seed):
        target = [t * y / scale for y in data.labels]
        polished = newton_steps(network, points, target, steps=steps, bits=bits)
        if polished is None:
            continue
        there = _back(polished, center, scale / t)
        for length in _LENGTHS:
            short = _shortened(there, length)
            if _confirmed(short, data):
                note = f"{2 * units} neurons in pairs, labels first divided by {float(1 / t):.3g}"
                return Built(short, (note,), free=(0, 1), numbers={"shrinking": float(t)})
            if length > bits:
                break
    raise refusal("jacobian", f"no draw had a Jacobian of rank {data.n_samples} at any precision", '"one-limit"')


def _tries(
    activation: Smooth, points: tuple[tuple[Fraction, ...], ...], labels: list[Fraction], units: int, seed: int
) -> Iterator[tuple[LayeredNetwork, Fraction, int, int]]:
    """Places to polish from, each with t, how many Newton steps and their precision."""
    starts = drawn(activation, points, units, seed)
    for start in starts[:3]:
        if (found := descend(activation, start, points, labels)) is not None:
            place, t = found
            yield _network(activation, place), Fraction(t), 4, 256
    for bits, t in _BALLS:
        yield _network(activation, starts[0]), Fraction(t), 12, bits


def _network(activation: Smooth, place: Twins) -> LayeredNetwork:
    rows = tuple(tuple(map(Fraction, row)) for row in place.w.tolist())
    hidden = ExactLayer(rows, tuple(map(Fraction, place.b.tolist())))
    return LayeredNetwork(activation, (hidden, ExactLayer((tuple(map(Fraction, place.v.tolist())),), (Fraction(0),))))


def _back(network: LayeredNetwork, center: tuple[Fraction, ...], factor: Fraction) -> LayeredNetwork:
    """For the points as they were, with larger output weights."""
    hidden, output = network.layers
    biases = tuple(
        b - sum((w * m for w, m in zip(row, center, strict=True)), Fraction(0))
        for row, b in zip(hidden.weights, hidden.bias, strict=True)
    )
    outer = tuple(v * factor for v in output.weights[0])
    return LayeredNetwork(network.activation, (ExactLayer(hidden.weights, biases), ExactLayer((outer,), output.bias)))


def _shortened(network: LayeredNetwork, length: int) -> LayeredNetwork:
    layers = []
    for layer in network.layers:
        most = max(max(map(abs, row)) for row in (*layer.weights, layer.bias))
        unit = power_of_two_above(most) / 2**length if most else Fraction(1)
        rows = tuple(tuple(round(w / unit) * unit for w in row) for row in layer.weights)
        layers.append(ExactLayer(rows, tuple(round(b / unit) * unit for b in layer.bias)))
    return LayeredNetwork(network.activation, tuple(layers))


def _confirmed(network: LayeredNetwork, data: ExactData) -> bool:
    """Whether Kantorovich's condition certainly holds."""
    for bits in _CONFIRM:
        parts: NearParts | None = near_parts(
            network, data.points, data.labels, free=(0, 1), hidden_bias=True, output_bias=False, bits=bits
        )
        if parts is not None:
            return bends_little(parts, network)
    return False


def _rounded_mean(column: tuple[Fraction, ...]) -> Fraction:
    spread = max(column) - min(column)
    unit = power_of_two_above(spread) / 16 if spread else Fraction(1)
    middle = (max(column) + min(column)) / 2
    return round(middle / unit) * unit
