"""Training that has come close enough is certain to converge: a certificate that can be checked on the way.

A model whose tangent kernel is at least m on a set satisfies the condition PL*, 1/2 |grad L|^2 >= m L, there (Liu, Zhu,
Belkin), and a loss that is small enough relative to m and to the curvature cannot leave.  With constants that one can
compute: J the Jacobian at the parameters p, of singular values between s and S, lipschitz with constant B on the ball
that is named, r the residual.

  Flow.  With B on the ball of radius 2 |r| / s, if |r| <= s^2 / (4 B), gradient flow from p converges to a zero of the
  loss within that ball, and
      |r(t)| <= exp(-s^2 t / 4) |r|.
  Gradient descent.  Let R = 4 |r| / s, B on the ball of radius R, b = S + B R.  If |r| <= s^2 / (8 B) and
      step <= 1/2 min(1 / b^2, 1 / (B |r|)),
      it converges to a zero within R, and |r_t|^2 <= (1 - step s^2 / 4)^t |r|^2.

Proof of the second: with a = s / 2 a lower bound of the singular values on the ball, C the mean Jacobian along a step
and g = J^T r, |C - J| <= 1/2 B step |g|, so <r, C J^T r> >= 3/4 |g|^2, and |r'|^2 <= |r|^2 - step |g|^2; hence |r'| <=
|r| - 1/2 step a |g|, and the path stays in the ball.  The condition on the step is weaker than Oymak and
Soltanolkotabi's 1/2 min(1, a^2 / (B |r|)) / b^2.

For two layers, both trained, v the output weights: with tanh B = (C + sqrt(C^2 + 4 |X|_2^2)) / 2 on the ball of radius
R, C = 4 / (3 sqrt(3)) (max |v_r| + R) max |x_i| |X|_2; with ReLU B = |X|_2 while no activation changes, and none does
if |<w_r, x_i>| >= |x_i| R for every neuron and point (docs/theory/training.md).

Measured: a run of gradient descent with tanh, certified at the first look that allows it, then held to rate and radius
to the end; F = w v with labels at the edge of the certificates, where B is what binds: a label three times as far away
in flow, five times in descent, would let it end at w = v = 0; and ReLU with labels at the edge of the certificates,
where the nearest hyperplane, not B, is what binds, in the direction of the least singular
value and in a random one.  A ReLU run is logged too, but nothing is asked of it: gradient descent can come to rest with
neurons exactly on points' hyperplanes, pushed there from both sides, and then no margin is left for a certificate.
"""

import math
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from overparam.precision import require_dtype
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.landscape._both_layers import Weights, relu_outputs, tanh_outputs
from overparam.studies.landscape._pl_certificate import certificate
from overparam.studies.landscape._pl_edge import FLOOR, at_edge, at_edge_of_product
from overparam.training import follow

ROUNDING = 1e-14  # relative, of each step of a run


class Sizes(NamedTuple):
    """n points of R^d, k neurons, steps of the logged runs and between looks, seeds and steps at the edge."""

    n: int
    d: int
    k: int
    steps: int
    every: int
    seeds: int
    edge_steps: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(10, 8, 20, 4000, 40, 3, 400),
    "laptop": Sizes(20, 10, 40, 20_000, 100, 20, 2000),
    "paper": Sizes(100, 20, 100, 400_000, 1000, 50, 20_000),
}


def measure(setting: Setting, *, step: float = 1.0, rate: float = 1.0, lipschitz: float = 1.0) -> Finding:
    """All measurements; factors of the step that is allowed, of the exponent promised, and of B for F = w v."""
    require_dtype("float64", what="pl-star")
    size = _SIZES[setting.size]
    smooth, told, worst = _logged(setting.root, size, True, step, rate)
    _, kinked, _ = _logged(setting.root, size, False, step, rate)
    starts = [_start(setting.root, seed, size) for seed in range(size.seeds)]
    flow, descent = at_edge(setting.root, _data(setting.root, size)[0], starts, size.edge_steps, step, rate)
    bent = at_edge_of_product(size.edge_steps, step, rate, lipschitz)
    bound = 1 + ROUNDING * max(size.steps, size.edge_steps)
    far, further = (np.maximum(*both) for both in ((flow, bent[0]), (descent, bent[1])))
    sound = smooth and bool(np.max([worst, *far, *further]) <= bound)  # false for NaN
    return Finding(
        holds=None if not smooth and math.isfinite(worst) else sound,
        words=f"n = {size.n}, d = {size.d}, k = {size.k}. tanh: {told} ReLU: {kinked} ReLU, labels at the edge of the "
        f"certificates, in the direction of the least singular value and in a random one, {size.seeds} starts: the "
        f"residual is at most {flow.residual:.3f} (flow) and {descent.residual:.3f} (descent) of what is promised, the "
        f"distance at most {flow.distance:.3f} and {descent.distance:.3f} of the radius; for F = w v, where B binds, "
        f"{bent[0].residual:.3f} and {bent[1].residual:.3f}, {bent[0].distance:.3f} and {bent[1].distance:.3f}.",
        instances=4 + 4 * size.seeds,
        links=(
            Link("residual or distance of the tanh run after its certificate, against what was promised", bound, worst),
            Link("flow from the edge: residual, against the promised one", bound, float(far[0])),
            Link("flow from the edge: distance, in radii", bound, float(far[1])),
            Link("descent from the edge: residual, against the promised one", bound, float(further[0])),
            Link("descent from the edge: distance, in radii", bound, float(further[1])),
        ),
    )


def _logged(root: int, size: Sizes, smooth: bool, step: float, rate: float) -> tuple[bool, str, float]:
    """Whether the run was ever certified, in words, and its largest residual relative to what was then promised."""
    points, labels = _data(root, size)
    start = _start(root, size.seeds, size)
    taken = 0.4 / certificate(start, points, labels, smooth=smooth).most ** 2 * step
    run = follow(
        _outputs,
        Weights(*map(jnp.asarray, start)),
        jnp.asarray(labels),
        jnp.asarray(points),
        jnp.asarray(smooth),
        step_size=taken,
        steps=size.steps,
        every=size.every,
        watch=_place,
    )
    places = Weights(*map(np.asarray, run.seen))
    seen = [certificate(Weights(w, v), points, labels, smooth=smooth) for w, v in zip(*places, strict=True)]
    end = seen[-1]
    certain = [i for i, one in enumerate(seen) if one.descent <= 1 and taken <= one.step * max(step, 1.0)]
    if not certain:
        lost = "" if math.isfinite(end.residual) else " The run diverged."
        near = f", the neuron nearest to a point's hyperplane at {end.margin:.1e} of it" * (not smooth)
        told = (
            f"none of {len(seen)} looks is certified; the run ends with a residual of {end.residual:.1e}{near}.{lost}"
        )
        return False, told, math.inf if lost else 0.0
    at = certain[0]
    first = seen[at]
    times = size.every * np.arange(len(seen) - at)
    promised = first.residual * (1 - taken * first.least**2 / 4) ** (rate * times / 2)
    residuals = np.array([one.residual for one in seen[at:]])
    worst = np.max((residuals / np.maximum(promised, FLOOR * np.linalg.norm(labels)))[1:], initial=0.0)
    moved = np.hypot(_norm(places.w[at:] - places.w[at], (1, 2)), _norm(places.v[at:] - places.v[at], (1,)))
    radius = 4 * first.residual / first.least
    flows = next(i for i, one in enumerate(seen) if one.flow <= 1)
    told = (
        f"4 |r| / s in units of the distance allowed falls from {seen[0].descent:.2g} to {end.descent:.2g}; flow is "
        f"certified after {size.every * flows} steps, descent after {size.every * at}, where |r| = "
        f"{first.residual:.2e}, s^2 = {first.least**2:.3g}, B = {first.lipschitz:.3g}; the run ends at "
        f"{end.residual:.1e}, at distance {moved[-1] / radius:.3f} R."
    )
    return True, told, float(np.max([worst, np.max(moved) / radius]))


def _norm(differences: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    return np.sqrt(np.sum(differences**2, axis=axes))


def _outputs(weights: Weights, points: Array, smooth: Array) -> Array:
    return jnp.where(smooth, tanh_outputs(weights, points), relu_outputs(weights, points))


def _place(weights: Weights, points: Array, smooth: Array) -> Weights:
    return weights


def _data(root: int, size: Sizes) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng([root, size.n])
    return rng.normal(size=(size.n, size.d)), rng.normal(size=size.n)


def _start(root: int, seed: int, size: Sizes) -> Weights:
    rng = np.random.default_rng([root, 2, seed])
    return Weights(rng.normal(size=(size.k, size.d)) * size.d**-0.5, rng.choice([-1.0, 1.0], size=size.k))


STUDY = Experiment(
    id="pl-star",
    claim="Once |r| <= s^2 / (8 B), s the least singular value of the Jacobian and B its Lipschitz constant on the "
    "ball of radius 4 |r| / s (for ReLU, no hyperplane of a neuron being nearer), gradient descent with a step below "
    "an explicit number converges to zero loss within 4 |r| / s at the rate (1 - step s^2 / 4)^t of the loss; "
    "gradient flow does so from twice that residual, within 2 |r| / s, at the rate exp(-s^2 t / 2).",
    refuted_by="a run that, once certified, decreases more slowly or goes farther",
    cites=("liuzhubelkin2022",),
    locator="the condition PL*; the constants are derived in docs/theory/training.md",
    measure=measure,
    proved=True,
)
