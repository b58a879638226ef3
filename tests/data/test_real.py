"""Packaged data: the facts recomputed from scikit-learn itself."""

import sys

import numpy as np
import pytest
from sklearn import datasets
from sklearn.preprocessing import StandardScaler

from overparam.data import DataSpec, load
from overparam.errors import InputError


def standardized(features):
    features = np.ascontiguousarray(features, dtype=np.float64)
    keep = features.max(axis=0) > features.min(axis=0)
    return ((features - features.mean(axis=0)) / np.where(keep, features.std(axis=0), 1.0))[:, keep], ~keep


def test_breast_cancer_first_sixty_rows():
    made, bunch = load(DataSpec("breast_cancer", samples=60)), datasets.load_breast_cancer()
    points, dropped = standardized(bunch.data[:60])
    assert not dropped.any()
    np.testing.assert_array_equal(made.points, points)
    np.testing.assert_array_equal(made.labels, 2.0 * bunch.target[:60] - 1.0)
    assert any("+1 is class 'benign', -1 is class 'malignant': 13 of 60" in note for note in made.notes)
    assert made.name == "breast_cancer-n60"


def test_digits_zero_and_one_first_sixty_of_these():
    made, bunch = load(DataSpec("digits", classes=("0", "1"), samples=60)), datasets.load_digits()
    rows = np.flatnonzero(bunch.target <= 1)[:60]
    points, dropped = standardized(bunch.data[rows])
    np.testing.assert_array_equal(made.points, points)
    np.testing.assert_array_equal(made.labels, np.where(bunch.target[rows] == 1, 1.0, -1.0))
    names = [name for name, gone in zip(bunch.feature_names, dropped, strict=True) if gone]
    assert f"constant columns dropped: {', '.join(names)}" in made.notes
    turned = load(DataSpec("digits", classes=("1", "0"), samples=60))
    np.testing.assert_array_equal(turned.points, made.points)  # file order, whatever the order of the classes
    np.testing.assert_array_equal(turned.labels, -made.labels)


@pytest.mark.parametrize("name", ["breast_cancer", "digits", "diabetes"])
def test_agrees_with_standard_scaler(name):
    """Both center and scale; a mean of n terms carries n roundings of the largest entry, over the deviation."""
    spec = DataSpec(name, samples=60, labels="signs")
    features = (
        datasets.load_diabetes(scaled=False) if name == "diabetes" else getattr(datasets, f"load_{name}")()
    ).data
    features = np.array(features[:60], dtype=float)
    deviation = features.std(axis=0)
    keep = features.max(axis=0) > features.min(axis=0)
    reference = StandardScaler().fit_transform(features)[:, keep]
    largest = (np.abs(features).max(axis=0) / np.where(keep, deviation, 1.0))[keep]
    made = load(spec).points
    bound = 2.0**-53 * (4 * 60 + 16) * (largest**2 + 1)
    assert (np.abs(made - reference) <= bound).all()
    assert np.abs(made.mean(axis=0)).max() <= bound.max()


def test_shuffled_labels_are_the_documented_permutation():
    own, shuffled = (load(DataSpec("breast_cancer", samples=60, seed=4, labels=kind)) for kind in ("own", "shuffled"))
    np.testing.assert_array_equal(shuffled.points, own.points)
    np.testing.assert_array_equal(shuffled.labels, own.labels[np.random.default_rng(4).permutation(60)])
    np.testing.assert_array_equal(shuffled.labels, np.random.default_rng(4).permutation(own.labels))
    assert (shuffled.labels != own.labels).any()
    gaussian = load(DataSpec("breast_cancer", samples=60, seed=4, labels="gaussian"))
    np.testing.assert_array_equal(gaussian.labels, np.random.default_rng(4).normal(size=60))


def test_diabetes_keeps_its_real_labels():
    made = load(DataSpec("diabetes"))
    np.testing.assert_array_equal(made.labels, datasets.load_diabetes().target)
    assert made.points.shape == (442, 10)


def test_one_against_the_rest_and_among_some():
    target = datasets.load_digits().target
    made = load(DataSpec("digits", one_vs_rest="3", samples=100))
    np.testing.assert_array_equal(made.labels, np.where(target[:100] == 3, 1.0, -1.0))
    some = load(DataSpec("digits", one_vs_rest="3", classes=("1", "3", "8"), samples=100))
    kept = target[np.isin(target, [1, 3, 8])][:100]
    np.testing.assert_array_equal(some.labels, np.where(kept == 3, 1.0, -1.0))
    assert load(DataSpec("digits", labels="gaussian", samples=10)).points.shape[0] == 10  # classes are not needed


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        (DataSpec("digits"), "has 10 classes here .*'0', '1',.*--classes, .*--one-vs-rest, or .*--class-numbers"),
        (DataSpec("digits", labels="shuffled"), "has 10 classes"),
        (DataSpec("digits", classes=("0", "1", "2")), "has 3 classes"),
        (DataSpec("digits", classes=("0",)), "has 1 class here"),
        (DataSpec("digits", classes=("0", "ten")), "no class 'ten'; its classes are '0', '1'"),
        (DataSpec("digits", one_vs_rest="x"), "no class 'x'"),
        (DataSpec("digits", classes=("0", "0")), "names a class twice"),
        (DataSpec("digits", classes=("0", "1"), one_vs_rest="2"), "not among --classes 0 1"),
        (DataSpec("digits", classes=("0", "1"), samples=361), "more than the 360 rows"),
        (DataSpec("breast_cancer", samples=570), "more than the 569 rows"),
        (DataSpec("diabetes", samples=443), "more than the 442 rows"),
        (DataSpec("breast_cancer", samples=1), "every feature .* is constant over these 1 rows"),
    ],
)
def test_refusals_name_what_exists(spec, sentence):
    with pytest.raises(InputError, match=sentence):
        load(spec)


def test_without_scikit_learn_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(InputError, match=r"extra `data`.*overparam\[data\]"):
        load(DataSpec("digits", one_vs_rest="1"))


def test_class_numbers_are_labels_on_request():
    data = load(DataSpec(data="digits", samples=30, class_numbers=True))
    assert data.labels[:11].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0]
    assert any("0 is '0', 1 is '1'" in note for note in data.notes)
    chosen = load(DataSpec(data="digits", samples=4, classes=("7", "3", "5"), class_numbers=True))
    assert chosen.labels.tolist() == [1, 2, 0, 1]  # in file order 3, 5, 7, 3
    assert chosen.name == "digits-7-3-5-numbers-n4"
    for wrong, words in [
        ({"one_vs_rest": "3"}, "both say what the labels are"),
        ({"labels": "signs"}, "--class-numbers makes labels out of classes"),
    ]:
        with pytest.raises(InputError, match=words):
            load(DataSpec(data="digits", class_numbers=True, **wrong))
    with pytest.raises(InputError, match="--class-numbers does not apply"):
        load(DataSpec(data="diabetes", class_numbers=True))
