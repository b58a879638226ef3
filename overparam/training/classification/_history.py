"""What is kept of the training of many classifiers: NumPy arrays, seeds first."""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int


class History(NamedTuple):
    """Looks at the deterministic networks (no dropout, running averages) on whole sets; losses are never NaN but inf.

    Attributes:
        epochs: at which it was looked, 0 (before training) among them.
        loss: mean training loss, without weight decay.
        accuracy: share of the training samples classified as their, maybe wrong, labels say.
        test_loss, test_accuracy: the same on the test set; NaN without one.
        correct, test_correct: sample by sample; None where they are not kept.
        params, state: at the end, pytrees.
        initial: params before training.
    """

    epochs: Int[np.ndarray, " looks"]
    loss: Float[np.ndarray, "seeds looks"]
    accuracy: Float[np.ndarray, "seeds looks"]
    test_loss: Float[np.ndarray, "seeds looks"]
    test_accuracy: Float[np.ndarray, "seeds looks"]
    correct: Bool[np.ndarray, "seeds looks n_samples"] | None
    test_correct: Bool[np.ndarray, "seeds looks n_test"] | None
    params: Any
    initial: Any
    state: Any

    def epochs_to_fit(self, level: float = 1.0) -> Float[np.ndarray, " seeds"]:
        """First epoch looked at with accuracy >= level; inf where there is none: censored, not a failure."""
        return first_epoch(self.epochs, self.accuracy >= level)


def first_epoch(epochs: Int[np.ndarray, " looks"], reached: Bool[np.ndarray, "seeds looks"]) -> np.ndarray:
    """The first epoch at which something was so, inf where it never was.

    >>> first_epoch(np.array([0, 5, 9]), np.array([[False, True, True], [False, False, False]])).tolist()
    [5.0, inf]
    """
    return np.where(reached.any(axis=1), epochs[reached.argmax(axis=1)].astype(float), np.inf)
