"""Yun, Sra and Jadbabaie 2019, Proposition 3.4: n points by any even number of hidden layers, all of them at work.

Each pair of hidden layers serves a run of consecutive points as the three-layer network does; one more knot at the end
of the run lets its neurons vanish behind it.  Two more neurons in each layer carry t and the sum so far, which never is
negative once the least label is subtracted.  A last layer without a partner carries the sum.
"""

from fractions import Fraction

from overparam.errors import InputError
from overparam.exact import ExactData, ExactLayer, LayeredNetwork
from overparam.memorizers._built import Built, Options
from overparam.memorizers.deep._affine import Affine, combination, layer, line_of, unit
from overparam.memorizers.deep._grid import grid_of, shape

_DEPTH = 4


def build_grid_deep(data: ExactData, options: Options) -> Built:
    """`options.depth` hidden layers, at least 2, with an output bias; any distinct points."""
    depth = _DEPTH if options.depth is None else options.depth
    if depth < 2:
        raise InputError(f"depth must be at least 2 hidden layers; got {depth}")
    line = line_of(data)
    least = min(data.labels)
    values = [label - least for label in line.labels]
    run = -(-data.n_samples // (depth // 2))
    groups, size = shape(run)
    layers: list[ExactLayer] = []
    inputs, t, total = data.dim, line.function, Affine({})  # t and the sum so far, from the last hidden layer
    for start in range(0, data.n_samples, run):
        stop = min(start + run, data.n_samples)
        first, final = start == 0, stop == data.n_samples
        grid = grid_of(
            line.t[start:stop],
            values[start:stop],
            size,
            before=None if first else line.t[start - 1],
            after=None if final else line.t[stop],
        )
        outer = [t, *(t.shifted(-knot) for knot in grid.knots), *([] if first else [total])]
        layers.append(layer(inputs, outer))
        t, total = unit(0), Affine({}) if first else unit(len(outer) - 1)
        phis = [phi for _, phi in grid.neurons]
        inner = [*phis, *([] if first else [total]), *([] if final else [t])]
        layers.append(layer(len(outer), inner))
        kept = {} if first else {len(phis): Fraction(1)}
        total = combination(
            {k: sign for k, (sign, _) in enumerate(grid.neurons)} | kept, [unit(k) for k in range(len(phis) + 1)]
        )
        inputs, t = len(inner), unit(len(inner) - 1)
    while len(layers) < depth:
        layers.append(layer(inputs, [total]))
        inputs, total = 1, unit(0)
    network = LayeredNetwork("relu", (*layers, layer(inputs, [total.shifted(least)])))
    note = f"runs of {run} points in {groups} groups of at most {size} along {list(line.direction)}"
    return Built(network, (note,), numbers={"points of a run": run, "groups": groups, "points of a group": size})
