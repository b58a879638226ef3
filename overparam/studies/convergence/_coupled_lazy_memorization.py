"""Coupled ReLU networks of width 2 ceil(8 ||X||^2 ln(n / delta) / l0) and explicit output scale reach zero loss.

f = alpha (2 k0)^(-1/2) sum_{r <= k0} (relu(<w_r, x>) - relu(<w'_r, x>)) starts at w'_r = w_r ~ N(0, I), hence at 0; the
first layer is trained by gradient descent on 1/2 ||f - y||^2.  Its kernel is alpha^2 K, K that of a plain layer of k0
units.  By the matrix Chernoff bound l_min(K) >= l0/2 with probability 1 - delta (chernoff-width), and then, with margin
m = min |<w_r, x_i>| / ||x_i|| > 0, any alpha > ||y|| / (m sqrt(l_min(K))) and step <= 1 / (alpha^2 l_max(K)), no unit
ever switches (docs/theory/lazy.md), so

    loss_t = 1/2 sum_i (1 - step alpha^2 l_i)^(2t) <u_i, y>^2 <= (1 - step alpha^2 l0 / 2)^(2t) loss_0:

every data set with l0 > 0 and all labels, with explicit width and scale.  Networks are really trained here.  A start
with l_min(K) >= l0/2 that switches a unit, or exceeds the bound on the loss above its rounding floor, would contradict
the proof; starts without that eigenvalue are counted against delta by their exact confidence limit (level 1e-3).
Outputs are sums of k terms of size alpha |<w_r, x_i>| / sqrt(k), so the loss is resolved to about
(u alpha ||W X^T||_F)^2, u = 2^-53.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from overparam.ntk import first_layer_gram
from overparam.studies._experiment import Experiment, Finding, Link, Setting, Width
from overparam.studies._instances import Size
from overparam.studies.convergence import _two_layer as two
from overparam.studies.convergence._chernoff_width import DELTA, printed_width
from overparam.training import follow
from overparam.widths import clopper_pearson

_LEVEL = 1e-3
_ABOVE = 1.01  # alpha over its bound, which is strict
_FLOOR = 100.0  # times (u alpha ||W X^T||_F)^2: a hundred roundings' room


class _Sizes(NamedTuple):
    n: int
    d: int
    starts: int
    steps: int


_SIZES: dict[Size, _Sizes] = {
    "ci": _Sizes(10, 10, 3, 200),
    "laptop": _Sizes(30, 10, 10, 1000),
    "paper": _Sizes(400, 40, 20, 4000),
}


class Seen(NamedTuple):
    """What is kept of each iterate."""

    loss: Array
    flips: Array


def outputs(weights: Array, points: Array, signs: Array, alpha: Array, *_: Array) -> Float[Array, " n_samples"]:
    """The scaled network; labels and start are for `watch` only."""
    return alpha * two.outputs(weights, points, signs)


def watch(weights: Array, points: Array, signs: Array, alpha: Array, labels: Array, on: Array) -> Seen:
    """Loss, and units whose pattern `on` of the start has changed."""
    residual = outputs(weights, points, signs, alpha) - labels
    return Seen(jnp.sum(residual**2) / 2, jnp.sum(two.patterns(weights, points) != on))


def scale(labels: np.ndarray, margin: float, least: float) -> float:
    """||y|| / (m sqrt(l_min(K))), beyond which no unit switches."""
    return float(np.linalg.norm(labels)) / (margin * math.sqrt(least))


def measure(setting: Setting, *, step: float = 1.0, stretch: float = 1.0) -> Finding:
    """Train coupled networks of the corollary's width and scale.

    Args:
        setting: see `Setting`.
        step: times 1 / (alpha^2 l_max(K)); the theorem allows at most 1.
        stretch: times the output scale; the theorem asks for at least 1.
    """
    n, d, starts, steps = _SIZES[setting.size]
    points, labels = two.sphere(setting.root, n, d)
    x, y = np.asarray(points), np.asarray(labels)
    least = float(jnp.linalg.eigvalsh(first_layer_gram(points))[0])
    k0 = printed_width(n, float(np.linalg.norm(x, 2)), least)
    few, flips, above, fallen, alphas = 0, 0, 0.0, [], []
    for seed in range(starts):
        half = np.asarray(two.start(setting.root, seed, k0, d)[0])
        pre = x @ half.T
        spectrum = np.linalg.eigvalsh((x @ x.T) * ((pre > 0) @ (pre > 0).T.astype(float)) / k0)
        if spectrum[0] < least / 2:
            few += 1
            continue
        margin = float(np.min(np.abs(pre) / np.linalg.norm(x, axis=1, keepdims=True)))
        alpha = _ABOVE * stretch * scale(y, margin, float(spectrum[0]))
        size = step / (alpha**2 * float(spectrum[-1]))
        weights, signs = jnp.asarray(np.concatenate([half, half])), jnp.asarray(np.repeat([1.0, -1.0], k0))
        seen = follow(
            outputs, weights, labels, points, signs, jnp.asarray(alpha), labels, _patterns(weights, points),
            step_size=jnp.asarray(size), steps=steps, every=steps // 50, watch=watch,
        )  # fmt: skip
        loss, times = np.asarray(seen.seen.loss), np.asarray(seen.steps)
        floor = _FLOOR * 2 * float(np.sum(pre**2)) * (2.0**-53 * alpha) ** 2
        bound = (1 - size * alpha**2 * least / 2) ** (2 * times) * loss[0]
        flips += int(np.max(np.asarray(seen.seen.flips)))
        above = float(np.maximum(above, np.max(loss / (bound + floor))))  # NaN stays
        fallen.append(float(loss[-1] / loss[0]))
        alphas.append(alpha)
    lower, _ = clopper_pearson(few, starts, level=1 - 2 * _LEVEL)
    links = (
        Link("units switched", 0, flips),
        Link("loss over its bound, the largest on the way", 1 + 1e-6, above),
        Link("starts short of half the least eigenvalue, lower limit of their frequency", DELTA, lower),
    )
    if not fallen:
        return Finding(None, f"None of {starts} starts kept half of the least eigenvalue.", starts, links=links)
    words = (
        f"n = {n}, d = {d}: {starts} coupled networks, {2 * k0} units, {few} short of half of l0 = {least:.3g}; "
        f"output scales up to {max(alphas):.2g}; {steps} steps bring the loss to between {min(fallen):.1g} and "
        f"{max(fallen):.1g} of its first value, down to rounding."
    )
    return Finding(all(link.holds for link in links), words, starts, links=links, width=Width(2 * k0, 2 * k0))


_patterns = jax.jit(two.patterns)


STUDY = Experiment(
    id="coupled-lazy-memorization",
    claim="For all points with l0 > 0, all labels and all delta, gradient descent on the first layer of a coupled ReLU "
    "network with 2 ceil(8 ||X||^2 ln(n / delta) / l0) units and an explicit output scale alpha reaches zero loss at "
    "the rate (1 - step alpha^2 l0 / 2)^(2t), with probability at least 1 - delta.",
    refuted_by="a start with half of the least eigenvalue that switches a unit or exceeds the bound on the loss, or "
    "too many starts without",
    cites=("tropp2015",),
    locator="own: docs/theory/lazy.md with the matrix Chernoff bound, Theorem 5.1.1",
    measure=measure,
    proved=True,
)
