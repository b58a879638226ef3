"""As a network memorizes noise, more and more points have another answer close by; on true labels they do not.

The critical sample ratio is the share of points x with some x' in the box |x' - x|_inf <= r that is given another
class.  It is searched for, on test images in [0, 1], by signed gradient steps from random starts in the box, on the
difference between the largest other output and the predicted one, so what is measured is a lower bound, with the same
effort everywhere.  For every seed, with its own images: the ratio at the end of training on random labels must exceed
that on true labels, and that of the same network early in training, when fewer than half of the random labels are
right.  In the very first epochs the ratio is large on any labels, since the outputs are nearly tied; so it falls before
it rises, and "early" is the tenth epoch.  At ci size there are 128 units, 60 epochs, and 2 starts of 10 steps for 100
images, since 256 units, 150 epochs and a search eight times as long take over ten seconds.
"""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Bool, Float

from overparam.data import corrupted
from overparam.networks import Classifier, Layer, MlpClassifier
from overparam.records import Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._images import image_splits
from overparam.studies._instances import Size
from overparam.studies._rules import all_of, effect
from overparam.training import ClassTrainSpec, train_classifiers


class Sizes(NamedTuple):
    """Images, hidden units, early and last epoch, radius, points, starts and steps of the search, seeds."""

    n: int
    width: int
    early: int
    epochs: int
    radius: float
    points: int
    starts: int
    steps: int
    seeds: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(400, 128, 10, 60, 0.01, 100, 2, 10, 5),
    "laptop": Sizes(2000, 256, 10, 200, 0.01, 500, 4, 20, 10),
    "paper": Sizes(4000, 4096, 10, 200, 0.01, 1000, 8, 40, 10),
}


def measure(setting: Setting, *, noise: bool = True) -> Finding:
    """Ratios early and late; `noise` is whether the second labels are random at all."""
    size = _SIZES[setting.size]
    splits = image_splits(setting.root, size.seeds, size.n, size.points, whiten=False)
    drawn = corrupted(np.random.default_rng([setting.root, 11, 1, 1]), splits.labels, 1.0, splits.n_classes)
    labels = np.concatenate([splits.labels, drawn if noise else splits.labels])
    model = MlpClassifier((size.width,), splits.n_classes)
    key = jax.random.key(setting.root)
    ratios = []
    for epochs in (size.early, size.epochs):  # two runs of the same course, since a constant step size knows no end
        run = train_classifiers(
            np.tile(splits.points, (2, 1, 1)), labels, key, 2 * size.seeds, model=model,
            how=ClassTrainSpec(epochs=epochs, step_size=0.05, record_every=epochs), keep_correct=False,
        )  # fmt: skip
        critical = _critical(
            jax.tree.map(jnp.asarray, run.params), jnp.asarray(np.tile(splits.test_points, (2, 1, 1))), key,
            jnp.float32(size.radius), model, size.starts, size.steps,
        )  # fmt: skip
        ratios.append(np.asarray(critical).mean(axis=1).reshape(2, size.seeds))
    (real_early, noise_early), (real, late) = ratios
    judged = all_of(
        effect(late - real, 0.0, "ratio in the end, random labels minus true"),
        effect(late - noise_early, 0.0, f"random labels, ratio in the end minus that after {size.early} epochs"),
    )
    rows = (
        ("true labels", size.early, real_early),
        ("true labels", size.epochs, real),
        ("random labels", size.early, noise_early),
        ("random labels", size.epochs, late),
    )
    return Finding(
        holds=judged.holds,
        words=f"{size.n} images ({splits.name}), {size.seeds} splits, {size.points} test images, box of radius "
        f"{size.radius:g}, {size.starts} starts of {size.steps} steps: {judged.words}. Lower bounds by one search.",
        instances=2 * size.seeds,
        links=judged.links,
        tables=(
            Table(
                f"Share of test images with another class within {size.radius:g}",
                ("labels", "epoch", "mean", "least", "most"),
                tuple((name, e, *(float(of(v)) for of in (np.mean, np.min, np.max))) for name, e, v in rows),
            ),
        ),
    )


@functools.partial(jax.jit, static_argnames=("model", "starts", "steps"))
def _critical(
    params: tuple[Layer, ...], points: Float[Array, "runs n d"], key: Array, radius: Float[Array, ""],
    model: Classifier, starts: int, steps: int,
) -> Bool[Array, "runs n"]:  # fmt: skip
    """Whether another class was found in the box around each point."""

    def one(run: tuple[tuple[Layer, ...], Array, Array]) -> Array:
        params, points, key = run
        own = jnp.argmax(model.apply(params, (), points)[0], axis=1)
        mine = jax.nn.one_hot(own, model.n_classes, dtype=points.dtype)

        def ahead(x: Array) -> Array:
            """By how much another class is ahead, (n,)."""
            outputs, _ = model.apply(params, (), x)
            return jnp.max(outputs - 1e9 * mine, axis=1) - jnp.sum(outputs * mine, axis=1)

        def step(carry: tuple[Array, Array], _: None) -> tuple[tuple[Array, Array], None]:
            x, found = carry
            x = x + 2.5 * radius / steps * jnp.sign(jax.grad(lambda x: jnp.sum(ahead(x)))(x))
            x = jnp.clip(x, points - radius, points + radius)
            return (x, found | (ahead(x) > 0)), None

        found = jnp.zeros(len(points), bool)
        for start in range(starts):
            jump = jax.random.uniform(jax.random.fold_in(key, start), (points.size,), points.dtype, -1, 1)
            x = points + radius * jump.reshape(points.shape)
            (_, found), _ = jax.lax.scan(step, (x, found | (ahead(x) > 0)), length=steps)
        return found

    return jax.lax.map(one, (params, points, jax.random.split(key, len(points))))


STUDY = Experiment(
    id="a-csr",
    claim="On the images of this study more test images have another class within the box after training on random "
    "labels than after training on true ones, and more than early in training on random labels.",
    refuted_by="a ratio that does not increase on random labels, or is not above that on true ones",
    cites=("arpit2017closer",),
    locator="the experiment on critical samples",
    measure=measure,
    proved=False,
)
