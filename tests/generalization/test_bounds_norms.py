"""Capacity by norms: diagonal matrices by hand, symmetries that a measure must have, orientations, constants."""

import itertools
import math

import numpy as np
import pytest

from overparam.errors import InputError
from overparam.generalization import (
    bartlett1998,
    bartlett2017,
    capacity_table,
    frobenius_complexity,
    golowich2018,
    l1_complexity,
    margin_level,
    margins,
    neyshabur2018,
    normalized_margins,
    outputs_of,
    spectral_complexity,
)
from overparam.generalization.bounds._margins import deviation, rounded_down, rounded_up
from overparam.generalization.bounds._networks import plain
from overparam.networks import Layer

MEASURES = (bartlett1998, golowich2018, bartlett2017, neyshabur2018)


def drawn(rng, sizes, *, bias=True):
    return tuple(
        Layer(rng.normal(size=(k, d)) / d**0.5, 0.3 * bias * rng.normal(size=k)) for d, k in itertools.pairwise(sizes)
    )


def fitted(rng, sizes, n, **options):
    """A network and labels that are its own classes, so that all margins are positive."""
    layers, points = drawn(rng, sizes, **options), rng.normal(size=(n, sizes[0]))
    outputs = outputs_of(layers, points)
    labels = np.sign(outputs[:, 0]).astype(int) if sizes[-1] == 1 else outputs.argmax(axis=1)
    return layers, points, labels


def test_spectral_complexity_of_diagonal_matrices():
    """A_1 = diag(3, 4), A_2 = diag(5, 1): norms 4 and 5, (2,1) norms 7 and 6; about M, 2 and 6."""
    first, second = np.diag([3.0, 4.0]), np.diag([5.0, 1.0])
    wanted = 20 * ((7 / 4) ** (2 / 3) + (6 / 5) ** (2 / 3)) ** 1.5
    assert spectral_complexity([first, second]) == pytest.approx(wanted, rel=1e-14)
    about = [np.diag([2.0, 3.0]), np.zeros((2, 2))]
    wanted = 20 * ((2 / 4) ** (2 / 3) + (6 / 5) ** (2 / 3)) ** 1.5
    assert spectral_complexity([first, second], about) == pytest.approx(wanted, rel=1e-14)
    assert spectral_complexity([first, np.zeros((2, 2))]) == 0


def test_the_orientation_of_the_group_norm():
    """Rows are units: one row (3, 4) has norm 5, transposed it would be 3 + 4."""
    assert spectral_complexity([np.array([[3.0, 4.0]])]) == pytest.approx(5.0, rel=1e-14)
    assert spectral_complexity([np.array([[3.0], [4.0]])]) == pytest.approx(7.0, rel=1e-14)


def test_rademacher_bounds_by_hand():
    points = np.array([[3.0, 0.0], [0.0, 4.0]])
    root = math.sqrt(4 * math.log(2)) + 1
    assert frobenius_complexity([2.0, 3.0], points) == pytest.approx(6 * root * 5 / 2, rel=1e-14)
    wanted = 2 * 6 * math.sqrt(3 + math.log(2)) * 4 / 2
    assert l1_complexity([2.0, 3.0], points) == pytest.approx(wanted, rel=1e-14)
    wanted = 2 * 6 * math.sqrt(3 + math.log(2) + math.log(5)) * 4 / 2
    assert l1_complexity([2.0, 3.0], points, 5) == pytest.approx(wanted, rel=1e-14)
    several = math.sqrt(3) * 6 * (math.sqrt(2 * (2 * math.log(2) + math.log(3))) + 1) * 5 / 2
    assert frobenius_complexity([2.0, 3.0], points, 3) == pytest.approx(several, rel=1e-14)


def test_values_of_a_network_by_hand():
    """Diagonal layers without biases, points on the axes: every norm is read off, and the margins are 12 and 5."""
    layers = (Layer(np.diag([3.0, 1.0]), np.zeros(2)), Layer(np.diag([4.0, 5.0]), np.zeros(2)))
    points, labels = np.eye(2), np.array([0, 1])
    how = {"quantile": 0.0, "biases": "excluded"}
    assert bartlett2017(layers, points, labels, **how).value == pytest.approx(
        2**0.5 * 15 * ((4 / 3) ** (2 / 3) + (9 / 5) ** (2 / 3)) ** 1.5 / (5 * 2), rel=1e-13
    )
    frobenius = math.sqrt(10 * 41) * (math.sqrt(4 * math.log(2)) + 1) * 2**0.5 / 2 / 5
    assert golowich2018(layers, points, labels, **how).value == pytest.approx(frobenius, rel=1e-13)
    assert bartlett1998(layers, points, labels, **how).value == pytest.approx(
        2 * 3 * 9 * math.sqrt(3 + math.log(2)) / 2 / 5, rel=1e-13
    )
    shape = 2**2 * 15**2 * (10 / 9 + 41 / 25)
    wanted = math.sqrt(shape * 2 * math.log(4) / (25 * 2))
    found = neyshabur2018(layers, points, labels, radius=1.0, **how)
    assert found.value == pytest.approx(wanted, rel=1e-13)
    g = 2.0 ** (math.floor(2 * math.log2(5)) / 2)  # the level on the grid, and the price of its place there
    price = math.log(3 * (abs(round(2 * math.log2(1 / g))) + 1) ** 2)
    divergence = 42**2 * math.e**2 / 2 * shape * 2 * math.log(16) / g**2
    root = math.sqrt((divergence + math.log(6 * 2 * 2**1.5 / 0.05) + price) / 1)
    assert found.bound == pytest.approx(4 * root, rel=1e-12) and found.unmet == ()


def test_constants_of_the_bounds():
    """Norms that are powers of 2 are on the grid of the union bound; all margins are at the level 4: a share of 1."""
    n = 64
    layers = (Layer(2 * np.eye(4), np.zeros(4)), Layer(2 * np.eye(4), np.zeros(4)))
    points, labels = np.tile(np.eye(4), (n // 4, 1)), np.tile(np.arange(4), n // 4)
    how = {"quantile": 0.5, "biases": "excluded", "delta": 0.05}
    below, two, eight = rounded_down(4.0), rounded_up([2.0, 2.0]), rounded_up([8.0, 8.0])
    assert (below.values, two.values, eight.values) == ((4.0,), (2.0, 2.0), (8.0, 8.0))
    rest = 1 + 8 / n**1.5 + deviation(n, 0.05, below.price + two.price + eight.price)
    wanted = 72 * math.sqrt(2) * 8 * math.log(8) * math.log(n) * 4 * (2 * 4 ** (2 / 3)) ** 1.5 / (4 * n) + rest
    assert bartlett2017(layers, points, labels, **how).bound == pytest.approx(wanted, rel=1e-12)
    row = rounded_up([2.0, 8.0])
    rest = 1 + deviation(n, 0.05, below.price + row.price)
    wanted = 4 * 2 * 16 * math.sqrt(3 + math.log(4) + math.log(4)) * 4 / n / 4 + rest
    assert bartlett1998(layers, points, labels, **how).bound == pytest.approx(wanted, rel=1e-12)


def test_folding_keeps_the_function():
    rng = np.random.default_rng(0)
    layers, points, labels = fitted(rng, (4, 6, 5, 3), 20)
    network = plain(layers, points)
    values = network.points
    for matrix in network.matrices[:-1]:
        values = np.maximum(values @ matrix.T, 0)
    assert network.same and np.allclose(values @ network.matrices[-1].T, outputs_of(layers, points), rtol=0, atol=1e-13)
    excluded = plain(layers, points, "excluded")
    assert not excluded.same
    assert all("biases" in measure(layers, points, labels, biases="excluded").unmet[0] for measure in MEASURES)
    assert all(measure(layers, points, labels).unmet == () for measure in MEASURES[:3])


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("outputs", [1, 3])
def test_permuting_units_changes_nothing(measure, outputs):
    rng = np.random.default_rng(outputs)
    layers, points, labels = fitted(rng, (4, 7, outputs), 30)
    order = rng.permutation(7)
    (u, b), (v, c) = layers
    again = (Layer(u[order], b[order]), Layer(v[:, order], c))
    one, two = measure(layers, points, labels), measure(again, points, labels)
    assert (two.value, two.bound) == pytest.approx((one.value, one.bound), rel=1e-11)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_relu_network_rescaled_layer_by_layer(measure):
    """(s W_1, W_2 / s) is the same function without biases and has the same value; the scale of outputs cancels."""
    rng = np.random.default_rng(5)
    layers, points, labels = fitted(rng, (4, 7, 3), 30, bias=False)
    first = measure(layers, points, labels, biases="excluded")
    moved = (Layer(8 * layers[0].weights, layers[0].bias), Layer(layers[1].weights / 8, layers[1].bias))
    assert measure(moved, points, labels, biases="excluded").value == pytest.approx(first.value, rel=1e-11)
    louder = (layers[0], Layer(4 * layers[1].weights, layers[1].bias))
    assert measure(louder, points, labels, biases="excluded").value == pytest.approx(first.value, rel=1e-11)


def test_normalized_margins_do_not_depend_on_scale():
    rng = np.random.default_rng(6)
    layers, points, labels = fitted(rng, (4, 7, 3), 30, bias=False)
    one = normalized_margins(layers, points, labels, biases="excluded")
    louder = (layers[0], Layer(4 * layers[1].weights, layers[1].bias))
    assert np.allclose(normalized_margins(louder, points, labels, biases="excluded"), one, rtol=1e-12)
    term = bartlett2017(layers, points, labels, biases="excluded", quantile=0.0).value
    assert float(one.min()) == pytest.approx(1 / term, rel=1e-12)


def test_the_covering_term_is_the_smaller_one():
    """|A|_{2,1} <= sqrt(h) |A|_F and power means: at most the perturbation term divided by sqrt(ln(L h))."""
    rng = np.random.default_rng(7)
    for sizes in ((3, 8, 2), (6, 20, 3), (5, 8, 9, 2), (10, 6, 3)):
        layers, points, labels = fitted(rng, sizes, 25, bias=False)
        one = bartlett2017(layers, points, labels, biases="excluded", quantile=0.5).value
        two = neyshabur2018(layers, points, labels, biases="excluded", quantile=0.5).value
        assert one <= two / math.sqrt(math.log((len(sizes) - 1) * max(sizes[1:]))) * (1 + 1e-12)


def test_the_grid_and_its_price():
    """Values are rounded outward, by at most sqrt(2), and the shares of all grid points add up to less than 1."""
    rng = np.random.default_rng(8)
    for value in np.exp(rng.normal(size=100) * 5):
        up, down = rounded_up([value]).values[0], rounded_down(value).values[0]
        assert value <= up < value * 2**0.5 * (1 + 1e-12) and value / 2**0.5 * (1 - 1e-12) < down <= value
    shares = [math.exp(-rounded_up([2.0 ** ((j - 0.5) / 2)]).price) for j in range(-60, 61)]
    assert 0.7 < sum(shares) < (math.pi**2 / 3 - 1) / 3 < 1
    assert rounded_up([0.0]).values[0] > 0


def test_bounds_take_the_margin_error_at_the_level():
    """Half of the points misclassified by a wide margin: no bound is below a half."""
    layers = (Layer(np.ones((1, 1)), np.zeros(1)), Layer(np.ones((1, 1)), np.zeros(1)))
    points, labels = np.full((2000, 1), 1.2), np.tile([-1, 1], 1000)
    row = golowich2018(layers, points, labels, quantile=0.6, biases="excluded")
    assert 0.5 < row.bound < 1 and row.vacuous and row.unmet == ()
    right = golowich2018(layers, points, np.ones(2000), biases="excluded")
    assert right.bound == pytest.approx(row.bound - 0.5, rel=1e-12) and right.vacuous is False


def test_margins():
    assert margin_level([1.0, 2.0, 3.0], 0.5) == 2
    assert margins([[1.0], [-2.0]], [1, 0]).tolist() == [1.0, 2.0]
    assert margins([[0.0, 2.0, 5.0], [4.0, 1.0, 0.0]], [1, 0]).tolist() == [-3.0, 3.0]


def test_the_table_of_a_users_network():
    rng = np.random.default_rng(9)
    layers, points, labels = fitted(rng, (4, 8, 3), 40)
    rows = capacity_table(layers, drawn(rng, (4, 8, 3)), points, labels, radius=10.0)
    names = ["vc", "bartlett1998", "golowich2018", "bartlett2017", "bartlett2017, from the start", "neyshabur2018"]
    assert [row.measure for row in rows] == names
    assert all(
        row.vacuous and row.bound > 0 and row.unmet == () and row.trivial == pytest.approx(2 / 3) for row in rows
    )
    tanh = capacity_table(
        layers, layers, points, outputs_of(layers, points, activation="tanh").argmax(1), activation="tanh"
    )
    assert [bool(row.unmet) for row in tanh] == [True, False, True, False, False, True]


def test_a_certificate_and_one_output_add_rows():
    rng = np.random.default_rng(10)
    layers, points, labels = fitted(rng, (4, 8, 1), 40)
    rows = capacity_table(layers, layers, points, labels)
    assert rows[-1].measure == "arora2019" and rows[-1].trivial == 0.5
    assert "largest norm of the sample" in rows[-2].unmet[0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda a: {**a, "layers": ()}, "at least one layer"),
        (lambda a: {**a, "layers": (a["layers"][0], a["layers"][0])}, "takes 4 inputs"),
        (lambda a: {**a, "points": a["points"][:, :2]}, "points must be"),
        (lambda a: {**a, "labels": a["labels"] + 5}, "labels of 3 outputs"),
        (lambda a: {**a, "labels": (a["labels"] + 1) % 3}, "margin level must be positive"),
        (lambda a: {**a, "delta": 0.0}, "0 < delta < 1"),
        (lambda a: {**a, "quantile": 1.0}, "quantile"),
        (lambda a: {**a, "initial": a["layers"][:1]}, "shapes of layers"),
    ],
)
def test_what_is_refused(change, says):
    rng = np.random.default_rng(11)
    layers, points, labels = fitted(rng, (4, 8, 3), 40)
    given = change({"layers": layers, "points": points, "labels": labels})
    with pytest.raises(InputError, match=says):
        bartlett2017(given.pop("layers"), given.pop("points"), given.pop("labels"), **given)


def test_a_radius_below_the_sample_is_refused():
    rng = np.random.default_rng(12)
    layers, points, labels = fitted(rng, (4, 8, 3), 40)
    with pytest.raises(InputError, match="radius"):
        neyshabur2018(layers, points, labels, radius=0.1)
