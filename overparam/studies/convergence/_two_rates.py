"""Both layers of a shallow ReLU network trained at different rates: how often random labels are fitted.

Background (razborov2022): gradient descent on a depth-2 ReLU network with Gaussian inputs and arbitrary labels
converges at smaller widths than earlier analyses asked for, when the two layers have different learning rates, and
the paper reports convergence well beyond the kernel regime. Its width is not evaluated here: this is an experiment
with the ratio of the two rates as a knob, and its verdict is an estimate.

f(x) = k^(-1/2) sum_r v_r relu(<w_r, x>), w_r standard normal, v_r = +-1, rates eta for w and eta rho for v. With v =
sqrt(rho) u these are equal rates for (w, u), whose kernel at the start is K_w + rho K_v: its least eigenvalue
increases with rho (Weyl), but so does the largest, and with it the number of steps: eta is half the inverse of the
largest eigenvalue, the same for all runs of a ratio.

Tested for itself: |w_r|^2 - v_r^2 / rho is conserved by the flow. A step of size eta changes it by eta^2 (|dL/dw_r|^2
- rho (dL/dv_r)^2) exactly, since relu is homogeneous; so all neurons of a run together drift by at most eta^2 times
the sum of its squared gradients, whatever the step. Where each step lowers the loss by at least eta / 2 times the
squared gradient, as short steps do on smooth pieces, that is at most 2 eta L_0: a second inequality, tested apart.
"""

import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from overparam.precision import HIGHEST, require_dtype
from overparam.records import Verdict
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.convergence._two_layer import start
from overparam.training import follow
from overparam.widths import clopper_pearson

_FITTED, _LEVEL = 1e-4, 0.998  # of the loss at the start; level of each interval
_RATIOS = (0.0, 0.1, 1.0, 10.0)
_SIZES: dict[Size, dict[str, int]] = {
    "ci": {"n_samples": 12, "dim": 4, "width": 24, "runs": 12, "steps": 2000},
    "laptop": {"n_samples": 24, "dim": 6, "width": 36, "runs": 30, "steps": 8000},
    "paper": {"n_samples": 200, "dim": 20, "width": 40, "runs": 100, "steps": 200_000},
}


def measure(
    setting: Setting, *, ratios: tuple[float, ...] = _RATIOS, conserved: float = 1.0, share: float = 0.5
) -> Finding:
    """Shares of fits for each ratio; `conserved` is the power of rho in the conserved |w|^2 - v^2 / rho^power."""
    size = _SIZES[setting.size]
    n, dim, width, runs = size["n_samples"], size["dim"], size["width"], size["runs"]
    dtype = require_dtype("float64", what="two-rates")
    rng = np.random.default_rng([setting.root, n, dim])
    data = rng.normal(size=(runs, n, dim)) / math.sqrt(dim), rng.choice([-1.0, 1.0], size=(runs, n))
    points, labels = (jnp.asarray(part, dtype) for part in data)
    drawn = [start(setting.root, seed, width, dim) for seed in range(runs)]
    weights, heads = (jnp.stack(part) for part in zip(*drawn, strict=True))
    told, drifts, falls, kernels, finite = [], [], [], [], True
    for rho in ratios:
        spectra = _spectra(np.asarray(weights), np.asarray(points), rho)
        step, least = share / float(np.max(spectra[:, 1])), float(np.median(spectra[:, 0]))
        given = points, jnp.asarray(math.sqrt(rho), dtype), heads, labels.reshape(-1)
        begin = weights, jnp.zeros_like(heads)
        run = follow(outputs, begin, given[-1], *given, step_size=step, steps=size["steps"], watch=_squares)
        first, last = (np.sum(np.asarray(outputs(at, *given) - given[-1]).reshape(runs, n) ** 2, axis=1) / 2
                       for at in (begin, run.params))  # fmt: skip
        squares = np.sum(np.asarray(run.seen)[:-1], axis=0)  # of the gradients that steps were taken along
        falls.append(float(np.max(step * squares / (2 * first))))
        finite &= bool(np.all(np.isfinite(last)))
        fitted = int(np.sum(last < _FITTED * first))
        low, high = clopper_pearson(fitted, runs, level=_LEVEL)
        ended = np.asarray(run.params[0])
        moved = np.linalg.norm(ended - np.asarray(weights), axis=(1, 2)) / np.linalg.norm(weights, axis=(1, 2))
        kernels.append(least)
        told.append(
            f"rho = {rho:g}: {fitted} of {runs} runs fitted, a share in [{low:.2f}, {high:.2f}], hidden weights moved "
            f"by {float(np.median(moved)):.2f} of their norm"
        )
        if rho > 0:
            # v^2 / rho - v_0^2 / rho, without the cancellation of large numbers
            shifts, outer = np.asarray(run.params[1]), np.asarray(heads)
            grown = (shifts**2 + 2 * outer * shifts / math.sqrt(rho)) * rho ** (1 - conserved)
            change = np.sum(ended**2 - np.asarray(weights) ** 2, axis=2) - grown
            drifts.append(float(np.max(np.sum(np.abs(change), axis=1) / (step**2 * squares))))
    links = (
        Link("drift of |w_r|^2 - v_r^2 / rho over eta^2 times squared gradients, largest", 1 + 1e-6, max(drifts)),
        Link("eta times squared gradients over 2 L_0, largest of all runs", 1.0, max(falls)),
        Link(
            "growth of the least eigenvalue of K_w + rho K_v along rho, smallest", -1e-12,
            min(b - a for a, b in itertools.pairwise(kernels)), "at least",
        ),
    )  # fmt: skip
    words = (
        f"n = {n} Gaussian points in dimension {dim} with random signs, {width} neurons, {runs} runs of "
        f"{size['steps']} steps for each ratio, the same at all; fitted means below {_FITTED:g} of the first loss, "
        f"intervals at level {_LEVEL}: {'; '.join(told)}.  Failing within the budget shows nothing about more steps."
    )
    return Finding(
        links[0].holds and links[2].holds if finite else None, words.replace("  ", " "), runs * len(ratios), links
    )


def outputs(
    params: tuple[Float[Array, "runs width dim"], Float[Array, "runs width"]],
    points: Float[Array, "runs n_samples dim"],
    root_rho: Float[Array, ""],
    heads: Float[Array, "runs width"],
    labels: Float[Array, " n_values"],
) -> Float[Array, " n_values"]:
    """Outputs of all runs, one after the other, output weights heads + sqrt(rho) u; `_squares` needs the labels."""
    weights, shifts = params
    hidden = jax.nn.relu(jnp.einsum("rnd,rkd->rnk", points, weights, precision=HIGHEST))
    outer = (heads + root_rho * shifts) / jnp.sqrt(jnp.asarray(heads.shape[1], points.dtype))
    return jnp.einsum("rnk,rk->rn", hidden, outer, precision=HIGHEST).reshape(-1)


def _squares(params: tuple[Array, Array], *given: Array) -> Float[Array, " runs"]:
    """Squared norm of each run's gradient."""
    values, back = jax.vjp(lambda at: outputs(at, *given), params)
    inner, outer = back(values - given[-1])[0]
    return jnp.sum(inner**2, axis=(1, 2)) + jnp.sum(outer**2, axis=1)


def _spectra(weights: np.ndarray, points: np.ndarray, rho: float) -> np.ndarray:
    """Least and largest eigenvalue of K_w + rho K_v of each run, (runs, 2)."""
    pre = np.einsum("rnd,rkd->rnk", points, weights)
    on, hidden = (pre > 0) * 1.0, np.maximum(pre, 0)
    inner = [part @ part.transpose(0, 2, 1) for part in (points, on, hidden)]
    return np.linalg.eigvalsh((inner[0] * inner[1] + rho * inner[2]) / weights.shape[1])[:, [0, -1]]


STUDY = Experiment(
    id="two-rates",
    claim="Random signs on Gaussian points, both layers trained at rates of ratio rho: the shares of runs of this "
    "study that fit within the budget are estimated, with |w_r|^2 - v_r^2 / rho conserved up to the step size.",
    refuted_by="a drift of |w_r|^2 - v_r^2 / rho above eta^2 times squared gradients: the rates were not these",
    cites=("razborov2022",),
    locator="own experiment on both layers at different rates",
    measure=measure,
    proved=False,
    word=Verdict.ESTIMATED,
)
