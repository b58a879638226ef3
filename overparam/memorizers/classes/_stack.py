"""Networks written layer by layer: what is computed next is an affine function of the units just placed."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Literal

from overparam.exact import ExactLayer, LayeredNetwork

Number = int | Fraction
_ZERO = Fraction(0)


class Affine:
    """A number plus weights times the units of the last layer (or times the inputs, before the first)."""

    __slots__ = ("bias", "weights")

    def __init__(self, weights: Mapping[int, Number], bias: Number = 0) -> None:
        self.weights, self.bias = weights, bias

    def __add__(self, other: "Affine | Number") -> "Affine":
        if not isinstance(other, Affine):
            return Affine(self.weights, self.bias + other)
        weights = dict(self.weights)
        for unit, weight in other.weights.items():
            weights[unit] = weights.get(unit, 0) + weight
        return Affine(weights, self.bias + other.bias)

    def __sub__(self, other: "Affine | Number") -> "Affine":
        return self + -1 * other

    def __rmul__(self, factor: Number) -> "Affine":
        return Affine({unit: factor * weight for unit, weight in self.weights.items()}, factor * self.bias)


class Stack:
    """A network under construction."""

    def __init__(self, dim: int, activation: Literal["relu", "threshold"] = "relu") -> None:
        self._inputs, self._activation = dim, activation
        self._layers: list[ExactLayer] = []

    def inputs(self, weights: Sequence[Number], bias: Number) -> Affine:
        """An affine function of the inputs, for the first layer."""
        return Affine(dict(enumerate(weights)), bias)

    def layer(self, *units: Affine) -> list[Affine]:
        """Place a layer of units; their outputs, for the next layer."""
        self._layers.append(self._exact(units))
        self._inputs = len(units)
        return [Affine({i: 1}) for i in range(len(units))]

    def relayed(self, state: Mapping[str, Affine], *units: Affine) -> tuple[dict[str, Affine], list[Affine]]:
        """Place a layer that carries nonnegative values on, constants without a unit, besides new units."""
        moving = [name for name, value in state.items() if any(value.weights.values())]
        placed = self.layer(*(state[name] for name in moving), *units)
        return dict(state) | dict(zip(moving, placed, strict=False)), placed[len(moving) :]

    def network(self, output: Affine) -> LayeredNetwork:
        """The finished network."""
        return LayeredNetwork(self._activation, (*self._layers, self._exact([output])))

    def _exact(self, units: Iterable[Affine]) -> ExactLayer:
        rows, biases = [], []
        for unit in units:
            row = [_ZERO] * self._inputs
            for i, weight in unit.weights.items():
                if weight:  # a zero may be left of a unit that is not there any more
                    row[i] = Fraction(weight)
            rows.append(tuple(row))
            biases.append(Fraction(unit.bias))
        return ExactLayer(tuple(rows), tuple(biases))


def constant(number: Number) -> Affine:
    """A number that no unit carries."""
    return Affine({}, number)
