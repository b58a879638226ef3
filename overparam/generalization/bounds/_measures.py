"""Measures that are said to rank trained networks by their generalization gap.

Conventions: n samples, L layers, theta all weights and biases, theta_0 where training began, g the margin at a
quantile of the training samples, with its sign lost where it is squared.  Norms of layers are those of the weights,
without biases.  A measure is to be smaller for the network that generalizes better; the published list takes
sqrt(measure / n) of those that are not flat, which ranks networks of one n alike.

Flatness: the largest s such that Gaussian noise of standard deviation s on all of theta lowers the mean training
accuracy by at most `drop`, by bisection along one set of directions; relative to the weights, of standard deviation
sqrt(s'^2 theta_i^2 + eps^2) each.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overparam.errors import InputError
from overparam.generalization.bounds._margins import margin_level
from overparam.generalization.bounds._networks import Activation, as_float64, as_points, margins, outputs_of
from overparam.generalization.bounds._spectral import spectral_norm
from overparam.networks import Layer

EPS = 1e-3  # of the noise relative to the weights
_BISECTIONS = 12


def jiang2020(
    layers: Sequence[Layer],
    initial: Sequence[Layer],
    points: ArrayLike,
    labels: ArrayLike,
    rng: np.random.Generator,
    *,
    quantile: float = 0.1,
    drop: float = 0.1,
    draws: int = 8,
    activation: Activation = "relu",
) -> dict[str, float]:
    """All measures of one network, by name.

    Args:
        layers: of a trained network.
        initial: where its training began.
        points: (n_samples, dim), on which it was trained.
        labels: (n_samples,), see `margins`.
        rng: for the noise of the two flatness measures and what is made of them.
        quantile: of the training margins.
        drop: of the training accuracy that the noise may cost.
        draws: directions of noise.
        activation: of the network.
    Returns:
        name -> number, not divided by n.
    Raises:
        InputError: shapes do not fit, or the margin at the quantile is zero.
    Source:
        jiang2020fantastic, the measures for layers of weights; dziugaite2020search for conventions.
    """
    given, start = as_float64(layers), as_float64(initial)
    if [one.weights.shape for one in given] != [one.weights.shape for one in start]:
        raise InputError("initial must have the shapes of layers")
    values = as_points(points, given)
    spread = margins(outputs_of(given, values, activation=activation), labels)
    g, n, depth = margin_level(spread, quantile), len(values), len(given)
    if g == 0:
        raise InputError("the margin at this quantile is 0; choose another quantile")
    theta, theta0 = flattened(given), flattened(start)
    apart = float(np.sum((theta - theta0) ** 2))
    spectral = 2 * sum(math.log(spectral_norm(one.weights)) for one in given)
    frobenius = 2 * sum(math.log(float(np.linalg.norm(one.weights))) for one in given)
    path = path_norm(given)
    margin = -2 * math.log(abs(g))

    def accuracy(at: NDArray) -> float:
        moved = unflattened(at, given)
        return float(np.mean(margins(outputs_of(moved, values, activation=activation), labels) > 0))

    noise = rng.normal(size=(draws, theta.size))
    least = accuracy(theta) - drop
    s = _largest(lambda s: float(np.mean([accuracy(theta + s * z) for z in noise])) >= least)
    t = _largest(lambda t: float(np.mean([accuracy(theta + np.hypot(t * theta, EPS) * z) for z in noise])) >= least)
    ratio = (EPS**2 + (t**2 + 1) * apart / theta.size) / (EPS**2 + t**2 * (theta - theta0) ** 2)
    return {
        "parameters": float(theta.size),
        "inverse margin": 1 / g**2,
        "log product of spectral norms": spectral,
        "log product of spectral norms / margin": spectral + margin,
        "log product of Frobenius norms": frobenius,
        "log product of Frobenius norms / margin": frobenius + margin,
        "distance from start": sum(
            float(np.sum((a.weights - b.weights) ** 2)) for a, b in zip(given, start, strict=True)
        ),
        "sum of squared weights": sum(float(np.sum(one.weights**2)) for one in given),
        "Frobenius / spectral": sum(
            (float(np.linalg.norm(one.weights)) / spectral_norm(one.weights)) ** 2 for one in given
        ),
        "mean spectral / margin": depth * math.exp((spectral + margin) / depth),
        "path norm": path,
        "path norm / margin": path / g**2,
        "PAC-Bayes": apart / (4 * s**2) + math.log(n / s) + 10,
        "PAC-Bayes, relative": float(np.sum(np.log(ratio))) / 4 + math.log(n / t) + 10,
        "flatness": 1 / s**2,
        "flatness, relative": 1 / t**2,
    }


def path_norm(layers: Sequence[Layer]) -> float:
    """Sum of the outputs on the input of ones after all weights and biases are squared: squares summed over paths.

    >>> path_norm([Layer(np.array([[1.0, 2.0]]), np.array([1.0])), Layer(np.array([[3.0]]), np.array([2.0]))])
    58.0
    """
    values = np.ones(layers[0].weights.shape[1])
    for layer in layers:
        values = np.asarray(layer.weights, np.float64) ** 2 @ values + np.asarray(layer.bias, np.float64) ** 2
    return float(values.sum())


def flattened(layers: Sequence[Layer]) -> NDArray:
    """All weights and biases in one vector, float64."""
    return np.concatenate([np.asarray(leaf, np.float64).ravel() for layer in layers for leaf in layer])


def unflattened(theta: NDArray, like: Sequence[Layer]) -> tuple[Layer, ...]:
    """Layers of the shapes of `like` from such a vector."""
    out, at = [], 0
    for layer in like:
        rows, columns = layer.weights.shape
        weights = theta[at : at + rows * columns].reshape(rows, columns)
        out.append(Layer(weights, theta[at + rows * columns : at + rows * (columns + 1)]))
        at += rows * (columns + 1)
    return tuple(out)


def _largest(allowed: Callable[[float], bool]) -> float:
    """The largest number that is allowed, within 2^-14 to 2^6, by bisection of its logarithm."""
    low, high = -14.0, 6.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if allowed(2.0**middle) else (low, middle)
    return 2.0**low
