"""How often gradient descent memorizes random signs, as a function of the width."""

import jax
import numpy as np
from jaxtyping import Bool, Float

from overparam.studies.memorization._mixed import Mixed
from overparam.training import ClassTrainSpec, History, train_classifiers


def memorize(
    root: int, points: Float[np.ndarray, "seeds n d"], labels: np.ndarray, widths: tuple[int, ...], steps: int
) -> tuple[Bool[np.ndarray, "widths seeds"], History]:
    """Whether each run has every point right in the end; all samples in a step, Adam from 1e-2 on by a cosine to 0.

    Args:
        root: root seed.
        points: data of each seed, the same for all widths.
        labels: (seeds, n), 0 or 1.
        widths: hidden units.
        steps: of each run.
    """
    model = Mixed(tuple((width, 0.0) for width in widths), 2)
    key = jax.random.key(root)
    where = np.tile(np.arange(len(points)), len(widths))
    run = train_classifiers(
        points[where].astype(np.float32), labels[where], key, model.seeds(key, len(points)).ravel(), model=model,
        how=ClassTrainSpec(
            epochs=steps, record_every=steps, batch_size=None, optimizer="adam", step_size=1e-2, schedule="cosine"
        ),
        keep_correct=False,
    )  # fmt: skip
    return (run.accuracy[:, -1] == 1).reshape(len(widths), len(points)), run
