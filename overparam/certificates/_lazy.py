"""Witnesses that gradient descent on a first layer stays in its activation cell and ends in an exact interpolator.

Inside the cell the outputs are linear in the first layer, so that gradient descent on 1/2 |r|^2 with a step of at most
1 / |K| moves the parameters by -J^T K^-1 (I - (I - step K)^t) r, of norm at most sqrt(q), q = r^T K^-1 r.  Neurons with
one pattern move in proportion to their output weights, so that neuron j moves by at most sqrt(q / m_j), m_j the sum of
v^2 over the neurons with its pattern, divided by v_j^2; its pre-activation at sample i moves by |z_i| times that, and
must not reach zero.  A neuron that is never active, or has v_j = 0, does not move.

The coupled network x -> c sum_j (relu(<w_j, x> + b_j) - relu(<w'_j, x> + b'_j)), w' = w and b' = b at the start, has
r = -y there, and K grows with c^2: every labelling is memorized once c is large enough and K regular.
"""

import dataclasses
import math
from fractions import Fraction
from typing import Any

import numpy as np

from overparam.certificates._bounds import Bounded, dyadic_above, dyadic_below, matmul, norm_above, plus, rounded
from overparam.certificates._factor import Factor, WitnessError, factor_above, floor_below, spectrum_of
from overparam.certificates._files import spell_integers
from overparam.certificates._grams import kernel_of, pass_through
from overparam.errors import InputError
from overparam.exact import ExactLayer, exact_data, exact_layers, float_of, forward_layers, spell

SLACK = 2.0**-10  # by how much scale and step stay away from their limits
_BITS = 16  # of the numbers written


@dataclasses.dataclass(frozen=True)
class LazyWitness:
    """Gradient descent with `step` stays in the cell: floor I <= K <= ceiling I, and t solves K t = r nearly."""

    step: Fraction
    floor: Fraction
    factor: Factor
    ceiling: Fraction
    ceiling_factor: Factor
    unit: Fraction  # t = unit * solution
    solution: tuple[int, ...]

    def content(self) -> dict[str, Any]:
        """What the witness file says."""
        return {
            "factor": self.factor.content(),
            "floor": spell(self.floor),
            "ceiling_factor": self.ceiling_factor.content(),
            "ceiling": spell(self.ceiling),
            "solution": {"unit": spell(self.unit), "row": spell_integers(self.solution)},
        }


@dataclasses.dataclass(frozen=True)
class _Start:
    """A two-layer ReLU network at its initial parameters, and what the conditions are made of."""

    residual: Bounded  # (n_samples,)
    kernel: Bounded
    room: np.ndarray  # (n_samples, width): |P|^2 m / |z|^2 from below, infinite for neurons that do not move


def lazy_witness(layers: Any, points: Any, labels: Any, *, hidden_bias: bool = True) -> LazyWitness:
    """The witness for training the first layer from these parameters, with (almost) the largest step of the theorem.

    Args:
        layers: hidden layer and output layer, pairs (weights, bias); the output layer stays as it is.
        points: (n_samples, dim).
        labels: (n_samples,).
        hidden_bias: whether the hidden biases are trained with the weights.
    Raises:
        WitnessError: a neuron may reach zero, says by which factor; or K is singular as far as floats can tell.
        InputError: not one hidden layer, or the network interpolates already.
    """
    start = _start(exact_layers(layers), points, labels, hidden_bias)
    if not start.residual.most.any():
        raise InputError("the network takes all labels already, so there is nothing to train")
    kernel, residual = start.kernel, start.residual
    spectrum = spectrum_of(kernel)
    floor = floor_below(spectrum, 0.5, bits=_BITS)
    ceiling = dyadic_above(spectrum.largest * (1 + SLACK) + spectrum.doubt, _BITS)
    t = np.linalg.solve(kernel.mid, residual.mid)
    # rounding t by at most unit / 2 an entry leaves a residual of at most |K| unit sqrt(n) / 2
    value = float(residual.mid @ t)
    unit = dyadic_below(SLACK * math.sqrt(value * float(floor) / len(t)) / (8 * spectrum.largest), 1)
    integers = np.rint(t / float(unit))
    q = _bound(kernel, residual, integers * float(unit), float(floor))
    if not (q < start.room).all():
        i, j = (int(a) for a in np.unravel_index(start.room.argmin(), start.room.shape))
        raise WitnessError(
            f"neuron {j} may reach zero at sample {i}: what the descent moves is {math.sqrt(q / start.room[i, j]):.4g} "
            f"times what it may ({int((q >= start.room).sum())} places in all); scale the outputs up relative to the "
            "labels, for example with coupled_network"
        )
    return LazyWitness(
        step=dyadic_below(float_of(1 / ceiling) * (1 - 2.0**-40), _BITS),
        floor=floor,
        factor=factor_above(kernel, floor, spectrum),
        ceiling=ceiling,
        ceiling_factor=factor_above(
            Bounded(-kernel.mid, kernel.radius),
            -ceiling,
            spectrum._replace(least=-spectrum.largest, largest=-spectrum.least),
        ),
        unit=unit,
        solution=tuple(int(x) for x in integers),
    )


def coupled_network(
    hidden: Any, points: Any, labels: Any, *, hidden_bias: bool = True, slack: float = SLACK
) -> tuple[ExactLayer, ExactLayer]:
    """The coupled network of these hidden neurons, with (almost) the smallest scale c that the theorem admits.

    Args:
        hidden: pair (weights (width, dim), bias (width,)); the network gets 2 width neurons and outputs 0 everywhere.
        points: (n_samples, dim).
        labels: (n_samples,), not all zero.
        hidden_bias: whether the hidden biases are trained; without, they must be zero.
        slack: by which c stays above its limit, relatively.
    Raises:
        WitnessError: K is singular as far as floats can tell, or a pre-activation is zero.
        InputError: shapes do not fit, or all labels are zero.
    """
    weights, bias = exact_layers([hidden, ([[0] * len(hidden[1])], [0])])[0]
    if not hidden_bias and any(bias):
        raise InputError("the hidden biases must be zero, since the family has none")
    doubled = ExactLayer((*weights, *weights), (*bias, *bias))
    unscaled = (doubled, _outer(len(bias), Fraction(1)))
    start = _start(unscaled, points, labels, hidden_bias)
    if not start.residual.most.any():
        raise InputError("all labels are zero, which the coupled network takes already: nothing to train")
    room = float(start.room.min())
    if not room > 0:
        i, j = (int(a) for a in np.unravel_index(start.room.argmin(), start.room.shape))
        raise WitnessError(f"the pre-activation of neuron {j} at sample {i} is zero up to rounding; draw another one")
    spectrum = spectrum_of(start.kernel)
    floor = float(floor_below(spectrum, 0.5, bits=_BITS))
    t = np.linalg.solve(start.kernel.mid, start.residual.mid)
    limit = math.sqrt(_bound(start.kernel, start.residual, t, floor) / room)
    return doubled, _outer(len(bias), dyadic_above(limit * (1 + slack), _BITS))


def _outer(width: int, scale: Fraction) -> ExactLayer:
    return ExactLayer(((scale,) * width + (-scale,) * width,), (Fraction(0),))


def _bound(kernel: Bounded, residual: Bounded, t: np.ndarray, floor: float) -> float:
    """An upper bound on r^T K^-1 r = <r, t> + <rho, t> + rho^T K^-1 rho with rho = r - K t and K >= floor I."""
    column = Bounded(t[:, None], np.zeros((len(t), 1)))
    image = matmul(kernel, column)
    left = plus(Bounded(residual.mid[:, None], residual.radius[:, None]), Bounded(-image.mid, image.radius))
    value = matmul(plus(Bounded(residual.mid[:, None], residual.radius[:, None]), left).T, column)
    return float(value.most[0, 0]) + norm_above(left) ** 2 / floor


def _start(layers: tuple[ExactLayer, ...], points: Any, labels: Any, hidden_bias: bool) -> _Start:
    data = exact_data(points, labels)
    if len(layers) != 2:
        raise InputError(f"the theorem is about one hidden layer, not {len(layers) - 1}")
    forward = forward_layers(layers, data.points)
    passed = pass_through(layers, data.points, activation="relu", signs=forward.signs)
    residual = rounded([[f - y for f, y in zip(forward.outputs, data.labels, strict=True)]])
    kernel = kernel_of(passed, free=[0], hidden_bias=hidden_bias, output_bias=False)
    active = forward.signs[0] > 0  # (n_samples, width)
    squares = np.array([float_of(v * v) for v in layers[1].weights[0]])
    patterns = [column.tobytes() for column in active.T.copy()]
    total: dict[bytes, float] = {}
    for pattern, square in zip(patterns, squares.tolist(), strict=True):
        total[pattern] = total.get(pattern, 0.0) + square
    lengths = (passed.inputs[0].most ** 2).sum(axis=1) + hidden_bias
    margin = np.maximum(np.abs(passed.pre[0].mid) - passed.pre[0].radius, 0.0) * (1 - 2.0**-40)
    with np.errstate(divide="ignore", invalid="ignore"):
        room = margin**2 * (np.array([total[pattern] for pattern in patterns]) / squares) / lengths[:, None]
    room[:, (squares == 0) | ~active.any(axis=0)] = np.inf
    return _Start(Bounded(residual.mid[0], residual.radius[0]), kernel, room)
