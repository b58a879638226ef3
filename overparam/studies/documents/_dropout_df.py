"""Dropout lowers the degrees of freedom of a fit; how many weights are active in one step says nothing of them.

Linear fits, inputs kept with probability q and divided by it: the mean over masks M of |y - (M o X) w / q|^2 is
|y - X w|^2 + ((1 - q)/q) sum_j w_j^2 (X^T X)_jj, so dropout is a ridge penalty with weights D = diag(X^T X), and the
degrees of freedom are tr X (X^T X + ((1 - q)/q) D)^-1 X^T.  With a_j the eigenvalues of D^-1/2 X^T X D^-1/2, which sum
to p, that is sum_j a_j / (a_j + (1 - q)/q) <= q p (concavity), with equality for orthogonal columns only; and below
min(n, p).

Networks: the generalized degrees of freedom sum_i d f(x_i) / d y_i, estimated by moving all labels along random signs,
both ways, with the same masks, and retraining; n for interpolators.  They fall when dropout is switched on.

The count: a step with dropout has sum_l q_(l-1) q_l m_(l-1) m_l + sum_l q_l m_l active weights and biases on average.
For the network 40-932-1017-1046-1 of 2,052,948 weights and q = 1/2 these are far more than its 13,000 samples, and
fewer only for q below 0.071; and masks change from step to step, so no count for one step is a number of degrees of
freedom.

Measured: the identity by Monte Carlo, with a mask for each sample and with one for all; degrees of freedom of random
and orthogonal designs against q p; the count; and the paired difference of a network's degrees of freedom over seeds,
at ci size for 32 units, 40 samples and 500 steps, since 64 units, 60 samples and 1,500 steps take twenty seconds.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from overparam.data import load_images, pooled, whitened
from overparam.precision import HIGHEST
from overparam.records import Plot, Series, Table, Verdict
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import Judged, against, all_of, effect, means
from overparam.studies._series import measured
from overparam.training import apply_update, optimizer

HIDDEN = (932, 1017, 1046)  # of the reference network
INPUTS, SAMPLES = 40, 13_000
IDENTITY = 0.01  # relative tolerance of the Monte Carlo identity
EQUAL = 1e-10  # of degrees of freedom of orthogonal columns from q p, relative
DELTA = 0.1  # by which labels move, in standard deviations
STEP = 3e-3  # of Adam


class Sizes(NamedTuple):
    """Masks of the identity; points, width, steps, seeds, random signs and keep probabilities of the networks."""

    masks: int
    n: int
    width: int
    steps: int
    seeds: int
    signs: int
    keep: tuple[float, ...]


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(20_000, 40, 32, 500, 5, 3, (1.0, 0.5)),
    "laptop": Sizes(20_000, 200, 256, 3000, 10, 6, (1.0, 0.9, 0.7, 0.5, 0.3)),
    "paper": Sizes(20_000, 200, 256, 3000, 10, 16, (1.0, 0.9, 0.7, 0.5, 0.3)),
}


def measure(setting: Setting, *, rescaled: bool = True, reversed_rates: bool = False) -> Finding:
    """The four measurements; inputs kept are divided by q if `rescaled`; `reversed_rates` swaps the networks' rates."""
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root, 43])
    judged = _identity(rng, size.masks, rescaled=rescaled)
    random, orthogonal, most = _linear_df(rng)
    active, threshold = active_weights(0.5), _threshold()
    freedom, name = _networks(setting, size, tuple(reversed(size.keep)) if reversed_rates else size.keep)
    paired = effect(freedom[:, 0] - freedom[:, size.keep.index(0.5)], 0.0, "degrees of freedom lost with q = 0.5")
    # an identity that floats contradict stays open; networks that gain degrees of freedom refute
    rules = all_of(judged._replace(holds=judged.holds or None), paired)
    exact = orthogonal <= EQUAL and random < 1 and most < 1 and active > SAMPLES
    found = means(freedom)
    told = ", ".join(f"{m:.3g} (q = {q:g})" for m, q in zip(found.mean, size.keep, strict=True))
    return Finding(
        holds=rules.holds if exact or rules.holds is False else None,
        words=f"Objective over random masks: {judged.words}. Degrees of freedom of linear fits are at most "
        f"{random:.3f} of q p for random designs and q p to {orthogonal:.1e} for orthogonal ones, and at most "
        f"{most:.3f} of min(n, p) with more columns than rows. Networks of {size.width} units on {size.n} samples of "
        f"{name}: {paired.words}; means {told}. In one step of 40-932-1017-1046-1 with q = 0.5 {active:,.0f} weights "
        f"and biases are active on average, more than its {SAMPLES:,} samples; fewer only for q < {threshold:.4f}.",
        instances=size.masks + size.seeds * len(size.keep),
        links=(
            *rules.links,
            Link("degrees of freedom over q p, random designs", 1.0, random),
            Link("degrees of freedom from q p, orthogonal columns, relative", EQUAL, orthogonal),
            Link("active weights in a step, over samples", 1.0, active / SAMPLES, "at least"),
        ),
        tables=(
            Table(
                "Active weights and biases of 40-932-1017-1046-1 in one step, against 13,000 samples",
                ("q", "active on average", "over samples"),
                tuple(
                    (q, active_weights(q), active_weights(q) / SAMPLES) for q in (1.0, 0.9, 0.7, 0.5, 0.3, 0.1, 0.07)
                ),
            ),
        ),
        plots=(
            Plot(
                "Generalized degrees of freedom of networks trained with dropout",
                "keep probability q",
                "degrees of freedom over samples",
                (
                    measured("measured", size.keep, freedom / size.n),
                    Series("interpolators", (min(size.keep), 1.0), (1.0, 1.0), kind="bound"),
                ),
            ),
        ),
    )


def active_weights(keep: float) -> float:
    """Expected number of active weights and biases in a step; inputs and the output are always kept.

    >>> round(active_weights(1.0)), round(active_weights(0.5))
    (2052948, 523568)
    """
    units, kept = (INPUTS, *HIDDEN, 1), (1.0, *(keep for _ in HIDDEN), 1.0)
    weights = sum(kept[i] * kept[i + 1] * units[i] * units[i + 1] for i in range(len(units) - 1))
    return weights + sum(q * m for q, m in zip(kept[1:], units[1:], strict=True))


def _threshold() -> float:
    """The q at which so many weights are active as there are samples: a quadratic equation."""
    one, half = active_weights(1.0), active_weights(0.5)
    rest = active_weights(0.0)
    square = 2 * (one - 2 * half + rest)
    return float(max(np.roots([square, one - rest - square, rest - SAMPLES])))


def _identity(rng: np.random.Generator, masks: int, *, rescaled: bool) -> Judged:
    """The mean objective over masks against the formula: a mask for each sample, and one for all samples."""
    n, p, q = 50, 8, 0.6
    x, w = rng.normal(size=(n, p)), rng.normal(size=p)
    y = x @ rng.normal(size=p) + rng.normal(size=n)
    wanted = np.sum((y - x @ w) ** 2) + (1 - q) / q * np.sum(w**2 * np.sum(x**2, axis=0))
    scale, trials = q if rescaled else 1.0, []
    for shape in ((n, p), (1, p)):
        own = [
            np.sum((y - ((rng.random((count, *shape)) < q) * x) @ w / scale) ** 2, axis=1)
            for count in [masks // 20] * 20
        ]
        trials.append(np.concatenate(own))
    names = ("a mask for each sample", "one mask for all")
    # one mask for all has the same mean and a variance some n times larger, so it is judged with 5 %
    return all_of(
        against(trials[0][:, None], [wanted], IDENTITY, names=names[:1]),
        against(trials[1][:, None], [wanted], 0.05, names=names[1:]),
    )


def _linear_df(rng: np.random.Generator) -> tuple[float, float, float]:
    """Largest df / (q p) of random designs; distance from 1 of orthogonal ones; largest df / min(n, p) for p > n."""

    def over(x: NDArray, q: float) -> float:
        gram = x.T @ x
        return float(np.trace(np.linalg.solve(gram + (1 - q) / q * np.diag(np.diag(gram)), gram)))

    random, orthogonal, most = 0.0, 0.0, 0.0
    for q in (0.3, 0.6, 0.9):
        x = rng.normal(size=(50, 8))
        random = max(random, over(x, q) / (8 * q))
        columns = np.linalg.qr(x)[0] * rng.uniform(0.5, 2, size=8)  # orthogonal, of any lengths
        orthogonal = max(orthogonal, abs(over(columns, q) / (8 * q) - 1))
        most = max(most, over(rng.normal(size=(20, 60)), q) / 20)
    return random, orthogonal, most


def _networks(setting: Setting, size: Sizes, keep: tuple[float, ...]) -> tuple[NDArray, str]:
    """Degrees of freedom (seeds, keep), and on what data."""
    images = load_images()
    pixels = whitened(pooled(images.points, 7)).reshape(len(images.points), -1)
    points, targets, signs = [], [], []
    for seed in range(size.seeds):
        rng = np.random.default_rng([setting.root, 44, seed])
        chosen = rng.permutation(len(pixels))[: size.n]
        classes = images.labels[chosen].astype(float)
        points.append(pixels[chosen])
        targets.append((classes - classes.mean()) / classes.std())
        signs.append(rng.choice([-1.0, 1.0], size=(size.signs, size.n)))
    keys = jax.random.split(jax.random.key(setting.root), size.seeds)
    arrays = (jnp.asarray(np.stack(part), jnp.float32) for part in (points, targets, signs))
    found = _freedom(keys, *arrays, jnp.asarray(keep, jnp.float32), size.width, size.steps)
    return np.asarray(found, float), "; ".join((images.name, *images.notes[:1]))


@jax.jit(static_argnames=("width", "steps"))
def _freedom(keys: Array, points: Array, targets: Array, signs: Array, keep: Array, width: int, steps: int) -> Array:
    """sum_i d f(x_i) / d y_i by differences along random signs, (seeds, keep)."""

    def one(key: Array, x: Array, y: Array, sign: Array, q: Array) -> Array:
        moved = y[None, :] + jnp.float32(DELTA) * jnp.concatenate([sign, -sign])
        ends = _trained(key, x, moved, q, width, steps)  # (2 signs, n)
        ahead, behind = jnp.split(ends, 2)
        return jnp.mean(jnp.sum(sign * (ahead - behind), axis=1)) / jnp.float32(2 * DELTA)

    def seed(given: tuple[Array, ...]) -> Array:
        return jax.lax.map(lambda q: one(*given, q), keep)

    # one after the other: all networks at once would not stay in cache
    return jax.lax.map(seed, (keys, points, targets, signs))


def _trained(key: Array, points: Array, targets: Array, keep: Array, width: int, steps: int) -> Array:
    """Predictions without masks of networks trained by Adam, one a row of targets; one start and masks for all."""
    start, masks = jax.random.split(key)
    first, last = jax.random.split(start)
    dim, runs = points.shape[1], targets.shape[0]
    inner = jax.random.normal(first, (width, dim), jnp.float32) * jnp.float32((2 / dim) ** 0.5)
    outer = jax.random.normal(last, (width,), jnp.float32) * jnp.float32(width**-0.5)
    at = (inner, jnp.zeros(width, jnp.float32), outer, jnp.zeros((), jnp.float32))
    at = jax.tree.map(lambda part: jnp.broadcast_to(part, (runs, *part.shape)), at)

    def outputs(at: tuple[Array, ...], mask: Array) -> Array:
        inner, bias, outer, c = at
        hidden = jax.nn.relu(jnp.einsum("nd,rmd->rnm", points, inner, precision=HIGHEST) + bias[:, None, :])
        return jnp.einsum("rnm,rm->rn", hidden * mask[None], outer, precision=HIGHEST) + c[:, None]

    def loss(at: tuple[Array, ...], mask: Array) -> Array:
        return jnp.sum(jnp.mean((outputs(at, mask) - targets) ** 2, axis=1))

    def step(carry: tuple, i: Array) -> tuple[tuple, None]:
        at, state = carry
        kept = jax.random.uniform(jax.random.fold_in(masks, i), (len(points), width), jnp.float32) < keep
        slope = jax.grad(loss)(at, kept.astype(jnp.float32) / keep)
        return apply_update(adam, slope, state, at), None

    adam = optimizer("adam", STEP)
    (at, _), _ = jax.lax.scan(step, (at, adam.init(at)), jnp.arange(steps))
    return outputs(at, jnp.ones((len(points), width), jnp.float32))


STUDY = Experiment(
    id="s-dropout-df",
    claim="Dropout lowers the degrees of freedom: in linear fits it is a ridge penalty with at most q p of them, and "
    "the networks of this study have fewer generalized ones when they are trained with q = 1/2 than without. That "
    "fewer weights than samples are active in a step is false at usual rates, and the count of one step is not a "
    "number of degrees of freedom.",
    refuted_by="networks of this study that gain degrees of freedom with dropout; an objective beyond its interval "
    "around the ridge formula, or degrees of freedom above q p, leave it open",
    cites=("srivastava2014dropout", "wager2013dropout"),
    locator="dropout as a ridge penalty, wager2013dropout; degrees of freedom and count, own",
    measure=measure,
    proved=False,
    word=Verdict.SCOPED,
)
