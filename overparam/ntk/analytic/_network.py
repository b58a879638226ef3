"""A kernel that a recipe of layers describes: what dense and residual networks share."""

import dataclasses
from typing import Any

import jax
from jax import Array
from jax.typing import ArrayLike, DTypeLike

from overparam.errors import InputError
from overparam.ntk._kernels import Kernel, Kernels, Parameterization, Which, one_of_two
from overparam.ntk._points import points_of
from overparam.ntk.analytic import _angular, _covariance
from overparam.ntk.analytic._duals import Dual, LeakyRelu
from overparam.ntk.analytic._recursion import Recipe
from overparam.ntk.analytic._tiles import rectangular, symmetric


@dataclasses.dataclass(frozen=True)
class NetworkKernel(Kernel):
    """A kernel of points (n, dim).  Memory: the result and a few tiles; nothing else of size n m is ever stored."""

    activation: Dual
    weight_variance: float
    bias_variance: float
    parameterization: Parameterization
    width: int | None

    def recipe(self, dim: int) -> Recipe:
        """The layers of the network on points of that dimension."""
        raise TypeError(f"{type(self).__name__} describes no layers")

    @property
    def options(self) -> tuple[float, float, Parameterization]:
        """What every affine map of the network is made with."""
        return self.weight_variance, self.bias_variance, self.parameterization

    @property
    def options_in_words(self) -> str:
        """The end of `words`, which all these networks share."""
        name = (
            "NTK parameterization"
            if self.parameterization == "ntk"
            else f"standard parameterization, width {self.width}"
        )
        return (
            f"activation: {self.activation.words}, weight variance: {self.weight_variance:g} / fan-in, "
            f"bias variance: {self.bias_variance:g}, {name}"
        )

    def __call__(self, points: ArrayLike, others: ArrayLike | None = None, *, dtype: DTypeLike = "float64") -> Kernels:
        """Both Gram matrices, (n, m) each; see `Kernel`."""
        return Kernels(**self._grams(points, others, dtype, ("nngp", "ntk")))

    def only(
        self, which: Which, points: ArrayLike, others: ArrayLike | None = None, *, dtype: DTypeLike = "float64"
    ) -> Array:
        """One of the two Gram matrices, in half of the memory."""
        return self._grams(points, others, dtype, (one_of_two(which),))[which]

    def diagonal(self, points: ArrayLike, *, dtype: DTypeLike = "float64") -> Kernels:
        """Each point with itself, (n,) each; see `Kernel`."""
        rows = points_of(points, dtype)
        return _diagonal(self.recipe(rows.shape[1]), rows)

    def _grams(
        self, points: ArrayLike, others: ArrayLike | None, dtype: DTypeLike, which: tuple[Which, ...]
    ) -> dict[str, Array]:
        left = points_of(points, dtype)
        recipe = self.recipe(left.shape[1])
        if others is None:
            return _symmetric(recipe, which, left)
        right = points_of(others, dtype, name="others")
        if right.shape[1] != left.shape[1]:
            raise InputError(f"others must have {left.shape[1]} columns as points have, not {right.shape[1]}")
        return _rectangular(recipe, which, left, right)


@jax.jit(static_argnames=("recipe", "which"))
def _symmetric(recipe: Recipe, which: tuple[Which, ...], points: Array) -> dict[str, Array]:
    way = _way(recipe)
    return symmetric(lambda a, b, own: _pick(way.tile(recipe, a, b, own), which), way.prepare(recipe, points))


@jax.jit(static_argnames=("recipe", "which"))
def _rectangular(recipe: Recipe, which: tuple[Which, ...], points: Array, others: Array) -> dict[str, Array]:
    way = _way(recipe)
    left, right = way.prepare(recipe, points), way.prepare(recipe, others)
    return rectangular(lambda a, b, own: _pick(way.tile(recipe, a, b, own), which), left, right)


@jax.jit(static_argnames=("recipe",))
def _diagonal(recipe: Recipe, points: Array) -> Kernels:
    way = _way(recipe)
    return way.diagonal(recipe, way.prepare(recipe, points))


def _way(recipe: Recipe) -> Any:  # a module with prepare, tile and diagonal
    return _angular if isinstance(recipe.activation, LeakyRelu) else _covariance


def _pick(kernels: Kernels, which: tuple[Which, ...]) -> dict[str, Array]:
    return {name: getattr(kernels, name) for name in which}
