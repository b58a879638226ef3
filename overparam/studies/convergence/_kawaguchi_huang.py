"""Number of parameters against width of the last hidden layer: what training the last layer alone can do.

The source trains deep networks of Omega~(n) parameters to zero loss by gradient descent with suitable step sizes;
later readers describe the dynamics that it analyses as training of the last layer on random features.  These are two
conditions.  The last layer alone interpolates every labelling iff its features with a constant have rank n, which
asks for n - 1 units whatever the number of parameters; all layers together have a Jacobian of rank n far below that.

Weights and points lie on a dyadic grid, so hidden features are exact in float64.  Full ranks are decided exactly, lower
ones modulo a prime, which could only be too low: the checker accepts (i) that the features of a wide last layer have
rank n, and (ii) that at a last width below n - 1, where they cannot, the Jacobian in all layers has.  ReLU features
reach rank n later than at width n - 1, since units that are active on all points or on none add nothing new beyond the
layer before: the width at which it happens is measured. Then three runs of gradient descent: last layer alone at both
widths, against its closed form, and all layers.
"""

import pathlib

import jax.numpy as jnp
import numpy as np

from overparam.data import Dataset, from_arrays
from overparam.exact import leading_columns
from overparam.networks import Layer
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.convergence._deep import (
    GRID,
    as_arrays,
    drawn_layers,
    generator,
    kernel_parts,
    linear_outputs,
    on_grid,
    relu_outputs,
)
from overparam.training import follow
from overparam.widths import NetworkGram, NotAccepted, prove_full_row_rank

# n, d, first hidden width, narrow last width, last units drawn, steps
_SIZES: dict[Size, tuple[int, int, int, int, int, int]] = {
    "ci": (40, 5, 16, 10, 240, 1000),
    "laptop": (120, 12, 40, 40, 720, 5000),
    "paper": (200, 20, 60, 60, 1600, 100000),
}
_BIAS = 0.5
_BELOW = 0.5  # of the last layer's floor: what all layers must get below


def measure(setting: Setting, *, free: tuple[int, ...] = (0, 1, 2), labels_in_reach: bool = False) -> Finding:
    """`free` are the layers trained as "all"; `labels_in_reach` takes labels that the narrow last layer fits."""
    n, dim, first, narrow, drawn, steps = _SIZES[setting.size]
    rng = generator(setting.root, n, dim)
    points, labels = on_grid(rng.normal(size=(n, dim))), rng.normal(size=n)
    wide = tuple(
        Layer(on_grid(weights), on_grid(bias))
        for weights, bias in drawn_layers(rng, (dim, first, drawn, 1), (2.0, 2.0, 1.0), bias=_BIAS)
    )
    features = _features(wide, points)
    pivots = leading_columns([[int(x) for x in row] for row in np.ldexp(features, 3 * GRID)])
    if len(pivots) < n:
        return Finding(None, f"{drawn} last units have features of rank {len(pivots)} only, below n = {n}.", 1)
    needed = pivots[-1]  # column 0 is the constant
    short = _first_units(wide, narrow, rng)
    if labels_in_reach:
        labels = features[:, : narrow + 1] @ rng.normal(size=narrow + 1)
    parts = features * (np.arange(drawn + 1) <= narrow)  # zero columns change nothing, one program serves both
    floor = float(np.linalg.norm(labels - parts @ np.linalg.lstsq(parts, labels, rcond=None)[0]))
    accepted = _accepted(setting.folder, from_arrays(points, labels), _first_units(wide, needed, rng), short, free)
    alone, off = _last_alone(parts, labels, steps)
    far, far_off = _last_alone(features, labels, steps)
    together = _all_layers(short, points, labels, steps, free)
    finite = bool(np.all(np.isfinite([alone, off, far, far_off, together])))
    size = float(np.linalg.norm(labels))
    parameters = sum(layer.weights.size + layer.bias.size for layer in short)
    rounding = steps * 2.0**-50 * size  # two operators of norm 1 applied that often, each to a few roundings
    fine = accepted and max(off, far_off) <= rounding and alone >= floor - rounding and together < _BELOW * floor
    return Finding(
        holds=bool(fine) if finite else None,
        words=f"The checker {'accepted' if accepted else 'did not accept'} both ranks, at last widths {needed} and "
        f"{narrow}. By linear algebra, not by the checker: the last layer alone interpolates every labelling at the "
        f"first and cannot at the second, so a condition on the number of parameters is not one on the last width. "
        f"n = {n} normal points in dimension {dim}, normal labels, widths {first} and {narrow} or more. With one "
        f"draw of units in order, the features' rank is n from last width {needed} on, {needed / (n - 1):.2f} times "
        f"what counting asks. At last width {narrow} there are {parameters} parameters, {parameters / n:.0f} n; the "
        f"last layer alone leaves at least {floor / size:.2f} of the labels' norm, after {steps} steps "
        f"{alone / size:.2f}; training all layers leaves {together / size:.1e}. The last layer alone at width {drawn} "
        f"leaves {far / size:.1e}.",
        instances=3,
        links=(
            Link("last width at which random features have rank n, against n - 1", n - 1, needed, "at least"),
            Link("all layers at the narrow width, residual against the last layer's floor", floor, together),
        ),
        certified=accepted,
    )


def _features(layers: tuple[Layer, ...], points: np.ndarray) -> np.ndarray:
    """A constant, then the last hidden layer: multiples of 2^(-3 GRID), far below 2^53 of them, hence exact."""
    values = points
    for layer in layers[:-1]:
        values = np.maximum(values @ layer.weights.T + layer.bias, 0.0)
    return np.column_stack([np.ones(len(points)), values])


def _first_units(layers: tuple[Layer, ...], width: int, rng: np.random.Generator) -> tuple[Layer, ...]:
    inner, last, _ = layers
    outer = Layer(on_grid(rng.normal(size=(1, width)) * width**-0.5), np.zeros(1))
    return inner, Layer(last.weights[:width], last.bias[:width]), outer


def _accepted(
    folder: pathlib.Path, data: Dataset, wide: tuple[Layer, ...], short: tuple[Layer, ...], free: tuple[int, ...]
) -> bool:
    try:
        prove_full_row_rank(NetworkGram(wide, data, [2]), folder / "last-layer")
        prove_full_row_rank(NetworkGram(short, data, free), folder / "all-layers")
    except NotAccepted:
        return False
    return True


def _last_alone(features: np.ndarray, labels: np.ndarray, steps: int) -> tuple[float, float]:
    """The residual after so many steps from zero, and how far the run is from r_t = (1 - step K)^t r_0."""
    values, vectors = np.linalg.eigh(features @ features.T)
    step = 1 / float(values[-1])
    given = jnp.asarray(labels), jnp.asarray(features)
    run = follow(linear_outputs, jnp.zeros(features.shape[1]), *given, step_size=step, steps=steps, every=steps)
    residual = np.asarray(run.seen[-1]) - labels
    expected = -vectors @ ((1 - step * values) ** steps * (vectors.T @ labels))
    return float(np.linalg.norm(residual)), float(np.linalg.norm(residual - expected))


def _all_layers(
    layers: tuple[Layer, ...], points: np.ndarray, labels: np.ndarray, steps: int, free: tuple[int, ...]
) -> float:
    """The residual after so many steps of 1 / lambda_max of the kernel at the start."""
    if free == (2,):
        return _last_alone(_features(layers, points), labels, steps)[0]
    inputs = [np.column_stack([points, np.ones(len(points))])]  # biases are weights of a constant
    slopes = []
    for layer in layers[:-1]:
        values = inputs[-1][:, :-1] @ layer.weights.T + layer.bias
        inputs.append(np.column_stack([np.maximum(values, 0), np.ones(len(points))]))
        slopes.append(values > 0)
    parts = kernel_parts([layer.weights for layer in layers], inputs, slopes)
    step = 1 / float(np.linalg.norm(np.sum(parts, axis=0), 2))
    arrays = jnp.asarray(labels), jnp.asarray(points)
    run = follow(relu_outputs, as_arrays(layers), *arrays, step_size=step, steps=steps, every=steps)
    return float(np.linalg.norm(np.asarray(run.seen[-1]) - labels))


STUDY = Experiment(
    id="kawaguchi-huang",
    claim="For the n points and random ReLU networks with two hidden layers in claims/kawaguchi-huang: at the wide "
    "last width the Jacobian in the last layer, its features with a constant, has rank n; at the narrow last width, "
    "below n - 1, the Jacobian in all layers has.",
    refuted_by="a certificate that the checker refuses, a run of the last layer that leaves its closed form or gets "
    "below its floor, or training of all layers that stays above half of that floor",
    cites=("kawaguchi2019",),
    locator="abstract; the dynamics as described by later authors, proof not read",
    measure=measure,
    proved=False,
)
