"""What the studies of random labels compute, against other ways to compute it."""

import itertools
import math

import numpy as np
import pytest
import scipy.optimize

from overparam.data import load_images
from overparam.studies._images import POOL, image_splits
from overparam.studies.random_labels import _corruption_curve, _kernels, _rademacher, _runs, _stability

RNG = np.random.default_rng(3)


def test_separable_patterns_by_hand():
    """Three points of the plane in general position: 2 (C(2,0) + C(2,1)) = 6 of 8 patterns; on a line: 2."""
    assert _rademacher.separable_patterns(np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])) == 6
    assert _rademacher.separable_patterns(np.array([[1.0], [2.0], [3.0]])) == 2


def test_separable_patterns_by_rotating_a_line():
    """In the plane a separator is an angle: patterns seen at the middle of each of the 2n arcs."""
    points = RNG.normal(size=(5, 2))
    angles = np.arctan2(points[:, 1], points[:, 0])[:, None] + np.pi * np.array([0.5, -0.5])
    critical = np.sort(np.mod(angles, 2 * np.pi).ravel())
    middles = (critical + np.roll(critical, -1) + 2 * np.pi * (np.roll(critical, -1) < critical)) / 2
    seen = {tuple(np.sign(points @ [math.cos(a), math.sin(a)]).astype(int)) for a in middles}
    assert _rademacher.separable_patterns(points) == len(seen) == 10


def test_printed_probabilities():
    """The catalogue's values of 2^(1-n) sum_{i<d} C(n-1, i)."""
    for n, d, printed in ((12, 5, 0.27441), (14, 6, 0.29053), (9, 4, 0.36328), (10, 5, 0.5)):
        assert sum(math.comb(n - 1, i) for i in range(d)) / 2 ** (n - 1) == pytest.approx(printed, abs=5e-6)


def test_norm_ball_by_a_maximum():
    """For two points the complexity is the mean length of x + y and x - y, over 2."""
    points = np.array([[3.0, 0.0], [0.0, 4.0]])
    low, value, high = _rademacher.ball(points)
    assert (low, value, high) == pytest.approx((5 / 2**1.5, 2.5, 2.5))


def test_nearest_neighbours_by_brute_force():
    points, tests = RNG.normal(size=(20, 3)), RNG.normal(size=(7, 3))
    expected = [min(range(20), key=lambda i: sum((points[i] - t) ** 2)) for t in tests]
    assert _kernels.nearest(points, tests).tolist() == expected


def test_the_neighbour_keeps_each_seeds_corrupted_labels():
    task = _runs.Task(n=30, n_test=20)
    splits = image_splits(0, 2, 30, 20)
    labels = RNG.integers(0, 10, (2, 30))
    expected = []
    for own, x, tests, truth in zip(labels, splits.points, splits.test_points, splits.test_labels, strict=True):
        closest = [min(range(30), key=lambda i, t=t, x=x: sum((x[i] - t) ** 2)) for t in tests]
        expected.append(np.mean(own[closest] == truth))
    assert _corruption_curve._neighbours(0, task, labels).tolist() == expected


def test_uniform_stability_of_logistic_regression():
    """Leaving a sample out moves no loss by more than the bound, which is reached up to a factor below 100.

    The logistic loss of labels -1 and +1 is 1-Lipschitz, points have norm 2, lam = 1/10, n = 12; both kinds of labels.
    """
    points = RNG.normal(size=(12, 3))
    points *= 2 / np.linalg.norm(points, axis=1, keepdims=True)
    bound = 4 / (2 * 0.1 * 12)

    def losses(w, x, y):
        return np.logaddexp(0, -y * (x @ w))

    def fitted(x, y):
        return scipy.optimize.minimize(lambda w: losses(w, x, y).sum() / 12 + 0.1 * w @ w, np.zeros(3), tol=1e-10).x

    for labels in (np.sign(points[:, 0]), RNG.choice([-1.0, 1.0], 12)):
        whole = fitted(points, labels)
        moved = 0.0
        for i in range(12):
            less = fitted(np.delete(points, i, 0), np.delete(labels, i))
            for sign in (-1.0, 1.0):
                moved = max(moved, np.abs(losses(whole, points, sign) - losses(less, points, sign)).max())
        assert bound / 100 < moved <= bound


def test_ridge_has_no_gradient_left():
    points, labels = RNG.normal(size=(2, 9, 3)), RNG.normal(size=(2, 9))
    for x, y, w in zip(points, labels, _stability._ridge(points, labels), strict=True):
        gradient = 2 / 9 * x.T @ (x @ w - y) + 2 * _stability.LAM * w
        np.testing.assert_allclose(gradient, 0, atol=1e-14)


def test_labels_are_corrupted_once_and_nested():
    """More corruption changes more of the same labels, to the same classes; another seed draws others."""
    labels = np.arange(1000, dtype=np.int32) % 10
    some, more, whole = (_runs.random_labels(0, 4, labels, share, 10) for share in (0.25, 0.5, 1.0))
    assert (more[some != labels] == some[some != labels]).all()
    assert (whole[more != labels] == more[more != labels]).all()
    # of 1,000 labels a share p (K - 1) / K really changes: five deviations
    for changed, share in ((some, 0.25), (more, 0.5), (whole, 1.0)):
        expected = 0.9 * share
        assert abs(np.mean(changed != labels) - expected) < 5 * (expected * (1 - expected) / 1000) ** 0.5
    assert (_runs.random_labels(0, 5, labels, 1.0, 10) != whole).any()


def test_splits_of_images():
    """Disjoint training and test images, the same ones in a larger study, others for another root or seed."""
    splits = image_splits(0, 2, 50, 30)
    assert splits.points.shape == (2, 50, splits.points.shape[2])
    np.testing.assert_allclose(splits.points.mean(axis=2), 0, atol=1e-5)
    np.testing.assert_allclose(splits.points.std(axis=2), 1, atol=1e-4)
    larger = image_splits(0, 3, 80, 30)
    np.testing.assert_array_equal(larger.points[:2, :50], splits.points)
    np.testing.assert_array_equal(larger.test_points[:2], splits.test_points)
    assert not (splits.labels[0] == splits.labels[1]).all()
    assert not (image_splits(1, 1, 50, 30).labels[0] == splits.labels[0]).all()
    for x, t in itertools.product(splits.points[0], splits.test_points[0]):
        assert (x != t).any()
    assert POOL in splits.name
    images = load_images("mnist5k").labels
    for stream in ([0], [0, 0], [0, 1], [0, 0, 1]):  # those of other purposes
        order = np.random.default_rng(stream).permutation(len(images))
        assert not (images[order[:50]] == splits.labels[0]).all()
    fewer = image_splits(0, 1, 10**6, 10**5)
    assert "not 1000000, since there are" in fewer.name
