"""Every construction of the catalogue on friendly and hostile data: accepted by the checker as it claims, or refused.

A refusal must name the hypothesis that fails, and is allowed only where it does fail.
"""

import functools

import numpy as np
import pytest

import proofs_check
from overparam.certificates import dataset_bytes
from overparam.data import Dataset, DataSpec, from_arrays, load
from overparam.errors import InputError
from overparam.memorizers import CATALOGUE, memorize
from overparam.studies._comparison import promised
from overparam.widths import certify
from proofs_check.position import affine_general_position
from tests.memorizers.datasets import moment_curve


def drawn(n, d, labels="gaussian"):
    return load(DataSpec(data="gaussian", n=n, d=d, labels=labels))


def near_a_line(n=10):
    rng = np.random.default_rng(0)
    t = np.sort(rng.normal(size=n))
    return from_arrays(np.outer(t, [1.0, 2.0]) + 1e-9 * rng.normal(size=(n, 2)), rng.choice([-1.0, 1.0], size=n))


def clusters(n=10):
    """Pairs of points 1e-6 apart with different labels."""
    rng = np.random.default_rng(1)
    centres = rng.normal(size=(n // 2, 3))
    offsets = rng.normal(size=(n // 2, 3))
    offsets *= 5e-7 / np.linalg.norm(offsets, axis=1, keepdims=True)
    return from_arrays(np.concatenate([centres - offsets, centres + offsets]), np.repeat([-1.0, 1.0], n // 2))


def digits(n=200):
    return load(DataSpec(data="digits", samples=n, class_numbers=True))


def scaled(data, factor):
    return from_arrays(data.points, data.labels * factor)


QUICK = {
    **{f"gaussian {n} {d}": functools.partial(drawn, n, d) for n, d in [(1, 1), (1, 10), (2, 2), (10, 1), (10, 2)]},
    "signs 10 2": functools.partial(drawn, 10, 2, "signs"),
    "signs 2 50": functools.partial(drawn, 2, 50, "signs"),
    "gaussian 10 50": functools.partial(drawn, 10, 50),
    "moment curve": lambda: from_arrays(moment_curve(8, 2), [1.0, -1, 1, 1, -1, 1, -1, -1]),
    "near a line": near_a_line,
    "clusters": clusters,
    "labels 1e6": lambda: scaled(drawn(8, 2), 1e6),
    "labels 1e-6": lambda: scaled(drawn(8, 2), 1e-6),
}
SLOW = {
    **{f"gaussian 100 {d}": functools.partial(drawn, 100, d) for d in (1, 2, 10, 50)},
    "signs 100 10": functools.partial(drawn, 100, 10, "signs"),
    "digits": digits,
}


def may_refuse(construction: str, data: Dataset, message: str) -> bool:
    """Whether the hypothesis that the refusal names fails on these data."""
    points, labels = data.points, data.labels
    n, d = points.shape
    if construction in ("baum", "sakurai", "alternations") and len(set(labels)) > 2:
        return "at most two values" in message
    if construction == "knots":
        return d > 1 and "one coordinate" in message
    if construction == "alternations":
        return d > 1 and "curve" in message
    if construction == "hardt":  # some other point is as far in the direction of a point
        inner = points @ points.T
        return bool((inner - np.diag(inner)[:, None] + np.diag(np.full(n, -1e-9)) > -1e-6).any()) and "point" in message
    exact = proofs_check.dataset_from_bytes(dataset_bytes(points, labels))
    if construction in ("ntk", "harmonic", "clipped"):  # two points on a ray from 0, or dependent lines through 0
        return proofs_check.THEOREMS["bubeck2020-ntk"].holds_for(exact).status == "rejected"
    if construction in ("pairs", "bubeck", "baum", "sakurai", "yun-resnet"):
        return affine_general_position(exact).status != "accepted" and "point" in message
    return False


def accepted_or_refused(construction, data, folder):
    refused = None
    try:
        memorizer = memorize(data.points, data.labels, construction)
    except InputError as error:
        refused = error
    if refused is not None:
        assert may_refuse(construction, data, str(refused)), refused
        return False
    assert promised(memorizer, data) is not False, "larger than its theorem says"
    certificate = certify(memorizer, data, folder / construction)
    assert proofs_check.check(certificate.folder).status == "accepted"
    return True


@pytest.mark.parametrize("construction", CATALOGUE)
def test_each_on_small_data(construction, tmp_path):
    done = [accepted_or_refused(construction, made(), tmp_path / name) for name, made in QUICK.items()]
    assert sum(done) >= 2, "a construction that refuses everything proves nothing"


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
@pytest.mark.parametrize("construction", CATALOGUE)
def test_each_on_larger_data(construction, name, tmp_path):
    accepted_or_refused(construction, SLOW[name](), tmp_path)
