"""Comparing the weights of networks up to what changes no output: permuted and rescaled hidden units.

A ReLU network stays the same function when the hidden units of a layer are permuted, and when the incoming weights and
the bias of a unit are multiplied by c > 0 and its outgoing weights divided by c.  So weights are compared after two
steps.  Every network is rescaled such that the incoming vector (w_j, b_j) of each hidden unit is as long as the
outgoing one, v_j: the point of least norm among its rescalings, and the only one, since the squared norm is strictly
convex in the logarithms of the factors.  Then the units of the second network are permuted such that its inner product
with the first is as large as possible: for one hidden layer a linear assignment, solved exactly; for more, one
assignment a layer given the others, in turns until none helps, from several starts.

The cosine after that is never read alone: a best matching makes unrelated networks look alike, the more so the wider
they are and the fewer their inputs.  The null is the same cosine between independent initial weights of those shapes.
"""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from overparam.errors import InputError
from overparam.networks import Layer, Params, layers_of

Network = Params | Sequence[Layer]
_BALANCED = 1e-13  # largest logarithm of a factor at which rescaling ends
_SWEEPS = 100_000


class Alignment(NamedTuple):
    """Two networks side by side.

    Attributes:
        raw: cosine of all weights and biases as they are.
        aligned: the same after both were rescaled and the second was permuted.
        orders: per hidden layer (width,): unit j of the first network meets unit orders[j] of the second.
        first: the first network, rescaled.
        second: the second network, rescaled and permuted; the same function as it was.
    """

    raw: float
    aligned: float
    orders: tuple[NDArray[np.intp], ...]
    first: tuple[Layer, ...]
    second: tuple[Layer, ...]


class Comparison(NamedTuple):
    """All pairs of several networks: each (n_pairs,)."""

    raw: NDArray[np.float64]
    aligned: NDArray[np.float64]
    null: NDArray[np.float64]  # aligned cosines of the networks' initial weights


def canonical(network: Network) -> tuple[Layer, ...]:
    """The same ReLU network with every hidden unit's incoming and outgoing vector equally long, in float64.

    Units without incoming or without outgoing weights, which contribute nothing, become zero.

    >>> canonical(Params(np.array([[8.0]]), np.array([0.0]), np.array([2.0]), np.array(0.5)))[0].weights.tolist()
    [[4.0]]
    """
    layers = layers_in(network)
    for _ in range(_SWEEPS):
        largest = 0.0
        for depth in range(len(layers) - 1):
            into, out = layers[depth], layers[depth + 1]
            coming, going = np.sqrt((into.weights**2).sum(1) + into.bias**2), np.sqrt((out.weights**2).sum(0))
            alive = (coming > 0) & (going > 0)
            factor = np.sqrt(np.divide(going, coming, out=np.ones_like(going), where=alive))
            largest = max(largest, float(np.abs(np.log(factor)).max(initial=0.0)))
            layers[depth] = Layer(
                np.where(alive, factor, 0)[:, None] * into.weights, np.where(alive, factor, 0) * into.bias
            )
            layers[depth + 1] = Layer(out.weights * np.where(alive, 1 / factor, 0)[None, :], out.bias)
        if len(layers) == 2 or largest <= _BALANCED:  # with one hidden layer the first sweep is exact
            return tuple(layers)
    raise InputError(f"the units of this network could not be balanced in {_SWEEPS} sweeps; is a weight no number?")


def permuted(network: Network, orders: Sequence[NDArray | Sequence[int]]) -> tuple[Layer, ...]:
    """The same network with its hidden units in these orders, one a hidden layer: unit j is the old orders[j]."""
    layers = layers_in(network)
    if len(orders) != len(layers) - 1:
        raise InputError(f"{len(layers) - 1} hidden layers need as many orders, not {len(orders)}")
    for depth, order in enumerate(np.asarray(one) for one in orders):
        into, out = layers[depth], layers[depth + 1]
        layers[depth], layers[depth + 1] = (
            Layer(into.weights[order], into.bias[order]),
            Layer(out.weights[:, order], out.bias),
        )
    return tuple(layers)


def cosine(first: Network, second: Network) -> float:
    """Of all weights and biases as they are; 0 if one network is zero."""
    one, two = (
        np.concatenate([np.ravel(leaf) for layer in layers_in(net) for leaf in layer]) for net in (first, second)
    )
    size = np.linalg.norm(one) * np.linalg.norm(two)
    return float(one @ two / size) if size > 0 else 0.0


def aligned(first: Network, second: Network, *, restarts: int = 8, rng: np.random.Generator | None = None) -> Alignment:
    """Align the second network with the first.

    Args:
        first: layers or `Params`, ReLU between them; any number of outputs.
        second: of the same shapes.
        restarts: random starts for two hidden layers or more, beside the two that need no chance: layers matched one
            after the other from the inputs, and from the outputs.
        rng: of those; without one there are none.
    Returns:
        With one hidden layer the best of all matchings; with more the best that was found, which is at least the
        original if the second network is the first, permuted and rescaled.
    Raises:
        InputError: networks of different shapes.
    """
    one, two = canonical(first), canonical(second)
    if [layer.weights.shape for layer in one] != [layer.weights.shape for layer in two]:
        raise InputError(f"networks of different shapes cannot be aligned: {_shapes(one)} and {_shapes(two)}")
    widths = [len(layer.bias) for layer in one[:-1]]
    tries = [_ascended(one, two, {}, range(len(widths)))]
    if len(widths) > 1:
        tries.append(_ascended(one, two, {}, range(len(widths))[::-1]))
        if rng is not None:
            starts = [dict(enumerate(map(rng.permutation, widths))) for _ in range(restarts)]
            tries += [_ascended(one, two, start, range(len(widths))) for start in starts]
    best = max(tries, key=lambda orders: cosine(one, permuted(two, orders)))
    moved = permuted(two, best)
    return Alignment(cosine(first, second), cosine(one, moved), best, one, moved)


def compare(networks: Sequence[Network], starts: Sequence[Network]) -> Comparison:
    """Every pair of networks, with the null of the same pair of their independent initial weights."""
    if len(networks) != len(starts) or len(networks) < 2:
        raise InputError(f"compare needs two networks or more with their starts, not {len(networks)}, {len(starts)}")
    pairs = list(itertools.combinations(range(len(networks)), 2))
    found = [aligned(networks[i], networks[j]) for i, j in pairs]
    null = [aligned(starts[i], starts[j]).aligned for i, j in pairs]
    return Comparison(*map(np.array, ([one.raw for one in found], [one.aligned for one in found], null)))


def matching(gain: NDArray[np.float64]) -> NDArray[np.intp]:
    """The column of each row in an assignment of largest total gain."""
    return linear_sum_assignment(gain, maximize=True)[1]


def product_distance(first: Network, second: Network) -> float:
    """Distance of two networks of one hidden layer and one output as functions of |v_j| (w_j, b_j) and the sign of v_j.

    Those two are what rescaling leaves of a hidden unit.  The least Euclidean distance over all matchings of units,
    where units of opposite sign meet at zero, relative to the norm of the first network; output biases are not counted.
    """
    (one, signs), (two, others) = _products(first), _products(second)
    if one.shape != two.shape:
        raise InputError(f"networks of different shapes cannot be compared: {one.shape} and {two.shape}")
    cost = np.sum((one[:, None, :] - two[None, :, :]) ** 2, axis=2)
    meeting = (np.linalg.norm(one, axis=1)[:, None] + np.linalg.norm(two, axis=1)[None, :]) ** 2
    cost = np.where(signs[:, None] == others[None, :], cost, meeting)
    return float(np.sqrt(cost[np.arange(len(cost)), matching(-cost)].sum()) / np.linalg.norm(one))


def _products(network: Network) -> tuple[NDArray, NDArray]:
    """|v_j| (w_j, b_j), and the signs of v_j."""
    layers = layers_in(network)
    if len(layers) != 2 or len(layers[1].bias) != 1:
        raise InputError(f"product_distance is for one hidden layer and one output, not for {_shapes(layers)}")
    v = layers[1].weights[0]
    return np.abs(v)[:, None] * np.column_stack(layers[0]), np.sign(v)


def _ascended(
    first: tuple[Layer, ...], second: tuple[Layer, ...], orders: dict[int, NDArray[np.intp]], depths: Sequence[int]
) -> tuple[NDArray[np.intp], ...]:
    """Assignments in turns until none adds to the inner product; layers that have no order yet count nothing."""
    changed = True
    while changed:
        changed = False
        for depth in depths:
            gain = _gain(first, second, orders, depth)
            new, old, rows = matching(gain), orders.get(depth), np.arange(len(gain))
            # what only rounding adds does not count, so that the turns end
            if old is None or gain[rows, new].sum() > gain[rows, old].sum() + 1e-12 * np.abs(gain).sum():
                orders, changed = {**orders, depth: new}, True
    return tuple(orders[depth] for depth in sorted(orders))


def _gain(
    first: tuple[Layer, ...], second: tuple[Layer, ...], orders: dict[int, NDArray[np.intp]], depth: int
) -> NDArray:
    """What unit k of the second network adds to the inner product in the place of unit j, orders of others given."""
    into, other, out, away = first[depth], second[depth], first[depth + 1], second[depth + 1]
    ends = {-1: np.arange(into.weights.shape[1]), len(first) - 1: np.arange(len(out.bias))}  # inputs, outputs
    earlier, later = ({**orders, **ends}.get(depth + step) for step in (-1, 1))
    gain = into.bias[:, None] * other.bias[None, :]
    if earlier is not None:
        gain = gain + into.weights @ other.weights[:, earlier].T
    if later is not None:
        gain = gain + out.weights.T @ away.weights[later]
    return gain


def layers_in(network: Network) -> list[Layer]:
    """A copy in float64."""
    layers = layers_of(network) if isinstance(network, Params) else network
    return [Layer(np.asarray(weights, np.float64), np.asarray(bias, np.float64)) for weights, bias in layers]


def _shapes(layers: Sequence[Layer]) -> str:
    return "-".join(map(str, [layers[0].weights.shape[1], *(len(layer.bias) for layer in layers)]))
