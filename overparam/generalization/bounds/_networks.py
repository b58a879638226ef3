"""What every bound reads off a network: its layers in float64, biases folded in, outputs, margins.

Theorems without biases apply to [[W, b], [0, 1]] on inputs (x, 1): the last unit of each layer carries the 1 on, which
every ReLU leaves as it is.  The last layer is [W, b].
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erf, ndtr

from overparam.errors import InputError
from overparam.networks import Layer

Biases = Literal["folded", "excluded"]
Activation = Literal["relu", "tanh", "erf", "gelu"]
_ACTIVATIONS = {"relu": lambda t: np.maximum(t, 0), "tanh": np.tanh, "erf": erf, "gelu": lambda t: t * ndtr(t)}


class Plain(NamedTuple):
    """A network without biases, and the points that it sees.

    Attributes:
        matrices: one a layer, (units, inputs), float64.
        points: (n_samples, inputs), float64.
        same: whether it computes the function of the layers it was made from.
    """

    matrices: tuple[NDArray, ...]
    points: NDArray
    same: bool


def as_float64(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """The layers as NumPy arrays of float64, checked.

    Raises:
        InputError: fewer than one layer, shapes that do not follow on one another, a number that is not finite.
    """
    out = tuple(Layer(np.asarray(weights, np.float64), np.asarray(bias, np.float64)) for weights, bias in layers)
    if not out:
        raise InputError("layers must hold at least one layer")
    for i, (weights, bias) in enumerate(out):
        if weights.ndim != 2 or bias.shape != weights.shape[:1] or 0 in weights.shape:
            raise InputError(
                f"layer {i} must have weights (units, inputs) and bias (units,), not {weights.shape} and {bias.shape}"
            )
        if i and weights.shape[1] != out[i - 1].weights.shape[0]:
            raise InputError(f"layer {i} takes {weights.shape[1]} inputs, but layer {i - 1} has {len(out[i - 1].bias)}")
        if not (np.isfinite(weights).all() and np.isfinite(bias).all()):
            raise InputError(f"layer {i} holds a number that is not finite; measure the network before it diverged")
    return out


def as_points(points: ArrayLike, layers: Sequence[Layer]) -> NDArray:
    """(n_samples, dim) in float64, with the dim of the first layer."""
    values = np.asarray(points, np.float64)
    if values.ndim != 2 or not len(values) or values.shape[1] != layers[0].weights.shape[1]:
        raise InputError(f"points must be (n_samples, {layers[0].weights.shape[1]}), not {values.shape}")
    return values


def sizes_of(layers: Sequence[Layer]) -> tuple[int, ...]:
    """Inputs, then the units of each layer."""
    units = [len(layer.bias) for layer in layers]
    return (layers[0].weights.shape[1], *units)


def plain(layers: Sequence[Layer], points: ArrayLike, biases: Biases = "folded") -> Plain:
    """The network without biases: folded in, or left out, which changes the function unless they are zero."""
    given = as_float64(layers)
    values = as_points(points, given)
    if biases == "excluded":
        return Plain(tuple(layer.weights for layer in given), values, not any(layer.bias.any() for layer in given))
    ones = np.ones((len(values), 1))
    return Plain(folded(given), np.concatenate([values, ones], axis=1), True)


def folded(layers: Sequence[Layer], *, carried: float = 1.0) -> tuple[NDArray, ...]:
    """[[W, b], [0, carried]] for hidden layers, [W, b] for the last."""
    out = []
    for i, (weights, bias) in enumerate(layers):
        rows = np.concatenate([weights, bias[:, None]], axis=1)
        unit = np.zeros((1, rows.shape[1]))
        unit[0, -1] = carried
        out.append(rows if i == len(layers) - 1 else np.concatenate([rows, unit]))
    return tuple(out)


def outputs_of(layers: Sequence[Layer], points: ArrayLike, *, activation: Activation = "relu") -> NDArray:
    """(n_samples, outputs), in float64."""
    given = as_float64(layers)
    values = as_points(points, given)
    for weights, bias in given[:-1]:
        values = _ACTIVATIONS[activation](values @ weights.T + bias)
    return values @ given[-1].weights.T + given[-1].bias


def margins(outputs: ArrayLike, labels: ArrayLike) -> NDArray:
    """By how much each sample is classified correctly; negative where it is not.

    Args:
        outputs: (n_samples, K); K = 1 means a sign.
        labels: (n_samples,); classes 0 .. K - 1, or for one output -1 and 1 (0 and 1 are read as those).
    Returns:
        (n_samples,), y f(x) for one output, else f(x)_y - max_{k != y} f(x)_k.

    >>> margins([[2.0, 5.0, 4.0]], [1]).tolist(), margins([[3.0]], [-1]).tolist()
    ([1.0], [-3.0])
    """
    values, classes = np.asarray(outputs, np.float64), np.asarray(labels)
    if values.ndim != 2 or classes.shape != values.shape[:1]:
        raise InputError(f"outputs must be (n_samples, K), labels (n_samples,), not {values.shape} and {classes.shape}")
    if values.shape[1] == 1:
        return values[:, 0] * signs(classes)
    if not np.isin(classes, np.arange(values.shape[1])).all():
        raise InputError(f"labels of {values.shape[1]} outputs are 0 to {values.shape[1] - 1}")
    rows, columns = np.arange(len(values)), classes.astype(int)
    others = values.copy()
    others[rows, columns] = -np.inf
    return values[rows, columns] - others.max(axis=1)


def signs(labels: ArrayLike) -> NDArray:
    """Labels of two classes as -1.0 and 1.0; 0 and 1 are read as those.

    Raises:
        InputError: other labels.
    """
    classes = np.asarray(labels)
    if np.isin(classes, (-1, 1)).all():
        return classes.astype(np.float64)
    if np.isin(classes, (0, 1)).all():
        return 2.0 * classes - 1
    raise InputError(f"two classes are -1 and 1, or 0 and 1; these labels are {np.unique(classes)[:5].tolist()}")
