"""Nguyen and Hein: a layer of n - 1 neurons of full rank, and n - 1 filters on patches."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overparam.errors import InputError
from overparam.exact import exact_data
from overparam.memorizers import memorize
from overparam.memorizers.deep._features import features_of
from tests.exact import oracles
from tests.memorizers.datasets import HOSTILE, gaussian, grids
from tests.memorizers.naive import affine, check


def features(network, x):
    """1 and the outputs of the last hidden layer."""
    z = list(x)
    for layer in network.layers[:-1]:
        z = [max(t, 0) for t in affine(layer, z)]
    return [1, *z]


@settings(max_examples=12, deadline=None)
@given(grids(max_size=6), st.integers(1, 4), st.integers(1, 4), st.integers(0, 9))
def test_the_last_layer_has_full_rank(case, depth, width, seed):
    network = check("wide-layer", *case, depth=depth, width=width, seed=seed).network
    n = len(case[0])
    assert network.widths == (width,) * (depth - 1) + (max(n - 1, 1),)
    assert oracles.rank([features(network, x) for x in case[0]]) == n


@pytest.mark.parametrize("construction", ["wide-layer", "convolution"])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_data(name, construction):
    check(construction, *HOSTILE[name])


def test_the_seed_draws_the_features():
    points, labels = gaussian(8, 3)
    one, again, other = (memorize(points, labels, "wide-layer", seed=s).network for s in (1, 1, 2))
    assert one == again != other
    with pytest.raises(InputError, match="depth must be an integer from 1"):
        memorize(points, labels, "wide-layer", depth=0)


def test_hinges_step_in_where_random_features_fail():
    """Whatever is drawn, the hinges complete the rank; a generator that draws only zeros leaves all to them."""

    class Zeros(np.random.Generator):
        def integers(self, *_, size=None, **__):
            return 0 if size is None else np.zeros(size, int)

    data = exact_data([[0, 0], [1, 2], [2, 1], [5, 5]], [1, 0, 2, 7])
    found = features_of(data, Zeros(np.random.PCG64(0)))
    assert found.random == 0
    assert len(found.forms) == 3
    assert features_of(data, np.random.default_rng(0)).random == 3


def test_relu_features_lose_rank_on_an_open_set():
    """The points 0 and 1, one neuron relu(-t - b) with b > 0, and all near it: rank 1, not 2."""
    for slope, b in ((-1, 1), (-0.9, 1.1), (-1.1, 0.9)):
        assert oracles.rank([[1, max(slope * t - b, 0)] for t in (0, 1)]) == 1


def test_filters_share_their_weights():
    """An image of 4 x 4: patches of 2 x 2 at four positions; the third position tells all points apart."""
    rng = np.random.default_rng(0)
    points = np.zeros((6, 16))
    points[:, [8, 9, 12, 13]] = rng.integers(0, 4, (6, 4)) + np.arange(6)[:, None] * 4
    memorizer = check("convolution", points, rng.normal(size=6))
    assert memorizer.numbers == {
        "filters": 5, "side of the patch": 2, "positions": 4, "shared weights": 5 * 5 + 20 + 1, "random filters": 5,
    }  # fmt: skip
    assert "position 2 " in memorizer.notes[0]
    first, output = memorizer.network.layers
    assert [j for j, w in enumerate(output.weights[0]) if w] == [10, 11, 12, 13, 14]
    positions = [[0, 1, 4, 5], [2, 3, 6, 7], [8, 9, 12, 13], [10, 11, 14, 15]]
    for f in range(5):
        rows = [first.weights[5 * p + f] for p in range(4)]
        assert len({tuple(row[k] for k in position) for row, position in zip(rows, positions, strict=True)}) == 1
        assert all(sum(w != 0 for w in row) <= 4 for row in rows)
        assert len({first.bias[5 * p + f] for p in range(4)}) == 1


def test_patches_grow_until_they_differ():
    signal = [[1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 5, 6, 8], [1, 2, 3, 9, 5, 6, 7]]
    assert memorize(signal, [1, 2, 3], "convolution").numbers["side of the patch"] == 7  # 4, 5, 6 leave out a column
    assert memorize([row[:6] for row in signal[::2]], [1, 2], "convolution").numbers["side of the patch"] == 3
