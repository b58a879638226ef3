"""Witnesses that a network interpolating exactly lies within a small distance of given float parameters.

With r = F - y, rho = |r| and K = J J^T >= s I in the free parameters: where the outputs are linear in them (relu and
one free layer; or the output layer alone), the correction -J^T K^-1 r has norm at most rho / sqrt(s).  With both layers
of a two-layer network free there is a zero within 2 rho / sqrt(s), provided that 2 Lambda rho <= s, Lambda a Lipschitz
constant of J there (Kantorovich).  For relu no pre-activation may change its sign on the way.  Smooth networks for
which floats see no witness are tried again in ball arithmetic.
"""

import dataclasses
import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from overparam.certificates._bounds import Bounded, dyadic_above, matmul, norm_above, plus, rounded
from overparam.certificates._factor import Factor, WitnessError, factor_above, floor_below, spectrum_of
from overparam.certificates._grams import BEND, SLOPE, Passed, kernel_of, pass_through
from overparam.certificates._near_balls import MAX_BITS, near_by_balls
from overparam.errors import InputError
from overparam.exact import (
    ExactData,
    ExactLayer,
    LayeredNetwork,
    exact_data,
    exact_layers,
    float_of,
    forward_layers,
    spell,
)
from overparam.networks import Layer
from overparam.networks._layers import LayeredActivation

_SHARE = 0.5  # of the least eigenvalue given up for a short factor: the distance grows by sqrt(2)
_LEAST = Fraction(1, 2**128)  # the distance where the network interpolates already
_BITS = 12  # of the numbers written
_LARGE = 2**30


@dataclasses.dataclass(frozen=True)
class NearWitness:
    """An interpolating network is within `distance`, because K >= `floor` by the factor."""

    distance: Fraction
    floor: Fraction
    factor: Factor

    def content(self) -> dict[str, Any]:
        """What the witness file says."""
        return {"factor": self.factor.content(), "floor": spell(self.floor)}


def near_witness(
    layers: Any,
    points: Any,
    labels: Any,
    *,
    activation: LayeredActivation = "relu",
    free: Sequence[int],
    hidden_bias: bool = True,
    output_bias: bool = True,
) -> NearWitness:
    """The witness, and the distance it proves, for a network that nearly interpolates.

    Args:
        layers: hidden layers in order, then the output layer, pairs (weights, bias) of floats or fractions.
        points: (n_samples, dim).
        labels: (n_samples,).
        activation: "relu", "tanh", "erf" or "gelu".
        free: layers that may move: one layer of a relu network, the output layer of any network, or [0, 1] of a network
            with one hidden layer.
        hidden_bias, output_bias: whether those biases may move with their layer.
    Raises:
        WitnessError: the residual is too large for what K and the pre-activations allow, says by which factor; or K is
            singular as far as floats can tell.
        InputError: a combination that has no theorem here, or shapes that do not fit.
    """
    data, exact = exact_data(points, labels), exact_layers(layers)
    _supported(exact, activation, list(free))
    biases = {"hidden_bias": hidden_bias, "output_bias": output_bias}
    if activation == "relu":
        return _by_floats(exact, data, activation, free, **biases)
    try:
        _require_moderate(exact, data)
        return _by_floats(exact, data, activation, free, **biases)
    except (InputError, WitnessError) as error:
        if (found := near_by_balls(LayeredNetwork(activation, exact), data, free, **biases)) is None:
            raise WitnessError(f"{error}; nor do {MAX_BITS} bits show it") from error
        return NearWitness(*found)


def _require_moderate(layers: Sequence[ExactLayer], data: ExactData) -> None:
    """A checker of smooth networks has an absolute precision: large numbers need a finer one than floats prepare."""
    hidden = (x for layer in layers[:-1] for row in (*layer.weights, layer.bias) for x in row)
    if any(abs(x) > _LARGE for x in itertools.chain(hidden, *data.points)):
        raise WitnessError("floats make no witness for a smooth network with weights or points of this size")


def _by_floats(
    exact: tuple[ExactLayer, ...],
    data: ExactData,
    activation: LayeredActivation,
    free: Sequence[int],
    *,
    hidden_bias: bool,
    output_bias: bool,
) -> NearWitness:
    rho, passed = _residual(exact, data.points, data.labels, activation)
    kernel = kernel_of(passed, free=free, hidden_bias=hidden_bias, output_bias=output_bias)
    spectrum = spectrum_of(kernel)
    floor = floor_below(spectrum, _SHARE, bits=_BITS)
    moves = rho / math.sqrt(floor) * (1 + 2.0**-40) * (2 if len(free) == 2 else 1)
    distance = max(dyadic_above(moves, _BITS), _LEAST) if moves else _LEAST
    if len(free) == 2:
        _require_kantorovich(passed, exact, activation, hidden_bias, rho, float(floor), float_of(distance))
    if activation == "relu":
        _require_margins(passed, exact, list(free), hidden_bias, float_of(distance))
    return NearWitness(distance, floor, factor_above(kernel, floor, spectrum))


def polish_layers(
    layers: Any,
    points: Any,
    labels: Any,
    *,
    activation: LayeredActivation = "relu",
    free: Sequence[int],
    hidden_bias: bool = True,
    output_bias: bool = True,
    steps: int = 4,
) -> tuple[Layer, ...]:
    """The float network after a few Newton steps, the shortest corrections of the free layers; the best one seen.

    Residuals are exact for relu; otherwise they are floats, and no step helps beyond rounding.  Arguments as in
    `near_witness`.

    Raises:
        WitnessError: the least eigenvalue of K is not positive in floats.
    """
    data, exact = exact_data(points, labels), exact_layers(layers)
    best: tuple[float, tuple[ExactLayer, ...]] | None = None
    for step in range(steps + 1):
        residual, passed = _residual_of(exact, data.points, data.labels, activation)
        size = norm_above(residual)
        if best is not None and size >= best[0]:
            break
        best = (size, exact)
        if step == steps or size == 0:
            break
        kernel = kernel_of(passed, free=free, hidden_bias=hidden_bias, output_bias=output_bias)
        try:
            z = np.linalg.solve(kernel.mid, residual.mid)
        except np.linalg.LinAlgError:
            raise WitnessError("K is singular in floats, so there is no Newton step") from None
        moved = [[np.asarray(_floats(part)) for part in layer] for layer in exact]
        for l in free:
            back = passed.cotangents[l].mid * z[:, None]
            moved[l][0] = moved[l][0] - back.T @ passed.inputs[l].mid
            if output_bias if l == len(exact) - 1 else hidden_bias:
                moved[l][1] = moved[l][1] - back.sum(axis=0)
        if not all(np.isfinite(part).all() for pair in moved for part in pair):
            break
        exact = exact_layers(moved)
    if best is None:
        raise ValueError(f"steps must not be negative, got {steps}")
    return tuple(Layer(_floats(layer.weights), _floats(layer.bias)) for layer in best[1])


def _floats(numbers: Any) -> np.ndarray:
    return np.array([[float_of(x) for x in n] if isinstance(n, tuple) else float_of(n) for n in numbers])


def _supported(layers: Sequence[ExactLayer], activation: str, free: list[int]) -> None:
    both = len(layers) == 2 and free == [0, 1]
    one = len(free) == 1 and (activation == "relu" or free == [len(layers) - 1])
    if activation not in ("relu", "tanh", "erf", "gelu") or not (both or one):
        raise InputError(
            "an interpolating network nearby is shown for relu with one free layer at any depth, and for relu, tanh, "
            "erf and gelu with the output layer free at any depth, or with one hidden layer and free = [0, 1]; not for "
            f"{activation}, {len(layers) - 1} hidden layers, free = {free}"
        )


def _residual_of(layers: Sequence[ExactLayer], points: Any, labels: Any, activation: Any) -> tuple[Bounded, Passed]:
    """Outputs minus labels, for relu rounded only at the end."""
    if activation == "relu":
        forward = forward_layers(layers, points)
        passed = pass_through(layers, points, activation=activation, signs=forward.signs)
        row = [f - y for f, y in zip(forward.outputs, labels, strict=True)]
        residual = rounded([row])
    else:
        passed = pass_through(layers, points, activation=activation, signs=None)
        target = rounded([labels])
        residual = plus(passed.outputs, Bounded(-target.mid, target.radius))
    return Bounded(residual.mid.reshape(-1), residual.radius.reshape(-1)), passed


def _residual(layers: Sequence[ExactLayer], points: Any, labels: Any, activation: Any) -> tuple[float, Passed]:
    residual, passed = _residual_of(layers, points, labels, activation)
    rho = norm_above(residual)
    if not math.isfinite(rho):
        raise WitnessError("the outputs are beyond the range of floats")
    return rho, passed


def _require_kantorovich(
    passed: Passed, layers: Sequence[ExactLayer], activation: str, hidden_bias: bool, rho: float, floor: float,
    radius: float,
) -> None:  # fmt: skip
    """2 Lambda rho <= s; the square of the spectral norm of Z is at most the largest row sum of |Z Z^T|."""
    points = passed.inputs[0]
    lengths = np.sqrt((points.most**2).sum(axis=1) + hidden_bias)
    size = math.sqrt(float(plus(matmul(points, points.T), float(hidden_bias)).most.sum(axis=1).max()))
    lipschitz = SLOPE[activation] * size
    if activation != "relu":
        outer = max(abs(float_of(v)) for v in layers[-1].weights[0]) + radius
        lipschitz += outer * BEND[activation] * float(lengths.max()) * size
    if 2 * lipschitz * rho > floor:
        raise WitnessError(
            f"the residual {rho:.3g} is {2 * lipschitz * rho / floor:.3g} times too large: 2 Lambda rho <= s is "
            f"needed, with s = {floor:.3g} below the least eigenvalue of K and Lambda = {lipschitz:.3g}; train "
            "further, or polish first"
        )


def _require_margins(
    passed: Passed, layers: Sequence[ExactLayer], free: list[int], hidden_bias: bool, radius: float
) -> None:
    """No hidden pre-activation may reach zero while the free layers move by `radius`.

    In the first free layer a pre-activation moves by at most |a_i| radius, a_i the layer's inputs; behind it, by the
    norm of what moved before times its weights.  A neuron on which no output depends does not move.
    """
    first = free[0]
    reach = np.sqrt((passed.inputs[first].most ** 2).sum(axis=1) + hidden_bias) * radius  # (n_samples,)
    for l in range(first, len(layers) - 1):
        if l == first:
            moves = reach[:, None] * np.atleast_2d(passed.cotangents[l].mid.any(axis=0))
        else:
            weights = rounded(layers[l].weights).most
            moves = reach[:, None] * np.linalg.norm(weights, axis=1)[None, :]
            by_sums = math.sqrt(float(weights.sum(axis=0).max() * weights.sum(axis=1).max()))
            reach = reach * min(float(np.linalg.norm(weights)), by_sums)
        margin = np.abs(passed.pre[l].mid) - passed.pre[l].radius
        if (moves > margin).any():
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio = np.where(moves > 0, moves / np.maximum(margin, 0), 0.0)
            i, j = (int(a) for a in np.unravel_index(ratio.argmax(), ratio.shape))
            raise WitnessError(
                f"neuron {j} of layer {l} may change its sign at sample {i}: its pre-activation is "
                f"{passed.pre[l].mid[i, j]:.3g} and may move by {moves[i, j]:.3g} ({ratio[i, j]:.3g} times too far, "
                f"in {int((moves > margin).sum())} places in all); train further, polish first, or start elsewhere"
            )
