"""The reported sizes are what they say."""

import math
from fractions import Fraction

import numpy as np
import pytest

from overparam.exact import ExactNetwork, exact_data
from overparam.memorizers import memorize, sizes_of
from overparam.networks import effective_params, raw_params
from tests.memorizers.datasets import gaussian


@pytest.mark.parametrize("construction", ["pairs", "greedy", "zhang", "bubeck", "baum", "distinct"])
def test_sizes_recomputed_naively(construction):
    points, labels = gaussian(11, 2)
    labels = np.sign(labels) if construction == "baum" else labels
    memorizer = memorize(points, labels, construction)
    network, sizes = memorizer.network, memorizer.sizes
    rows = network.u[:1] if construction == "zhang" else network.u  # a shared direction counts once
    numbers = [*(w for row in rows for w in row), *network.b, *network.v, network.c]
    assert sizes.neurons == network.width
    assert sizes.nonzero == sum(x != 0 for x in numbers)
    assert sizes.max_abs_weight == float(max(abs(x) for x in numbers))
    assert sizes.bits == max(len(f"{abs(k):b}") for x in numbers for k in (x.numerator, x.denominator))
    spelled = [len(f"{abs(x.numerator):b}") + len(f"{x.denominator:b}") - 1 for x in numbers if x]
    assert sizes.total_bits == sum(spelled)
    assert (sizes.hidden_layers, sizes.width) == (1, network.width)
    squares = [sum(w * w for w in row) for row in network.u]
    path = sum(abs(float(v)) * math.sqrt(s) for v, s in zip(network.v, squares, strict=True))
    total = sum(abs(float(v)) * math.sqrt(s + b * b) for v, s, b in zip(network.v, squares, network.b, strict=True))
    digits = 1e-15 * (4 + network.width)  # a rounding for each root, product and sum
    if construction in ("baum", "sakurai"):  # the scale of a threshold unit means nothing
        assert (sizes.path_norm, sizes.total_weight) == (None, None)
    else:
        assert sizes.path_norm == pytest.approx(path, rel=digits)
        assert sizes.total_weight == pytest.approx(total, rel=digits)
    bias = construction not in ("zhang", "bubeck")
    if construction == "zhang":
        assert sizes.raw_params == 2 * 11 + 2
        assert sizes.effective_params == sizes.raw_params - 1
    else:
        assert sizes.raw_params == raw_params(network.width, 2, output_bias=bias)
        assert sizes.effective_params == effective_params(network.width, 2, output_bias=bias)


def test_the_float_error_is_that_of_the_rounded_network():
    network = ExactNetwork.from_forms("relu", [(Fraction(1), (Fraction(1, 3), Fraction(0)))], Fraction(1, 3), 1)
    data = exact_data([[3], [0]], [Fraction(4, 3), Fraction(1, 3)])
    outputs = 1.0 / 3.0 * 3.0 + 1.0 / 3.0, 0.0 + 1.0 / 3.0
    error = max(abs(Fraction(f) - y) for f, y in zip(outputs, data.labels, strict=True))
    assert sizes_of(network, data).float64_error == float(error)
    exact = ExactNetwork.from_forms("threshold", [(Fraction(2), (Fraction(1), Fraction(0)))], Fraction(-1), 1)
    assert sizes_of(exact, exact_data([[0], [-1]], [1, -1])).float64_error == 0
    assert sizes_of(exact, exact_data([[0], [-1]], [1, 1])).float64_error == 2


def test_sizes_beyond_float64_are_none():
    memorizer = memorize([[0.0], [1e-300]], [0.0, 1.7e308], "zhang")
    assert memorizer.sizes.max_abs_weight is None
    assert memorizer.sizes.float64_error is None
    assert memorizer.sizes.bits > 1000
    constant = memorize([[1.0, 2.0]], [5.0], "pairs").sizes
    assert (constant.neurons, constant.path_norm, constant.float64_error) == (0, 0.0, 0.0)
    assert constant.max_abs_weight == 5.0
