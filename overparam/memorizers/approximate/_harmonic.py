"""Bubeck et al. 2020: a derivative neuron without division by a small step, by recombining the angles of a plane.

For z = a + ib and even m, the integral of relu(Re(z e^{-it})) e^{imt} over a period is kappa_m z^m / |z|^{m-1}, with
kappa_m = 2 (-1)^{m/2+1} / (m^2 - 1).  The imaginary part for m = 2 says

    (3/4) integral of relu(a cos t + b sin t) sin 2t dt = a b / sqrt(a^2 + b^2),

which is sign(a) b for |b| much smaller than |a|.  `ANGLES` equispaced angles stand for the integral; opposite ones
share a neuron, since relu(s) + relu(-s) = 2 relu(s) - s, and what is linear is gathered at the end.
"""

import numpy as np

from overparam.exact import ExactData
from overparam.memorizers._built import Built, Options
from overparam.memorizers.approximate._reach import out_of_reach
from overparam.memorizers.approximate._recombined import Unit, build_recombined
from overparam.memorizers.approximate._rows import prepare

ANGLES = 16


def harmonic_unit(angles: int) -> Unit:
    """The quadrature with `angles` points, a multiple of 4, none of them a zero of sin 2t: half as many neurons.

    Written as F = sum_l outer_l (relu(s_l) - s_l / 2): twice the sum of (3/4) (2 pi / angles) sin 2t_l relu(s_l) over
    the angles of half a period.
    """
    t = (np.arange(angles // 2) + 0.5) * (2 * np.pi / angles)
    return Unit(np.stack([np.cos(t), np.sin(t)], axis=1), 2 * 0.75 * (2 * np.pi / angles) * np.sin(2 * t))


def build_harmonic(data: ExactData, options: Options) -> Built:
    """Without biases; refuses labels that no such network comes near."""
    rows = prepare(data, options, biased=False)
    if refused := out_of_reach("harmonic", data, rows.tolerance):
        raise refused
    return build_recombined(rows, options, "harmonic", harmonic_unit(ANGLES))


def build_harmonic_bias(data: ExactData, options: Options) -> Built:
    """With hidden biases: the same for the rows (x, 1)."""
    return build_recombined(prepare(data, options, biased=True), options, "harmonic-bias", harmonic_unit(ANGLES))
