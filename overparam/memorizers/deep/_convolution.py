"""Nguyen and Hein 2018, convolutional: n - 1 filters, where the patches of all points at one position are distinct.

A point is an image if dim is a square, else a signal.  Every filter is applied to the patch at every position, side by
side; written as a layer of its own that is a neuron for each filter and position, with the filter's weights in each.
The output reads the filters at one position, at which no two points have the same patch: there n - 1 filters and the
constant have rank n.  The smallest patch for which there is such a position is taken; the whole image always has one.
"""

import math

import numpy as np

from overparam.exact import ExactData, LayeredNetwork
from overparam.memorizers._built import Built, Options
from overparam.memorizers.deep._affine import Affine, layer, of_form
from overparam.memorizers.deep._features import features_of

_FIRST = {1: 3, 2: 2}  # side of the smallest patch tried, of a signal and of an image


def build_convolution(data: ExactData, options: Options) -> Built:
    """One convolutional layer, unrolled; any distinct points."""
    root = math.isqrt(data.dim)
    axes, side = (2, root) if root * root == data.dim else (1, data.dim)
    patch, positions, where = _place(data, axes, side)
    seen = ExactData(tuple(_taken(point, positions[where]) for point in data.points), data.labels, data.rows)
    found = features_of(seen, np.random.default_rng(options.seed))
    units = [of_form(form, position) for position in positions for form in found.forms]
    filters = len(found.forms)
    weights = Affine({where * filters + j: weight for j, weight in enumerate(found.weights)}, found.constant)
    network = LayeredNetwork("relu", (layer(data.dim, units), layer(len(units), [weights])))
    size = "x".join([str(patch)] * axes)
    shared = filters * (patch**axes + 1) + len(units) + 1
    kind = "filter" if filters == 1 else "filters"
    note = (
        f"{filters} {kind} of {size} with stride {patch} at {len(positions)} positions; all patches are distinct at "
        f"position {where} (counting from 0); {shared} weights, those of a filter counted once"
    )
    numbers: dict[str, int | float] = {
        "filters": filters,
        "side of the patch": patch,
        "positions": len(positions),
        "shared weights": shared,
        "random filters": found.random,
    }
    return Built(network, (note,), numbers=numbers)


def _place(data: ExactData, axes: int, side: int) -> tuple[int, list[list[int]], int]:
    """Side of the patches, coordinates of each, and the first position at which they are distinct."""
    for patch in range(min(_FIRST[axes], side), side + 1):
        corners = range(0, side - patch + 1, patch)
        if axes == 1:
            positions = [list(range(a, a + patch)) for a in corners]
        else:
            positions = [
                [side * r + c for r in range(a, a + patch) for c in range(b, b + patch)]
                for a in corners
                for b in corners
            ]
        for where, position in enumerate(positions):
            if len({_taken(point, position) for point in data.points}) == data.n_samples:
                return patch, positions, where
    raise RuntimeError("distinct points have distinct whole images")


def _taken(point: tuple, position: list[int]) -> tuple:
    return tuple(point[k] for k in position)
