"""Margin bounds by spectral norms: by covering numbers, and by perturbing the weights.

Both hold for all networks and margins at once.  Covering (bartlett2017spectrally), with reference matrices M_l fixed
before the data are seen, W the largest width, inputs and outputs among them, and 1-Lipschitz activations that are 0
at 0:

    R_A = prod_l |A_l|_2 (sum_l (|A_l^T - M_l^T|_{2,1} / |A_l|_2)^(2/3))^(3/2),
    error <= share of margins below g + 8 / n^(3/2) + C |X|_F ln(2 W) ln(n) R_A / (g n) + 3 sqrt(ln(2/delta) / (2 n)),

C = 72 sqrt(2).

|A^T - M^T|_{2,1} sums the Euclidean norms of the columns of A^T, which are the rows of A: incoming weights of a unit.
The constants: one layer is covered by averages of k matrices, k the ceiling of x = (|X|_F |A^T|_{2,1} / e)^2, so that
ln N(e) <= k ln(2 W^2).  For x <= 1 the zero matrix covers all, otherwise k <= 2 x: the ceiling costs a factor 2 in ln N
at most, sqrt(2) in the complexity, which a printed 72 leaves out and which is kept here.  Thus the covering number of
the margin class, ln N(e) <= 2 (2 |X|_F R_A / g)^2 ln(2 W^2) / e^2, in Dudley's integral from 1/n to sqrt(n), gives
4 / n^(3/2) + 36 sqrt(2) |X|_F R_A sqrt(ln(2 W^2)) ln(n) / (g n) on Rhat_n, and sqrt(ln(2 W^2)) <= ln(2 W) from W = 3
on.  One output has a margin of Lipschitz constant 1 instead of 2: half of that.

Perturbation (neyshabur2018pac), for relu and |x| <= B: Gaussian noise of standard deviation
g / (42 L B beta^(L-1) sqrt(h ln(4 h L))) on every weight moves no output by g/4 with probability 1/2, and
KL <= (42^2 e^2 / 2) L^2 B^2 h ln(4 L h) prod |W_l|_2^2 sum_l (|W_l|_F / |W_l|_2)^2 / g^2, whence

    error <= share of margins below g + 4 sqrt((KL + ln(6 L n^(3/2) / delta)) / (n - 1)).

The noise matrix has spectral norm at most sigma sqrt(2 h ln(4 L h)) only if h is at least the number of its rows and of
its columns, so that h counts the inputs, too; the unit-constant value has the h of the statement, the widest layer.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overparam.errors import InputError
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
from overparam.generalization.bounds._networks import Activation, Biases, as_float64, folded, margins, outputs_of, plain
from overparam.networks import Layer


def spectral_norm(matrix: NDArray) -> float:
    """Largest singular value, by SVD in float64."""
    return float(np.linalg.svd(np.asarray(matrix, np.float64), compute_uv=False)[0])


def group_norm(matrix: NDArray) -> float:
    """|A^T|_{2,1} of A (units, inputs): the sum over units of the Euclidean norm of their incoming weights.

    >>> group_norm(np.array([[3.0, 4.0], [0.0, 0.0]]))
    5.0
    """
    return float(np.linalg.norm(matrix, axis=1).sum())


def spectral_complexity(matrices: Sequence[NDArray], references: Sequence[NDArray] | None = None) -> float:
    """R_A; 0 if a layer is 0.

    Args:
        matrices: (units, inputs), one a layer.
        references: M_l of the same shapes, zero if None.
    Source:
        bartlett2017spectrally, equation (1.2), with 1-Lipschitz activations.

    >>> spectral_complexity([np.eye(2), 2 * np.eye(2)])  # 2 (2^(2/3) + 2^(2/3))^(3/2)
    11.31370849898476
    """
    references = [np.zeros_like(matrix) for matrix in matrices] if references is None else references
    norms = [spectral_norm(matrix) for matrix in matrices]
    apart = [group_norm(matrix - other) for matrix, other in zip(matrices, references, strict=True)]
    return _combined(norms, apart)


def bartlett2017(
    layers: Sequence[Layer],
    points: ArrayLike,
    labels: ArrayLike,
    *,
    initial: Sequence[Layer] | None = None,
    quantile: float = 0.1,
    delta: float = 0.05,
    biases: Biases = "folded",
    activation: Activation = "relu",
) -> Capacity:
    """The spectrally normalized margin bound.

    Args:
        layers: of a trained network.
        points: (n_samples, dim), independent, on which it was trained.
        labels: (n_samples,), see `margins`.
        initial: the reference matrices, fixed before the data were seen, such as the initial layers; None is zero.
        quantile: of the training margins, at which the margin level is taken.
        delta: probability that the bound fails.
        biases: folded into the inputs, or left out, which is another function unless they are zero.
        activation: of the network; relu and tanh are 1-Lipschitz and 0 at 0.
    Returns:
        value: |X|_F R_A / (level n); bound: on the error.
    Raises:
        InputError: shapes do not fit, or the margin at this quantile is not positive.
    Source:
        bartlett2017spectrally, Theorem 1.1 and its appendix; constants as derived above.
    """
    network, spread, level, n = measured(
        layers, points, labels, quantile=quantile, delta=delta, biases=biases, activation=activation
    )
    references = references_of(layers, initial, biases)
    norms = [spectral_norm(matrix) for matrix in network.matrices]
    apart = [group_norm(a - m) for a, m in zip(network.matrices, references, strict=True)]
    size, outputs = float(np.linalg.norm(network.points)), len(network.matrices[-1])
    widest = max(max(matrix.shape) for matrix in network.matrices)
    logs = max(math.log(2 * widest), math.sqrt(math.log(2 * widest**2)))
    below, spectral, distances = rounded_down(level), rounded_up(norms), rounded_up(apart)
    g, lipschitz = below.values[0], 1 if outputs == 1 else 2
    constant = 36 * math.sqrt(2) * lipschitz
    complexity = constant * size * logs * math.log(n) * _combined(spectral.values, distances.values) / (g * n)
    bound = (
        margin_error(spread, g)
        + 8 / n**1.5
        + complexity
        + deviation(n, delta, below.price + spectral.price + distances.price)
    )
    return Capacity(
        "bartlett2017",
        size * _combined(norms, apart) / (level * n),
        bound,
        delta,
        unmet(network.same, activation in ("relu", "tanh"), "the activation must be 1-Lipschitz and 0 at 0"),
        guessing(outputs),
        "bartlett2017spectrally, Theorem 1.1",
    )


def normalized_margins(
    layers: Sequence[Layer],
    points: ArrayLike,
    labels: ArrayLike,
    *,
    initial: Sequence[Layer] | None = None,
    biases: Biases = "folded",
    activation: Activation = "relu",
) -> NDArray:
    """Margins divided by R_A |X|_F / n, (n_samples,): comparable between networks of one architecture."""
    network = plain(layers, points, biases)
    scale = spectral_complexity(network.matrices, references_of(layers, initial, biases))
    spread = margins(outputs_of(layers, points, activation=activation), labels)
    return spread * len(spread) / (scale * float(np.linalg.norm(network.points)))


def neyshabur2018(
    layers: Sequence[Layer],
    points: ArrayLike,
    labels: ArrayLike,
    *,
    radius: float | None = None,
    quantile: float = 0.1,
    delta: float = 0.05,
    biases: Biases = "folded",
    activation: Activation = "relu",
) -> Capacity:
    """The margin bound by perturbing the weights.

    Args and errors as for `bartlett2017`; besides:

        radius: a bound on the norms of all inputs, seen or not; None takes the largest of the sample, and says so.

    Returns:
        value: sqrt(B^2 L^2 h ln(L h) prod |W|_2^2 sum |W|_F^2 / |W|_2^2 / (level^2 n)), h the widest layer; bound: on
        the error.
    Source:
        neyshabur2018pac, Theorem 1; constants as derived above.
    """
    network, spread, level, n = measured(
        layers, points, labels, quantile=quantile, delta=delta, biases=biases, activation=activation
    )
    seen = float(np.max(np.linalg.norm(network.points, axis=1)))
    given = seen if radius is None else math.hypot(radius, 1.0 if biases == "folded" else 0.0)
    if given < seen * (1 - 1e-9):
        raise InputError(f"radius must bound the norms of all inputs; one of the sample has {seen:.6g}")
    depth = len(network.matrices)
    norms = [spectral_norm(matrix) for matrix in network.matrices]
    ranks = sum((float(np.linalg.norm(a)) / s) ** 2 for a, s in zip(network.matrices, norms, strict=True) if s > 0)
    shape = (given * depth * math.prod(norms)) ** 2 * ranks
    units = max(len(layer.bias) for layer in layers)
    h = max(max(matrix.shape) for matrix in network.matrices)
    below = rounded_down(level)
    g = below.values[0]
    divergence = (42 * math.e) ** 2 / 2 * shape * h * math.log(4 * depth * h) / g**2
    root = math.sqrt((divergence + math.log(6 * depth * n**1.5 / delta) + below.price) / (n - 1))
    unseen = () if radius is not None else ("no bound on the inputs is given; the largest norm of the sample was used",)
    return Capacity(
        "neyshabur2018",
        math.sqrt(shape * units * math.log(depth * units) / (level**2 * n)),
        margin_error(spread, g) + 4 * root,
        delta,
        (*unmet(network.same, activation == "relu", "the activation must be relu"), *unseen),
        guessing(len(network.matrices[-1])),
        "neyshabur2018pac, Theorem 1",
    )


def references_of(layers: Sequence[Layer], initial: Sequence[Layer] | None, biases: Biases) -> tuple[NDArray, ...]:
    """Reference matrices: of the initial layers, or zero; where biases are folded in the carried 1 is known, too."""
    if initial is None:
        zero = tuple(Layer(np.zeros(np.shape(layer.weights)), np.zeros(np.shape(layer.bias))) for layer in layers)
        return folded(zero) if biases == "folded" else tuple(np.asarray(layer.weights) for layer in zero)
    given = as_float64(initial)
    if [layer.weights.shape for layer in given] != [np.shape(layer.weights) for layer in layers]:
        raise InputError(
            f"initial must have the shapes of layers, {[np.shape(layer.weights) for layer in layers]}, "
            f"not {[layer.weights.shape for layer in given]}"
        )
    return folded(given) if biases == "folded" else tuple(layer.weights for layer in given)


def _combined(norms: Sequence[float], apart: Sequence[float]) -> float:
    if min(norms) <= 0:
        return 0.0
    ratios = sum((b / s) ** (2 / 3) for s, b in zip(norms, apart, strict=True))
    return math.prod(norms) * ratios**1.5
