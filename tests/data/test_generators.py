"""Each generator keeps its promise: the first recipe bit by bit, geometry up to derived rounding."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overparam.data import DataSpec, affine_general_position, load
from overparam.data._spec import GENERATORS
from overparam.errors import InputError

U = 2.0**-53


def test_the_recipe_of_the_first_data_set():
    rng = np.random.default_rng(0)
    points, labels = rng.normal(size=(40, 5)), rng.normal(size=40)
    for spec in (DataSpec(), DataSpec("gaussian", n=40, d=5, labels="gaussian", seed=0)):
        made = load(spec)
        np.testing.assert_array_equal(made.points, points)
        np.testing.assert_array_equal(made.labels, labels)
    assert made.name == "gaussian-n40-d5-seed0"


@pytest.mark.parametrize("data", GENERATORS)
@pytest.mark.parametrize("labels", ["gaussian", "signs"])
def test_points_do_not_depend_on_the_labels_and_seeds_repeat(data, labels):
    one, again = load(DataSpec(data, n=12, d=3, seed=7, labels=labels)), load(DataSpec(data, n=12, d=3, seed=7))
    assert one.points.tobytes() == again.points.tobytes()
    assert one.points.shape == (12, 3)
    assert one.points.dtype == one.labels.dtype == np.float64
    assert one.points.flags.c_contiguous
    assert not one.points.flags.writeable
    assert not one.labels.flags.writeable
    if data != "moment":
        assert one.points.tobytes() != load(DataSpec(data, n=12, d=3, seed=8)).points.tobytes()
    if labels == "signs":
        assert set(one.labels) == {-1.0, 1.0}


def test_signs_and_shuffled_are_the_documented_draws():
    rng = np.random.default_rng(3)
    rng.normal(size=(9, 2))
    assert load(DataSpec(n=9, d=2, seed=3, labels="signs")).labels.tolist() == [
        1.0 if bit else -1.0 for bit in rng.integers(0, 2, size=9)
    ]
    rng = np.random.default_rng(3)
    rng.normal(size=(9, 2))
    own = load(DataSpec("collinear", n=9, d=2, seed=3, labels="own")).labels
    shuffled = load(DataSpec("collinear", n=9, d=2, seed=3, labels="shuffled")).labels
    np.testing.assert_array_equal(shuffled, own[rng.permutation(9)])
    assert own.tolist() == [-1.0, 1.0, -1.0] * 3


@given(n=st.integers(1, 30), d=st.integers(2, 6), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_sphere_rows_are_unit_up_to_rounding(n, d, seed):
    """The norm of a row of squares that add up: at most (d + 1) / 2 + 2 roundings away from 1."""
    for row in load(DataSpec("sphere", n=n, d=d, seed=seed)).points:
        square = sum(Fraction(x) ** 2 for x in row.tolist())
        assert abs(square - 1) <= (d + 6) * Fraction(U) * 2


@given(n=st.integers(1, 20), angle=st.floats(0.01, math.pi / 2), seed=st.integers(0, 1000), c=st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_cluster_members_lie_at_the_angle_from_one_centre(n, angle, seed, c):
    c = min(c, n)
    made = load(DataSpec("clusters", n=n, d=4, angle=angle, clusters=c, seed=seed, labels="own"))
    centres = np.random.default_rng(seed).normal(size=(c, 4))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    cosines = (made.points * centres[np.arange(n) % c]).sum(axis=1)
    # A dozen operations on numbers of at most 1, each row: 64 roundings leave room for all of them.
    assert np.abs(cosines - math.cos(angle)).max() <= 64 * U
    assert np.abs((made.points**2).sum(axis=1) - 1).max() <= 64 * U
    assert made.labels.tolist() == [1.0 if (i % c) % 2 == 0 else -1.0 for i in range(n)]


@pytest.mark.parametrize(("data", "options", "rank"), [("line", {}, 1), ("plane", {"rank": 3}, 3), ("plane", {}, 2)])
def test_spread_is_the_distance_from_the_subspace(data, options, rank):
    """What lies off the best subspace is at most the true noise: spread^2 times a chi-square of n d degrees of freedom.

    Its chance to exceed twice its mean is below exp(-n d (1 - log 2) / 2) < 1e-33.
    """
    n, d, spread = 100, 5, 1e-3
    singular = np.linalg.svd(load(DataSpec(data, n=n, d=d, spread=spread, **options)).points, compute_uv=False)
    assert (singular[rank:] ** 2).sum() <= 2 * n * d * spread**2
    assert singular[rank - 1] > 1  # chance: n coefficients of variance 1 make it about 10


@given(n=st.integers(1, 60), d=st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_the_moment_curve_is_exact_or_refused_with_the_largest_dimension(n, d):
    try:
        points = load(DataSpec("moment", n=n, d=d)).points
    except InputError as error:
        fits = int(str(error).split("--d of at most ")[1].split()[0])
        assert fits < d
        load(DataSpec("moment", n=n, d=fits))
        with pytest.raises(InputError):
            load(DataSpec("moment", n=n, d=fits + 1))
        return
    parameters = [Fraction(t) for t in points[:, 0].tolist()]
    assert len(set(parameters)) == n
    assert max(map(abs, parameters)) <= 1
    for t, row in zip(parameters, points.tolist(), strict=True):
        assert [Fraction(x) for x in row] == [t**k for k in range(1, d + 1)]


def test_the_moment_curve_at_the_edge_of_float64():
    """19 is the largest odd numerator of 40 points: 19^12 < 2^53 < 19^13."""
    assert 19**12 < 2**53 < 19**13
    load(DataSpec("moment", n=40, d=12))
    with pytest.raises(InputError, match="--d of at most 12 "):
        load(DataSpec("moment", n=40, d=13))
    assert affine_general_position(load(DataSpec("moment", n=20, d=4, labels="own"))).status == "holds"


def test_anisotropic_columns_are_scaled_normals():
    points = load(DataSpec("anisotropic", n=7, d=3, exponent=2.0, seed=5)).points
    plain = np.random.default_rng(5).normal(size=(7, 3))
    np.testing.assert_array_equal(points, plain * np.array([1.0, 2.0**-1.0, 3.0**-1.0]))


@given(n=st.integers(3, 20), d=st.integers(2, 5), seed=st.integers(0, 1000), data=st.data())
@settings(max_examples=40, deadline=None)
def test_planted_triples_are_collinear_exactly(n, d, seed, data):
    triples = data.draw(st.integers(0, n // 3))
    points = load(DataSpec("collinear", n=n, d=d, triples=triples, seed=seed)).points.tolist()
    for j in range(triples):
        a, middle, b = ([Fraction(x) for x in points[3 * j + k]] for k in range(3))
        assert [x + y for x, y in zip(a, b, strict=True)] == [2 * m for m in middle]


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        (DataSpec("sphere", d=1), "--d of at least 2"),
        (DataSpec("clusters", d=2), "--d of at least 3"),
        (DataSpec("clusters", angle=0.0), "--angle"),
        (DataSpec("clusters", angle=math.nan), "--angle"),
        (DataSpec("clusters", n=3, clusters=4), "more than the 3 points"),
        (DataSpec("line", spread=0.0), "collinear plants triples"),
        (DataSpec("plane", spread=math.inf), "--spread must be positive and finite"),
        (DataSpec("plane", d=3, rank=4), "--rank 4 is more than the dimension 3"),
        (DataSpec("anisotropic", exponent=-1.0), "--exponent"),
        (DataSpec("anisotropic", exponent=math.nan), "--exponent"),
        (DataSpec("collinear", d=1), "all points are collinear"),
        (DataSpec("collinear", n=8, triples=3), "needs 9 points"),
    ],
)
def test_meaningless_options_are_refused(spec, sentence):
    with pytest.raises(InputError, match=sentence):
        load(spec)


@pytest.mark.parametrize(("n", "d"), [(1, 1), (1, 5), (5, 1), (2, 9)])
def test_small_shapes_work(n, d):
    for data, labels in itertools.product(
        ["gaussian", "line", "plane", "moment", "anisotropic"], ["gaussian", "signs"]
    ):
        assert load(DataSpec(data, n=n, d=d, labels=labels)).points.shape == (n, d)
