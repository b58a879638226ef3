"""The constructions for classes: exact outputs by a naive evaluation, sizes by formula, and their parts."""

import itertools
import math
from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from overparam.data import Dataset
from overparam.errors import InputError
from overparam.exact import ExactLayer, LayeredNetwork, evaluate, exact_data
from overparam.memorizers import memorize
from overparam.memorizers.classes._codes import gate, near, read, select, select_wide
from overparam.memorizers.classes._formulas import vardi_sizes
from overparam.memorizers.classes._hyperplanes import separating
from overparam.memorizers.classes._labels import label_grid
from overparam.memorizers.classes._park import _room
from overparam.memorizers.classes._projection import packed, projection
from overparam.memorizers.classes._stack import Stack, constant
from overparam.memorizers.classes._vardi_sizes import best_slots, bounded_plan
from overparam.widths import certify
from tests.memorizers.datasets import HOSTILE, gaussian, grids

CLASSES = ("vardi", "vardi-depth", "rajput", "park")


def naive(network, point):
    """A layered network at one point, fraction by fraction."""
    values = [F(x) for x in point]
    for depth, layer in enumerate(network.layers):
        values = [sum(w * v for w, v in zip(row, values)) + b for row, b in zip(layer.weights, layer.bias)]  # noqa: B905
        if depth < len(network.layers) - 1:
            relu = network.activation == "relu"
            values = [max(t, F(0)) if relu else F(t >= 0) for t in values]
    return values[0]


def check(construction, points, labels, **options):
    found = memorize(points, labels, construction, **options)
    assert [naive(found.network, point) for point in points] == [F(y) for y in labels]
    assert found.network.activation == ("threshold" if construction == "rajput" else "relu")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("construction", CLASSES)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_data(name, construction):
    if name == "huge and tiny labels" or (name == "huge, tiny and zero entries" and construction != "rajput"):
        memorize(*HOSTILE[name], construction)  # thousands of layers: checked by `memorize` alone
    else:
        check(construction, *HOSTILE[name])


@pytest.mark.parametrize("construction", CLASSES)
@settings(max_examples=12, deadline=None)
@given(grids(max_size=12))
@example(([(0,), (1,), (2,), (3,), (4,)], [0, 1, 0, 1, 4]))
@example(([(0, 0), (0, 1), (1, 0), (1, 1)], [0, 0, 1, 1]))
def test_any_distinct_points_and_classes(construction, case):
    check(construction, *case)


@pytest.mark.parametrize("construction", CLASSES)
def test_every_labelling_of_a_few_points(construction):
    points = [(0,), (1,), (3,), (4,)]
    for labels in itertools.product((-1, 1), repeat=4):
        check(construction, points, labels)


@pytest.mark.parametrize(("n", "dim", "classes"), [(60, 3, 4), (20, 1, 2), (41, 2, 3), (7, 2, 10)])
def test_vardi_is_as_large_as_its_formulas(n, dim, classes):
    points, _ = gaussian(n, dim)
    found = check("vardi", points, [float(i % classes) for i in range(n)])
    rho, c = found.numbers["position_bits"], found.numbers["label_bits"]
    sizes = vardi_sizes(n, dim, rho, c)
    assert c == math.ceil(math.log2(min(classes, n)))
    assert max(found.network.widths) <= 7
    assert len(found.network.widths) == sizes.hidden_layers == sizes.groups + sizes.slots * (rho + c + 2)
    first = [*found.network.layers[0].weights[0], *found.network.layers[0].bias]
    bits = sum(_bits(x) for x in found.network.numbers()) - sum(map(_bits, first))
    nonzero = sum(1 for x in found.network.numbers() if x)
    shapes = [dim, *found.network.widths, 1]
    raw = sum((a + 1) * b for a, b in itertools.pairwise(shapes))
    # the formulas leave out that the first and last slots and layers are smaller: at most one slot's worth
    slot = sizes.nonzero / (sizes.slots + sizes.groups / 2)
    assert sizes.nonzero - slot <= nonzero <= sizes.nonzero
    assert raw <= sizes.raw_params
    assert bits <= sizes.total_bits
    longest = max(abs(x.numerator).bit_length() for layer in found.network.layers[1:] for r in layer.weights for x in r)
    assert longest <= sizes.code_bits


def _bits(x):
    return x.numerator.bit_length() + x.denominator.bit_length() - 1 if x else 0


@pytest.mark.slow
def test_a_thousand_points_are_certified_and_of_the_size_of_the_formulas(tmp_path):
    points, labels = gaussian(1000, 2)
    labels = np.sign(labels)
    found = memorize(points, labels, "vardi")
    sizes = vardi_sizes(1000, 2, found.numbers["position_bits"], 1)
    shapes = [2, *found.network.widths, 1]
    raw = sum((a + 1) * b for a, b in itertools.pairwise(shapes))
    nonzero = sum(1 for x in found.network.numbers() if x)
    bits = sum(map(_bits, found.network.numbers()))
    assert 0.98 * sizes.nonzero <= nonzero <= sizes.nonzero
    assert 0.95 * sizes.raw_params <= raw <= sizes.raw_params
    assert 0.9 * sizes.total_bits <= bits <= sizes.total_bits + 200  # 200: of the first layer
    assert certify(found, Dataset(points, labels, "signs"), tmp_path / "here").width == 7


def test_fewer_numbers_than_points_but_never_fewer_bits():
    """The crossings of the table in benchmarks/README.md: equally spaced points, two classes."""
    sizes = {n: vardi_sizes(n, 1, (2 * (n - 1)).bit_length(), 1) for n in (9_000, 9_800, 77_000, 77_300, 10**6)}
    assert sizes[9_000].nonzero > 9_000
    assert sizes[9_800].nonzero < 9_800
    assert sizes[77_000].raw_params > 77_000
    assert sizes[77_300].raw_params < 77_300
    assert all(found.total_bits > 40 * n for n, found in sizes.items())


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 400), st.integers(3, 60))
@example(1, 3)
@example(400, 3)
def test_best_slots_is_the_best_of_all(n, layers):
    best = min(-(-n // s) + s * layers for s in range(1, n + 1))
    s = best_slots(n, layers)
    assert -(-n // s) + s * layers == best
    assert best <= 2 * math.sqrt(n * layers) + layers + 1


@pytest.mark.parametrize("depth", [1, 4, 20, 40, 80, 200])
def test_depth_bounded(depth):
    points, _ = gaussian(61, 2)
    found = check("vardi-depth", points, [i % 3 for i in range(61)], depth=depth)
    layers = found.numbers["position_bits"] + found.numbers["label_bits"] + 2
    slots, selectors = bounded_plan(61, layers, depth)
    widths = found.network.widths
    assert len(widths) <= 1 + 2 * selectors + slots * layers
    assert sum(width > 7 for width in widths) <= selectors
    if depth >= max(4, 2 * layers):
        assert len(widths) <= depth + 1


def test_depth_must_be_positive():
    with pytest.raises(InputError, match="depth must be an integer from 1"):
        memorize([[0], [1]], [0, 1], "vardi-depth", depth=0)


def test_options_are_refused_where_they_mean_nothing():
    with pytest.raises(InputError, match="takes no options"):
        memorize([[0], [1]], [0, 1], "vardi", depth=3)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.fractions(max_denominator=12), min_size=1, max_size=8))
@example([F(-1), F(1)])
@example([F(7)])
@example([F(1, 3), F(1, 2), F(1)])
def test_label_grid(labels):
    grid = label_grid(labels)
    assert [grid.low + grid.step * k for k in grid.numbers] == labels
    assert min(grid.numbers) == 0
    assert max(grid.numbers) == grid.count - 1
    assert math.gcd(*grid.numbers) == (1 if grid.count > 1 else 0)  # no coarser grid holds them
    assert grid.bits == math.ceil(math.log2(grid.count))


def test_projection_keeps_its_distances():
    points, labels = gaussian(50, 3)
    line = projection(exact_data(points, labels))
    images = [
        sum(w * F(float(x)) for w, x in zip(line.weights, points[i], strict=True)) + line.bias for i in line.order
    ]
    assert tuple(images) == line.images
    assert 0 <= images[0] < 1
    assert min(b - a for a, b in itertools.pairwise(images)) >= 2
    assert [t // 1 for t in images] == list(line.floors)
    assert 2 ** (line.bits - 1) <= line.floors[-1] < 2**line.bits
    # n^2 D sqrt(pi d / 2), as Lemma P promises for some direction
    gaps = [math.dist(a, b) for a, b in itertools.combinations(points, 2)]
    assert images[-1] <= 50**2 * max(gaps) / min(gaps) * math.sqrt(math.pi * 3 / 2)


def values(network, numbers):
    return [int(y) for y in evaluate(network, [[x] for x in numbers])]


def test_reading_a_code_bit_by_bit():
    for code in (0, 1, 0b101101, 0b111111, 0b100000):
        stack = Stack(1)
        (x,) = stack.layer(stack.inputs([1], 0))
        state = read(stack, {"z": x}, 6, 2, "a")
        state = read(stack, state, 4, 4, "b")
        assert values(stack.network(100 * state["a"] + state["b"]), [code]) == [100 * (code >> 4) + code % 16]


@pytest.mark.parametrize("layers", [None, 1, 2, 5])
def test_selecting_a_code(layers):
    codes, firsts = [5, 9, 9, 2], [0, 4, 6, 9]
    stack = Stack(1)
    (t,) = stack.layer(stack.inputs([1], 0))
    chosen = (stack, {"t": t}, codes, firsts)
    state = select(*chosen) if layers is None else select_wide(*chosen, layers)
    assert values(stack.network(state["z"]), range(12)) == [5, 5, 5, 5, 9, 9, 9, 9, 9, 2, 2, 2]


def test_window_and_gate():
    stack = Stack(1)
    (x,) = stack.layer(stack.inputs([1], 0))
    state = near(stack, {"x": x, "s": constant(3)}, x - 5, ("x", "s"))
    window = stack.network(state["v"])
    assert evaluate(window, [[x] for x in (0, 4, 5, F(11, 2), 6, 7, 20)]) == [0, 0, 1, 1, 1, 0, 0]
    state = gate(stack, state, constant(6), 3, ("s",))
    assert values(stack.network(state["s"]), [0, 4, 5, 6, 7]) == [3, 3, 9, 9, 3]


def test_packed():
    assert packed([(5, 3), (0, 2), (1, 1)]) == 0b101001


@settings(max_examples=25, deadline=None)
@given(st.lists(st.fractions(0, 50, max_denominator=40), min_size=1, max_size=9))
@example([F(0), F(1, 2)])
@example([F(39, 40), F(1, 40)])
def test_room_below_the_integers(numbers):
    steepness, shift = _room(numbers)
    assert 0 <= shift < 2
    assert all((t + shift) % 1 <= 1 - F(1, steepness) for t in numbers)
    assert steepness <= max(4 * len(set(numbers)), 2)


def test_hyperplanes_tell_points_apart():
    data = exact_data(*gaussian(80, 3))
    forms, codes = separating(data)
    assert len(set(codes)) == 80
    assert len(forms) <= 4 * math.log2(80)
    for point, code in zip(data.points, codes, strict=True):
        signs = [sum(w * x for w, x in zip(form, (*point, 1), strict=True)) for form in forms]
        assert 0 not in signs
        assert code == sum(1 << j for j, value in enumerate(signs) if value > 0)


def test_hyperplanes_of_points_on_a_line_are_one_less_than_points():
    forms, codes = separating(exact_data([[i] for i in range(9)], [0] * 9))
    assert len(forms) == 8
    assert len(set(codes)) == 9


@settings(max_examples=25, deadline=None)
@given(st.data(), st.sampled_from(["relu", "threshold"]))
def test_evaluation_of_sparse_and_dense_layers(data, activation):
    """Both branches of the exact evaluation, against fractions one by one."""
    number = st.one_of(st.just(F(0)), st.integers(-1, 1).map(F), st.fractions(-9, 9, max_denominator=8))
    sizes = data.draw(st.lists(st.integers(1, 9), min_size=2, max_size=4))
    sizes.append(1)
    layers = tuple(
        ExactLayer(
            tuple(tuple(data.draw(st.lists(number, min_size=a, max_size=a))) for _ in range(b)),
            tuple(data.draw(st.lists(number, min_size=b, max_size=b))),
        )
        for a, b in itertools.pairwise(sizes)
    )
    network = LayeredNetwork(activation, layers)
    points = data.draw(st.lists(st.tuples(*[number] * sizes[0]), min_size=1, max_size=4))
    assert evaluate(network, points) == [naive(network, point) for point in points]


def test_dense_layers_are_evaluated_too():
    rng = np.random.default_rng(0)
    layers = tuple(
        ExactLayer(tuple(tuple(map(F, row.tolist())) for row in rng.integers(-9, 9, (b, a))), (F(1, 3),) * b)
        for a, b in ((30, 40), (40, 30), (30, 1))
    )
    network = LayeredNetwork("relu", layers)
    points = rng.integers(-5, 5, (3, 30)).tolist()
    assert evaluate(network, points) == [naive(network, point) for point in points]


@pytest.mark.parametrize("construction", CLASSES)
def test_certified_within_its_theorem(construction, tmp_path):
    points, _ = gaussian(40, 3)
    labels = np.array([float(i % 5) for i in range(40)])
    found = memorize(points, labels, construction)
    sentence = certify(found, Dataset(points, labels, "classes"), tmp_path / "here").sentence
    assert "promises for 40 points in dimension 3" in sentence


def test_two_layers_refute_the_listed_lower_bound():
    """W^2 L^2 = Omega(n log(1 / delta)) fails for some (W, L): at delta = 2^-1000, W = 8 and L = 3 take 16 labels."""
    delta = F(1, 2**1000)
    points = [(F(i - i % 2) + i % 2 * delta,) for i in range(16)]
    found = check("yun-3-layer", points, [i % 2 for i in range(16)])
    width, depth = max(found.network.widths), len(found.network.layers)
    assert (width * depth) ** 2 < 16 * 1000


@pytest.mark.slow
def test_an_instance_with_fewer_numbers_than_points(tmp_path):
    """27,000 points, 18,000 weights and biases that are not 0, every point certified."""
    rng = np.random.default_rng(0)
    points = rng.permutation(8 * 27_000)[:27_000, None].astype(float)
    labels = 2.0 * rng.integers(0, 2, size=27_000) - 1
    found = memorize(points, labels, "vardi")
    assert sum(1 for x in found.network.numbers() if x) < 27_000
    certify(found, Dataset(points, labels, "below"), tmp_path / "here")
