"""Upper bounds on the Rademacher complexity of networks by the norms of their weights, independent of the width.

Rhat_n(F) = E_s sup_f (1/n) sum_i s_i f(x_i), s uniform signs.  For L bias-free layers, all f with |W_l| <= M_l:

    Frobenius norms, ReLU:                     prod M_l (sqrt(2 L ln 2) + 1) |X|_F / n
    largest l1 norm of a row, 1-Lipschitz, 0 at 0:   2 prod M_l sqrt(L + 1 + ln d) sqrt(max_j sum_i x_ij^2) / n

Margin bound: for a level g, the error is at most the share of margins below g, plus (2/g) Rhat_n, plus 3
sqrt(ln(2/delta) / (2 n)). For K > 1 outputs the margin is sqrt(2)-Lipschitz in them, so that by the vector-valued
contraction lemma, again with sqrt(2), Rhat_n is replaced by 2 E sup (1/n) sum_ik s_ik f_k(x_i). Peeling layers as for
one output, with a maximum over the K sums inside the exponential, gives sqrt(K) prod M_l (sqrt(2 (L ln 2 + ln K)) + 1)
|X|_F / n for Frobenius norms, and for l1 norms ln K more in the root and the sum over outputs in place of the last M_l.
With biases folded in the second bound stays true for tanh, whose units cannot carry a 1 on: the constant is a further
sum at each layer, which costs a factor 3 instead of 2 there, and the printed constant has room for it.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overparam.generalization.bounds._margins import (
    Capacity,
    deviation,
    guessing,
    margin_error,
    measured,
    rounded_down,
    rounded_up,
    unmet,
)
from overparam.generalization.bounds._networks import Activation, Biases
from overparam.networks import Layer


def frobenius_complexity(norms: Sequence[float], points: NDArray, n_outputs: int = 1) -> float:
    """Bound on Rhat_n of ReLU networks without biases by the Frobenius norms of their layers.

    Args:
        norms: one a layer.
        points: (n_samples, inputs).
        n_outputs: K; for K > 1 the expectation is that of sum_ik s_ik f_k(x_i) / n.
    Source:
        golowich2018size, Theorem 1, for one output.

    >>> round(frobenius_complexity([1.0, 1.0], np.eye(4)), 6)
    1.332555
    """
    root = math.sqrt(2 * (len(norms) * math.log(2) + math.log(n_outputs))) + 1
    return math.sqrt(n_outputs) * math.prod(norms) * root * float(np.linalg.norm(points)) / len(points)


def l1_complexity(norms: Sequence[float], points: NDArray, n_outputs: int = 1) -> float:
    """Bound on Rhat_n by the largest l1 norm of a row in each layer (of the last one, the sum over outputs).

    Args:
        norms: one a layer.
        points: (n_samples, inputs).
        n_outputs: K; for K > 1 the expectation is that of sum_ik s_ik f_k(x_i) / n.
    Source:
        golowich2018size, Theorem 2, for one output.

    >>> round(l1_complexity([1.0, 1.0], np.eye(4)), 6), round(l1_complexity([1.0, 1.0], np.eye(4), 3), 6)
    (1.047174, 1.170994)
    """
    n, d = points.shape
    largest = math.sqrt(float(np.max(np.sum(points**2, axis=0))))
    root = math.sqrt(len(norms) + 1 + math.log(d) + math.log(n_outputs))
    return 2 * math.prod(norms) * root * largest / n


def golowich2018(
    layers: Sequence[Layer],
    points: ArrayLike,
    labels: ArrayLike,
    *,
    quantile: float = 0.1,
    delta: float = 0.05,
    biases: Biases = "folded",
    activation: Activation = "relu",
) -> Capacity:
    """The size-independent margin bound by Frobenius norms.

    Args:
        layers: of a trained network.
        points: (n_samples, dim), independent, on which it was trained.
        labels: (n_samples,), see `margins`.
        quantile: of the training margins, at which the margin level is taken.
        delta: probability that the bound fails.
        biases: folded into the inputs, or left out, which is another function unless they are zero.
        activation: of the network; the theorem is about relu.
    Returns:
        value: Rhat_n / level with the printed constant of one output; bound: on the error.
    Raises:
        InputError: shapes do not fit, or the margin at this quantile is not positive.
    Source:
        golowich2018size, Theorem 1; for several outputs and all norms at once see this file's and `_margins`' words.
    """
    network, spread, level, n = measured(
        layers, points, labels, quantile=quantile, delta=delta, biases=biases, activation=activation
    )
    norms = [float(np.linalg.norm(matrix)) for matrix in network.matrices]
    outputs = len(network.matrices[-1])
    below, product = rounded_down(level), rounded_up([math.prod(norms)])  # of ReLU layers only the product counts
    g = below.values[0]
    complexity = frobenius_complexity([*product.values, *[1.0] * (len(norms) - 1)], network.points, outputs)
    bound = (
        margin_error(spread, g)
        + _contraction(outputs) * complexity / g
        + deviation(n, delta, below.price + product.price)
    )
    return Capacity(
        "golowich2018",
        frobenius_complexity(norms, network.points) / level,
        bound,
        delta,
        unmet(network.same, activation in ("relu",), "the activation must be relu"),
        guessing(outputs),
        "golowich2018size, Theorem 1",
    )


def bartlett1998(
    layers: Sequence[Layer],
    points: ArrayLike,
    labels: ArrayLike,
    *,
    quantile: float = 0.1,
    delta: float = 0.05,
    biases: Biases = "folded",
    activation: Activation = "relu",
) -> Capacity:
    """The margin bound by the size of the weights, in the form that holds for any depth: l1 norms of rows.

    Args and errors as for `golowich2018`; activations relu and tanh.

    Returns:
        value: Rhat_n / level with the printed constant; bound: on the error.
    Source:
        bartlett1998sample for the idea; golowich2018size, Theorem 2, for the constants.
    """
    network, spread, level, n = measured(
        layers, points, labels, quantile=quantile, delta=delta, biases=biases, activation=activation
    )
    norms = row_norms(network.matrices)
    outputs = len(network.matrices[-1])
    below, grid = rounded_down(level), rounded_up(norms)
    g = below.values[0]
    bound = (
        margin_error(spread, g)
        + _contraction(outputs) * l1_complexity(grid.values, network.points, outputs) / g
        + deviation(n, delta, below.price + grid.price)
    )
    return Capacity(
        "bartlett1998",
        l1_complexity(norms, network.points) / level,
        bound,
        delta,
        unmet(network.same, activation in ("relu", "tanh"), "the activation must be 1-Lipschitz and 0 at 0"),
        guessing(outputs),
        "golowich2018size, Theorem 2",
    )


def row_norms(matrices: Sequence[NDArray]) -> list[float]:
    """Largest l1 norm of a row of each hidden layer, and the sum over the rows of the last.

    >>> row_norms([np.array([[1.0, -2.0], [0.5, 0.5]]), np.array([[1.0, 1.0], [3.0, 0.0]])])
    [3.0, 5.0]
    """
    sums = [np.abs(matrix).sum(axis=1) for matrix in matrices]
    return [*(float(rows.max()) for rows in sums[:-1]), float(sums[-1].sum())]


def _contraction(n_outputs: int) -> float:
    """2 Rhat of the ramp of the margin, in units of complexity / level."""
    return 2.0 if n_outputs == 1 else 4.0
