"""Three ways to the minimal width agree: the exhaustive search, the formula on a line, and networks that were found."""

import jax
import numpy as np
import pytest

import proofs_check
from overparam.certificates import Outcome, decide_width
from overparam.data import Dataset, DataSpec
from overparam.memorizers import line_widths
from overparam.records import Word
from overparam.widths import WidthSpec, bracket, climb, find_width


def tiny(seed: int) -> Dataset:
    """Few points of dimension 1 or 2; small integers, so that coincidences happen, or normal numbers."""
    rng = np.random.default_rng(seed)
    d = 1 + seed % 2
    n = int(rng.integers(2, 7 if d == 1 else 6))
    if seed % 3:
        points = np.unique(rng.integers(-5, 6, (4 * n, d)), axis=0)
        points = rng.permutation(points)[:n].astype(float)
        return Dataset(points, rng.integers(-3, 4, len(points)).astype(float), "integers", ())
    return Dataset(rng.normal(size=(n, d)), rng.normal(size=n), "normal", ())


def agree(seed: int, folder) -> None:
    data = tiny(seed)
    proved = bracket(data, folder / "bracket")
    assert proved.minimal is not None, "a tiny set is always decided"
    width = proved.low
    assert proofs_check.check(proved.minimal.folder).status == "accepted"
    # the search over patterns says the same as the formula, and never calls a failure impossible
    assert decide_width(data.points, data.labels, width).outcome is Outcome.POSSIBLE
    if width:
        assert decide_width(data.points, data.labels, width - 1).outcome is Outcome.IMPOSSIBLE
    if data.points.shape[1] == 1:
        line = line_widths(data.points, data.labels)
        assert (line.low, line.high) == (width, width)
    search = find_width(data, range(min(1, width), width + 1), folder / "found", root=jax.random.key(seed), starts=16)
    for row, certificate in search:
        assert certificate is None or row.width >= width, "no network is smaller than the minimal width"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_a_few_tiny_sets(seed, tmp_path):
    agree(seed, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(8))
def test_two_hundred_tiny_sets(block, tmp_path):
    for seed in range(25 * block, 25 * (block + 1)):
        agree(seed, tmp_path / str(seed))


@pytest.mark.slow
def test_not_found_and_impossible_never_mix(tmp_path):
    """A search that is given no time finds nothing, and nothing is called impossible for it."""
    rng = np.random.default_rng(0)
    data = Dataset(rng.normal(size=(12, 2)), rng.normal(size=12), "gaussian", ())
    spec = WidthSpec(gd=False, starts=1, lm_steps=1, exact=True, exact_cases=1)
    ladder = climb(data, DataSpec(data="gaussian", n=12, d=2), spec, tmp_path)
    rungs = {rung.rung: rung for rung in ladder.rungs}
    assert rungs["found"].word is Word.NOT_FOUND
    assert rungs["exact"].word is Word.UNDECIDED
    assert rungs["impossible"].width == 1, "one case decides width 0 and no other"
    for rung in ladder.rungs:
        assert (rung.word is Word.IMPOSSIBLE) == (rung.rung == "impossible")
