"""Batches cover each epoch once, and noise has the law that it is said to have."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from overparam.training.general._batches import augmented, batch_of, epochs_of, noisy_labels, steps_an_epoch

ROOT = jax.random.key(5)
CHANCE = 1e-9  # of a false alarm


def batches(seed, first, n_steps, n_samples, batch_size):
    epochs = epochs_of(
        ROOT, jnp.uint32(seed), jnp.int32(first), n_steps=n_steps, n_samples=n_samples, batch_size=batch_size
    )
    found = [batch_of(epochs, jnp.int32(step), batch_size) for step in range(first, first + n_steps)]
    return [np.asarray(which)[np.asarray(present)].tolist() for which, present in found]


@pytest.mark.slow
@pytest.mark.parametrize(("n_samples", "batch_size"), [(7, 3), (6, 3), (5, 1), (3, 2)])
def test_each_epoch_visits_every_sample_once(n_samples, batch_size):
    each = steps_an_epoch(n_samples, batch_size)
    found = batches(1, 0, 4 * each, n_samples, batch_size)
    orders = [[i for batch in found[start : start + each] for i in batch] for start in range(0, 4 * each, each)]
    assert all(sorted(order) == list(range(n_samples)) for order in orders)
    assert len({tuple(order) for order in orders}) > 1
    assert {len(batch) for batch in found[each - 1 :: each]} == {n_samples - (each - 1) * batch_size}
    assert batches(2, 0, 4 * each, n_samples, batch_size) != found


@pytest.mark.slow
def test_steps_have_the_same_samples_however_they_are_cut():
    whole = batches(3, 0, 12, 7, 3)
    assert [b for first in range(0, 12, 4) for b in batches(3, first, 4, 7, 3)] == whole
    assert [b for first in range(0, 12, 2) for b in batches(3, first, 2, 7, 3)] == whole


def test_labels_are_moved_or_flipped():
    """Hoeffding for the flips; mean and square of the normal are within 7 of their own deviations."""
    n = 40_000
    key, labels = jax.random.key(1), jnp.ones(n)
    flips = np.asarray(noisy_labels(key, labels, jnp.asarray(0.3), by_sign=True))
    assert set(flips) == {-1.0, 1.0}
    assert abs((flips < 0).mean() - 0.3) <= np.sqrt(np.log(2 / CHANCE) / (2 * n))
    noise = np.asarray(noisy_labels(key, labels, jnp.asarray(0.3), by_sign=False)) - 1
    assert abs(noise.mean()) <= 7 * 0.3 / np.sqrt(n)
    assert abs((noise**2).mean() - 0.09) <= 7 * 0.09 * np.sqrt(2 / n)
    assert (np.asarray(noisy_labels(key, labels, jnp.asarray(0.0), by_sign=True)) == 1).all()


def test_images_are_mirrored_left_to_right():
    image = np.arange(9.0).reshape(3, 3)
    points = jnp.tile(image.reshape(1, 9), (200, 1))
    seen = np.asarray(augmented(jax.random.key(2), points, jnp.asarray(0.0), kind="flip"))
    kinds = {tuple(row) for row in seen}
    assert kinds == {tuple(image.ravel()), tuple(image[:, ::-1].ravel())}
    turned = (seen[:, 0] == 2).mean()
    assert abs(turned - 0.5) <= np.sqrt(np.log(2 / CHANCE) / 400)


def test_images_are_shifted_with_zeros_coming_in():
    """All 9 moves by up to one pixel come up in 400 draws: a miss has chance 9 (8/9)^400 < 1e-19."""
    image = np.arange(1.0, 10).reshape(3, 3)
    wide = np.zeros((5, 5))
    wide[1:4, 1:4] = image
    moves = {tuple(wide[i : i + 3, j : j + 3].ravel()) for i in range(3) for j in range(3)}
    points = jnp.tile(image.reshape(1, 9), (400, 1))
    seen = np.asarray(augmented(jax.random.key(2), points, jnp.asarray(1.0), kind="shift"))
    assert {tuple(row) for row in seen} == moves
    far = np.asarray(augmented(jax.random.key(2), points, jnp.asarray(30.0), kind="shift"))
    assert (far == 0).all(axis=1).mean() > 0.5  # most of 61^2 moves push the image out


def test_points_get_noise_of_the_size_asked_for():
    points = jnp.zeros((100, 400))
    noise = np.asarray(augmented(jax.random.key(3), points, jnp.asarray(2.0), kind="noise"))
    assert abs((noise**2).mean() - 4) <= 7 * 4 * np.sqrt(2 / noise.size)
