"""Output scale, label scale and initialization scale are one knob of gradient descent on a 2-homogeneous network.

1/2 ||a F - y||^2 = a^2 1/2 ||F - y / a||^2, so that the step s / a^2 on the left makes the same moves as the step s on
the right.  And if F(c t) = c^2 F(t), as for two ReLU layers without biases, the start c t_0 with labels y and step s /
c^2 goes through c times the parameters of the start t_0 with labels y / c^2 and step s.  Hence three runs with c^2 = a
coincide step by step, and a width at which training succeeds means nothing before ||y|| is fixed relative to the
outputs at the start (docs/theory/training.md).

Measured: the three runs side by side; a power of two changes no digit of a product, so that there only the order of
sums could make a difference.  The tolerance, 100 (n + k + d) u a step, u = 2^-53, is a rule of thumb: a sum of m terms
is off by at most m u of the sum of their sizes, and errors are taken not to grow along a run, which nobody has proved.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from overparam.precision import require_dtype
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.landscape._both_layers import Weights, drawn, flat, relu_outputs, relu_parts, stacked
from overparam.training import follow


class Sizes(NamedTuple):
    """n points of R^d, k neurons, steps, and how many seeds."""

    n: int
    d: int
    k: int
    steps: int
    seeds: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(10, 4, 16, 200, 2),
    "laptop": Sizes(40, 10, 60, 1000, 5),
    "paper": Sizes(200, 30, 300, 4000, 20),
}
_SCALES = (0.25, 3.0, 16.0)


def measure(setting: Setting, *, power: float = 2.0) -> Finding:
    """The three runs for each scale; `power` is that of the scale in the first run's step, 2 by the identity."""
    require_dtype("float64", what="scale-equivalence")
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root, size.n])
    points, labels = rng.normal(size=(size.n, size.d)), rng.normal(size=size.n)
    # what a step rounds is a few u of each parameter; allowing every sum its worst, 100 times over, is a rule of thumb
    tolerance = 100 * size.steps * (size.n + size.k + size.d) * 2.0**-53
    gaps = _apart(setting.root, points, labels, power, size)
    worst = float(gaps[..., :2].max()) if np.isfinite(gaps).all() else np.inf
    told = [
        f"scale {scale:g}: {gap[:, 0].max():.1e} (output), {gap[:, 1].max():.1e} (start); moved by "
        f"{np.median(gap[:, 2]):.2g}"
        for scale, gap in zip(_SCALES, gaps, strict=True)
    ]
    return Finding(
        holds=bool(worst <= tolerance),
        words=f"n = {size.n}, d = {size.d}, k = {size.k}, {size.steps} steps, {size.seeds} starts: largest distance of "
        f"all parameters from the run with labels divided by the scale, relative to their norm: {'; '.join(told)}; "
        "what moved is the reference run's distance from its start, relative to the start: it depends on the scale.",
        instances=3 * size.seeds * len(_SCALES),
        links=(Link("largest distance of two runs that should coincide", tolerance, worst),),
    )


def _apart(root: int, points: np.ndarray, labels: np.ndarray, power: float, size: Sizes) -> np.ndarray:
    """(n_scales, n_seeds, 3): how far runs are from the reference, that with labels divided by the scale.

    With outputs scaled, and with the start scaled, relative to its parameters; then how far it went from its start.
    """
    starts, targets, sizes, outside = [], [], [], []
    for scale in _SCALES:
        for seed in range(size.seeds):
            start = drawn(root, seed, size.k, size.d)
            start = Weights(start.w * size.d**-0.5, start.v * size.k**-0.5)
            step = 0.1 / np.linalg.norm(relu_parts(flat(start), points, size.k)[1], 2) ** 2
            starts += [start, start, Weights(start.w * scale**0.5, start.v * scale**0.5)]
            targets += [labels / scale, labels, labels]
            sizes += [step, step / scale**power, step / scale]
            outside += [1.0, scale, 1.0]
    given = (np.stack(targets), np.array(sizes), np.array(outside), points)
    w, v = _runs(stacked(starts), *map(jnp.asarray, given), size.steps)
    ends = [flat(Weights(*one)) for one in zip(np.asarray(w), np.asarray(v), strict=True)]
    found = []
    for i, scale in enumerate(np.repeat(_SCALES, size.seeds)):
        reference, by_output, by_start = ends[3 * i : 3 * i + 3]
        gaps = (by_output - reference, by_start * scale**-0.5 - reference)
        start = flat(starts[3 * i])
        travelled = np.linalg.norm(reference - start) / np.linalg.norm(start)
        found.append([*(np.linalg.norm(gap) / np.linalg.norm(reference) for gap in gaps), travelled])
    return np.reshape(found, (len(_SCALES), size.seeds, 3))


def _scaled(weights: Weights, points: Array, scale: Array) -> Array:
    return scale * relu_outputs(weights, points)


@jax.jit(static_argnames="steps")
def _runs(starts: Weights, labels: Array, sizes: Array, outside: Array, points: Array, steps: int) -> Weights:
    """Weights at the end, of all runs at once."""

    def one(start: Weights, labels: Array, step: Array, scale: Array) -> Weights:
        return follow(_scaled, start, labels, points, scale, step_size=step, steps=steps, every=steps).params

    return jax.vmap(one)(starts, labels, sizes, outside)


STUDY = Experiment(
    id="scale-equivalence",
    claim="For a two-layer ReLU network without biases, gradient descent on outputs times a > 0 with step s / a^2, on "
    "a start times the root of a with step s / a, and on labels divided by a with step s go through the same "
    "parameters, up to that factor.",
    refuted_by="two of the runs farther apart than rounding explains",
    cites=(),
    locator="own, docs/theory/training.md",
    measure=measure,
    proved=True,
)
