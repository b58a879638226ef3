"""Output scale, label scale and initialization scale are one knob of gradient descent on a 2-homogeneous network.

1/2 ||a F - y||^2 = a^2 1/2 ||F - y / a||^2, so that the step s / a^2 on the left makes the same moves as the step s on
the right.  And if F(c t) = c^2 F(t), as for two ReLU layers without biases, the start c t_0 with labels y and step s /
c^2 goes through c times the parameters of the start t_0 with labels y / c^2 and step s.  Hence three runs with c^2 = a
coincide step by step, and a width at which training succeeds means nothing before ||y|| is fixed relative to the
outputs at the start (docs/theory/training.md).

Measured: the three runs side by side; a power of two changes no digit of a product, so that there only the order of
sums could make a difference.  What each step rounds is at most (n + k + d) u of the parameters, u = 2^-53, and a
stable step does not enlarge it; the tolerance is 100 times the sum over all steps.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from overparam.precision import require_dtype
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.landscape._both_layers import Weights, distance, drawn, relu_jacobian, relu_outputs
from overparam.training import Followed, follow


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
    points, labels = jnp.asarray(rng.normal(size=(size.n, size.d))), jnp.asarray(rng.normal(size=size.n))
    tolerance = 100 * size.steps * (size.n + size.k + size.d) * 2.0**-53
    worst, told = 0.0, []
    for scale in _SCALES:
        apart = [
            _apart(setting.root, seed, points, labels, scale, power, size.k, size.steps) for seed in range(size.seeds)
        ]
        gaps = np.array([[float(gap) for gap in row] for row in apart])
        worst = max(worst, float(gaps[:, :2].max()) if np.isfinite(gaps).all() else np.inf)
        told.append(
            f"scale {scale:g}: {gaps[:, 0].max():.1e} (output), {gaps[:, 1].max():.1e} (start); moved by "
            f"{np.median(gaps[:, 2]):.2g}"
        )
    return Finding(
        holds=bool(worst <= tolerance),
        words=f"n = {size.n}, d = {size.d}, k = {size.k}, {size.steps} steps, {size.seeds} starts: largest distance of "
        f"all parameters from the run with labels divided by the scale, relative to their norm: {'; '.join(told)}; "
        "what moved is the reference run's distance from its start, relative to the start: it depends on the scale.",
        instances=3 * size.seeds * len(_SCALES),
        links=(Link("largest distance of two runs that should coincide", tolerance, worst),),
    )


def _scaled(weights: Weights, points: Array, scale: Array) -> Array:
    return scale * relu_outputs(weights, points)


@jax.jit(static_argnames=("root", "width", "steps"))
def _apart(
    root: int,
    seed: int | Array,
    points: Array,
    labels: Array,
    scale: float | Array,
    power: float | Array,
    width: int,
    steps: int,
) -> tuple[Array, Array, Array]:
    """Distances from the reference run, labels y / scale: of scaled outputs, of a scaled start; and its own length."""
    start = drawn(root, seed, width, points.shape[1])
    start = Weights(start.w * points.shape[1] ** -0.5, start.v * width**-0.5)
    scale = jnp.asarray(scale, points.dtype)
    root_of = jnp.sqrt(scale)
    jacobian = relu_jacobian(start, points)
    step = 0.1 / jnp.linalg.eigvalsh(jnp.matmul(jacobian, jacobian.T, precision=jax.lax.Precision.HIGHEST))[-1]

    def run(weights: Weights, labels: Array, step_size: Array, output_scale: Array) -> Followed:
        return follow(_scaled, weights, labels, points, output_scale, step_size=step_size, steps=steps, every=steps)

    one = jnp.ones_like(scale)
    reference = run(start, labels / scale, step, one).params
    by_output = run(start, labels, step / scale ** jnp.asarray(power, scale.dtype), scale).params
    by_start = run(Weights(start.w * root_of, start.v * root_of), labels, step / scale, one).params
    norm = distance(reference, jax.tree.map(jnp.zeros_like, reference))
    back = Weights(by_start.w / root_of, by_start.v / root_of)
    travelled = distance(reference, start) / distance(start, jax.tree.map(jnp.zeros_like, start))
    return distance(by_output, reference) / norm, distance(back, reference) / norm, travelled


STUDY = Experiment(
    id="scale-equivalence",
    claim="For a two-layer ReLU network without biases, gradient descent on outputs times a with step s / a^2, on a "
    "start times the root of a with step s / a, and on labels divided by a with step s go through the same "
    "parameters, up to that factor.",
    refuted_by="two of the runs farther apart than rounding explains",
    cites=(),
    locator="own, docs/theory/training.md",
    measure=measure,
    proved=True,
)
