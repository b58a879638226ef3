"""What a kernel is here: a function of points that knows its own name, and the two Gram matrices that it returns."""

import abc
import dataclasses
from typing import Any, Literal, NamedTuple

from jax import Array
from jax.typing import ArrayLike, DTypeLike

from overparam.errors import InputError

Parameterization = Literal["ntk", "standard"]
Which = Literal["nngp", "ntk"]


class Kernels(NamedTuple):
    """Two kernels of one infinitely wide network; observed, not certified.

    Attributes:
        nngp: covariance of the outputs at initialization, (n, m), or (n,) for a diagonal.
        ntk: tangent kernel, the limit of J J^T, of the same shape.
    """

    nngp: Array
    ntk: Array


@dataclasses.dataclass(frozen=True)
class Kernel(abc.ABC):
    """A pure function of points.  Fields are hashable, so that a kernel can be a static argument of `jax.jit`.

    Kernels with equal fields are equal.  Points are (n, dim), or (n, height, width, channels) for convolutions.
    """

    @property
    @abc.abstractmethod
    def words(self) -> str:
        """One line that names architecture, variances and parameterization."""

    @abc.abstractmethod
    def __call__(self, points: ArrayLike, others: ArrayLike | None = None, *, dtype: DTypeLike = "float64") -> Kernels:
        """Both Gram matrices of points (n, ...) and others (m, ...): (n, m) each, in `dtype`.

        With others = None these are the points themselves: the result is (n, n), symmetric bit for bit, and its
        diagonal is the value at equal points, as `diagonal` gives it.
        """

    def only(
        self, which: Which, points: ArrayLike, others: ArrayLike | None = None, *, dtype: DTypeLike = "float64"
    ) -> Array:
        """One of the two Gram matrices; where a kernel can, without storing the other."""
        return getattr(self(points, others, dtype=dtype), one_of_two(which))

    @abc.abstractmethod
    def diagonal(self, points: ArrayLike, *, dtype: DTypeLike = "float64") -> Kernels:
        """Each point with itself: (n,) each, in `dtype`."""


def one_of_two(which: Any) -> Which:
    """The name of one of the two kernels, checked."""
    if which not in ("nngp", "ntk"):
        raise InputError(f'which must be "nngp" or "ntk", not {which!r}')
    return which
