"""Any distinct points by a ReLU network of width 3, whatever their dimension: one hinge a layer.

A layer holds T, the sum so far and one hinge (see `_zhang_deep`); the first needs no sum and the last no T, so that
these two hold two hinges, and n - 4 hinge layers do for n >= 6.
"""

from overparam.exact import ExactData
from overparam.memorizers._built import Built, Options
from overparam.memorizers.deep._zhang_deep import spread


def build_width_3(data: ExactData, _: Options) -> Built:
    """Hidden layers of widths 1, 3, .., 3: n - 3 of them for n >= 6; always works."""
    return spread(data, hinge_layers(data.n_samples), 3)


def hinge_layers(n_samples: int) -> int:
    """How many layers of three neurons hold the hinges of n points.

    >>> [hinge_layers(n) for n in (1, 4, 5, 6, 7, 100)]
    [1, 1, 2, 2, 3, 96]
    """
    return 1 if n_samples <= 4 else max(n_samples - 4, 2)
