"""Coupled ReLU networks of width 2 ceil(8 ||X||^2 ln(n / delta) / l0) converge to zero loss if their output is scaled.

f = alpha (2 k0)^(-1/2) sum_{r <= k0} (relu(<w_r, x>) - relu(<w'_r, x>)) starts at w'_r = w_r ~ N(0, I), hence at 0; the
first layer is trained by gradient descent on 1/2 ||f - y||^2.  Its kernel is alpha^2 K, K that of a plain layer of k0
units.  By the matrix Chernoff bound l_min(K) >= l0/2 with probability 1 - delta (chernoff-width), and then, with margin
m = min |<w_r, x_i>| / ||x_i|| > 0, any alpha > ||y|| / (m sqrt(l_min(K))) and step <= 1 / (alpha^2 l_max(K)), no unit
ever switches (docs/theory/lazy.md), so

    loss_t = 1/2 sum_i (1 - step alpha^2 l_i)^(2t) <u_i, y>^2 <= (1 - step alpha^2 l0 / 2)^(2t) loss_0:

every data set with l0 > 0 and all labels, with an explicit width and a scale computed from the start.  Networks are
really trained here.  A start with l_min(K) >= l0/2 that switches a unit, or exceeds the bound on the loss above its
rounding floor, would contradict the proof; starts without that eigenvalue are counted, over many more starts than are
trained, against delta by their exact confidence limit (level 1e-3).  Width and scale are worst-case numbers and loose
on random data: the largest change of a preactivation, over its size at the start, says by what factor alpha is.
Outputs are sums of k terms of size alpha |<w_r, x_i>| / sqrt(k), so the loss is resolved to about
(u alpha ||W X^T||_F)^2, u = 2^-53.
"""

import math
from typing import NamedTuple

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
    starts: int  # that are trained
    drawn: int  # whose eigenvalue is computed, these among them
    steps: int


_SIZES: dict[Size, _Sizes] = {
    "ci": _Sizes(10, 10, 3, 40, 200),
    "laptop": _Sizes(30, 10, 10, 200, 1000),
    "paper": _Sizes(400, 40, 20, 100, 4000),
}


class Seen(NamedTuple):
    """What is kept of each iterate."""

    loss: Array
    flips: Array
    change: Array


def outputs(weights: Array, points: Array, signs: Array, alpha: Array, *_: Array) -> Float[Array, " n_samples"]:
    """The scaled network; labels and start are for `watch` only."""
    return alpha * two.outputs(weights, points, signs)


def watch(weights: Array, points: Array, signs: Array, alpha: Array, labels: Array, pre: Array) -> Seen:
    """Loss, units whose pattern at the start has changed, and the largest relative change of the `pre` of the start."""
    residual = outputs(weights, points, signs, alpha) - labels
    now = two.preactivations(weights, points)
    return Seen(jnp.sum(residual**2) / 2, jnp.sum((now > 0) != (pre > 0)), jnp.max(jnp.abs(now / pre - 1)))


def scale(labels: np.ndarray, margin: float, least: float) -> float:
    """||y|| / (m sqrt(l_min(K))), beyond which no unit switches."""
    return float(np.linalg.norm(labels)) / (margin * math.sqrt(least))


def measure(setting: Setting, *, step: float = 1.0, stretch: float = 1.0, constant: float = 8.0) -> Finding:
    """Train coupled networks of the corollary's width and scale.

    Args:
        setting: see `Setting`.
        step: times 1 / (alpha^2 l_max(K)); the theorem allows at most 1.
        stretch: times the output scale; the theorem asks for at least 1.
        constant: in the width; 8 is the one proved.
    """
    n, d, starts, draws, steps = _SIZES[setting.size]
    points, labels = two.sphere(setting.root, n, d)
    x, y = np.asarray(points), np.asarray(labels)
    least = float(jnp.linalg.eigvalsh(first_layer_gram(points))[0])
    k0 = printed_width(n, float(np.linalg.norm(x, 2)), least, constant=constant)
    few, flips, above, change, fallen, alphas = 0, 0, 0.0, 0.0, [], []
    for seed in range(draws):
        half = np.asarray(two.start(setting.root, seed, k0, d)[0])
        pre = x @ half.T
        spectrum = np.linalg.eigvalsh((x @ x.T) * ((pre > 0) @ (pre > 0).T.astype(float)) / k0)
        if not spectrum[0] >= least / 2:
            few += 1
            continue
        if len(fallen) == starts:
            continue
        margin = float(np.min(np.abs(pre) / np.linalg.norm(x, axis=1, keepdims=True)))
        alpha = _ABOVE * stretch * scale(y, margin, float(spectrum[0]))
        size = step / (alpha**2 * float(spectrum[-1]))
        weights, signs = jnp.asarray(np.concatenate([half, half])), jnp.asarray(np.repeat([1.0, -1.0], k0))
        seen = follow(
            outputs, weights, labels, points, signs, jnp.asarray(alpha), labels, jnp.asarray(np.hstack([pre, pre])),
            step_size=jnp.asarray(size), steps=steps, every=steps // 50, watch=watch,
        )  # fmt: skip
        loss, times = np.asarray(seen.seen.loss), np.asarray(seen.steps)
        floor = _FLOOR * 2 * float(np.sum(pre**2)) * (2.0**-53 * alpha) ** 2
        bound = (1 - size * alpha**2 * least / 2) ** (2 * times) * loss[0]
        flips += int(np.max(np.asarray(seen.seen.flips)))
        above = float(np.maximum(above, np.max(loss / (bound + floor))))  # NaN stays
        change = float(np.maximum(change, np.max(np.asarray(seen.seen.change))))
        fallen.append(float(loss[-1] / loss[0]))
        alphas.append(alpha)
    lower, _ = clopper_pearson(few, draws, level=1 - 2 * _LEVEL)
    links = (
        Link("units switched", 0, flips),
        Link("largest change of a preactivation over its size at the start", 1, change),
        Link("loss over its bound, the largest on the way", 1 + 1e-6, above),
        Link("starts short of half the least eigenvalue, lower limit of their frequency", DELTA, lower),
    )
    if not fallen:
        return Finding(None, f"None of {draws} starts kept half of the least eigenvalue.", draws, links=links)
    words = (
        f"n = {n}, d = {d}: coupled networks of {2 * k0} units, {few} of {draws} short of half of l0 = {least:.3g}; "
        f"{len(fallen)} trained, with output scales up to {max(alphas):.2g}: {steps} steps bring the loss "
        f"to between {min(fallen):.1g} and {max(fallen):.1g} of its first value, down to rounding."
    )
    return Finding(all(link.holds for link in links), words, draws, links=links, width=Width(2 * k0, 2 * k0))


STUDY = Experiment(
    id="coupled-lazy-memorization",
    claim="For all points with l0 > 0, all labels and all delta, gradient descent on the first layer of a coupled ReLU "
    "network with 2 ceil(8 ||X||^2 ln(n / delta) / l0) units, an output scale alpha computed from the start and a "
    "step of 1 / (alpha^2 l_max) converges to zero loss at the rate (1 - step alpha^2 l0 / 2)^(2t), with probability "
    "at least 1 - delta.",
    refuted_by="a start with half of the least eigenvalue that switches a unit or exceeds the bound on the loss, or "
    "too many starts without",
    cites=("tropp2015",),
    locator="own: docs/theory/lazy.md with the matrix Chernoff bound, Theorem 5.1.1",
    measure=measure,
    proved=True,
)
