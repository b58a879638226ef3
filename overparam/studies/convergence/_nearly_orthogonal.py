"""Gradient descent on both layers fits orthonormal inputs exactly when every sample has a neuron on its side.

Statement (dana2025): one hidden ReLU layer, gradient flow on both layers, initial |a_r| >= |w_r|, weakly correlated
inputs; k = floor(ln(n / epsilon) / ln(4/3)) + 1 neurons reach a global minimum with probability at least 1 - epsilon
(the constant was not read in the paper; it is derived below).

Why, for orthonormal inputs: a_r^2 - |w_r|^2 is conserved, so output weights keep their signs; <w_r, x_i> moves only
while it is positive, so a neuron off at a sample stays off. If no neuron with a_r y_i > 0 is on at x_i, then f(x_i)
y_i <= 0 for ever and the loss is at least y_i^2 / 2. Otherwise the sample is fitted. With fair independent signs the
number of positive neurons is binomial, and given it samples are independent: with n_+ and n_- labels of each sign

    P(fitted) = E (1 - 2^-p)^(n_+) (1 - 2^-(k - p))^(n_-),    p ~ Bin(k, 1/2),    P(not) <= n (3/4)^k,

the last since a given neuron serves a given sample with probability 1/4.  That is the width above.

Measured: run by run, whether descent with a small step ends below a thousandth or at least at 1/2 (labels are +-1), as
the signs at the start say, runs that are in between or still fall counting as undecided; its frequency against the
formula (exact binomial interval); and on random unit vectors in a larger dimension, which are only nearly orthogonal,
its frequency against n (3/4)^k.
"""

import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from overparam.precision import HIGHEST, require_dtype
from overparam.studies._experiment import Experiment, Finding, Link, Setting, Width
from overparam.studies._instances import Size
from overparam.training import follow
from overparam.widths import clopper_pearson

EPSILON, _LEVEL = 0.1, 0.9998  # two-sided level of each interval
_FITTED, _STUCK = 1e-3, 0.5 - 1e-3  # loss below which a run has fitted, and above which some label is not reached
_STALLED = 1e-3  # a run whose second half lowered the loss by less than this share will not go on
_SIZES: dict[Size, dict[str, int]] = {
    "ci": {"n_samples": 10, "runs": 100, "steps": 1200, "far": 60},
    "laptop": {"n_samples": 20, "runs": 200, "steps": 3000, "far": 300},
    "paper": {"n_samples": 200, "runs": 2000, "steps": 20_000, "far": 4000},
}


def measure(setting: Setting, *, balance: float = 1.0, step_size: float = 0.1) -> Finding:
    """Success of descent at three widths; `balance` is the initial |a_r| / |w_r|, at least 1 in the hypothesis."""
    size = _SIZES[setting.size]
    n, runs = size["n_samples"], size["runs"]
    dtype = require_dtype("float64", what="nearly-orthogonal")
    rng = np.random.default_rng([setting.root, n, size["far"]])
    labels = np.where(np.arange(n) < (n + 1) // 2, 1.0, -1.0)
    orthonormal = np.linalg.qr(rng.normal(size=(n, n)))[0]
    asked = math.floor(math.log(n / EPSILON) / math.log(4 / 3)) + 1
    told, against, misfits, links, undecided = [], [], 0, [], 0

    def trained(place: int, points: np.ndarray, neurons: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Which runs have fitted, which are stuck, and of which all samples are covered at the start."""
        start = _start(
            np.random.default_rng([setting.root, 18, place]), neurons, balance, runs=runs, width=asked, dim=n
        )
        x, y = jnp.asarray(points, dtype), jnp.asarray(np.tile(labels, runs), dtype)
        params = tuple(jnp.asarray(part, dtype) for part in start)
        run = follow(outputs, params, y, x, step_size=step_size, steps=size["steps"], every=size["steps"] // 2)
        half, loss = np.sum((np.asarray(run.seen)[1:].reshape(2, runs, n) - labels) ** 2, axis=2) / 2
        stuck = (loss > _STUCK) & (loss > (1 - _STALLED) * half)
        return loss < _FITTED, stuck, _covered(*start, points, labels)

    for place, width in enumerate((math.ceil(asked / 3), math.ceil(asked / 2), asked)):
        fitted, stuck, covered = trained(place, orthonormal, width)
        misfits += int(np.sum((fitted & ~covered) | (stuck & covered)))
        undecided += int(np.sum(~fitted & ~stuck))
        low, high = clopper_pearson(int(np.sum(fitted)), runs, censored=int(np.sum(~fitted & ~stuck)), level=_LEVEL)
        exact = covering_probability(width, n)
        against.append(low <= exact <= high)
        told.append(
            f"k = {width}: {int(np.sum(fitted))} fitted (frequency {low:.3f} to {high:.3f}; formula {exact:.4f})"
        )
        if n * 0.75**width < 1:
            links.append(Link(f"failures at k = {width}, lower limit", n * 0.75**width, 1 - high))
    far = rng.normal(size=(n, size["far"]))
    far /= np.linalg.norm(far, axis=1, keepdims=True)
    # descent sees the points only through their products: n coordinates hold them all
    fitted, stuck, _ = trained(3, np.linalg.qr(far.T)[1].T, asked)
    failed, open_ = int(np.sum(stuck)), int(np.sum(~fitted & ~stuck))
    least = clopper_pearson(failed, runs, censored=open_, level=_LEVEL)[0]
    coherence = float(np.max(np.abs(far @ far.T - np.eye(n))))
    links.append(
        Link(f"failures at k = {asked}, inputs of coherence {coherence:.2f}, lower limit", n * 0.75**asked, least)
    )
    words = (
        f"n = {n} orthonormal inputs, {runs} runs a width: {'; '.join(told)}; {misfits} runs ended otherwise than the "
        f"signs at the start say, {undecided} undecided after {size['steps']} steps.  Random unit vectors in dimension "
        f"{size['far']}, k = {asked}: {failed} of {runs} stuck, {open_} undecided; the theorem expects failure in a "
        f"share {n * 0.75**asked:.3f} at most."
    )
    failing = misfits > 0 or not all(against) or not all(link.holds for link in links)
    few = undecided + open_ > 0.02 * 4 * runs
    holds = None if few else not failing
    return Finding(holds, words.replace("  ", " "), 4 * runs, tuple(links), Width(asked, asked))


def covering_probability(width: int, n_samples: int) -> float:
    """P(every sample has an active neuron of its label's sign), the first half of the labels rounded up positive."""
    positive, total = (n_samples + 1) // 2, 0.0
    for p in range(width + 1):
        chance = (1 - 2.0**-p) ** positive * (1 - 2.0 ** (p - width)) ** (n_samples - positive)
        total += math.comb(width, p) / 2.0**width * chance
    return total


def outputs(params: tuple[Array, Array], points: Float[Array, "n_samples dim"]) -> Float[Array, " n_values"]:
    """Outputs of all runs, one run after the other: hidden weights (runs * width, dim), output weights (runs, width).

    One product for all runs; a product each is many times slower on processors.
    """
    weights, heads = params
    hidden = jax.nn.relu(jnp.matmul(weights, points.T, precision=HIGHEST))
    return jnp.sum(heads[:, :, None] * hidden.reshape(*heads.shape, len(points)), axis=1).reshape(-1)


def _start(
    rng: np.random.Generator, neurons: int, balance: float, *, runs: int, width: int, dim: int
) -> tuple[np.ndarray, np.ndarray]:
    """Parameters for `outputs`; of `width` neurons those beyond the first `neurons` are zero, and so they stay."""
    weights = rng.normal(size=(runs, width, dim)) / (2 * math.sqrt(dim))  # |w_r| about 1/2, whatever the dimension
    weights[:, neurons:] = 0
    heads = balance * rng.choice([-1.0, 1.0], size=(runs, width)) * np.linalg.norm(weights, axis=2)
    return weights.reshape(-1, dim), heads


def _covered(weights: np.ndarray, heads: np.ndarray, points: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Whether every sample has an active neuron with an output weight of its sign, (runs,)."""
    on = (weights @ points.T > 0).reshape(*heads.shape, len(points))
    return np.all(np.any(on & (heads[:, :, None] * labels > 0), axis=1), axis=1)


STUDY = Experiment(
    id="nearly-orthogonal",
    claim="In the runs of this study, gradient descent on both layers from |a_r| = |w_r| fits n orthonormal inputs "
    "with labels +-1 exactly when each has an active neuron with an output weight of its sign at the start; this "
    "happens with the probability computed from the signs, at least 1 - n (3/4)^k.",
    refuted_by="a run that ends otherwise than its signs say, a frequency of success off the formula, or one of "
    "failure above n (3/4)^k",
    cites=("dana2025",),
    locator="width for weakly interacting data",
    measure=measure,
    proved=False,
)
