"""docs/data.md: every example on the page gives what the page says, and its figures are those of the code."""

import doctest
import re

import overparam.data
from overparam.data.images import _cifar, _idx
from overparam.data.images._folder import PUBLISHED, VARIABLE
from tests.house.sources import ROOT

PAGE = (ROOT / "docs" / "data.md").read_text()


def test_the_examples_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)
    examples = "\n".join(re.findall(r"(?s)```python\n(.*?)```", PAGE))
    page = doctest.DocTestParser().get_doctest(examples, {}, "data.md", "docs/data.md", 0)
    assert len(page.examples) > 20
    told = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(page, out=told.append)
    assert told == []


def test_the_sizes_are_those_that_are_checked():
    idx = [16 + n * _idx.SIDE**2 for n in PUBLISHED[:2]] + [8 + n for n in PUBLISHED[:2]]
    cifar = [PUBLISHED.cifar10_batch * (1 + 3072)]
    cifar += [n * (2 + 3072) for n in (PUBLISHED.cifar100_train, PUBLISHED.cifar100_test)]
    for size in (*idx, *cifar):
        assert f"{size:,}" in PAGE
    for name in (*_idx.NAMES, _cifar.NAMES10[0], _cifar.NAMES10[-1], *_cifar.NAMES100, VARIABLE):
        assert name in PAGE


def test_every_function_for_images_is_on_the_page():
    elsewhere = {"Dataset", "Finding", "affine_general_position", "consistent_labels", "describe", "distinct_points"}
    elsewhere |= {"from_arrays", "least_squared_distance", "squared_norm_range", "validate", "without_repeats"}
    assert [name for name in overparam.data.__all__ if name not in PAGE and name not in elsewhere] == []
