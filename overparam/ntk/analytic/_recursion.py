"""The layers of a network as numbers, and the recursion of its two kernels from layer to layer.

With S the covariance of the pre-activations, T and T' the dual activations of S, one step is

    S   <-  keep S + weight T + bias
    NTK <-  keep NTK + of_weights weight T + of_biases bias + weight T' NTK,

of_weights = of_biases = 1 in NTK parameterization.  Positively homogeneous activations (relu and its kin) follow the
angle and the norms instead of S, in `_angular`; all others follow S itself, in `_covariance`.
"""

import itertools
import math
from typing import NamedTuple

from overparam.errors import InputError
from overparam.ntk._kernels import Parameterization
from overparam.ntk.analytic._duals import Dual


class Step(NamedTuple):
    """One affine layer that follows the activation."""

    keep: int  # 1: the layer's input is added to its output
    weight: float  # variance times fan-in
    bias: float  # variance
    of_weights: float  # what the tangent kernel of the weights is multiplied by
    of_biases: float


class Recipe(NamedTuple):
    """A network: the affine layer on the points, then the steps.  Hashable."""

    activation: Dual
    first: Step
    steps: tuple[Step, ...]

    def groups(self) -> list[tuple[Step, int]]:
        """Runs of equal steps with their lengths."""
        return [(step, len(list(run))) for step, run in itertools.groupby(self.steps)]


def affine(
    weight: float, bias: float, parameterization: Parameterization, fan_in: int | None = None, *, keep: int = 0
) -> Step:
    """A layer's numbers; in standard parameterization its weights count fan_in / weight and its biases 1 / bias."""
    if parameterization == "ntk":
        return Step(keep, weight, bias, 1.0, 1.0)
    return Step(keep, weight, bias, (fan_in or 0) / weight, 1 / bias if bias else 0.0)


def checked(
    depth: int, what: str, weight_variance: float, bias_variance: float, parameterization: str, width: int | None
) -> None:
    """Refuse what has no meaning.

    Raises:
        InputError: a count or a variance is out of range, or `width` does not fit the parameterization.
    """
    if not isinstance(depth, int) or isinstance(depth, bool) or depth < 0:
        raise InputError(f"{what} must be a whole number, at least 0, not {depth!r}")
    if not (math.isfinite(weight_variance) and weight_variance > 0):
        raise InputError(f"weight_variance must be positive and finite, not {weight_variance}")
    if not (math.isfinite(bias_variance) and bias_variance >= 0):
        raise InputError(f"bias_variance must be at least 0 and finite, not {bias_variance}")
    if parameterization not in ("ntk", "standard"):
        raise InputError(f'parameterization must be "ntk" or "standard", not {parameterization!r}')
    if (width is None) != (parameterization == "ntk") or (
        width is not None and (not isinstance(width, int) or isinstance(width, bool) or width < 1)
    ):
        raise InputError('width must be the number of hidden units, at least 1, in standard parameterization, whose '
                         f'tangent kernel grows with it, and None in NTK parameterization, not {width}')  # fmt: skip
