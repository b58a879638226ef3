"""Huang 2003: two hidden tanh layers of ceil(n / q) + 2q and q units, about 2 sqrt(3n) in all, within any error.

The points are cut along a direction into q blocks.  The first layer has shared features, and two steep units a block
that together are 0 on it and below -1 elsewhere.  A unit of the second layer belongs to one block: a combination of the
features gives it exactly the right sum at the block's points, and the steep units push it to -1 at all others.
"""

import itertools
from fractions import Fraction
from math import ceil, log

from overparam.exact import ExactData, ExactLayer, LayeredNetwork, arctanh, fit_sums, power_of_two_above
from overparam.memorizers._built import Built, Options, refusal
from overparam.memorizers._direction import Ordering, best_separating
from overparam.memorizers.smooth._fit import PRECISIONS, allowed, is_within
from overparam.memorizers.smooth._smooth_features import random_layer

_SHRINK = Fraction(1, 2)  # labels are brought to [-1/2, 1/2]


def build_quantizers(data: ExactData, options: Options) -> Built:
    """The construction; any distinct points.  `eps` is the largest error over the largest label, 2^-20 by default."""
    tolerance, largest = allowed(data, options)
    n, eps = data.n_samples, tolerance / largest
    q = _blocks(n)
    ordering = best_separating(data, list(range(1, n)))[0]
    size = -(-n // q)
    blocks = [list(ordering.order[i : i + size]) for i in range(0, n, size)]
    features = random_layer(data, size, options.seed)
    targets = [_SHRINK * y / largest for y in data.labels]
    pushed = Fraction(
        2 + power_of_two_above(n / eps).numerator.bit_length()
    )  # below -pushed tanh is within eps / n of -1
    for bits in PRECISIONS:  # balls that grow beyond all bounds fit nothing
        plain = [
            fit_sums(features, data, block, arctanh([targets[i] for i in block], bits), bits, error=eps / 64)
            for block in blocks
        ]
        if any(fit is None for fit in plain):
            continue
        reach = max(fit.largest for fit in plain if fit is not None)
        push = power_of_two_above(2 * reach + pushed)
        network = _network(data, ordering, blocks, features, targets, push, bits, eps / 64)
        if network is None:
            continue
        factor = largest / _SHRINK
        outer = ExactLayer((tuple(factor for _ in blocks),), (factor * (len(blocks) - 1),))
        found = LayeredNetwork("tanh", (*network, outer))
        if is_within(found, data, tolerance):
            note = f"{len(blocks)} blocks of at most {size} points along {list(ordering.direction)}"
            return Built(found, (note,), tolerance, numbers={"blocks": len(blocks), "features": size})
    raise refusal("quantizers", f"{PRECISIONS[-1]} bits do not show the features independent", '"one-limit"')


def _blocks(n: int) -> int:
    """The number q for which ceil(n / q) + 3q is least."""
    return min(range(1, n + 1), key=lambda q: (-(-n // q) + 3 * q, q))


def _network(
    data: ExactData,
    ordering: Ordering,
    blocks: list[list[int]],
    features: ExactLayer,
    targets: list[Fraction],
    push: Fraction,
    bits: int,
    error: Fraction,
) -> tuple[ExactLayer, ExactLayer] | None:
    """The two hidden layers, the combinations solved for with the steep units as they are."""
    z = ordering.z
    # push (A + B - 2) is below 1/4 on the block: 1 - tanh(t) < 2 exp(-2 t)
    steep = ceil(log(float(power_of_two_above(push)) * 16) / 2) + 2 if push < 2**900 else 1024
    starts = list(itertools.accumulate((len(block) for block in blocks), initial=0))
    gaps = [z[s] - z[s - 1] for s in starts[1:-1]]
    slope = power_of_two_above(2 * steep / min(gaps)) if gaps else Fraction(1)
    weights, biases = list(features.weights), list(features.bias)
    for first, last in itertools.pairwise(starts):
        low = (z[first - 1] + z[first]) / 2 if first else z[0] - steep / slope
        high = (z[last - 1] + z[last]) / 2 if last < len(z) else z[-1] + steep / slope
        for sign, knot in ((1, low), (-1, high)):
            weights.append(tuple(sign * slope * u for u in ordering.direction))
            biases.append(Fraction(round(-sign * slope * knot)))
    first_layer = ExactLayer(tuple(weights), tuple(biases))
    count = len(features.bias)
    rows, offsets = [], []
    for g, block in enumerate(blocks):
        steps = [Fraction(0)] * (2 * len(blocks))
        steps[2 * g] = steps[2 * g + 1] = push
        sums = arctanh([targets[i] for i in block], bits)
        fit = fit_sums(first_layer, data, block, sums, bits, error=error, solved=count, given=steps, offset=-2 * push)
        if fit is None:
            return None
        rows.append((*fit.weights, *steps))
        offsets.append(-2 * push)
    return first_layer, ExactLayer(tuple(rows), tuple(offsets))
