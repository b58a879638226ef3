"""Standardized data, and networks carried back from them."""

import jax
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from overparam.training._standard import restore, standardize
from tests.training.problems import EPS, gaussian, one_seed, outputs, random_params, same_bits

VALUES = st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda value: round(value, 3))


@settings(deadline=None)
@given(points=arrays(np.float64, (5, 2), elements=VALUES), labels=arrays(np.float64, 5, elements=VALUES))
def test_a_restored_network_says_the_same(points, labels):
    """f(x) = label_scale f'(x') + label_shift, up to rounding of products as large as |u| (|x| + |shift|) / scale."""
    new_points, new_labels, frame = standardize(points, labels)
    params = random_params(3, 2)
    ours = outputs(restore(params, frame), points)
    theirs = outputs(params, new_points) * frame.label_scale + frame.label_shift
    u, b, v, c = (np.abs(np.asarray(leaf)) for leaf in params)
    inner = ((np.abs(points) + np.abs(frame.shift)) / frame.scale) @ u.T + b
    bound = 20 * EPS * ((inner @ v + c) * frame.label_scale + np.abs(frame.label_shift))
    assert (np.abs(ours - theirs) <= bound).all()
    for new in (*new_points.T, new_labels):
        assert new.std() < 1.5


def test_deviations_come_near_one_and_scales_are_powers_of_two():
    points, labels = gaussian(30, 3)
    points = points * [1e-200, 1.0, 1e200] + [0, 1e3, 0]
    new_points, new_labels, frame = standardize(points, labels * 1e10)
    assert ((new_points.std(axis=0) > 0.7) & (new_points.std(axis=0) < 1.42)).all()
    assert 0.7 < new_labels.std() < 1.42
    assert (np.frexp(frame.scale)[0] == 0.5).all()


def test_constant_columns_and_single_points_keep_their_scale():
    for points in (np.full((4, 2), 7.0), np.array([[3.0, -1e300]])):
        new_points, _, frame = standardize(points, np.zeros(len(points)))
        assert (frame.scale == 1).all()
        assert not new_points.any()


def test_each_seed_has_its_own_frame():
    sets = [gaussian(5, 2, seed) for seed in range(3)]
    points, labels = (np.stack(part) for part in zip(*sets, strict=True))
    together = standardize(points, labels)
    for index, (one_points, one_labels) in enumerate(sets):
        alone = standardize(one_points, one_labels)
        np.testing.assert_array_equal(together[0][index], alone[0])
        np.testing.assert_array_equal(together[1][index], alone[1])
    assert together[2].scale.shape == (3, 2)
    many = jax.tree.map(lambda *leaves: np.stack(leaves), *(random_params(4, 2, seed) for seed in range(3)))
    restored = restore(many, together[2])
    for index in range(3):
        alone = restore(one_seed(many, index), one_seed(together[2], index))
        assert same_bits(one_seed(restored, index), alone)
