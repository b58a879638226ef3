"""The constructions for smooth activations: their sizes, their errors by decimal arithmetic, and the checker's word."""

import itertools
from fractions import Fraction as F

import numpy as np
import pytest

import proofs_check
from overparam.certificates import dataset_bytes, dataset_sha256, witness_bytes
from overparam.data import from_arrays
from overparam.errors import InputError
from overparam.exact import ExactLayer, exact_data, fit_output_layer
from overparam.memorizers import memorize, polynomial_obstruction, polynomial_rank
from overparam.memorizers._direction import best_separating
from overparam.memorizers.smooth._one_limit import one_limit_layer
from overparam.memorizers.smooth._quantizers import _blocks
from overparam.widths import certify, prove_not_polynomial
from tests.exact import oracles
from tests.memorizers import smooth_naive
from tests.memorizers.datasets import HOSTILE, gaussian, moment_curve

SMOOTH = ("tanh", "erf", "gelu")
NEAR = ("one-limit", "smooth-features", "jacobian")
WITHIN = ("quantizers", "narrow-smooth")
CLUSTERS = np.repeat(np.random.default_rng(0).normal(size=(3, 2)), 2, axis=0)
DATA = {
    "one point": ([[0.5, 2.0]], [3.0]),
    "two": gaussian(2, 1),
    "gaussian": gaussian(7, 3),
    "moment curve": (moment_curve(6, 2), [1.0, -1.0, 2.0, 0.0, 1.0, -1.0]),
    "near a line": ([[i, 2 * i + 1e-9 * i * i] for i in range(6)], [0.0, 1.0, 0.0, 1.0, 0.0, 1.0]),
    "clusters": (CLUSTERS + 1e-6 * np.arange(12).reshape(6, 2) ** 2, [1.0, 0.0, 1.0, 2.0, 0.0, 1.0]),
    "labels of size 1e6": (gaussian(5, 2)[0], 1e6 * gaussian(5, 2)[1]),
    "labels of size 1e-6": (gaussian(5, 2)[0], 1e-6 * gaussian(5, 2)[1]),
    "labels 0": (gaussian(4, 2)[0], [0.0] * 4),
}


def widths(name, n, d):
    if name == "jacobian":
        return (2 * -(-n // (d + 1)),)
    if name == "narrow-smooth":
        return (d + 1, *[d + 2] * (n - 1))
    if name == "quantizers":
        q = min(range(1, n + 1), key=lambda q: (-(-n // q) + 3 * q, q))
        used = -(-n // -(-n // q))  # blocks that are not empty
        return (-(-n // q) + 2 * used, used)
    return (n,)


def rounding(network, points):
    """What a fitting tanh network can lose when its numbers are cut to 53 bits of the largest of their layer, twice.

    k units with |a| <= 1 and |a'| <= 1: every output weight is off by 2^-53 of the largest, and every sum by that share
    of the largest hidden number times 1 + |x|_1.
    """
    hidden, outer = network.layers
    w, v = (max(map(abs, (*itertools.chain(*layer.weights), *layer.bias))) for layer in (hidden, outer))
    reach = max(1 + sum(abs(F(float(x))) for x in point) for point in points)
    return 2 * len(hidden.bias) * v * (1 + w * reach) / 2**53


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("name", NEAR + WITHIN)
def test_certified(name, data, tmp_path):
    points, labels = DATA[data]
    found = memorize(points, labels, name)
    assert found.network.widths == widths(name, len(points), len(points[0]))
    errors = smooth_naive.errors(found.network, points, labels)
    largest = max(abs(F(y)) for y in labels) or F(1)
    if name in NEAR:
        assert (found.claim, found.tolerance) == ("near", 0)
        assert max(errors) <= (rounding(found.network, points) if name == "jacobian" else largest / 2**30)
        assert found.network.layers[-1].bias == (0,)
    else:
        assert (found.claim, found.tolerance) == ("within", largest / 2**20)
        assert max(errors) <= found.tolerance
    sentence = certify(found, from_arrays(np.array(points, float), np.array(labels)), tmp_path / "a" / "c").sentence
    assert ("equals every label exactly" if name in NEAR else "differs from the label by at most") in sentence
    assert (name in WITHIN) is ("hypotheses hold was not asked" in sentence)


@pytest.mark.parametrize("activation", ["erf", "gelu"])
@pytest.mark.parametrize("name", NEAR)
def test_other_activations(name, activation, tmp_path):
    points, labels = gaussian(8, 2)
    found = memorize(points, labels, name, activation=activation)
    assert found.network.activation == activation
    assert max(smooth_naive.errors(found.network, points, labels)) <= F(1, 2**30)
    assert "exactly" in certify(found, from_arrays(points, labels), tmp_path / "a" / "c").sentence


@pytest.mark.parametrize("name", [key for key in HOSTILE if "repeated" not in key])
def test_hostile_data(name):
    """Any distinct points; whether the checker's budget allows a certificate is not asked here."""
    points, labels = HOSTILE[name]
    if name in ("huge and tiny coordinates", "huge, tiny and zero entries"):
        pytest.skip("numbers of a thousand bits: beyond the digits of the decimal evaluation")
    found = memorize(points, labels, "one-limit")
    largest = max(abs(F(y)) for y in labels) or F(1)
    assert max(smooth_naive.errors(found.network, points, labels)) <= largest / 2**30


@pytest.mark.parametrize("activation", ["relu", "threshold"])
def test_one_limit_of_rational_activations_is_exact(activation):
    points, labels = gaussian(9, 2)
    found = memorize(points, labels, "one-limit", activation=activation)
    assert (found.claim, found.network.width, found.network.c) == ("exact", 9, 0)
    assert found.network.activation == activation
    assert oracles.outputs(found.network, exact_data(points, labels).points) == list(map(F, labels.tolist()))


@pytest.mark.parametrize("n", [1, 3])
def test_neurons_centred_at_the_points_need_an_output_bias(n):
    """The determinant (L+ (a - L-)^n - L- (a - L+)^n) / (L+ - L-) is 0 for a = 0, L+ = 1, L- = -1 and n odd.

    The smallest counterexample to the recipe is one tanh neuron that vanishes at the only point.  Steep ones are as
    good as singular for n = 3: by symmetry, exactly so on points that are symmetric.
    """
    points = [[F(i)] for i in range(-(n // 2), n // 2 + 1)]
    labels = [F(1)] + [F(0)] * (n - 1)
    hidden = [ExactLayer(((F(9),),) * n, tuple(-9 * x for (x,) in points))]
    for bits in (128, 2048):
        assert fit_output_layer("tanh", hidden, points, labels, output_bias=False, bits=bits) is None
    assert fit_output_layer("tanh", hidden, points, labels, output_bias=True, bits=128) is not None
    data = exact_data(points, labels)
    assert memorize(data.points, data.labels, "one-limit").network.widths == (n,)


def test_an_antisymmetric_matrix_is_singular_only_without_a_shift():
    """The construction's own layer: the shift by 1/2 makes the same matrix far from singular."""
    points, labels = [[0.0], [1.0], [2.0]], [1.0, 0.0, 0.0]
    found = memorize(points, labels, "one-limit")
    assert max(map(abs, found.network.layers[1].weights[0])) < 3
    ordering = best_separating(exact_data(points, labels), [1, 2])[0]
    assert one_limit_layer(ordering, "tanh").bias == found.network.layers[0].bias


def test_options():
    points, labels = gaussian(5, 2)
    wide = memorize(points, labels, "smooth-features", width=9, seed=1)
    assert wide.network.widths == (9,)
    other = memorize(points, labels, "smooth-features", width=9, seed=2)
    assert wide.network.layers[0] != other.network.layers[0]
    for name, options, message in (
        ("smooth-features", {"width": 4}, "at least 5 neurons"),
        ("smooth-features", {"activation": "relu"}, "tanh, erf or gelu"),
        ("jacobian", {"activation": "threshold"}, "tanh, erf or gelu"),
        ("narrow-smooth", {"activation": "gelu"}, "takes activation tanh"),
        ("narrow-smooth", {"eps": 0.0}, "eps must be a positive finite number"),
        ("quantizers", {"eps": -1.0}, "eps must be a positive finite number"),
    ):
        with pytest.raises(InputError, match=message):
            memorize(points, labels, name, **options)


@pytest.mark.parametrize("name", WITHIN)
def test_eps_is_kept(name):
    points, labels = gaussian(6, 2)
    errors = {}
    for eps in (0.25, 1e-30):
        found = memorize(points, labels, name, eps=eps)
        errors[eps] = max(smooth_naive.errors(found.network, points, labels))
        assert errors[eps] <= found.tolerance == F(eps) * F(np.abs(labels).max())
    assert 0 < errors[1e-30]


def test_jacobian_beyond_general_position():
    """Collinear points in the plane: the hidden weights alone give rank 6 of 8, with the output weights there are 9."""
    points, labels = HOSTILE["collinear zigzag"]
    assert memorize(points, labels, "jacobian").network.widths == (6,)
    points = [[float(i), 0.0, 0.0, 0.0] for i in range(9)]  # 2 pairs: 2 (1 + 2) = 6 derivatives at most
    with pytest.raises(InputError, match="Jacobian of rank 9"):
        memorize(points, [1.0, 0.0] * 4 + [1.0], "jacobian")


def test_polynomials_on_a_conic(tmp_path):
    """Six points of a circle are in affine general position, but a conic more than that; seven points are too many."""
    circle = [[5, 0], [-5, 0], [3, 4], [-3, 4], [4, -3], [0, 5]]
    assert polynomial_rank(circle, 2) == 5
    assert polynomial_rank([*circle[:5], [0, 0]], 2) == 6
    assert polynomial_rank(gaussian(7, 2)[0], 2) == 6
    for degree, labels, possible in ((2, [1, 0, 0, 0, 0, 0], False), (3, [1, 0, 0, 0, 0, 0], True), (0, [1] * 6, True)):
        assert (polynomial_obstruction(circle, labels, degree) is None) is possible
    data = from_arrays(circle, [1.0, 0, 0, 0, 0, 0])
    assert "degree at most 2" in prove_not_polynomial(data, 2, tmp_path / "a" / "c").sentence
    with pytest.raises(InputError, match="a polynomial of total degree at most 3 takes these labels"):
        prove_not_polynomial(data, 3, tmp_path / "a" / "d")
    for bad in (-1, 10**6):
        with pytest.raises(InputError, match=r"degree|monomials"):
            polynomial_rank(circle, bad)


def test_blocks_of_the_quantizers():
    for n in range(1, 200):
        total = {q: -(-n // q) + 3 * q for q in range(1, n + 1)}
        assert total[_blocks(n)] == min(total.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", NEAR)
@pytest.mark.parametrize("size", [(100, 1), (100, 10), (100, 50)])
def test_a_hundred_points(name, size, tmp_path):
    points, labels = gaussian(*size)
    found = memorize(points, labels, name)
    assert found.network.widths == widths(name, *size)
    assert "exactly" in certify(found, from_arrays(points, labels), tmp_path / "a" / "c").sentence


@pytest.mark.slow
@pytest.mark.parametrize("name", WITHIN)
@pytest.mark.parametrize("size", [(30, 1), (30, 50)])
def test_thirty_points(name, size, tmp_path):
    points, labels = gaussian(*size)
    found = memorize(points, labels, name)
    assert "at most" in certify(found, from_arrays(points, labels), tmp_path / "a" / "c").sentence


def test_the_checker_refuses_a_little_less(tmp_path):
    """A tolerance below the error is not accepted."""
    points, labels = gaussian(5, 2)
    found = memorize(points, labels, "narrow-smooth")
    worst = max(smooth_naive.errors(found.network, points, labels))
    data = tmp_path / f"{dataset_sha256(points, labels)}.json"
    data.write_bytes(dataset_bytes(points, labels))
    for factor, status in ((F(99, 100), "rejected"), (F(101, 100), "accepted")):
        folder = tmp_path / status
        folder.mkdir()
        tolerance = F(round(worst * factor * 2**200), 2**200)
        statement = proofs_check.state(
            "interpolates", data, widths=list(found.network.widths), activation="tanh", hidden_bias=True,
            output_bias=True, tolerance=tolerance, theorem=None,
        )  # fmt: skip
        (folder / "statement.json").write_bytes(statement)
        (folder / "witness.json").write_bytes(witness_bytes(found.network, {}))
        assert proofs_check.check(folder).status == status
