"""Where a convolution's filter lies on an image, and sums over its taps.

Arrays hold the pixels of one image, (height, width, n), or of two, (height, height', width, width', n).  A filter moves
over both images together, so that a covariance sums along the diagonals of (height, height') and of (width, width'):
slices are shifted along both axes at once, and nothing is gathered.
"""

import math
from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from overparam.errors import InputError

Padding = Literal["SAME", "VALID", "CIRCULAR"]
Shape = tuple[int, int]


class Window(NamedTuple):
    """A filter.  SAME pads with zeros as `jax.lax` does, the odd one after; CIRCULAR wraps around by as much."""

    size: Shape
    stride: Shape
    padding: Padding

    @property
    def taps(self) -> int:
        """Number of pixels below the filter, those of the padding included."""
        return math.prod(self.size)

    def after(self, shape: Shape) -> Shape:
        """Height and width of the output.

        Raises:
            InputError: a filter without padding is larger than the image.
        """
        (height, width), (f, g), (s, t) = shape, self.size, self.stride
        if self.padding != "VALID":
            return -(-height // s), -(-width // t)
        if f > height or g > width:
            raise InputError(f"points must leave each layer an image of at least {f} x {g} pixels, not "
                             f'{height} x {width}: padding="SAME", fewer layers or a smaller filter do')  # fmt: skip
        return (height - f) // s + 1, (width - g) // t + 1

    def padded_shape(self, shape: Shape) -> Shape:
        """Height and width with the margins that the filter needs."""
        height, width = (n + sum(self._margins(n, way)) for way, n in enumerate(shape))
        return height, width

    def total(self, array: Array, shape: Shape) -> Array:
        """Sum over the taps, of an array of pixels of one image or of two of that shape."""
        images = array.ndim // 2
        array = self._padded(array, shape)
        for way in (0, 1):
            taps = self._taps(array, shape, way, range(way * images, (way + 1) * images))
            array = sum(taps[1:], taps[0])
        return array

    def patches(self, image: Array, shape: Shape) -> Array:
        """What each tap sees, (taps, height, width, n), of an array (height, width, n)."""
        rows, columns = (
            np.arange(f)[:, None] + s * np.arange(m)[None, :]
            for f, s, m in zip(self.size, self.stride, self.after(shape), strict=True)
        )
        seen = jnp.take(jnp.take(self._padded(image, shape), rows, axis=0), columns, axis=2)
        seen = jnp.swapaxes(seen, 1, 2)  # (tap, tap, height, width, n)
        return seen.reshape(self.taps, *seen.shape[2:])

    def _padded(self, array: Array, shape: Shape) -> Array:
        """With the margins that the filter needs on all axes of pixels."""
        margins = [self._margins(n, way) for way, n in enumerate(shape)]
        if not any(map(any, margins)):
            return array
        images = array.ndim // 2
        pads = [margin for margin in margins for _ in range(images)] + [(0, 0)]
        return jnp.pad(array, pads, mode="wrap" if self.padding == "CIRCULAR" else "constant")

    def _taps(self, padded: Array, shape: Shape, way: int, axes: range) -> list[Array]:
        """For each tap in that direction what it sees, moved along all `axes` together."""
        stride = self.stride[way]
        reach = (self.after(shape)[way] - 1) * stride + 1
        seen = []
        for tap in range(self.size[way]):
            moved = padded
            for axis in axes:
                moved = jax.lax.slice_in_dim(moved, tap, tap + reach, stride, axis)
            seen.append(moved)
        return seen

    def _margins(self, n: int, way: int) -> tuple[int, int]:
        if self.padding == "VALID":
            return 0, 0
        size, stride = self.size[way], self.stride[way]
        missing = max((-(-n // stride) - 1) * stride + size - n, 0)
        return missing // 2, missing - missing // 2
