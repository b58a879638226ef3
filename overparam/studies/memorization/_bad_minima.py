"""Zero training error alone does not imply generalization: the optimizer chooses among many interpolants.

For every seed, two networks that have all of the same training images right.  One is what stochastic gradient descent
finds on them.  The other was trained on them and on a pool of other images whose labels are all wrong: it fits both,
hence the training images too, and its test accuracy on a third set must be lower by 20 points, with larger weights.
Both runs take the same number of steps of the same size (the training set is repeated to the length of the other).  At
ci size these are 200 images and a pool of 600: 300 and 900 take over ten seconds on one core.

A linear model shows the same exactly: from the least-norm solution, moved by s along a direction z in the null space of
the data, the training error stays 0 for all s while the excess risk, for inputs of covariance 1, is that of s = 0 plus
a linear and a quadratic term, s^2 |z|^2 the latter.
"""

from typing import NamedTuple

import jax
import numpy as np

from overparam.data import corrupted
from overparam.records import Link, Plot
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._images import CI_NET, image_splits
from overparam.studies._instances import Size
from overparam.studies._rules import all_of, effect, events
from overparam.studies._series import measured
from overparam.training import ClassTrainSpec, train_classifiers

EXACT = 1e-10  # residuals and second differences of the linear model, relative; sums of a few hundred products


class Sizes(NamedTuple):
    """Training images, images of the pool, epochs over both, seeds."""

    n: int
    pool: int
    epochs: int
    seeds: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(200, 600, 120, 5),
    "laptop": Sizes(1000, 3000, 200, 10),
    "paper": Sizes(1000, 3000, 400, 10),
}


def measure(setting: Setting, *, wrong: bool = True) -> Finding:
    """Two interpolants a seed; `wrong` is whether the pool's labels are wrong ones."""
    size = _SIZES[setting.size]
    total = size.n + size.pool
    splits = image_splits(setting.root, size.seeds, total)
    pool = splits.labels[:, size.n :]
    if wrong:
        rng = np.random.default_rng([setting.root, 5, 1, 1])
        pool = corrupted(rng, pool, 1.0, splits.n_classes, wrong_only=True)
    again = np.arange(total) % size.n
    labels = np.concatenate([splits.labels[:, again], np.concatenate([splits.labels[:, : size.n], pool], axis=1)])
    run = train_classifiers(
        np.concatenate([splits.points[:, again], splits.points]), labels, jax.random.key(setting.root),
        np.tile(np.arange(size.seeds), 2), model=CI_NET, how=ClassTrainSpec(epochs=size.epochs, record_every=10),
        test_points=np.tile(splits.test_points, (2, 1, 1)), test_labels=np.tile(splits.test_labels, (2, 1)),
    )  # fmt: skip
    own = np.asarray(run.correct)[:, :, : size.n].mean(axis=2)
    test = run.test_accuracy[:, -1].reshape(2, size.seeds).astype(float)
    norms = np.array(
        [sum(float(np.sum(np.asarray(layer.weights[i], float) ** 2)) for layer in run.params) for i in range(len(own))]
    ).reshape(2, size.seeds)
    judged = all_of(
        effect(test[0] - test[1], 0.2, "test accuracy lost by the one that fits wrong labels elsewhere"),
        effect(np.log(norms[1] / norms[0]), 0.0, "log of the ratio of squared norms of the weights"),
        events((own[:, -1].reshape(2, -1) == 1).all(axis=0), "both have every training image right"),
    )
    residual, bent = _linear(np.random.default_rng([setting.root, 6, 1, 1]))
    exact = residual <= EXACT and bent <= EXACT
    kinds = (("training images", own), ("test images", run.test_accuracy))
    return Finding(
        holds=judged.holds if exact else None,
        words=f"{size.n} training images, a pool of {size.pool} ({splits.name}), {size.seeds} splits: {judged.words}. "
        f"Test accuracy {test[0].mean():.3f} against {test[1].mean():.3f}, squared norms {norms[0].mean():.4g} against "
        f"{norms[1].mean():.4g}. Linear model: training residual off by {residual:.1e} along the null space, the "
        f"quadratic growth of the excess risk met to {bent:.1e}.",
        instances=2 * size.seeds + 1,
        links=(
            *judged.links,
            Link("residual of the linear interpolants, relative", EXACT, residual),
            Link("second difference of their excess risk against 2 |z|^2, relative", EXACT, bent),
        ),
        plots=(
            Plot(
                "Two ways to fit the same training images",
                "epoch",
                "accuracy",
                tuple(
                    measured(f"{what}, {how}", run.epochs, values.reshape(2, size.seeds, -1)[i], within=(0, 1))
                    for i, how in enumerate(("trained on them alone", "with wrong labels elsewhere"))
                    for what, values in kinds
                ),
            ),
        ),
    )


def _linear(rng: np.random.Generator) -> tuple[float, float]:
    """Worst residual of interpolants along a null direction; and how far their excess risk is from quadratic in s."""
    n, p = 20, 50
    points, truth = rng.normal(size=(n, p)), rng.normal(size=p)
    labels = points @ truth + rng.normal(size=n)
    least, *_ = np.linalg.lstsq(points, labels, rcond=None)
    z = rng.normal(size=p)
    z -= np.linalg.lstsq(points, points @ z, rcond=None)[0]
    at = [least + s * z for s in (0.0, 1.0, 2.0, 10.0)]
    residual = max(float(np.linalg.norm(points @ theta - labels) / np.linalg.norm(labels)) for theta in at)
    risk = [float(np.sum((theta - truth) ** 2)) for theta in at]
    return residual, abs(risk[2] - 2 * risk[1] + risk[0] - 2 * float(z @ z)) / risk[2]


STUDY = Experiment(
    id="s-bad-minima",
    claim="There are networks with zero training error whose test accuracy is 20 points below that of the one found by "
    "stochastic gradient descent, and whose weights are larger.",
    refuted_by="a constructed interpolant that generalizes as well",
    cites=("zhang2017",),
    locator="section 5",
    measure=measure,
    proved=False,
)
