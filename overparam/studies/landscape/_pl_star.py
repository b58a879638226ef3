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
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from overparam.precision import require_dtype
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.landscape._both_layers import Weights, distance, relu_outputs, tanh_outputs
from overparam.training import follow

ROUNDING = 1e-14  # relative, of each step of a run
LOOKS = 40  # at a run from the edge
FLOOR = 1e-12  # times |y|: below it rounding moves the residual


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


class Certificate(NamedTuple):
    """What is known at some parameters; there `flow` or `descent` at most 1 is the certificate."""

    residual: float  # |r|
    least: float  # s
    most: float  # S
    lipschitz: float  # B on the ball of radius 4 |r| / s
    margin: float  # least |<w_r, x_i>| / |x_i|; infinite for tanh

    @property
    def flow(self) -> float:
        """At most 1 if gradient flow converges from here."""
        return self._ratio(2.0)

    @property
    def descent(self) -> float:
        """At most 1 if gradient descent with a step up to `step` converges from here."""
        return self._ratio(4.0)

    @property
    def step(self) -> float:
        """The largest step that the certificate for descent allows."""
        b = self.most + 4 * self.lipschitz * self.residual / self.least
        return min(1 / b**2, 1 / (self.lipschitz * self.residual)) / 2

    def _ratio(self, radius: float) -> float:
        reach = radius * self.residual / self.least
        ratio = max(2 * self.lipschitz * reach / self.least, reach / self.margin if self.margin > 0 else math.inf)
        return ratio if math.isfinite(self.residual) else math.inf


def certificate(weights: Weights, points: np.ndarray, labels: np.ndarray, *, smooth: bool = False) -> Certificate:
    """Of a ReLU network, or of a tanh network if `smooth`."""
    w, v = np.asarray(weights.w), np.asarray(weights.v)
    pre, size, norms = points @ w.T, np.linalg.norm(points, 2), np.linalg.norm(points, axis=1)
    values = np.tanh(pre) if smooth else np.maximum(pre, 0)
    slopes = (1 - values**2 if smooth else pre > 0) * v
    hidden = (slopes[:, :, None] * points[:, None, :]).reshape(len(points), -1)
    residual = float(np.linalg.norm(values @ v - labels))
    if not math.isfinite(residual):
        return Certificate(residual, math.nan, math.nan, math.nan, math.nan)
    singular = np.linalg.svd(np.concatenate([hidden, values], axis=1), compute_uv=False)
    least, most = float(singular[-1]), float(singular[0])
    if not smooth:
        return Certificate(residual, least, most, float(size), float(np.min(np.abs(pre) / norms[:, None])))
    bent = 4 / (3 * math.sqrt(3)) * (np.max(np.abs(v)) + 4 * residual / least) * norms.max() * size
    return Certificate(residual, least, most, float(bent + math.hypot(bent, 2 * size)) / 2, math.inf)


def measure(setting: Setting, *, step: float = 1.0, rate: float = 1.0, lipschitz: float = 1.0) -> Finding:
    """All measurements; factors of the step that is allowed, of the exponent promised, and of B for F = w v."""
    require_dtype("float64", what="pl-star")
    size = _SIZES[setting.size]
    smooth, told, worst = _logged(setting.root, size, True, step, rate)
    _, kinked, _ = _logged(setting.root, size, False, step, rate)
    flow, descent = _at_edge(setting.root, size, step, rate)
    bent = _at_edge_of_product(size, step, rate, lipschitz)
    bound = 1 + ROUNDING * max(size.steps, size.edge_steps)
    sound = smooth and bool(np.max([worst, *flow, *descent, *bent[0], *bent[1]]) <= bound)  # false for NaN
    return Finding(
        holds=None if not smooth and math.isfinite(worst) else sound,
        words=f"n = {size.n}, d = {size.d}, k = {size.k}. tanh: {told} ReLU: {kinked} ReLU, labels at the edge of the "
        f"certificates, in the direction of the least singular value and in a random one, {size.seeds} starts: the "
        f"residual is at most {flow[0]:.3f} (flow) and {descent[0]:.3f} (descent) of what is promised, the distance at "
        f"most {flow[1]:.3f} and {descent[1]:.3f} of the radius; for F = w v, where B binds, {bent[0][0]:.3f} and "
        f"{bent[1][0]:.3f}, {bent[0][1]:.3f} and {bent[1][1]:.3f}.",
        instances=4 + 4 * size.seeds,
        links=(
            Link("residual or distance of the tanh run after its certificate, against what was promised", bound, worst),
            Link("flow from the edge: residual, against the promised one", bound, max(flow[0], bent[0][0])),
            Link("flow from the edge: distance, in radii", bound, max(flow[1], bent[0][1])),
            Link("descent from the edge: residual, against the promised one", bound, max(descent[0], bent[1][0])),
            Link("descent from the edge: distance, in radii", bound, max(descent[1], bent[1][1])),
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


def _at_edge(root: int, size: Sizes, step: float, rate: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Of flow and of descent: the largest residual relative to the promised one, and the largest distance in radii."""
    points, _ = _data(root, size)
    starts, targets, known = [], [[], []], [[], []]
    for seed in range(size.seeds):
        start = _start(root, seed, size)
        pre = points @ start.w.T
        values, slopes = np.maximum(pre, 0), (pre > 0) * start.v
        hidden = (slopes[:, :, None] * points[:, None, :]).reshape(size.n, -1)
        least = np.linalg.svd(np.concatenate([hidden, values], axis=1), full_matrices=False)[0][:, -1]
        random = np.random.default_rng([root, 1, seed]).normal(size=size.n)
        for direction in (least, random / np.linalg.norm(random)):
            starts.append(start)
            unit = certificate(start, points, values @ start.v - direction)
            for i, ratio in enumerate((unit.flow, unit.descent)):  # both are linear in the residual
                targets[i].append(values @ start.v - direction / ratio)
                known[i].append(certificate(start, points, targets[i][-1]))
    stacked = Weights(*(jnp.asarray(np.stack(part)) for part in zip(*starts, strict=True)))
    least = np.array([one.least for one in known[0]])
    sizes = np.full(len(least), 0.2 / max(one.most for one in known[0]) ** 2)
    taken = np.array([one.step for one in known[1]])
    residuals, moved = (
        np.asarray(part).T
        for part in _watched(
            Weights(*(jnp.concatenate([part, part]) for part in stacked)),
            *map(jnp.asarray, (np.concatenate(targets), points, np.concatenate([sizes, step * taken]))),
            jnp.asarray([[1.0, 2.0, 2.0, 1.0]] * len(least) + [[6.0, 0.0, 0.0, 0.0]] * len(least)) / 6,
            size.edge_steps,
        )
    )
    count, half = size.edge_steps // LOOKS * np.arange(LOOKS + 1), len(least)
    flow = np.exp(-rate * (least**2 * sizes)[:, None] * count / 4)
    descent = (1 - taken * least**2 / 4)[:, None] ** (rate * count / 2)
    return (
        _worst(residuals[:half], moved[:half], known[0], flow, 2.0, targets[0]),
        _worst(residuals[half:], moved[half:], known[1], descent, 4.0, targets[1]),
    )


def _at_edge_of_product(
    size: Sizes, step: float, rate: float, lipschitz: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """As `_at_edge` for F = w v from w = v = 1, both layers linear: s^2 = S^2 = 2, B = 1, and no hyperplane."""
    found = []
    for radius in (2.0, 4.0):
        known = Certificate(2 / (2 * radius * lipschitz), math.sqrt(2), math.sqrt(2), lipschitz, math.inf)
        label = np.array([1 - known.residual])
        taken = 0.1 if radius == 2 else step * known.step
        at, residuals, moved = np.ones(2), [], []
        for count in range(size.edge_steps + 1):
            if count % (size.edge_steps // LOOKS) == 0:
                residuals.append(abs(at[0] * at[1] - label[0]))
                moved.append(np.linalg.norm(at - 1))
            slopes = [(label - at[0] * at[1]) * at[::-1]]
            for share in (0.5, 0.5, 1.0):  # Runge and Kutta, as in `_watched`
                ahead = at + share * taken * slopes[-1]
                slopes.append((label - ahead[0] * ahead[1]) * ahead[::-1])
            mean = (slopes[0] + 2 * slopes[1] + 2 * slopes[2] + slopes[3]) / 6
            at = at + taken * (mean if radius == 2 else slopes[0])
        count = size.edge_steps // LOOKS * np.arange(LOOKS + 1)
        share = math.exp(-rate * taken / 2) if radius == 2 else (1 - taken / 2) ** (rate / 2)
        found.append(_worst(np.array([residuals]), np.array([moved]), [known], share ** count[None], radius, [label]))
    return found[0], found[1]


def _worst(
    residuals: np.ndarray,
    moved: np.ndarray,
    known: list[Certificate],
    decay: np.ndarray,
    radius: float,
    labels: list[np.ndarray],
) -> tuple[float, float]:
    """Over runs and later looks, of |r| relative to the promised one and of distances in radii."""
    first = np.array([one.residual for one in known])[:, None]
    reach = radius * first / np.array([one.least for one in known])[:, None]
    least = FLOOR * np.linalg.norm(labels, axis=1)[:, None]
    ratios = residuals / np.maximum(first * decay, least)
    return float(np.max(ratios[:, 1:])), float(np.max(moved / reach))


@jax.jit(static_argnames="steps")
def _watched(
    starts: Weights, labels: Array, points: Array, sizes: Array, shares: Array, steps: int
) -> tuple[Array, Array]:
    """Residuals and distances, (LOOKS + 1, n_runs).

    A step combines four slopes with the given shares: (1, 2, 2, 1) / 6 is the classical Runge-Kutta method for gradient
    flow, whose error at steps 0.2 / S^2 is 0.2^5 / 120 in the fastest mode and far less in those that last; (1, 0, 0,
    0) is gradient descent.
    """

    def down(at: Weights) -> Weights:
        def one(weights: Weights, target: Array) -> Weights:
            values, back = jax.vjp(lambda p: relu_outputs(p, points), weights)
            return jax.tree.map(jnp.negative, back(values - target)[0])

        return jax.vmap(one)(at, labels)

    def ahead(at: Weights, by: Weights, share: float) -> Weights:
        return Weights(at.w + share * sizes[:, None, None] * by.w, at.v + share * sizes[:, None] * by.v)

    def advance(_: Any, at: Weights) -> Weights:
        slopes = [down(at)]
        for share in (0.5, 0.5, 1.0):
            slopes.append(down(ahead(at, slopes[-1], share)))
        w = sum(shares[:, i, None, None] * slope.w for i, slope in enumerate(slopes))
        v = sum(shares[:, i, None] * slope.v for i, slope in enumerate(slopes))
        return ahead(at, Weights(jnp.asarray(w), jnp.asarray(v)), 1.0)

    def look(at: Weights) -> tuple[Array, Array]:
        residual = jax.vmap(relu_outputs, (0, None))(at, points) - labels
        return jnp.sqrt(jnp.sum(residual**2, axis=1)), jax.vmap(distance)(at, starts)

    def block(at: Weights, _: None) -> tuple[Weights, tuple[Array, Array]]:
        at = jax.lax.fori_loop(0, steps // LOOKS, advance, at)
        return at, look(at)

    _, seen = jax.lax.scan(block, starts, None, length=LOOKS)
    return jax.tree.map(lambda one, more: jnp.concatenate([one[None], more]), look(starts), seen)


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
