"""Comparing networks by what they answer, and along the segment between their weights."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from overparam.errors import InputError
from overparam.generalization._alignment import Network, layers_in
from overparam.networks import Layer


class Agreement(NamedTuple):
    """How far two networks answer alike on the same points.

    Attributes:
        correlation: of all their outputs; with several classes, of the outputs' differences from their mean over the
            classes, since a constant added to all of them changes no answer.
        disagreement: share of points with another answer: the largest output, or the sign where there is one output.
    """

    correlation: float
    disagreement: float


def agreement(first: ArrayLike, second: ArrayLike) -> Agreement:
    """Of outputs (n,) or (n, 1), or logits (n, n_classes)."""
    one, two = (np.asarray(outputs, np.float64) for outputs in (first, second))
    one, two = (outputs[:, None] if outputs.ndim == 1 else outputs for outputs in (one, two))
    if one.shape != two.shape or one.ndim != 2:
        raise InputError(f"agreement needs outputs of one shape, not {one.shape} and {two.shape}")
    if one.shape[1] == 1:
        other, (one, two) = (one > 0) != (two > 0), (one - one.mean(), two - two.mean())
    else:
        other = one.argmax(1) != two.argmax(1)
        one, two = (outputs - outputs.mean(1, keepdims=True) for outputs in (one, two))
    return Agreement(float(np.sum(one * two) / np.sqrt(np.sum(one**2) * np.sum(two**2))), float(np.mean(other)))


def barrier(
    loss: Callable[[tuple[Layer, ...]], float], first: Network, second: Network, *, n_points: int = 11
) -> float:
    """How far the loss rises above the chord on the segment from one network to the other; at least 0, at its ends.

    Largest loss((1 - a) first + a second) - (1 - a) loss(first) - a loss(second) over `n_points` values of a in [0, 1].
    """
    one, two = layers_in(first), layers_in(second)
    shares = np.linspace(0, 1, n_points)
    losses = np.array(
        [
            loss(
                tuple(
                    Layer(*((1 - share) * p + share * q for p, q in zip(a, b, strict=True)))
                    for a, b in zip(one, two, strict=True)
                )
            )
            for share in shares
        ]
    )
    return float(np.max(losses - (1 - shares) * losses[0] - shares * losses[-1]))
