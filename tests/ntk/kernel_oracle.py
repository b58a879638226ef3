"""The recursion of dense and residual kernels in ball arithmetic, straight from the definition with arccos."""

import flint
import numpy as np


def angular_oracle(x, z, *, slope=0, weight=2.0, bias=0.0, depth=1, blocks=None, width=None):
    """(nngp, ntk) of two points for leaky relus; blocks: residual; width: standard parameterization.

    Every arccos near 1 costs a ball half of its bits of the angle, so their number grows with the depth.
    """
    with flint.ctx.workprec(600 + 150 * (depth + (blocks or 0))):
        arb = flint.arb
        weight, bias, slope = arb(weight), arb(bias), arb(slope)
        dim = len(x)
        first = [inner(*(tuple(arb(float(t)) for t in row) for row in pair)) for pair in ((x, z), (x, x), (z, z))]
        one = arb(1 if bias > 0 else 0)
        covariance = [weight * q / dim + bias for q in first]
        tangent = covariance[0] if width is None else first[0] + one
        steps = [0] * depth if blocks is None else [1] * blocks + [0]
        for keep in steps:
            value, gain = dual(*covariance, slope)
            values = [value, (1 + slope**2) / 2 * covariance[1], (1 + slope**2) / 2 * covariance[2]]
            born = weight * value + bias if width is None else width * value + one
            tangent = keep * tangent + born + weight * gain * tangent
            covariance = [keep * q + weight * v + bias for q, v in zip(covariance, values, strict=True)]
        assert max(covariance[0].rad(), tangent.rad()) < 1e-30 * max(1, width or 1)
        return covariance[0].mid(), tangent.mid()


def inner(a, b):
    return sum((s * t for s, t in zip(a, b, strict=True)), flint.arb(0))


def dual(q12, q11, q22, slope):
    """E[phi phi'] and E[phi' phi'] of a leaky relu, from the four orthants."""
    arb = flint.arb
    mean, bend = (1 + slope**2) / 2, (1 - slope) ** 2 / (2 * arb.pi())
    norms = (q11 * q22).sqrt()
    if not norms > 0:
        return arb(0), mean
    cosine = q12 / norms
    if not abs(cosine) < 1:  # parallel, as far as 600 bits tell
        angle = arb(0) if cosine > 0 else arb.pi()
        return mean * q12 - bend * angle * q12, mean - bend * angle
    angle = cosine.acos()
    return norms * (bend * angle.sin() + cosine * (mean - bend * angle)), mean - bend * angle


def angles(points):
    """All angles, (n, n), to 50 digits and then rounded."""
    with flint.ctx.workprec(600):
        rows = [[flint.arb(float(t)) for t in row] for row in np.asarray(points)]

        def angle(a, b):
            square = inner(a, a) * inner(b, b)
            if not square > 0:
                return np.pi / 2
            cosine = inner(a, b) / square.sqrt()
            return float(cosine.acos().mid()) if abs(cosine) < 1 else 0.0 if cosine > 0 else np.pi

        return np.array([[angle(a, b) for b in rows] for a in rows])
