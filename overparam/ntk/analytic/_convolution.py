"""Kernels of infinitely wide convolutional networks."""

import dataclasses

import jax
from jax import Array
from jax.typing import ArrayLike, DTypeLike

from overparam.errors import InputError
from overparam.ntk._kernels import Kernel, Kernels, Parameterization, Which, one_of_two
from overparam.ntk._points import points_of
from overparam.ntk.analytic import _image_pairs
from overparam.ntk.analytic._duals import Activation, Dual, dual_of
from overparam.ntk.analytic._pooling import Plan, Readout, bytes_of, pairs_at_once
from overparam.ntk.analytic._recursion import affine, checked
from overparam.ntk.analytic._windows import Padding, Window
from overparam.precision import require_dtype

Images = tuple[int, ...]  # the shape (n, height, width, channels)


@dataclasses.dataclass(frozen=True)
class ConvolutionKernel(Kernel):
    """See `convolution_kernel`, which makes it.  Memory: the result and one block of pairs of images."""

    depth: int
    activation: Dual
    filter_size: tuple[int, int]
    stride: tuple[int, int]
    padding: Padding
    readout: Readout
    weight_variance: float
    bias_variance: float
    parameterization: Parameterization
    channels: int | None
    max_bytes: int

    @property
    def words(self) -> str:
        """One line that names architecture, variances and parameterization."""
        (f, g), (s, t) = self.filter_size, self.stride
        last = "global average and dense readout" if self.readout == "pooling" else "dense readout of all pixels"
        name = "NTK parameterization"
        if self.parameterization == "standard":
            name = f"standard parameterization, channels {self.channels}"
        return (
            f"convolutional network, hidden layers: {self.depth}, filter: {f} x {g}, stride: {s} x {t}, padding: "
            f"{self.padding}, {last}, activation: {self.activation.words}, weight variance: {self.weight_variance:g} / "
            f"fan-in of the full filter, bias variance: {self.bias_variance:g}, {name}"
        )

    def __call__(self, points: ArrayLike, others: ArrayLike | None = None, *, dtype: DTypeLike = "float64") -> Kernels:
        """Both Gram matrices, (n, m) each, of images (n, height, width, channels); see `Kernel`."""
        return Kernels(**self._grams(points, others, dtype, ("nngp", "ntk")))

    def only(
        self, which: Which, points: ArrayLike, others: ArrayLike | None = None, *, dtype: DTypeLike = "float64"
    ) -> Array:
        """One of the two Gram matrices, without storing the other."""
        return self._grams(points, others, dtype, (one_of_two(which),))[which]

    def diagonal(self, points: ArrayLike, *, dtype: DTypeLike = "float64") -> Kernels:
        """Each image with itself, (n,) each; see `Kernel`."""
        images = points_of(points, dtype, axes=4)
        plan = self.plan(images.shape)
        self._refuse(self.bytes_needed((1, *images.shape[1:]), dtype=dtype))
        return _diagonal(plan, pairs_at_once(plan, len(images)), images)

    def bytes_needed(self, points: Images, others: Images | None = None, *, dtype: DTypeLike = "float64") -> int:
        """About how many bytes a call takes at its peak, from the shapes of its arguments; nothing is computed.

        The result, a few numbers a pixel and layer of each image, and the arrays of one block of pairs of images: with
        pooling these have a number for each pair of pixels, of which some 7 are alive at once.
        """
        return bytes_of(self.plan(points), points, others, require_dtype(dtype, what="a kernel").itemsize)

    def plan(self, images: Images) -> Plan:
        """The layers of the network on images (n, height, width, channels) of that shape.

        Raises:
            InputError: a filter without padding is larger than the image that it sees.
        """
        _, height, width, channels = images
        window = Window(self.filter_size, self.stride, self.padding)
        shapes, fans = [(height, width)], [channels, *[self.channels] * self.depth]
        for _ in range(self.depth):
            shapes.append(window.after(shapes[-1]))
        options = (self.weight_variance, self.bias_variance, self.parameterization)
        convolutions = [affine(*options, (fan or 0) * window.taps) for fan in fans[:-1]]
        pixels = 1 if self.readout == "pooling" else shapes[-1][0] * shapes[-1][1]
        last = affine(*options, (fans[-1] or 0) * pixels)
        return Plan(self.activation, window, tuple(shapes), tuple(convolutions), last, self.readout)

    def _grams(
        self, points: ArrayLike, others: ArrayLike | None, dtype: DTypeLike, which: tuple[Which, ...]
    ) -> dict[str, Array]:
        left = points_of(points, dtype, axes=4)
        plan = self.plan(left.shape)
        if others is None:
            self._refuse(self.bytes_needed(left.shape, dtype=dtype))
            return _symmetric(plan, which, pairs_at_once(plan, len(left)), left)
        right = points_of(others, dtype, name="others", axes=4)
        if right.shape[1:] != left.shape[1:]:
            raise InputError(f"others must be images of shape {left.shape[1:]} as points are, not {right.shape[1:]}")
        self._refuse(self.bytes_needed(left.shape, right.shape, dtype=dtype))
        return _rectangular(plan, which, pairs_at_once(plan, max(len(left), len(right))), left, right)

    def _refuse(self, needed: int) -> None:
        if needed <= self.max_bytes:
            return
        what = "fewer points at a time"
        if self.readout == "pooling":
            what = 'smaller images or a stride (the square of the pixels counts), readout="flatten", ' + what
        raise InputError(f"max_bytes is {self.max_bytes}, but this kernel needs about {needed} bytes: take {what}, or "
                         "raise max_bytes if there is so much memory")  # fmt: skip


def convolution_kernel(
    depth: int = 1,
    activation: Activation = "relu",
    *,
    filter_size: int | tuple[int, int] = 3,
    stride: int | tuple[int, int] = 1,
    padding: Padding = "SAME",
    readout: Readout = "flatten",
    weight_variance: float = 2.0,
    bias_variance: float = 0.0,
    parameterization: Parameterization = "ntk",
    channels: int | None = None,
    max_bytes: int = 2**33,
) -> ConvolutionKernel:
    """Kernels of convolutional networks with infinitely many channels, of images (n, height, width, channels).

    The network: z_1 = conv(x), z_l = conv(phi(z_{l-1})) for l <= depth, all with the same filter, stride and padding;
    then a dense readout of phi(z_depth), of all its pixels and channels (flatten) or of its mean over the pixels
    (pooling).  Each layer has one bias a channel.

    Weights are drawn with variance weight_variance / fan-in.  The fan-in of a convolution is channels * f * g for
    f x g filters also where part of the filter lies on padding, as in finite networks: with SAME, pixels near the
    border have smaller variances.  That of the readout is channels * pixels (flatten) or channels (pooling).

    With A_0[p, q] = <x_p, x'_q> / channels at pixels p of x and q of x', T and T' the dual activations of S_l, and d
    running over the filter around p and q (zero on padding),

        S_l[p, q]   = weight_variance / (f g) sum_d A_{l-1}[p + d, q + d] + bias_variance,      A_l = T(S_l),
        NTK_l[p, q] = S_l[p, q] + weight_variance / (f g) sum_d (T'(S_{l-1}) NTK_{l-1})[p + d, q + d].

    With M the mean over p = q (flatten) or over all p, q (pooling), the kernels are

        nngp = weight_variance M(A_depth) + bias_variance,   ntk = nngp + weight_variance M(T'(S_depth) NTK_depth).

    So flatten costs pixels numbers a pair of images, pooling pixels^2, and each of these the dual activations and
    a filter's sum a layer.

    Standard parameterization: the own term of each layer is fan-in times its mean of A, plus 1 with biases, instead of
    its part of S, and what comes from below is unchanged; hidden layers have `channels` channels.  As in `dense_kernel`
    this is the leading term, with its factors left in.

    Args:
        depth: number of convolutions; with 0 the readout sees the image itself.
        activation: as in `dense_kernel`.
        filter_size, stride: of all convolutions, (vertical, horizontal) or one number for both.
        padding: "SAME" (zeros, as `jax.lax` places them), "VALID" (none) or "CIRCULAR" (SAME, but around the image).
        readout: "flatten" or "pooling" (global average).
        weight_variance, bias_variance: see above.
        parameterization: "ntk" or "standard".
        channels: of each hidden layer, in standard parameterization; None otherwise.
        max_bytes: calls that would take more are refused before they start; see `ConvolutionKernel.bytes_needed`.
    Raises:
        InputError: an option is out of range; later, for a call that needs more than max_bytes.
    Source:
        Novak et al. 2019 (infinitely many channels, both readouts); arora2019exact (the tangent kernel).

    >>> kernel = convolution_kernel(2, filter_size=1)  # one pixel: the dense network
    >>> round(float(kernel([[[[1.0, 1.0, 1.0, 1.0]]]]).ntk[0, 0]), 12)
    6.0
    """
    if padding not in ("SAME", "VALID", "CIRCULAR"):
        raise InputError(f'padding must be "SAME", "VALID" or "CIRCULAR", not {padding!r}')
    if readout not in ("flatten", "pooling"):
        raise InputError(f'readout must be "flatten" or "pooling", not {readout!r}')
    if (channels is None) != (parameterization == "ntk") or (channels is not None and channels < 1):
        raise InputError("channels must be the number of channels of the hidden layers, at least 1, in standard "
                         f"parameterization and None in NTK parameterization, not {channels}")  # fmt: skip
    checked(depth, "depth", weight_variance, bias_variance, parameterization, channels)
    return ConvolutionKernel(
        depth, dual_of(activation), _pair(filter_size, "filter_size"), _pair(stride, "stride"), padding, readout,
        float(weight_variance), float(bias_variance), parameterization, channels, max_bytes,
    )  # fmt: skip


def _pair(value: int | tuple[int, int], name: str) -> tuple[int, int]:
    pair = (value, value) if isinstance(value, int) else value
    if not isinstance(pair, tuple) or len(pair) != 2 or not all(type(v) is int and v >= 1 for v in pair):
        raise InputError(f"{name} must be one whole number or a pair of them, at least 1, not {value!r}")
    return pair


@jax.jit(static_argnames=("plan", "which", "block"))
def _symmetric(plan: Plan, which: tuple[Which, ...], block: int, points: Array) -> dict[str, Array]:
    return _image_pairs.symmetric(plan, which, _image_pairs.prepare(plan, points, block), block)


@jax.jit(static_argnames=("plan", "which", "block"))
def _rectangular(plan: Plan, which: tuple[Which, ...], block: int, points: Array, others: Array) -> dict[str, Array]:
    left, right = (_image_pairs.prepare(plan, images, block) for images in (points, others))
    return _image_pairs.rectangular(plan, which, left, right, block)


@jax.jit(static_argnames=("plan", "block"))
def _diagonal(plan: Plan, block: int, points: Array) -> Kernels:
    return _image_pairs.diagonal(plan, _image_pairs.prepare(plan, points, block), block)
