"""Gaussian integrals in NumPy alone, for comparison with closed forms."""

import math
from collections.abc import Callable

import numpy as np
from scipy.special import ndtr, roots_hermitenorm

Function = Callable[[np.ndarray], np.ndarray]
_REACH = 13.0  # beyond it the normal density is below 1e-37


def over_pairs(function: Function, q12: float, q11: float, q22: float, *, nodes: int = 80) -> float:
    """E[f(g) f(g')] for covariances q11 > 0, q22, q12, by Gauss-Hermite nodes of two independent parts."""
    t, w = roots_hermitenorm(nodes)
    w = w / w.sum()
    g = math.sqrt(q11) * t
    rest = math.sqrt(max(q22 - q12**2 / q11, 0.0))
    h = q12 / math.sqrt(q11) * t[:, None] + rest * t[None, :]
    return float(w @ (function(g)[:, None] * function(h)) @ w)


def of_leaky(negative_slope: float, angle: float) -> tuple[float, float]:
    """E[f(g) f(g')] and E[f'(g) f'(g')] of max(t, 0) + negative_slope min(t, 0), unit variances, angle in (0, pi).

    Given g, the other variable is normal with mean g cos(angle) and deviation sin(angle), so that the inner integral
    has a closed form and the outer one is smooth on each half line; its panels shrink towards 0, where it bends on the
    scale of the angle.
    """
    nodes, weights = np.polynomial.legendre.leggauss(24)
    edges = np.concatenate([[0.0], _REACH * 2.0 ** np.arange(-50, 1)])
    half = np.diff(edges)[:, None] / 2
    g = ((edges[:-1, None] + half) + half * nodes).ravel()
    weight = (half * weights).ravel() * np.exp(-(g**2) / 2) / math.sqrt(2 * math.pi)
    value = slope = 0.0
    for sign, gain in ((1.0, 1.0), (-1.0, negative_slope)):
        mean, deviation = sign * g * math.cos(angle), math.sin(angle)
        above = ndtr(mean / deviation)
        positive = mean * above + deviation * np.exp(-((mean / deviation) ** 2) / 2) / math.sqrt(2 * math.pi)
        inner = negative_slope * mean + (1 - negative_slope) * positive
        value += float(weight @ (gain * sign * g * inner))
        slope += float(weight @ (gain * (negative_slope + (1 - negative_slope) * above)))
    return value, slope
