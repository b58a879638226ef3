"""What `train_seeds` and its like refuse, by the name of the argument and before anything is allocated."""

import jax
import numpy as np
import pytest

from overparam.errors import InputError
from overparam.training import ModelSpec, levenberg_marquardt_seeds, train_seeds, validate

POINTS, LABELS = np.random.default_rng(0).normal(size=(6, 2)), np.arange(6.0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seeds": 5 * 10**9}, "seeds must be"), ({"seeds": 10**30}, "seeds must be"), ({"seeds": True}, "seeds must"),
        ({"chunk": 10**13}, "chunk must be"), ({"chunk": True}, "chunk must be"),
        ({"labels": LABELS + 1j}, "array of real numbers"), ({"width": 2**40}, "width must be"),
        ({"width": [4, 4, 4, 2**33]}, "width must be"), ({"tolerance": float("nan")}, "tolerance must be"),
        ({"tolerance": -1.0}, "tolerance must be"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named(change, said):
    given = {"points": POINTS, "labels": LABELS, "seeds": 4, "width": 4, "step_size": 0.1} | change
    with pytest.raises(InputError, match=said):
        train_seeds(root=jax.random.key(0), **given)


@pytest.mark.parametrize("change", [{"width": 0}, {"width": -1}, {"width": 2**40}, {"tolerance": float("nan")}])
def test_the_search_refuses_the_same(change):
    with pytest.raises(InputError, match=f"{next(iter(change))} must be"):
        levenberg_marquardt_seeds(POINTS, LABELS, jax.random.key(0), 2, **({"width": 4} | change))


def test_an_integer_beyond_every_float_is_no_number():
    with pytest.raises(InputError, match="scale must be a finite number"):
        validate(ModelSpec(scale=10**400))
