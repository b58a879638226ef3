"""Kernels of infinitely wide fully connected networks of any depth."""

import dataclasses

from overparam.ntk._kernels import Parameterization
from overparam.ntk.analytic._duals import Activation, dual_of
from overparam.ntk.analytic._network import NetworkKernel
from overparam.ntk.analytic._recursion import Recipe, affine, checked


@dataclasses.dataclass(frozen=True)
class DenseKernel(NetworkKernel):
    """See `dense_kernel`, which makes it."""

    depth: int

    @property
    def words(self) -> str:
        """One line that names architecture, variances and parameterization."""
        return f"dense network, hidden layers: {self.depth}, {self.options_in_words}"

    def recipe(self, dim: int) -> Recipe:
        """The layers of the network on points of that dimension."""
        first, other = affine(*self.options, dim), affine(*self.options, self.width)
        return Recipe(self.activation, first, (other,) * self.depth)


def dense_kernel(
    depth: int = 1,
    activation: Activation = "relu",
    *,
    weight_variance: float = 2.0,
    bias_variance: float = 0.0,
    parameterization: Parameterization = "ntk",
    width: int | None = None,
) -> DenseKernel:
    """Kernels of x -> z_depth, z_0 = W_0 x + b_0, z_l = W_l phi(z_{l-1}) + b_l, every hidden layer infinitely wide.

    Weights are drawn with variance weight_variance / fan-in and biases with variance bias_variance; all of them are
    trained, and bias_variance = 0 means that there are no biases.  With T, T' the dual activations,

        S_0 = weight_variance <x, x'> / dim + bias_variance,      S_l = weight_variance T(S_{l-1}) + bias_variance.

    NTK parameterization (weights sqrt(weight_variance / fan-in) w, biases sqrt(bias_variance) b, gradients in w and b):

        NTK_0 = S_0,      NTK_l = S_l + weight_variance T'(S_{l-1}) NTK_{l-1}.

    Standard parameterization (gradients in the weights themselves, one global learning rate), hidden layers of `width`
    units: the tangent kernel grows like the width, and what is returned is its leading term with these factors left in,

        NTK_0 = <x, x'> + 1,      NTK_l = (width T(S_{l-1}) + 1) + weight_variance T'(S_{l-1}) NTK_{l-1},

    the 1s only with biases; so NTK / width tends to the limit of the kernel over the width, and learning rates of order
    1 / width see it.  Networks of that width differ from both kernels by O(width^-1/2), relatively.

    Args:
        depth: number of hidden layers; 0 is linear regression.
        activation: a name ("relu", "abs", "identity", "erf", "gelu", "sin", "cos") or a Dual: LeakyRelu(slope),
            Sine(amplitude, frequency, phase), Monomial(degree), hermite(...), quadrature(...).
        weight_variance, bias_variance: see above.
        parameterization: "ntk" or "standard".
        width: units of each hidden layer, in standard parameterization; None otherwise.
    Raises:
        InputError: an option is out of range.
    Source:
        chosaul2009; jacot2018; for stable angles Kahan's formula.

    >>> kernel = dense_kernel(1, "relu")  # e_1 with itself: nngp 1 and ntk 2 = depth + 1
    >>> round(float(kernel([[1.0, 0.0]]).ntk[0, 0]), 12)
    2.0
    """
    checked(depth, "depth", weight_variance, bias_variance, parameterization, width)
    return DenseKernel(
        dual_of(activation), float(weight_variance), float(bias_variance), parameterization, width, depth
    )
