"""Tangent kernels of deep smooth networks whose widths grow only like the root of n.

The source: smooth activation, widths falling up to constants, k_(L-2) k_(L-1) >> n polylog(n) for the last two hidden
layers, isotropic data of dimension d >= sqrt(n) polylog: the least eigenvalue of the tangent kernel at the start
is at least of order k_(L-2) k_(L-1), so order n weights and order sqrt(n) neurons suffice.

The kernel is that of the weights themselves, |x|^2 = d, hidden weights of variance 1 / fan-in, output weights of
variance 1: with output weights of variance 1 / fan-in all derivatives below the last layer shrink by sqrt(k), and the
same eigenvalue is only of order k.

Here two hidden layers and the data's dimension are all c sqrt(n), c fixed: then the claim says that
lambda_min / (k_(L-2) k_(L-1)) keeps off 0.  Its exponent in n is estimated by regression of logarithms over all draws,
with a 99.9 % interval (Student, residuals taken as normal).  Refuted if the whole interval is negative.
"""

import math

import numpy as np
import scipy.special

from overparam.networks import Layer
from overparam.records import Verdict
from overparam.studies._experiment import Experiment, Finding, Link, Setting, Width
from overparam.studies._instances import Size
from overparam.studies.convergence._deep import drawn_layers, generator, kernel_parts

_SIZES: dict[Size, tuple[tuple[int, ...], int]] = {  # n, draws of each
    "ci": ((36, 100, 196), 16),
    "laptop": ((100, 200, 400, 800, 1600), 8),
    "paper": ((400, 900, 2500, 6400, 14400, 25600), 8),
}
_RATIO = 3  # widths and dimension over sqrt(n)
_LEVEL = 1e-3
_USEFUL = 0.25  # half width of an interval that says something


def measure(setting: Setting, *, output_variance: str = "one", activation: str = "tanh") -> Finding:
    """`output_variance` is "one" or "fan-in", the law of the output weights; `activation` "tanh" or "identity"."""
    shapes, draws = _SIZES[setting.size]
    sizes, ratios = [], []
    for n in shapes:
        width = _RATIO * (math.isqrt(n - 1) + 1)
        for seed in range(draws):
            layers, points = _draw(setting.root, n, width, seed, output_variance)
            parts = _parts(layers, points, activation)
            least = _least(sum(parts))
            sizes.append(n)
            ratios.append(least / width**2)
    means = [float(np.exp(np.mean(np.log([r for r, m in zip(ratios, sizes, strict=True) if m == n])))) for n in shapes]
    low, slope, high = _exponent(np.log(np.array(sizes)), np.log(np.maximum(ratios, 1e-300)))
    telling = high - low < 2 * _USEFUL
    return Finding(
        holds=bool(high >= 0 and min(ratios) > 0) if telling else None,
        words=f"{activation}, two hidden layers and dimension {_RATIO} sqrt(n), {draws} draws each: lambda_min over "
        "the product of the widths is "
        + ", ".join(f"{mean:.4f} (n = {n})" for mean, n in zip(means, shapes, strict=True))
        + f", geometric means; lambda_min over that product goes like n to the power {slope:.2f}, 99.9 % "
        f"interval [{low:.2f}, {high:.2f}].",
        instances=len(ratios),
        links=(
            Link(
                "lambda_min of the last hidden layer's part of the kernel, against the whole, last draw",
                least,
                _least(parts[1]),
            ),
        ),
        width=Width(math.sqrt(shapes[-1]), width, "polylogarithm and prefactor set to 1"),
    )


def _draw(root: int, n: int, width: int, seed: int, output_variance: str) -> tuple[tuple[Layer, ...], np.ndarray]:
    rng = generator(root, n, seed)
    points = rng.normal(size=(n, width))
    points *= width**0.5 / np.linalg.norm(points, axis=1, keepdims=True)
    last = float(width) if output_variance == "one" else 1.0
    return drawn_layers(rng, (width, width, width, 1), (1.0, 1.0, last)), points


def _parts(layers: tuple[Layer, ...], points: np.ndarray, activation: str) -> list[np.ndarray]:
    """The kernel's parts in the weights of each layer."""
    inputs, slopes = [points], []
    for layer in layers[:-1]:
        values = inputs[-1] @ layer.weights.T
        values = np.tanh(values) if activation == "tanh" else values
        slopes.append(1 - values**2 if activation == "tanh" else np.ones_like(values))
        inputs.append(values)
    return kernel_parts([layer.weights for layer in layers], inputs, slopes)


def _least(gram: np.ndarray) -> float:
    return float(np.linalg.eigvalsh(gram)[0])


def _exponent(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float]:
    """Lower limit, estimate and upper limit of the slope of y on x."""
    centred = x - x.mean()
    spread = float(centred @ centred)
    slope = float(centred @ y) / spread
    rest = y - y.mean() - slope * centred
    error = math.sqrt(float(rest @ rest) / (len(x) - 2) / spread)
    reach = float(scipy.special.stdtrit(len(x) - 2, 1 - _LEVEL / 2)) * error
    return slope - reach, slope, slope + reach


STUDY = Experiment(
    id="bombari-minimum-overparam",
    claim="For tanh networks with two hidden layers, widths and dimension 3 sqrt(n), output weights of variance 1 and "
    "isotropic data, the least eigenvalue of the tangent kernel at the start over the product of the two widths is not "
    "seen to vanish as a power of n: the 99.9 % interval of its exponent is not wholly negative.",
    refuted_by="an exponent whose 99.9 % interval is negative as a whole, from two root seeds",
    cites=("bombari2022",),
    locator="Theorem 1 (number from memory)",
    measure=measure,
    proved=False,
    word=Verdict.ESTIMATED,
)
