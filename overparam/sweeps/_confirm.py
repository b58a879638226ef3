"""Successes of float32 runs, looked at again in float64: on the data as they are, with the weights as they are."""

import functools
from typing import Any, NamedTuple

import jax
import numpy as np
from jax import Array
from jaxtyping import Float

from overparam.networks import Mlp, Model, TwoLayer
from overparam.training import ModelSpec, Outcome, Run, TrainSpec

_BY_SIGN = ("logistic", "hinge")


class Confirmation(NamedTuple):
    """What float64 says of one seed; both None where it was not asked."""

    residual: float | None
    """||outputs - labels||; None for the losses that are about signs."""
    holds: bool | None
    """Whether the outputs count as fitted."""


def confirmations(
    run: Run, points: np.ndarray, labels: np.ndarray, *, model: ModelSpec, how: TrainSpec
) -> list[Confirmation]:
    """One a seed; asked only of float32 runs that fitted.

    Seed by seed, so that a result does not depend on the companions.

    Args:
        run: with the seeds first.
        points: float64, of all seeds or one set a seed; labels likewise.
        model: the networks of the run.
        how: the protocol of the run.
    """
    found = [Confirmation(None, None)] * len(run.stopped)
    if how.dtype != "float32":
        return found
    two_layer = model.architecture == "two-layer"
    network: Model = TwoLayer(model.width) if two_layer else Mlp(model.width, model.depth, model.activation)
    for i in np.flatnonzero(np.asarray(run.stopped) == Outcome.FITTED):
        params = jax.tree.map(lambda leaf, i=i: np.asarray(leaf[i], np.float64), run.params)
        own = (points[i], labels[i]) if labels.ndim == 2 else (points, labels)
        outputs = np.asarray(_outputs(network, params, own[0]))
        found[i] = _judge(outputs, own[1], how)
    return found


def _judge(outputs: np.ndarray, labels: np.ndarray, how: TrainSpec) -> Confirmation:
    if how.loss in _BY_SIGN:
        return Confirmation(None, bool((outputs * labels).min() >= how.tolerance))
    residual, target = float(np.linalg.norm(outputs - labels)), float(np.linalg.norm(labels))
    return Confirmation(residual, residual <= how.tolerance * (target or 1.0))


@functools.partial(jax.jit, static_argnums=0)
def _outputs(network: Model, params: Any, points: Float[Array, "n_samples dim"]) -> Float[Array, " n_samples"]:
    return network.apply(params, points)
