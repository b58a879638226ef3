"""All measures of capacity of one trained network in one table."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from overparam.generalization.bounds._certificate import PacBayes
from overparam.generalization.bounds._label_kernel import arora2019
from overparam.generalization.bounds._margins import Capacity, guessing
from overparam.generalization.bounds._networks import (
    Activation,
    Biases,
    as_float64,
    as_points,
    margins,
    outputs_of,
    signs,
    sizes_of,
)
from overparam.generalization.bounds._rademacher import bartlett1998, golowich2018
from overparam.generalization.bounds._spectral import bartlett2017, neyshabur2018
from overparam.generalization.bounds._vc import log_growth_bound, uniform_gap, vc_dimension_bound, vc_gap_bound
from overparam.networks import Layer


def capacity_table(
    layers: Sequence[Layer],
    initial: Sequence[Layer],
    points: ArrayLike,
    labels: ArrayLike,
    *,
    quantile: float = 0.1,
    delta: float = 0.05,
    biases: Biases = "folded",
    activation: Activation = "relu",
    radius: float | None = None,
    certificate: PacBayes | None = None,
) -> tuple[Capacity, ...]:
    """What each bound says of one network's error: a row a measure, its `vacuous` whether that is more than a guess.

    Args:
        layers: of a trained multilayer perceptron.
        initial: where its training began, fixed before the samples were seen.
        points: (n_samples, dim), independent, on which it was trained.
        labels: (n_samples,): classes 0 .. K - 1, or for one output -1 and 1.
        quantile: of the training margins, at which the margin bounds are taken.
        delta: probability that a bound fails, of each row for itself.
        biases: folded into the inputs, or left out, see `golowich2018`.
        activation: of the network; rows whose theorem is about another one say so in `unmet`.
        radius: a bound on the norms of all inputs, for the row that needs one.
        certificate: from `pac_bayes`, for a row of its own.
    Returns:
        Rows: vc, bartlett1998, golowich2018, bartlett2017 about zero and about the initial weights, neyshabur2018; for
        one output arora2019; with a certificate dziugaite2017.
    Raises:
        InputError: shapes do not fit, or the margin at the quantile is not positive.
    """
    how: dict[str, Any] = {"quantile": quantile, "delta": delta, "biases": biases, "activation": activation}
    moved = bartlett2017(layers, points, labels, initial=initial, **how)
    rows = [
        vc_row(layers, points, labels, delta=delta, activation=activation),
        bartlett1998(layers, points, labels, **how),
        golowich2018(layers, points, labels, **how),
        bartlett2017(layers, points, labels, **how),
        moved._replace(measure="bartlett2017, from the start"),
        neyshabur2018(layers, points, labels, radius=radius, **how),
    ]
    if len(layers[-1].bias) == 1:
        rows.append(arora2019(points, signs(labels), delta=delta).bound)
    if certificate is not None:
        rows.append(
            Capacity(
                "dziugaite2017",
                certificate.divergence / len(np.asarray(labels)),
                certificate.bound,
                1 - certificate.confidence,
                ("the bound is on the stochastic network, not on its mean",),
                0.5,
                "dziugaite2017computing",
            )
        )
    return tuple(rows)


def vc_row(
    layers: Sequence[Layer],
    points: ArrayLike,
    labels: ArrayLike,
    *,
    delta: float = 0.05,
    activation: Activation = "relu",
) -> Capacity:
    """Training error plus the gap allowed by the growth function of the architecture.

    Returns:
        value: the bound on the VC dimension of one output over n; bound: on the error.
    Source:
        bartlett2019, Theorem 7; see `log_growth_bound`.
    """
    given = as_float64(layers)
    values = as_points(points, given)
    wrong = float(np.mean(margins(outputs_of(given, values, activation=activation), labels) <= 0))
    sizes, n, deep = sizes_of(given), len(values), len(given) > 1
    dimension = vc_dimension_bound((*sizes[:-1], 1)) if deep else float(sizes[0] + 1)  # of a half space: d + 1
    if deep:
        gap = uniform_gap(log_growth_bound(sizes, 2 * n), n, delta)
    else:
        gap = vc_gap_bound(dimension, n, delta=delta) if sizes[-1] == 1 else float("nan")
    return Capacity(
        "vc",
        dimension / n,
        wrong + gap,
        delta,
        () if activation == "relu" else ("the activation must be piecewise linear with one breakpoint",),
        guessing(sizes[-1]),
        "bartlett2019, Theorem 7",
    )
