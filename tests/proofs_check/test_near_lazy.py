"""What `interpolates-near` and `exact-lazy` accept close to their thresholds is true: solved and run independently."""

import itertools
import math
from fractions import Fraction as F

import numpy as np
import pytest
from flint import arb, ctx, fmpq, fmpq_mat

from proofs_check import check
from proofs_check.claims._objects import shortly
from proofs_check.claims._smooth import BENDS
from tests.certificates.cases.exact_lazy import negative
from tests.certificates.cases.least_eigenvalue import cholesky
from tests.certificates.spelling import certificate, claim, dataset, integers, network_file, number, proof, sha
from tests.proofs_check.oracle import value
from tests.proofs_check.oracles.interpolates_near import largest_second_derivatives
from tests.proofs_check.oracles.least_eigenvalue import activation, gram, trace

ACTIVATIONS = ("relu", "tanh", "erf", "gelu")


@pytest.fixture(autouse=True)
def _precise():
    before, ctx.prec = ctx.prec, 200
    yield
    ctx.prec = before


def grid(rng, *shape, of=64):
    return [F(int(x), of) for x in rng.integers(-3 * of, 3 * of, size=math.prod(shape))]


def network(rng, widths, dim, *, hidden=True, output=True):
    sizes, layers = [dim, *widths, 1], []
    for l, (a, b) in enumerate(itertools.pairwise(sizes)):
        bias = grid(rng, b) if (output if l == len(widths) else hidden) else [F(0)] * b
        layers.append([(grid(rng, a), c) for c in bias])
    return layers


def spelled(layers):
    return network_file(*(([row for row, _ in units], [b for _, b in units]) for units in layers))


def tangent(layers, name, points, free, biases):
    """Outputs and J."""
    outputs, rows = [], []
    for x in points:
        inputs, sums, back = trace(layers, name, x)
        extended = [[*a, 1] if bias else a for a, bias in zip(inputs, biases, strict=True)]
        rows.append([b * a for l in free for b in back[l] for a in extended[l]])
        outputs.append(sums[-1][0])
    return outputs, rows


def moved(layers, free, biases, change):
    change = iter(change)
    return [
        [([w + next(change) for w in row], b + (next(change) if biases[l] else 0)) for row, b in units]
        if l in free
        else units
        for l, units in enumerate(layers)
    ]


def solve(kernel, errors):
    matrix = fmpq_mat([[fmpq(x.numerator, x.denominator) for x in row] for row in kernel])
    found = matrix.solve(fmpq_mat([[fmpq(e.numerator, e.denominator)] for e in errors]))
    return [F(int(x.p), int(x.q)) for x in found.entries()]


def answer(tmp_path, files):
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    return check(tmp_path)


@pytest.mark.parametrize(("widths", "free"), [([12], 0), ([12], 1), ([6, 5], 0), ([6, 6], 1), ([5, 4, 4], 1)])
@pytest.mark.parametrize("biased", [True, False])
def test_one_free_relu_layer(widths, free, biased, tmp_path):
    """Errors grow until the answer turns; whatever is accepted is solved in fractions, within the distance."""
    accepted = rejected = 0
    for seed in range(6):
        rng = np.random.default_rng([seed, free, *widths])
        points = [grid(rng, 3) for _ in range(4)]
        layers = network(rng, widths, 3, hidden=biased, output=biased)
        biases = [biased] * (len(widths) + 1)
        outputs, rows = tangent(layers, "relu", points, [free], biases)
        kernel = gram(rows)
        least = float(np.linalg.eigvalsh(np.array(kernel, dtype=float))[0])
        if least < 1e-3:
            continue
        floor = F(round(least * 0.9 * 2**20), 2**20)
        low = cholesky(kernel, float(floor) + least * 0.05)
        for exponent in range(-12, 7, 2):
            errors = [F(2) ** exponent * s for s in (1, -1, 1, 1)]
            distance = F(math.ceil(2**40 * math.sqrt(4 * 4.0**exponent / floor)) + 1, 2**40)
            data, net = dataset(points, [y - e for y, e in zip(outputs, errors, strict=True)]), spelled(layers)
            family = {"activation": "relu", "hidden_bias": biased, "output_bias": biased, "widths": widths}
            statement = claim(
                "interpolates-near", dataset=sha(data), distance=distance, family=family, free=[free], network=sha(net)
            )
            found = answer(tmp_path, certificate(statement, proof(factor=low, floor=number(floor)), data, net))
            if found.status != "accepted":
                assert "might switch" in found.sentence
                rejected += 1
                continue
            accepted += 1
            weights = solve(kernel, errors)
            change = [-sum(w * row[k] for w, row in zip(weights, rows, strict=True)) for k in range(len(rows[0]))]
            there = moved(layers, [free], biases, change)
            assert sum(x * x for x in change) <= distance**2
            assert [value(there, "relu", x) for x in points] == [y - e for y, e in zip(outputs, errors, strict=True)]
    assert accepted > 5
    assert rejected > 5 or free == len(widths)


@pytest.mark.parametrize("name", ACTIVATIONS[1:])
@pytest.mark.parametrize(("widths", "biased"), [([6], True), ([6], False), ([4, 6], True)])
def test_the_output_layer_of_a_smooth_network(name, widths, biased, tmp_path):
    """However large the errors: the shortest correction is in reach of the distance, and a little less is refused."""
    rng = np.random.default_rng([len(name), *widths])
    points = [grid(rng, 3) for _ in range(4)]
    layers = network(rng, widths, 3, hidden=biased, output=biased)
    last = len(widths)
    outputs, rows = tangent(layers, name, points, [last], [biased] * (last + 1))
    kernel = np.array([[float(x) for x in row] for row in gram(rows)])
    least = float(np.linalg.eigvalsh(kernel)[0])
    floor = F(round(least * 0.9 * 2**30), 2**30)
    low = cholesky(kernel, float(floor) + least * 0.05)
    for size in (F(1, 2**20), F(1), F(1000)):
        labels = [cut(y) - size * s for y, s in zip(outputs, (1, -1, 1, 1), strict=True)]
        reach = 2 * float(size) / math.sqrt(floor)
        for factor, status in ((1.001, "accepted"), (0.999, "rejected")):
            distance = F(math.ceil(reach * factor * 2**40), 2**40)
            data, net = dataset(points, labels), spelled(layers)
            family = {"activation": name, "hidden_bias": biased, "output_bias": biased, "widths": widths}
            statement = claim(
                "interpolates-near", dataset=sha(data), distance=distance, family=family, free=[last], network=sha(net)
            )
            assert (
                answer(tmp_path, certificate(statement, proof(factor=low, floor=number(floor)), data, net)).status
                == status
            )
        shortest = np.linalg.lstsq(np.array([[float(x) for x in row] for row in rows]), [float(size)] * 4, rcond=None)[
            0
        ]
        assert np.linalg.norm(shortest) <= reach


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("biased", [True, False])
def test_both_layers_free(name, biased, tmp_path):
    """Errors grow until the answer turns.  Just before, Newton's method finds the zero within the distance."""
    accepted, rejected = 0, set()
    for seed in range(3):
        rng = np.random.default_rng([seed, len(name)])
        points = [grid(rng, 3) for _ in range(4)]
        layers = network(rng, [8], 3, hidden=biased, output=biased)
        biases, free = [biased] * 2, [0, 1]
        outputs, rows = tangent(layers, name, points, free, biases)
        kernel = gram(rows)
        least = float(np.linalg.eigvalsh(np.array([[float(x) for x in row] for row in kernel]))[0])
        floor = F(round(least * 0.9 * 2**20), 2**20)
        low = cholesky(kernel, float(floor) + least * 0.05)
        for exponent in range(-26, 4, 2):
            labels = [
                F(round(float(y) * 2**36), 2**36) + F(2) ** exponent * s
                for y, s in zip(outputs, (1, -1, 1, 1), strict=True)
            ]
            size = math.sqrt(sum((float(y) - float(t)) ** 2 for y, t in zip(outputs, labels, strict=True)))
            distance = F(math.ceil(2**40 * 2 * size / math.sqrt(floor)) + 1, 2**40)
            data, net = dataset(points, labels), spelled(layers)
            family = {"activation": name, "hidden_bias": biased, "output_bias": biased, "widths": [8]}
            statement = claim(
                "interpolates-near", dataset=sha(data), distance=distance, family=family, free=free, network=sha(net)
            )
            found = answer(tmp_path, certificate(statement, proof(factor=low, floor=number(floor)), data, net))
            if found.status != "accepted":
                rejected.add(found.sentence.split()[1])
                continue
            accepted += 1
            last = labels, distance
        length, error = newton(layers, name, points, last[0], free, biases)
        assert error < 1e-25
        assert length <= float(last[1]) * (1 + 1e-12)
    assert accepted > 10
    assert rejected >= {"the"}  # errors too large for the floor, in each family


def newton(layers, name, points, labels, free, biases):
    """How far Newton's shortest steps lead, and the largest error left: multiples of 2^-200, or balls around them."""
    total = [F(0)]
    for _ in range(9):
        outputs, rows = tangent(layers, name, points, free, biases)
        errors = [cut(f) - y for f, y in zip(outputs, labels, strict=True)]
        scale = max(map(abs, errors))
        if not scale:
            break
        kernel = np.array([[float(x) for x in row] for row in gram(rows)])
        weights = [F(w) * scale for w in np.linalg.solve(kernel, [float(e / scale) for e in errors])]
        columns = zip(*rows, strict=True)
        change = [cut(-sum(cut(a) * w for a, w in zip(column, weights, strict=True))) for column in columns]
        total = [a + b for a, b in zip(total if any(total) else [F(0)] * len(change), change, strict=True)]
        layers = moved(layers, free, biases, change)
    return math.sqrt(sum(float(x) ** 2 for x in total)), float(scale)


def cut(x):
    """To a multiple of 2^-200; of a ball its middle."""
    if isinstance(x, arb):
        man, exponent = x.mid().man_exp()
        x = int(man) * F(2) ** int(exponent)
    return F(round(x * 2**200), 2**200)


@pytest.mark.parametrize("biased", [True, False])
def test_gradient_descent_stays_in_its_cell(biased, tmp_path):
    """Labels grow until the answer turns.  Just before, the patterns stay and the errors are linear, in 200 bits."""
    accepted = rejected = 0
    for seed in range(4):
        rng = np.random.default_rng([seed, 7])
        points = [grid(rng, 2) for _ in range(3)]
        half = network(rng, [5], 2, hidden=biased, output=False)
        layers = [half[0] * 2, [(half[1][0][0] + [-v for v in half[1][0][0]], F(0))]]  # coupled: the outputs are 0
        biases = [biased, False]
        _, rows = tangent(layers, "relu", points, [0], biases)
        kernel = gram(rows)
        values = np.linalg.eigvalsh(np.array(kernel, dtype=float))
        if values[0] < 1e-2:
            continue
        floor, ceiling = F(round(values[0] * 0.9 * 2**20), 2**20), F(math.ceil(values[-1] * 1.1))
        low = cholesky(kernel, float(floor) + values[0] * 0.05)
        high = cholesky(negative(kernel), -float(ceiling) + values[-1] * 0.02)
        for exponent in range(-9, 5):
            labels = [F(3, 2) ** exponent * s for s in (1, -1, 1)]
            exact = solve(kernel, [-y for y in labels])
            data, net = dataset(points, labels), spelled(layers)
            family = {"activation": "relu", "hidden_bias": biased, "output_bias": False, "widths": [10]}
            statement = claim("exact-lazy", dataset=sha(data), family=family, network=sha(net), step=1 / ceiling)
            solution = {"row": integers([round(t * 2**60) for t in exact]), "unit": number(F(1, 2**60))}
            witness = proof(
                factor=low, floor=number(floor), ceiling_factor=high, ceiling=number(ceiling), solution=solution
            )
            found = answer(tmp_path, certificate(statement, witness, data, net))
            if found.status != "accepted":
                assert "might switch" in found.sentence
                rejected += 1
                continue
            accepted += 1
            last = labels
        descend(layers, points, last, biases, kernel, 1 / ceiling)
    assert accepted > 8
    assert rejected > 3


def descend(layers, points, labels, biases, kernel, step, n_steps=60):
    """Dyadic numbers of 200 bits throughout: an error of 2^-150 would be noticed."""

    start = [[s > 0 for s in trace(layers, "relu", x)[1][0]] for x in points]
    expected = [-y for y in labels]
    for _ in range(n_steps):
        outputs, rows = tangent(layers, "relu", points, [0], biases)
        errors = [f - y for f, y in zip(outputs, labels, strict=True)]
        assert all(abs(e - t) < F(1, 2**150) for e, t in zip(errors, expected, strict=True))
        assert [[s > 0 for s in trace(layers, "relu", x)[1][0]] for x in points] == start
        change = [-step * sum(e * row[k] for e, row in zip(errors, rows, strict=True)) for k in range(len(rows[0]))]
        layers = moved(layers, [0], biases, [cut(x) for x in change])
        expected = [
            cut(t - step * sum(a * b for a, b in zip(row, expected, strict=True)))
            for t, row in zip(expected, kernel, strict=True)
        ]


def test_bounds_of_the_derivatives():
    """docs/theory/near.md: maxima on a grid of step 1/1000 are below the bounds, by less than the grid explains.

    Third derivatives are below 3.5, so between grid points the first derivatives rise by less than 1e-6, the second by
    less than 2e-3; both decay beyond 6.
    """
    h = arb(1) / 2**40
    for name, (first, second) in largest_second_derivatives().items():
        bends = [ball_of(x) for x in BENDS[name]]
        assert first <= bends[0] and second <= bends[1]
        assert bends[0] - first < 2e-4 and bends[1] - second < 2e-5
        slopes, curves = [], []
        for i in range(-6000, 6001, 5):
            t = arb(i) / 1000
            _, slope = activation(name, t)
            _, other = activation(name, t + h)
            slopes.append(abs(float(slope)))
            curves.append(abs(float((other - slope) / h)))
        assert float(first) - 1e-4 < max(slopes) <= float(first)
        assert float(second) - 1e-2 < max(curves) <= float(second) * (1 + 1e-9)


def ball_of(x):
    return arb(fmpq(x.numerator, x.denominator))


def test_sentences_of_long_numbers_stay_short_and_true(tmp_path):
    """A bound of many digits is shown rounded to the side on which the sentence follows from what was proved."""
    for exponent in (-300, 0, 300):
        number_ = F(10**80 + 1, 10**80) * F(2) ** exponent
        for up in (False, True):
            factor, power = shortly(number_, up).split("*2^")
            shown = int(factor) * F(2) ** int(power)
            assert abs(shown / number_ - 1) < F(1, 2**22)
            assert (shown >= number_) if up else (shown <= number_)
    assert shortly(F(1, 3), True) == "1/3"
    assert shortly(F(-(10**80) - 1, 10**20), False).startswith("-")
