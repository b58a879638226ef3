"""Kernels of infinitely wide residual networks."""

import dataclasses

from overparam.ntk._kernels import Parameterization
from overparam.ntk.analytic._duals import Activation, dual_of
from overparam.ntk.analytic._network import NetworkKernel
from overparam.ntk.analytic._recursion import Recipe, affine, checked


@dataclasses.dataclass(frozen=True)
class ResidualKernel(NetworkKernel):
    """See `residual_kernel`, which makes it."""

    blocks: int

    @property
    def words(self) -> str:
        """One line that names architecture, variances and parameterization."""
        return (
            f"residual network, blocks h + W phi(h) + b: {self.blocks}, readout W phi(h) + b, {self.options_in_words}"
        )

    def recipe(self, dim: int) -> Recipe:
        """The layers of the network on points of that dimension."""
        first, readout = affine(*self.options, dim), affine(*self.options, self.width)
        block = affine(*self.options, self.width, keep=1)
        return Recipe(self.activation, first, (block,) * self.blocks + (readout,))


def residual_kernel(
    blocks: int = 1,
    activation: Activation = "relu",
    *,
    weight_variance: float = 2.0,
    bias_variance: float = 0.0,
    parameterization: Parameterization = "ntk",
    width: int | None = None,
) -> ResidualKernel:
    """Kernels of x -> W phi(h_blocks) + b, h_0 = W_0 x + b_0, h_l = h_{l-1} + W_l phi(h_{l-1}) + b_l, infinitely wide.

    With T, T' the dual activations of S_{l-1}, a block makes

        S_l = S_{l-1} + weight_variance T + bias_variance,
        NTK_l = NTK_{l-1} + weight_variance T + bias_variance + weight_variance T' NTK_{l-1},

    and the readout is a step of `dense_kernel`, where variances, standard parameterization and all options are
    explained.  Without blocks it is the dense network with one hidden layer.

    Raises:
        InputError: an option is out of range.
    """
    checked(blocks, "blocks", weight_variance, bias_variance, parameterization, width)
    return ResidualKernel(
        dual_of(activation), float(weight_variance), float(bias_variance), parameterization, width, blocks
    )
