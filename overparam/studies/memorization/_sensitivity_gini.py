"""The loss is sensitive to few examples on real data, and to all of them alike on noise.

The sensitivity of an example is |d loss / d x|_1, the sum of the absolute derivatives of its own loss in its pixels,
averaged over looks at the network while it takes T steps of stochastic gradient descent.  How unequal these are is
measured by Gini's coefficient, which is 0 where all are equal and does not depend on their scale.  For every seed, with
its own images, the effect is the coefficient on true labels minus that on random labels, which must be positive; that
on Gaussian inputs with random labels is reported.
"""

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float, Int
from numpy.typing import NDArray

from overparam.data import corrupted, gaussian_pixels
from overparam.keys import Purpose, key_for
from overparam.networks import Classifier, MlpClassifier
from overparam.records import Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._images import image_splits
from overparam.studies._instances import Size
from overparam.studies._rules import effect

BATCH, STEP, MOMENTUM = 50, 0.01, 0.9
EVERY = 5  # steps between two looks


class Sizes(NamedTuple):
    """Images, hidden units, steps, seeds."""

    n: int
    width: int
    steps: int
    seeds: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(300, 256, 100, 5),
    "laptop": Sizes(1000, 512, 400, 20),
    "paper": Sizes(1000, 4096, 100, 20),
}


def measure(setting: Setting, *, swapped: bool = False) -> Finding:
    """Coefficients on three kinds of data; `swapped` takes random labels for the true ones and the reverse."""
    size = _SIZES[setting.size]
    splits = image_splits(setting.root, size.seeds, size.n, 1)
    rng = np.random.default_rng([setting.root, 10, 1, 1])
    drawn, gaussian = corrupted(rng, splits.labels, 1.0, splits.n_classes), gaussian_pixels(rng, splits.points)
    labels = (drawn, splits.labels) if swapped else (splits.labels, drawn)
    points = np.concatenate([splits.points, splits.points, gaussian])
    epochs = -(-size.steps * BATCH // size.n)
    orders = np.stack([[rng.permutation(size.n) for _ in range(epochs)] for _ in points]).reshape(len(points), -1)
    batches = orders[:, : size.steps * BATCH].reshape(len(points), size.steps // EVERY, EVERY, BATCH).astype(np.int32)
    found = np.asarray(
        _sensitivities(
            jax.random.key(setting.root), jnp.asarray(points), jnp.asarray(np.concatenate([*labels, drawn])),
            jnp.asarray(batches), MlpClassifier((size.width,), splits.n_classes),
        )
    )  # fmt: skip
    real, noise, inputs = gini(found.astype(float)).reshape(3, size.seeds)
    judged = effect(real - noise, 0.0, "Gini's coefficient on true labels minus that on random labels")
    names = ("true labels", "random labels", "Gaussian inputs, random labels")
    return Finding(
        holds=judged.holds,
        words=f"{size.n} images ({splits.name}), {size.seeds} splits, {size.steps} steps of batches of {BATCH}, a look "
        f"every {EVERY} steps: {judged.words}.",
        instances=len(points),
        links=judged.links,
        tables=(
            Table(
                "Gini's coefficient of the sensitivities of the training examples",
                ("data", "mean", "least", "most"),
                tuple(
                    (name, *(float(of(values)) for of in (np.mean, np.min, np.max)))
                    for name, values in zip(names, (real, noise, inputs), strict=True)
                ),
            ),
        ),
    )


def gini(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean absolute difference of two entries of (..., n), over twice their mean.

    >>> gini(np.array([[1.0, 1.0], [0.0, 1.0]])).tolist()
    [0.0, 0.5]
    """
    n = values.shape[-1]
    weights = 2 * np.arange(1, n + 1) - n - 1
    return (np.sort(values, axis=-1) * weights).sum(axis=-1) / (n * values.sum(axis=-1))


@functools.partial(jax.jit, static_argnames="model")
def _sensitivities(
    root: Array, points: Float[Array, "runs n d"], labels: Int[Array, "runs n"],
    batches: Int[Array, "runs looks every batch"], model: Classifier,
) -> Float[Array, "runs n"]:  # fmt: skip
    """Mean over the looks of |d loss / d x|_1 of every example, one run after the other."""

    def losses(params: Any, points: Array, labels: Array) -> Array:
        outputs, _ = model.apply(params, (), points)
        return -jnp.take_along_axis(jax.nn.log_softmax(outputs), labels[:, None], axis=1)

    def one(run: tuple[Array, Array, Array, Array]) -> Array:
        number, points, labels, batches = run
        params, _ = model.draw(key_for(root, Purpose.INIT, number), points.shape[1:], points.dtype)

        def step(carry: Any, batch: Array) -> tuple[Any, None]:
            params, velocity = carry
            slope = jax.grad(lambda p: jnp.mean(losses(p, points[batch], labels[batch])))(params)
            velocity = jax.tree.map(lambda v, g: MOMENTUM * v + g, velocity, slope)
            return (jax.tree.map(lambda w, v: w - STEP * v, params, velocity), velocity), None

        def look(carry: Any, some: Array) -> tuple[Any, Array]:
            carry, _ = jax.lax.scan(step, carry, some)
            return carry, jnp.sum(jnp.abs(jax.grad(lambda x: jnp.sum(losses(carry[0], x, labels)))(points)), axis=1)

        _, seen = jax.lax.scan(look, (params, jax.tree.map(jnp.zeros_like, params)), batches)
        return jnp.mean(seen, axis=0)

    return jax.lax.map(one, (jnp.arange(len(points), dtype=jnp.uint32), points, labels, batches))


STUDY = Experiment(
    id="a-sensitivity-gini",
    claim="While a network learns true labels its loss is sensitive to fewer of the images than while it learns random "
    "ones: a larger Gini coefficient of the mean absolute derivatives of the loss in the inputs.",
    refuted_by="a larger coefficient with random labels",
    cites=("arpit2017closer",),
    locator="the experiment on the loss sensitivity of examples",
    measure=measure,
    proved=False,
)
