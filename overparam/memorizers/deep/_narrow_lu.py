"""Lu et al. 2017 as an interpolator: width dim + 4, two layers a point.

Every layer carries the point (dim neurons) and two sums, of the positive and of the negative labels so far.  Two more
neurons of a first layer are relu(M (t - t_i)) and relu(M (t_i - t)), one more of a second layer is relu(1 - their sum):
1 at the i-th point and 0 at all others, if M is at least one over the distance of t_i to its neighbours.  The next
layer adds |y_i| times that to the sum of its sign.
"""

from fractions import Fraction

from overparam.exact import ExactData, LayeredNetwork, power_of_two_above
from overparam.memorizers._built import Built, Options
from overparam.memorizers.deep._affine import ONE, ZERO, Affine, combination, layer, line_of, unit


def build_narrow_lu(data: ExactData, _: Options) -> Built:
    """Two layers for every point whose label is not 0; no output bias; any distinct points."""
    line, dim = line_of(data), data.dim
    shifts = [max(-min(column), ZERO) for column in zip(*data.points, strict=True)]
    back = line.shift - sum((u * shift for u, shift in zip(line.direction, shifts, strict=True)), ZERO)
    carried = [Affine({k: ONE}, shift) for k, shift in enumerate(shifts)]
    sums = {1: Affine({}), -1: Affine({})}
    layers, inputs, bumps = [], dim, 0
    for i, label in enumerate(line.labels):
        if not label:
            continue
        bumps += 1
        gaps = [line.t[j] - line.t[j - 1] for j in (i, i + 1) if 0 < j < len(line.t)]
        steep = power_of_two_above(1 / min(gaps, default=ONE))
        t = combination({k: Fraction(u) for k, u in enumerate(line.direction) if u}, carried, back - line.t[i])
        layers.append(layer(inputs, [*carried, *sums.values(), t.times(steep), t.times(-steep)]))
        carried, sums = [unit(k) for k in range(dim)], {1: unit(dim), -1: unit(dim + 1)}
        bump = Affine({dim + 2: -ONE, dim + 3: -ONE}, ONE)
        layers.append(layer(dim + 4, [*carried, *sums.values(), bump]))
        inputs, sign = dim + 3, 1 if label > 0 else -1
        sums[sign] = sums[sign].plus(abs(label), unit(dim + 2))
    if not layers:
        layers, inputs = [layer(dim, carried)], dim
    network = LayeredNetwork("relu", (*layers, layer(inputs, [sums[1].plus(-ONE, sums[-1])])))
    note = f"{bumps} bumps along {list(line.direction)}"
    return Built(network, (note,), numbers={"bumps": bumps})
