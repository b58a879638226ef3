"""Gauss-Newton forgets the conditioning: along its flow the loss is exp(-2 t), and its steps converge quadratically.

(i) The flow p' = -J^+ r has r' = -J J^+ r = -r as long as the Jacobian J has rank n: the loss is exp(-2 t) L_0 exactly,
whatever the singular values, while gradient flow waits for 1 / s^2, s the least of them.
(ii) If F(p + D) = F(p) + J D + Q(D) with |Q(D)| <= B |D|^2 / 2, as for two ReLU layers of fixed activations with
B = |X|_2, the undamped step p <- p - J^+ r from h = B |r| / s^2 < 1/2 (Kantorovich's region) gives

    |r'| <= B |r|^2 / (2 s^2),    s' >= (1 - h) s,    h' <= h^2 / (2 (1 - h)^2) < 1/2,

so that it converges quadratically, to a zero at most 2 |r| / (s (1 + sqrt(1 - 2 h))) away
(docs/theory/training.md).  At h = 1/2 convergence may be linear only.  F = w v attains all of this, from w = v = 1 and
with a label below F, where s^2 = 2 and B = 1.

Measured: (i) the flow of a tanh network by the classical Runge-Kutta method on points in general and on points with a
nearly parallel pair, gradient flow's slowest rate beside it; the method's error is estimated by halving the step.  (ii)
steps of a network of fixed activations from h just below 1/2, with residuals in the direction of the least singular
value and in random ones, and of F = w v, each inequality at each step.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.landscape._both_layers import tanh_parts
from overparam.studies.landscape._instances import close_pair

TIME = 3.0  # of the flow
EXACT = 1e-6  # largest relative error of the residual along the flow
STEPS = 8  # of the undamped method
EDGE = 0.499  # h at the start
ROUNDING = 1e-9  # relative, in the inequalities
SLIP = 1e-14  # times |y|, what a residual is off by
SMALL = 1e-12  # times |y|: a residual below is rounding and is not compared


class Sizes(NamedTuple):
    """n points of R^d, k neurons, seeds of (ii), Runge-Kutta steps."""

    n: int
    d: int
    k: int
    seeds: int
    steps: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(10, 5, 20, 4, 200),
    "laptop": Sizes(30, 10, 60, 20, 400),
    "paper": Sizes(150, 20, 200, 100, 1000),
}


def measure(setting: Setting, *, transposed: bool = False, bend: float = 1.0) -> Finding:
    """Both parts; `transposed` uses J^T for J^+, and `bend` multiplies B, the constant of the region and its bounds."""
    size = _SIZES[setting.size]
    errors, conditions, told = [], [], []
    for what, angle in (("points in general", 1.0), ("a pair at angle 0.05", 0.05)):
        points, labels = close_pair(setting.root, size.n, size.d, angle)
        seed = [setting.root, size.n]
        fine, condition, rate = _flow(seed, points, labels, size.k, 2 * size.steps, transposed)
        coarse = _flow(seed, points, labels, size.k, size.steps, transposed)[0]
        errors.append(fine)
        conditions.append(condition)
        told.append(
            f"{what}, condition of J J^T {condition:.2g}: |r| is exp(-t) |r_0| up to {fine:.1e} until t = {TIME:g} ("
            f"{coarse:.1e} with twice the step), where gradient flow's slowest factor is {rate:.3f}"
        )
    bounds = np.array([_newton([setting.root, seed], size, bend) for seed in range(size.seeds)])
    sharp = np.array(_steps(_product, np.ones(2), np.ones(1), bend))  # F = w v, at which nothing has slack
    both = np.vstack([bounds, sharp])
    worst = float(both[:, :3].max()) if np.isfinite(both).all() else math.inf
    return Finding(
        holds=bool(np.max(errors) <= EXACT and worst <= 1 + ROUNDING),
        words=f"n = {size.n}, d = {size.d}, k = {size.k}. (i) {'; '.join(told)}. (ii) {2 * size.seeds} starts at h = "
        f"{EDGE}: residuals after a step are at most {bounds[:, 0].max():.3f} of their bound, h at most "
        f"{bounds[:, 1].max():.3f} of its own, distances {bounds[:, 2].max():.3f}; after {STEPS} steps |r| is at most "
        f"{bounds[:, 3].max():.1e}. F = w v attains them: {sharp[0]:.6f}, {sharp[1]:.6f} and {sharp[2]:.6f}.",
        instances=3 + 2 * size.seeds,
        links=(
            Link("error of exp(-t) along the flow", EXACT, float(max(errors))),
            Link("residual after an undamped step, against B |r|^2 / (2 s^2)", 1 + ROUNDING, float(both[:, 0].max())),
            Link("h after a step, against h^2 / (2 (1 - h)^2)", 1 + ROUNDING, float(both[:, 1].max())),
            Link("distance to the zero, against Kantorovich's radius", 1 + ROUNDING, float(both[:, 2].max())),
        ),
    )


def _flow(
    seed: list[int], points: np.ndarray, labels: np.ndarray, width: int, steps: int, transposed: bool
) -> tuple[float, float, float]:
    """Largest relative error of |r| = exp(-t) |r_0|; condition of K and gradient flow's slowest factor at the start."""
    rng = np.random.default_rng(seed)
    shape = (width, points.shape[1])
    at = np.concatenate([3 * rng.normal(size=shape).ravel(), rng.choice([-1.0, 1.0], size=width) * width**-0.5])
    h, first = TIME / steps, tanh_parts(at, points, width)[0] - labels

    def slope(at: np.ndarray) -> np.ndarray:
        values, jacobian = tanh_parts(at, points, width)
        r = values - labels
        return -(r if transposed else np.linalg.solve(jacobian @ jacobian.T, r)) @ jacobian

    singular, worst = np.linalg.svd(tanh_parts(at, points, width)[1], compute_uv=False), 0.0
    for count in range(1, steps + 1):
        one = slope(at)
        two = slope(at + h / 2 * one)
        three = slope(at + h / 2 * two)
        at = at + h / 6 * (one + 2 * two + 2 * three + slope(at + h * three))
        size = np.linalg.norm(tanh_parts(at, points, width)[0] - labels) / np.linalg.norm(first)
        worst = max(worst, abs(size * math.exp(count * h) - 1))
    return worst, (singular[0] / singular[-1]) ** 2, math.exp(-(singular[-1] ** 2) * TIME)


def _newton(seed: list[int], size: Sizes, bend: float) -> list[float]:
    """Over two starts: largest |r'| and h' relative to their bounds, distance relative to its own, and the last |r|."""
    rng = np.random.default_rng(seed)
    points, w = rng.normal(size=(size.n, size.d)), rng.normal(size=(size.k, size.d))
    start = np.concatenate([w.ravel(), rng.choice([-1.0, 1.0], size=size.k)])
    on, b = points @ w.T > 0, bend * np.linalg.norm(points, 2)

    def parts(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Outputs and Jacobian with these activations."""
        w, v = at[: -size.k].reshape(size.k, -1), at[-size.k :]
        pre = on * (points @ w.T)
        return pre @ v, np.concatenate([((on * v)[:, :, None] * points[:, None, :]).reshape(size.n, -1), pre], axis=1)

    left = np.linalg.svd(parts(start)[1], full_matrices=False)[0]
    random = rng.normal(size=size.n)
    directions = (left[:, -1], random / np.linalg.norm(random))
    return np.max([_steps(parts, start, direction, b) for direction in directions], axis=0).tolist()


def _steps(
    parts: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]], start: np.ndarray, direction: np.ndarray, b: float
) -> list[float]:
    """Undamped steps from h = EDGE, the residual in this direction; b is the Lipschitz constant that is claimed."""
    here, jacobian = parts(start)
    first = np.linalg.svd(jacobian, compute_uv=False)[-1]
    length = EDGE * first**2 / b
    labels, at = here - length * direction, start
    slip = SLIP * float(np.linalg.norm(labels))
    h, r, by, region, new = EDGE, length, [0.0], [0.0], math.inf
    for _ in range(STEPS):
        values, jacobian = parts(at)
        at = at - jacobian.T @ np.linalg.solve(jacobian @ jacobian.T, values - labels)
        values, jacobian = parts(at)
        new = float(np.linalg.norm(values - labels))
        least = np.linalg.svd(jacobian, compute_uv=False)[-1]
        if new <= SMALL * np.linalg.norm(labels):
            break
        by.append(new / (h * r / 2 + slip))
        region.append(b * new / least**2 / (h**2 / (2 * (1 - h) ** 2) + b * slip / least**2))
        h, r = b * new / least**2, new
    radius = 2 * length / (first * (1 + math.sqrt(1 - 2 * EDGE)))
    return [max(by), max(region), float(np.linalg.norm(at - start)) / radius, new]


def _product(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """F = w v and its Jacobian."""
    return at[:1] * at[1:], at[None, ::-1]


STUDY = Experiment(
    id="gauss-newton",
    claim="The Gauss-Newton flow multiplies the loss by exp(-2 t) whatever the conditioning, while the Jacobian has "
    "rank n; and for two ReLU layers of fixed activations undamped steps from B |r| < s^2 / 2, B = |X|_2, converge "
    "quadratically to a zero of the loss within Kantorovich's radius.",
    refuted_by="a residual off exp(-t) |r_0| by more than the integrator's error, or a step beyond its bound",
    cites=(),
    locator="own, docs/theory/training.md",
    measure=measure,
    proved=True,
)
