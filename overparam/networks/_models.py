"""What training needs to know of a network: how its weights are drawn, and what it says on points."""

import abc
import dataclasses
from collections.abc import Callable
from typing import Any

from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Float

from overparam.errors import InputError


class Model(abc.ABC):
    """A family of networks with one output.

    A model names a compiled program: it is hashable, and equal models share one compilation.  It treats each sample by
    itself, so that a batch may be any of them.
    """

    @property
    def random(self) -> bool:
        """Whether training draws something anew at each step, such as the neurons that are left out."""
        return False

    @abc.abstractmethod
    def draw(self, key: Array, dim: int, dtype: DTypeLike) -> Any:
        """Initial weights for points of `dim` coordinates: any pytree of floating arrays of `dtype`."""

    @abc.abstractmethod
    def apply(
        self, params: Any, points: Float[Array, "n_samples dim"], *, key: Array | None = None
    ) -> Float[Array, " n_samples"]:
        """Outputs on every point; with a `key`, as in training, without one, as in use."""

    def with_dropout(self, rate: float) -> "Model":
        """The same family with this share of hidden neurons left out in training.

        Raises:
            InputError: this family has no dropout to set.
        """
        raise InputError(
            f"dropout {rate} is for the named architectures; {type(self).__name__} leaves out what its own function "
            "leaves out: give the rate there"
        )


@dataclasses.dataclass(frozen=True)
class Custom(Model):
    """A network given by two functions, each defined once, since the functions name the compiled program.

    Attributes:
        init: (key, dim, dtype) -> params, any pytree of floating arrays of `dtype`.
        function: (params, points) -> (n_samples,), differentiable in params, each sample by itself; with `is_random`,
            (params, points, key) -> (n_samples,), where key is None when nothing is to be drawn.
        is_random: whether `function` takes a key.
    """

    init: Callable[[Array, int, Any], Any]
    function: Callable[..., Array]
    is_random: bool = False

    @property
    def random(self) -> bool:
        return self.is_random

    def draw(self, key: Array, dim: int, dtype: DTypeLike) -> Any:
        """Initial weights."""
        return self.init(key, dim, dtype)

    def apply(
        self, params: Any, points: Float[Array, "n_samples dim"], *, key: Array | None = None
    ) -> Array:  # of any shape here: training says what is wrong with it
        """Outputs, (n_samples,)."""
        return self.function(params, points, key) if self.is_random else self.function(params, points)
