"""The modules of `zhang2017`; this file needs flax, which the functions that lead here ask for first."""

from flax import linen
from jax import Array
from jax import numpy as jnp

from overparam.precision import HIGHEST

HE = linen.initializers.he_normal()
LECUN = linen.initializers.lecun_normal()


class Perceptron(linen.Module):
    """ReLU layers of these widths, then the classes."""

    widths: tuple[int, ...]
    n_classes: int

    @linen.compact
    def __call__(self, points: Array, training: bool = False) -> Array:
        """(n, ...) to (n, n_classes)."""
        values = points.reshape(len(points), -1)
        for width in self.widths:
            values = linen.relu(linen.Dense(width, kernel_init=HE, precision=HIGHEST)(values))
        return linen.Dense(self.n_classes, kernel_init=LECUN, precision=HIGHEST)(values)


class SmallAlexNet(linen.Module):
    """Twice convolution 5 x 5, ReLU, max pooling 3 x 3 / 2 and local response normalization, then three layers."""

    n_classes: int
    channels: int = 64
    widths: tuple[int, ...] = (384, 192)

    @linen.compact
    def __call__(self, points: Array, training: bool = False) -> Array:
        """(n, height, width, channels) to (n, n_classes)."""
        values = points
        for _ in range(2):
            values = linen.relu(linen.Conv(self.channels, (5, 5), kernel_init=HE, precision=HIGHEST)(values))
            values = linen.max_pool(values, (3, 3), (2, 2), "SAME")
            values = local_response(values)
        return Perceptron(self.widths, self.n_classes)(values)


def local_response(values: Array, *, radius: int = 4, scale: float = 0.001 / 9, power: float = 0.75) -> Array:
    """Each channel over (1 + scale * sum of squares of the channels at most `radius` away) ** power.

    The source states no constants; these are usual for images of this size.
    """
    padded = jnp.pad(values**2, [(0, 0)] * (values.ndim - 1) + [(radius, radius)])
    channels = values.shape[-1]
    total = sum(padded[..., shift : shift + channels] for shift in range(2 * radius + 1))
    return values / (1 + scale * total) ** power


class SmallInception(linen.Module):
    """Convolutions in modules of two branches, the image halved twice, then a mean over all pixels.

    Attributes:
        n_classes: outputs.
        batch_norm: whether values are standardized over batch and pixels before each ReLU, without learned scale and
            shift, so that the number of weights is the same with and without it.
        shrink: all channels divided by this, for tests.
    """

    n_classes: int
    batch_norm: bool = True
    shrink: int = 1

    @linen.compact
    def __call__(self, points: Array, training: bool = False) -> Array:
        """(n, height, width, channels) to (n, n_classes)."""

        def conv(values: Array, channels: int, size: int, stride: int = 1) -> Array:
            kernel = linen.Conv(
                channels // self.shrink, (size, size), (stride, stride), kernel_init=HE, precision=HIGHEST
            )
            values = kernel(values)
            if self.batch_norm:
                norm = linen.BatchNorm(use_running_average=not training, momentum=0.9, use_bias=False, use_scale=False)
                values = norm(values)
            return linen.relu(values)

        def inception(values: Array, ones: int, threes: int) -> Array:
            return jnp.concatenate([conv(values, ones, 1), conv(values, threes, 3)], axis=-1)

        def down(values: Array, channels: int) -> Array:
            pooled = linen.max_pool(values, (3, 3), (2, 2), "SAME")
            return jnp.concatenate([conv(values, channels, 3, 2), pooled], axis=-1)

        values = conv(points, 96, 3)
        for ones, threes in ((32, 32), (32, 48)):
            values = inception(values, ones, threes)
        values = down(values, 80)
        for ones, threes in ((112, 48), (96, 64), (80, 80), (48, 96)):
            values = inception(values, ones, threes)
        values = down(values, 96)
        for ones, threes in ((176, 160), (176, 160)):
            values = inception(values, ones, threes)
        return Perceptron((), self.n_classes)(values.mean(axis=(1, 2)))
