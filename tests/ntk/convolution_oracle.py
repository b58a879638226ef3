"""Convolutional kernels from their definition, over all pairs of pixels, in ball arithmetic: slow and independent."""

import itertools

import flint
import numpy as np

from tests.ntk.kernel_oracle import dual


def erf_dual(q12, q11, q22, _):
    root = ((1 + 2 * q11) * (1 + 2 * q22) - 4 * q12**2).sqrt()
    return 2 / flint.arb.pi() * (2 * q12 / root).atan(), 4 / flint.arb.pi() / root


def output_shape(shape, size, stride, padding):
    if padding == "VALID":
        return tuple((n - f) // s + 1 for n, f, s in zip(shape, size, stride, strict=True))
    return tuple(-(-n // s) for n, s in zip(shape, stride, strict=True))


def below(pixel, shape, size, stride, padding):
    """The pixels that the filter sees from `pixel` of the output, None where it is padding."""
    seen = []
    for taps in itertools.product(*map(range, size)):
        place = []
        for p, tap, n, f, s, m in zip(
            pixel, taps, shape, size, stride, output_shape(shape, size, stride, padding), strict=True
        ):
            low = 0 if padding == "VALID" else max((m - 1) * s + f - n, 0) // 2
            q = p * s + tap - low
            place.append(q % n if padding == "CIRCULAR" else q if 0 <= q < n else None)
        seen.append(None if None in place else tuple(place))
    return seen


def convolution_oracle(x, z, *, depth=1, size=(3, 3), stride=(1, 1), padding="SAME", readout="flatten", weight=2.0,
                       bias=0.0, channels=None, slope=0, dual=dual):  # fmt: skip
    """(nngp, ntk) of two images (height, width, channels); channels: of hidden layers, standard parameterization."""
    with flint.ctx.workprec(600 + 150 * depth):
        arb = flint.arb
        weight, bias, slope = arb(weight), arb(bias), arb(slope)
        one = arb(1 if bias > 0 else 0)
        images = [{p: [arb(float(t)) for t in im[p]] for p in np.ndindex(im.shape[:2])} for im in (x, z)]
        shape, fan, taps = x.shape[:2], x.shape[2], size[0] * size[1]
        sides = ((0, 1), (0, 0), (1, 1))
        values = {
            (a, b): {(p, q): sum((s * t for s, t in zip(u, v, strict=True)), arb(0)) / fan
                     for p, u in images[a].items() for q, v in images[b].items()}
            for a, b in sides
        }  # fmt: skip
        tangent = dict.fromkeys(values[0, 1], arb(0))

        def own(mean, fan):
            return weight * mean + bias if channels is None else fan * mean + one

        for _ in range(depth):
            after = output_shape(shape, size, stride, padding)
            seen = {p: below(p, shape, size, stride, padding) for p in np.ndindex(after)}

            def mean(array, p, q, seen=seen):
                pairs = zip(seen[p], seen[q], strict=True)
                return sum((array[s, t] for s, t in pairs if s is not None and t is not None), arb(0)) / taps

            places = list(itertools.product(seen, seen))
            means = {side: {pq: mean(values[side], *pq) for pq in places} for side in sides}
            covariance = {side: {pq: weight * m + bias for pq, m in means[side].items()} for side in sides}
            tangent = {pq: own(means[0, 1][pq], fan * taps) + weight * mean(tangent, *pq) for pq in places}
            duals = {
                (a, b): {(p, q): dual(c, covariance[a, a][p, p], covariance[b, b][q, q], slope)
                         for (p, q), c in covariance[a, b].items()}
                for a, b in sides
            }  # fmt: skip
            values = {side: {pq: v for pq, (v, _) in duals[side].items()} for side in sides}
            tangent = {pq: duals[0, 1][pq][1] * tangent[pq] for pq in places}
            shape, fan = after, channels or 1
        places = [(p, q) for p, q in tangent if readout == "pooling" or p == q]
        value, rest = (sum((array[pq] for pq in places), arb(0)) / len(places) for array in (values[0, 1], tangent))
        pixels = 1 if readout == "pooling" else len(places)
        result = weight * value + bias, own(value, fan * pixels) + weight * rest
        assert max(r.rad() for r in result) < 1e-30 * max(1, channels or 1)
        return tuple(float(r.mid()) for r in result)
