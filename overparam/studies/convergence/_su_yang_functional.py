"""Structured labels: the risk falls at a rate that does not depend on n; random labels need steps that grow with n.

Statement (suyang2019), d fixed, inputs i.i.d., labels y = f*(x) with f* in the span of leading eigenfunctions of the
kernel's integral operator: the empirical risk decreases linearly at a rate free of n down to the error of that span,
and width of order n log n suffices for empirical risk Theta(1 / sqrt(n)).  It is no memorization result: zero loss on
arbitrary labels is not reached at such a rate, since the least eigenvalue of the kernel tends to 0.

Linear rate means that the steps to a fixed risk are bounded in n; the steps to risk 1 / sqrt(n) still grow like log n.
Measured, on the unit sphere of R^3 with the first-layer ReLU kernel, whose eigenspaces are the harmonics of degree 1,
0, 2, 4, 6, .. (n / 12, n / 16, 7 n / 256, ..): continuous time t at which the mean of r_i^2 is 1 % of that of
y_i^2, for r_t = (I - H / l_max)^t y, for y = harmonics of degree 1 and 2, and for random signs; exponents in n with
99 % intervals.  And a coupled ReLU network of width about n ln n is trained on the structured labels for twice the time
at which the kernel's risk is 1 / sqrt(n).

Against it: an exponent for structured labels certainly above 0.1, one for random labels certainly at most 0.1, or the
network's risk above 1 / sqrt(n) then.  For it: the whole intervals on the other sides.  If the labels are replaced by a
harmonic of degree 3, which the kernel does not have, the first happens.
"""

import math
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from overparam.ntk import first_layer_gram
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.convergence import _two_layer as two
from overparam.studies.convergence._growth import slope
from overparam.training import follow

_RISK, _FLAT = 0.01, 0.1


class _Sizes(NamedTuple):
    samples: tuple[int, ...]
    draws: int
    trained: int  # samples of the network's run


_SIZES: dict[Size, _Sizes] = {
    "ci": _Sizes((50, 200), 6, 50),
    "laptop": _Sizes((100, 300, 900), 5, 300),
    "paper": _Sizes((100, 300, 1000, 3000, 10_000), 6, 3000),
}


def harmonic(points: np.ndarray, degree: int) -> np.ndarray:
    """x_1 + (x_1 x_2 + x_2 x_3) for degrees up to 2, or the zonal harmonic of degree 3; of mean square about 1."""
    x, y, z = points.T
    if degree == 3:
        return math.sqrt(7) * (5 * x**3 - 3 * x) / 2
    return x * math.sqrt(3 / 2) + (x * y + y * z) * math.sqrt(15 / 4)


def time_to(spectrum: np.ndarray, weights: np.ndarray, risk: float) -> float:
    """Time t at which sum_i weights_i (1 - l_i / l_max)^(2t) is risk times the sum of weights; inf beyond 1e15."""
    logs = np.log1p(-np.minimum(np.maximum(spectrum, 0) / spectrum[-1], 1 - 2.0**-53))
    share = weights / np.sum(weights)

    def left(time: float) -> float:
        return float(share @ np.exp(2 * time * logs))

    low, high = 0.0, 1.0
    while left(high) > risk:
        low, high = high, 2 * high
        if high > 1e15:
            return math.inf
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if left(middle) > risk else (low, middle)
    return high


def measure(setting: Setting, *, degree: int = 2) -> Finding:
    """Times for structured and random labels, and a network's run.

    Args:
        setting: see `Setting`.
        degree: 2 for labels in the leading eigenspaces; 3 for a harmonic that the kernel does not have.
    """
    samples, draws, trained = _SIZES[setting.size]
    times = np.empty((3, len(samples), draws))
    for i, n in enumerate(samples):
        for draw in range(draws):
            points, signs = two.sphere(10**6 * setting.root + draw, n, 3)
            spectrum, vectors = np.linalg.eigh(np.asarray(first_layer_gram(points)))
            structured, random = (
                (vectors.T @ y) ** 2 for y in (harmonic(np.asarray(points), degree), np.asarray(signs))
            )
            times[:, i, draw] = (
                time_to(spectrum, structured, _RISK),
                time_to(spectrum, random, _RISK),
                time_to(spectrum, structured, 1 / math.sqrt(n)),
            )
    if not np.all(np.isfinite(times)):
        return Finding(None, "A risk was not reached within 1e15 steps of the kernel's dynamics.", times.size)
    flat, grows, to_root = (slope(samples, each) for each in times)
    risk, width, steps = _network(setting.root, trained, degree)
    reached = risk <= 1 / math.sqrt(trained)
    links = (
        Link(
            f"steps, structured labels, factor from n = {samples[0]} to {samples[-1]}, upper end",
            (samples[-1] / samples[0]) ** _FLAT,
            (samples[-1] / samples[0]) ** flat.upper,
        ),
        Link("exponent in n of the steps, random labels, lower end", _FLAT, grows.lower, "at least"),
        Link(f"risk of one network of width {width}, n = {trained}", 1 / math.sqrt(trained), risk),
    )
    words = (
        f"n = {', '.join(map(str, samples))} on the sphere of R^3, {draws} draws each. Steps to 1 % of the risk: "
        f"{times[0, -1].mean():.3g} at the largest n for labels of degree at most {degree}, exponent {flat.words}; "
        f"{times[1, -1].mean():.3g} for random signs, exponent {grows.words}. To risk 1 / sqrt(n), structured labels: "
        f"exponent {to_root.words}, as the risk asked for falls. One coupled network of width {width} on n = "
        f"{trained} has relative risk {risk:.2g} after {steps} steps, twice the kernel's time."
    )
    bad = flat.lower > _FLAT or grows.upper <= _FLAT or risk > 1 / math.sqrt(trained)
    good = flat.upper <= _FLAT < grows.lower and reached  # what is no number is neither
    return Finding(False if bad else True if good else None, words, times.size + 1, links=links)


def _network(root: int, n: int, degree: int) -> tuple[float, int, int]:
    """Relative risk of a coupled network of width about n ln n, that width, and the steps taken."""
    points, _ = two.sphere(root, n, 3)
    x = np.asarray(points)
    labels = jnp.asarray(harmonic(x, degree))
    spectrum, vectors = np.linalg.eigh(np.asarray(first_layer_gram(points)))
    steps = 2 * math.ceil(time_to(spectrum, (vectors.T @ np.asarray(labels)) ** 2, 1 / math.sqrt(n)))
    half = np.asarray(two.start(root, 0, math.ceil(n * math.log(n) / 2), 3)[0])
    weights, signs = jnp.asarray(np.concatenate([half, half])), jnp.asarray(np.repeat([1.0, -1.0], len(half)))
    done = follow(
        two.outputs, weights, labels, points, signs,
        step_size=jnp.asarray(1 / spectrum[-1]), steps=steps, every=steps,
    )  # fmt: skip
    residual = np.asarray(done.seen[-1] - labels)
    return float(np.sum(residual**2) / np.sum(np.asarray(labels) ** 2)), 2 * len(half), steps


STUDY = Experiment(
    id="su-yang-functional",
    claim="At fixed dimension, for labels in the leading eigenspaces of the kernel, the steps to a fixed risk do not "
    "grow with n, and a network of width about n log n has risk 1 / sqrt(n) after twice the kernel's time; for random "
    "labels the steps do grow with n. In the runs of this study: unit sphere of R^3, harmonics of degree 1 and 2, "
    "one network.",
    refuted_by="an exponent of the steps in n whose 99 % interval lies above 0.1 for structured labels, a network that "
    "misses the risk, or an exponent for random labels whose interval lies below 0.1",
    cites=("suyang2019",),
    locator="abstract and introduction",
    measure=measure,
    proved=False,
)
