"""Gradient descent on a two-layer ReLU network of width Omega(n^6 / (l0^4 delta^3)) fits any nonparallel unit points.

Points of norm 1, no two parallel, labels O(1); f = k^(-1/2) sum_r v_r relu(<w_r, x>), w_r ~ N(0, I), v_r = +-1 frozen;
loss 1/2 ||r||^2, a sum; step O(l0 / n^2), l0 the least eigenvalue of the infinite-width kernel.  With probability
1 - delta, ||r_t||^2 <= (1 - step l0 / 2)^t ||r_0||^2 for all t.  The lemmas, for W within R of W_0, row by row:

    (1) l_min(H_0) >= 3/4 l0;      (2) ||H(W) - H_0|| <= 4 n^2 R / (sqrt(2 pi) delta), wanted below l0/4;
    (3) ||w_r - w_r(0)|| <= 4 ||X|| ||r_0|| / (sqrt(k) l0) (the source has sqrt(n) for ||X||);
    (4) at most k R sqrt(2/pi) flips a point in expectation, as P(|z| <= R) <= 2 R / sqrt(2 pi) for every R.

Every width that can be trained is far below the one asked for, so the lemmas are measured one by one, with a step of
0.5 / l_max(H_0), which is longer than the theorem's and still contracts.  What has to hold
at any width is an identity: F_{t+1} - F_t = -step H_t r_t + e_t, and at point i |e_t| is at most k^(-1/2) times the sum
of |<x_i, change of w_r>| over the units r that switch at i in that step.  Hence a
step without switches, with step l_max(H_t) <= 1, contracts by 1 - step l_min(H_t): identity and contraction are tested
at every step watched, up to rounding of the sums involved, and the step computed aside for them is compared with the
one that the run took.  Units can stay at a kink and switch back and forth, which leaves no step without switches; so
one start more, coupled and enlarged a hundredfold, is followed for the contraction only.  Identity or contraction
failing would show an error of the program; so would the rate if the width were the one asked for.  A step above
2 / l_max does break the rate.
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
from overparam.training import follow

DELTA = 0.1
_ENLARGED = 100.0
_ROUNDOFF = 2.0**-53


class _Sizes(NamedTuple):
    n: int
    d: int
    k: int
    starts: int
    steps: int
    every: int


_SIZES: dict[Size, _Sizes] = {
    "ci": _Sizes(20, 10, 800, 2, 200, 1),
    "laptop": _Sizes(30, 10, 3000, 5, 600, 1),
    "paper": _Sizes(2000, 100, 100_000, 3, 1024, 32),
}


class Watched(NamedTuple):
    """One step from the parameters watched, and where they are."""

    residual: Array  # ||r_t||
    after: Array  # ||r_{t+1}||
    least: Array  # eigenvalues of H_t
    largest: Array
    drift: Array  # ||H_t - H_0||
    moved: Array  # largest ||w_r - w_r(0)||
    flipped: Array  # units switched since the start, a point, on average
    switches: Array  # in this step, all points together
    excess: Array  # largest |e_t| minus its bound minus rounding, over the points
    error: Array  # ||e_t||
    rounding: Array  # allowed in ||r_{t+1}||


def outputs(weights: Array, points: Array, signs: Array, *_: Array) -> Float[Array, " n_samples"]:
    """The network; labels, start and step are for `watch` only."""
    return two.outputs(weights, points, signs)


def watch(weights: Array, points: Array, signs: Array, labels: Array, start: Array, step_size: Array) -> Watched:
    """Take one step aside, and compare it with the identity."""
    n, k = len(points), len(signs)
    root = jnp.sqrt(jnp.asarray(k, points.dtype))
    values, kernel, on = outputs(weights, points, signs), two.gram(weights, points), two.patterns(weights, points)
    residual = values - labels
    back = jnp.matmul((on * residual[:, None]).T, points, precision=two.HIGHEST)
    after = weights - step_size * signs[:, None] / root * back
    switched = on != two.patterns(after, points)
    change = jnp.abs(two.preactivations(after - weights, points))
    moved_to = outputs(after, points, signs)
    linear = step_size * jnp.matmul(kernel, residual, precision=two.HIGHEST)
    error = moved_to - values + linear
    # sums of up to k + d + n products in any order, each relative to the sum of absolute values
    norms = jnp.linalg.norm(weights, axis=1) + jnp.linalg.norm(after, axis=1)
    largest = jnp.sum(norms) / root + step_size * math.sqrt(n) * jnp.linalg.norm(residual)
    rounding = 4 * (k + points.shape[1] + n) * _ROUNDOFF * largest
    bound = jnp.sum(jnp.where(switched, change, 0), axis=1) / root
    spectrum, change_of = jnp.linalg.eigvalsh(jnp.stack([kernel, kernel - two.gram(start, points)]))
    return Watched(
        residual=jnp.linalg.norm(residual),
        after=jnp.linalg.norm(moved_to - labels),
        least=spectrum[0],
        largest=spectrum[-1],
        drift=jnp.max(jnp.abs(change_of)),
        moved=jnp.max(jnp.linalg.norm(weights - start, axis=1)),
        flipped=jnp.sum(on != two.patterns(start, points)) / n,
        switches=jnp.sum(switched),
        excess=jnp.max(jnp.abs(error) - bound) - rounding,
        error=jnp.linalg.norm(error),
        rounding=math.sqrt(n) * rounding,
    )


_gram = jax.jit(two.gram)


def _coupled(weights: Array) -> tuple[Array, Array]:
    """Half of the rows, enlarged, each with both signs: outputs are 0, and few units ever switch."""
    half = _ENLARGED * np.asarray(weights)[: len(weights) // 2]
    signs = np.repeat([1.0, -1.0], len(half))
    return jnp.asarray(np.concatenate([half, half])), jnp.asarray(signs)


def required_width(n: int, least: float, delta: float = DELTA) -> float:
    """n^6 / (l0^4 delta^3), the hidden constant set to 1."""
    return n**6 / (least**4 * delta**3)


def measure(setting: Setting, *, step: float = 0.5) -> Finding:
    """Train from several starts on one data set and test each lemma.

    Args:
        setting: see `Setting`.
        step: step size times l_max(H_0); the contraction asks for less than 1, descent for less than 2.
    """
    n, d, k, starts, steps, every = _SIZES[setting.size]
    points, labels = two.sphere(setting.root, n, d)
    least = float(jnp.linalg.eigvalsh(first_layer_gram(points))[0])
    spectral = float(np.linalg.norm(np.asarray(points), 2))
    runs, sizes = [], []
    for seed in range(starts + 1):
        start, signs = two.start(setting.root, seed, k, d)
        if seed == starts:
            start, signs = _coupled(start)
        size = step / jnp.linalg.eigvalsh(_gram(start, points))[-1]
        seen = follow(
            outputs, start, labels, points, signs, labels, start, size,
            step_size=size, steps=steps, every=every, watch=watch,
        ).seen  # fmt: skip
        runs.append(Watched(*(np.asarray(column, dtype=float) for column in seen)))
        sizes.append(float(size))
    seen = Watched(*(np.stack(column) for column in zip(*runs, strict=True)))  # (starts, looks)
    eta = np.array(sizes)[:, None]
    identity = bool(np.all(seen.excess <= 0))
    # the step taken aside is the one that the run takes; the run's has its own rounding
    apart = np.abs(seen.after[:, :-1] - seen.residual[:, 1:]) - 2 * seen.rounding[:, :-1]
    same = bool(np.all(apart <= 0)) if every == 1 else True
    quiet = (seen.switches == 0) & (eta * seen.largest <= 1)
    strictly = (1 - eta * seen.least) * seen.residual + seen.rounding
    quiet_ok = bool(quiet.any() and np.all(seen.after[quiet] <= strictly[quiet]))
    seen, eta = Watched(*(column[:starts] for column in seen)), eta[:starts]  # the chain is about random starts
    times = every * np.arange(seen.residual.shape[1])[None, :]
    bound = (1 - eta * least / 2) ** (times / 2) * seen.residual[:, :1]
    rate = bool(np.all(seen.residual <= bound + seen.rounding)) and bool(np.all(eta * least < 2))
    decrease = -2 * np.log(np.maximum(seen.residual[:, 1:] / seen.residual[:, :1], _ROUNDOFF)) / times[:, 1:]
    needed = -np.log1p(-np.minimum(eta * least / 2, 1 - _ROUNDOFF))
    slowest = np.argmin(np.min(decrease, axis=1) / needed[:, 0])
    moved, drift = float(seen.moved.max()), float(seen.drift.max())
    first = seen.residual[:, 0]
    farthest = np.argmax(seen.moved.max(axis=1) / first)
    reach, own = 4 * float(first[farthest]) / (math.sqrt(k) * least), float(seen.moved[farthest].max())
    links = (
        Link("(1) least eigenvalue at the start", 0.75 * least, float(seen.least[:, 0].min()), "at least"),
        Link("(2) change of the kernel given the movement", 4 * n**2 * moved / (math.sqrt(2 * math.pi) * DELTA), drift),
        Link("(2) change of the kernel that is wanted", least / 4, drift),
        Link("(2) radius that the proof allows", math.sqrt(2 * math.pi) / 16 * DELTA * least / n**2, moved),
        Link("(3) movement, with the norm of X", spectral * reach, own),
        Link("(3) movement, with sqrt(n)", math.sqrt(n) * reach, own),
        Link("(4) mean flips a point", k * moved * math.sqrt(2 / math.pi), float(seen.flipped.mean(axis=0).max())),
        Link(
            "rate: decrease of ln ||r||^2 a step", float(needed[slowest, 0]), float(decrease[slowest].min()), "at least"
        ),
    )
    words = (
        f"n = {n}, d = {d}, width {k}, {starts} starts, {steps} steps of {step:g} / l_max(H_0), {float(eta.max()):.2g} "
        f"at most where l0 / n^2 is {least / n**2:.2g}; l0 = {least:.3g}, ||X|| = {spectral:.3g}. The loss falls to at "
        f"most {float(np.max(seen.residual[:, -1] / first)) ** 2:.1g} of its first value. In "
        f"{int((seen.switches > 0).sum())} of {seen.switches.size} steps watched units switch; of "
        f"these and those from a coupled start, {int(quiet.sum())} switch none and have step l_max(H_t) <= 1: "
        f"{'all' if quiet_ok else 'not all'} contract by 1 - step l_min(H_t). Identity with the "
        f"error of switching units: {'met' if identity and same else 'not met'} at every step; rate: "
        f"{'met' if rate else 'not met'}."
    )
    holds = identity and same and quiet_ok and rate
    asked = Width(required_width(n, least), k, "that of the width set to 1")
    return Finding(holds, words, starts, links=links, width=asked)


STUDY = Experiment(
    id="du-two-layer-relu",
    claim="For unit points of which no two are parallel, labels |y_i| = O(1), first-layer weights from N(0, I) and "
    "output signs that are not trained, width Omega(n^6 / (l0^4 delta^3)) and step O(l0 / n^2), hidden constants "
    "unknown, gradient descent on the first layer of a ReLU network has ||r_t||^2 <= (1 - step l0 / 2)^t ||r_0||^2 "
    "for all t with probability at least 1 - delta.",
    refuted_by="the rate failing at that width, a change of the outputs that differs from -step H r by more than the "
    "switching units allow, or a step without switches and with step l_max(H_t) <= 1 that does not contract",
    cites=("du2019",),
    locator="Theorem 4.1 for gradient descent, Theorem 3.2 for the flow (numbers from memory)",
    measure=measure,
    proved=True,
)
