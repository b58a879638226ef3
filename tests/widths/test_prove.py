"""From float parameters to certificates that the checker accepts, and nothing on disk when it does not."""

import itertools
import json
import shutil
from fractions import Fraction

import jax
import numpy as np
import pytest

import proofs_check
from overparam.certificates import WitnessError, coupled_network, draw_neurons, polish_layers, rank_threshold
from overparam.data import from_arrays
from overparam.networks import Layer
from overparam.widths import (
    GivenMatrix,
    LimitGram,
    NetworkGram,
    NotAccepted,
    prove_full_row_rank,
    prove_lazy,
    prove_least_eigenvalue,
    prove_near,
)
from overparam.widths import _prove as prove_module

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(9, 3))
DATA = from_arrays(POINTS, RNG.normal(size=9))
KEY = jax.random.key(1)
LAYERS = (Layer(RNG.normal(size=(14, 3)), RNG.normal(size=14)), Layer(RNG.normal(size=(1, 14)), np.zeros(1)))


def accepted(made):
    """The checker says the same of the files alone, and each number of the proof is in the statement."""
    answer = proofs_check.check(made.folder)
    assert (answer.status, answer.sentence) == ("accepted", made.sentence)
    statement = json.loads((made.folder / "statement.json").read_text())
    for key in made.numbers:
        assert key in statement
    return statement


def near(activation="relu", free=(0, 1)):
    """A network that was polished until it nearly interpolates, with the other options of a subject."""
    polished = polish_layers(LAYERS, POINTS, DATA.labels, activation=activation, free=free, steps=80)
    return NetworkGram(polished, DATA, free, activation)


SUBJECTS = {
    "given": GivenMatrix([[2.0, -1.0], [-1.0, Fraction(7, 3)]]),
    "limit": LimitGram(DATA),
    "limit with biases": LimitGram(DATA, hidden_bias=True),
    "relu": NetworkGram(LAYERS, DATA, [0]),
    "tanh": NetworkGram(LAYERS, DATA, [0, 1], "tanh", output_bias=False),
    "erf": NetworkGram(LAYERS, DATA, [1], "erf"),
    "gelu": NetworkGram(LAYERS, DATA, [0], "gelu"),
}


@pytest.mark.parametrize("name", SUBJECTS)
def test_least_eigenvalues(tmp_path, name):
    made = prove_least_eigenvalue(SUBJECTS[name], tmp_path / "proof", provenance={"by": "a test"})
    statement = accepted(made)
    assert statement["kind"] == "least-eigenvalue"
    assert 0 < made.numbers["at_least"] < made.numbers["at_most"] < Fraction(1002, 1000) * made.numbers["at_least"]
    assert json.loads((made.folder / "witness.json").read_text())["provenance"] == {"by": "a test"}


def test_one_sided_bounds_and_a_bound_of_the_callers(tmp_path):
    lower = prove_least_eigenvalue(SUBJECTS["limit"], tmp_path / "lower", upper=False, at_least=Fraction(1, 500))
    assert accepted(lower)["at_most"] is None
    assert lower.numbers == {"at_least": Fraction(1, 500)}
    assert accepted(prove_least_eigenvalue(SUBJECTS["limit"], tmp_path / "upper", lower=False))["at_least"] is None
    with pytest.raises(WitnessError):
        prove_least_eigenvalue(SUBJECTS["limit"], tmp_path / "none", at_least=Fraction(2))
    assert not (tmp_path / "none").exists()


def test_full_rank(tmp_path):
    found = rank_threshold(POINTS, KEY, most=30)
    accepted(prove_full_row_rank(NetworkGram(found.layers, DATA, [0]), tmp_path / "rank"))
    accepted(prove_full_row_rank(GivenMatrix(POINTS.T), tmp_path / "given"))
    fewer = (
        Layer(found.layers[0].weights[:-1], found.layers[0].bias[:-1]),
        Layer(found.layers[1].weights[:, :-1], np.zeros(1)),
    )
    with pytest.raises(NotAccepted):
        prove_full_row_rank(NetworkGram(fewer, DATA, [0]), tmp_path / "fewer")


@pytest.mark.parametrize(
    ("activation", "free"),
    [("relu", [0]), ("relu", [1]), ("relu", [0, 1]), ("tanh", [0, 1]), ("erf", [0, 1]), ("gelu", [0, 1])],
)
def test_an_interpolator_nearby(tmp_path, activation, free):
    made = prove_near(near(activation, free), tmp_path / "near")
    assert accepted(made)["kind"] == "interpolates-near"
    assert made.numbers["distance"] < Fraction(1, 10**8)


def test_an_interpolator_near_a_deep_network(tmp_path):
    rng = np.random.default_rng(3)
    sizes = [3, 12, 6, 1]
    deep = [Layer(rng.normal(size=(b, a)), rng.normal(size=b)) for a, b in itertools.pairwise(sizes)]
    for free in ([1], [2]):
        polished = polish_layers(deep, POINTS[:5], DATA.labels[:5], free=free, steps=80)
        data = from_arrays(POINTS[:5], DATA.labels[:5])
        accepted(prove_near(NetworkGram(polished, data, free), tmp_path / f"deep-{free[0]}"))


@pytest.mark.parametrize("hidden_bias", [False, True])
def test_lazy_training(tmp_path, hidden_bias):
    hidden, _ = draw_neurons(KEY, 20, 3, hidden_bias=hidden_bias)
    layers = coupled_network(hidden, POINTS, DATA.labels, hidden_bias=hidden_bias)
    made = prove_lazy(layers, DATA, tmp_path / "lazy", hidden_bias=hidden_bias)
    assert accepted(made)["kind"] == "exact-lazy"


def test_a_witness_that_proves_too_little_is_not_accepted(tmp_path, monkeypatch):
    """The search lies about the distance, the checker does not follow, and what stood there before stays."""
    subject = near()
    first = prove_near(subject, tmp_path / "near")
    before = {path.name: path.read_bytes() for path in first.folder.iterdir()}
    honest = prove_module.near_witness

    def boastful(*args, **options):
        made = honest(*args, **options)
        return type(made)(made.distance / 3, made.floor, made.factor)

    monkeypatch.setattr(prove_module, "near_witness", boastful)
    with pytest.raises(NotAccepted, match="distance"):
        prove_near(subject, tmp_path / "near")
    with pytest.raises(NotAccepted):
        prove_near(subject, tmp_path / "other")
    assert {path.name: path.read_bytes() for path in first.folder.iterdir()} == before
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".json") == ["near"]


def test_a_folder_travels_with_its_data_set(tmp_path):
    """The network lies in the folder, the data set beside it; moved into it, the folder stands alone."""
    made = prove_near(near(), tmp_path / "a" / "near")
    alone = tmp_path / "b"
    shutil.copytree(made.folder, alone)
    for path in made.folder.parent.glob("*.json"):
        shutil.copy(path, alone)
    assert proofs_check.check(alone).sentence == made.sentence
    assert len(list(made.folder.glob("*.json"))) == 3
