"""Random features of a smooth activation, and output weights that fit (Leshno et al. 1993 in its finite form).

For a continuous activation that is no polynomial the vectors of neuron outputs at n distinct points span R^n, and for
an analytic one almost every n neurons are independent.  Each neuron here is drawn to bend near one of the points,
which keeps its weights small; ball arithmetic then finds out whether the draw is independent.
"""

from fractions import Fraction

import numpy as np

from overparam.errors import InputError
from overparam.exact import ExactData, ExactLayer, LayeredNetwork
from overparam.memorizers._built import Built, Options, refusal
from overparam.memorizers.smooth._fit import PRECISIONS, fitted, multiple

_UNIT = Fraction(1, 1024)  # of weights and biases
_SLOPE = 4.0


def build_smooth_features(data: ExactData, options: Options) -> Built:
    """`width` random neurons, n by default; claims that an exact interpolator lies near, by the output layer alone."""
    activation, n = options.activation or "tanh", data.n_samples
    width = n if options.width is None else options.width
    if activation not in ("tanh", "erf", "gelu"):
        raise InputError(f'smooth-features takes activation tanh, erf or gelu, not {activation}; see "features"')
    if width < n:
        raise InputError(f"smooth-features needs at least {n} neurons for {n} points, not width={width}")
    hidden = random_layer(data, width, options.seed)
    outer = fitted(activation, [hidden], data)
    if outer is None:
        raise refusal("smooth-features", f"{PRECISIONS[-1]} bits do not show these features independent", '"one-limit"')
    note = f"random features, seed {options.seed}"
    return Built(LayeredNetwork(activation, (hidden, outer)), (note,), free=(1,))


def random_layer(data: ExactData, width: int, seed: int) -> ExactLayer:
    """Neurons of Gaussian directions, steeper the denser the points lie, each vanishing near a point in turn."""
    rng = np.random.default_rng(seed)
    n, d = data.n_samples, data.dim
    scale = _SLOPE * n ** (1 / d) / d**0.5
    weights, biases = [], []
    turn: list[int] = []
    for _ in range(width):
        turn = turn or [int(i) for i in rng.permutation(n)]
        row = tuple(multiple(w, _UNIT) for w in rng.normal(size=d) * scale)
        at = sum((w * x for w, x in zip(row, data.points[turn.pop()], strict=True)), Fraction(0))
        weights.append(row)
        biases.append(round((Fraction(rng.normal() / 2) - at) / _UNIT) * _UNIT)
    return ExactLayer(tuple(weights), tuple(biases))
