"""Exact evaluation against naive fractions, and mutated certificates against the second checker."""

import hashlib
import json
import pathlib
import random
import tempfile
from fractions import Fraction as F

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from proofs_check import Malformed, check
from proofs_check.budget import MEMORY, Budget
from proofs_check.layers import Family, Layer, Network
from proofs_check.network import foreign_to, values
from proofs_check.packed import unpack
from proofs_check.reading import Dataset
from tests.certificates.cases.interpolates import ACCEPTED
from tests.certificates.spelling import dataset, folder, number, statement, witness
from tests.proofs_check import oracle

SMALL = [(name, files) for _, name, _, files in ACCEPTED if name not in ("data-set-beside", "large-exponent")]


@st.composite
def networks(draw):
    """A network of any depth, of dyadic and other weights, with points."""
    weights = st.fractions(-9, 9, max_denominator=12) | st.floats(-4, 4).map(F)
    sizes = draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))

    def vector(length):
        return st.tuples(*[weights] * length)

    layers = tuple(
        Layer(draw(st.tuples(*[vector(before)] * after)), draw(vector(after)))
        for before, after in zip(sizes, [*sizes[1:], 1], strict=True)
    )
    return Network(layers), draw(st.lists(vector(sizes[0]), min_size=1, max_size=4).map(tuple))


@settings(deadline=None)
@given(networks(), st.sampled_from(["relu", "threshold"]))
def test_values_are_exact(network, activation):
    net, points = network
    plain = [list(zip(layer.weights, layer.bias, strict=True)) for layer in net.layers]
    got = values(net, activation, points, Budget())
    assert all(below > 0 for _, below in got)
    assert [F(above, below) for above, below in got] == [oracle.value(plain, activation, x) for x in points]


@pytest.mark.parametrize("activation", ["relu", "threshold"])
@pytest.mark.parametrize("sizes", [(10, 20), (9, 14, 11), (12, 20, 1, 12)])
@pytest.mark.parametrize("rational", [False, True])
def test_values_of_networks_large_enough_to_be_packed(activation, sizes, rational, monkeypatch):
    """A few points at a time, though all would fit; every third weight is zero."""
    monkeypatch.setattr("proofs_check.network._BLOCK", 12 * max(sizes))
    rng = random.Random(0)

    def vector(length):
        below = rng.choice((3, 5)) if rational else 1
        return tuple(F(rng.gauss(0, 1)) / below if rng.random() < 2 / 3 else F(0) for _ in range(length))

    layers = tuple(
        Layer(tuple(vector(before) for _ in range(after)), vector(after))
        for before, after in zip(sizes, [*sizes[1:], 1], strict=True)
    )
    points = tuple(vector(sizes[0]) for _ in range(40))
    plain = [list(zip(layer.weights, layer.bias, strict=True)) for layer in layers]
    packed = []
    monkeypatch.setattr("proofs_check.packed.unpack", lambda *row: packed.append(row) or unpack(*row))
    got = values(Network(layers), activation, points, Budget())
    assert packed
    assert [F(above, below) for above, below in got] == [oracle.value(plain, activation, x) for x in points]


def test_what_cancels_is_not_multiplied_up():
    """Output weights that cancel their neurons' denominators, as repaired ones do, leave no common denominator."""
    primes = [p for p in range(2, 400) if all(p % q for q in range(2, p))]
    hidden = Layer(tuple((F(1, p), F(p)) for p in primes), (F(0),) * len(primes))
    net = Network((hidden, Layer((tuple(map(F, primes)),), (F(1, 2),))))
    ((above, below),) = values(net, "relu", ((F(1), F(1)),), Budget())
    assert F(above, below) == sum(1 + p**2 for p in primes) + F(1, 2)
    assert below == 2


@pytest.mark.parametrize("activation", ["relu", "threshold"])
def test_the_same_layer_twice(activation):
    layer = Layer(((F(1, 3),),), (F(1, 7),))
    got = values(Network((layer, layer, layer)), activation, ((F(1, 5),), (F(-9),)), Budget())
    plain = [[((F(1, 3),), F(1, 7))]] * 3
    assert [F(*pair) for pair in got] == [oracle.value(plain, activation, (x,)) for x in (F(1, 5), F(-9))]


def test_an_unknown_activation_is_no_identity():
    net = Network((Layer(((F(1),),), (F(0),)), Layer(((F(1),),), (F(0),))))
    with pytest.raises(ValueError, match="relu or threshold"):
        values(net, "tanh", ((F(1),),), Budget())


DATA = Dataset("", ((F(1),),), (F(1),))


def test_families():
    net = Network((Layer(((F(1),), (F(2),)), (F(0), F(3))), Layer(((F(1), F(1)),), (F(1),))))
    assert foreign_to(net, Family("relu", True, True, (2,)), DATA) is None
    assert "hidden bias" in foreign_to(net, Family("relu", False, True, (2,)), DATA)
    assert "output bias" in foreign_to(net, Family("relu", True, False, (2,)), DATA)
    assert "widths" in foreign_to(net, Family("relu", True, True, (3,)), DATA)
    assert "coordinates" in foreign_to(net, Family("relu", True, True, (2,)), Dataset("", ((F(1), F(2)),), (F(1),)))


def answer_of(path) -> str:
    try:
        return check(path).status.value
    except Malformed:
        return "malformed"


def both_answers(files: dict[str, bytes]) -> tuple[str, str]:
    with tempfile.TemporaryDirectory() as place:
        for name, content in files.items():
            (pathlib.Path(place) / name).write_bytes(content)
        return answer_of(place), oracle.verdict(pathlib.Path(place))


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SMALL), st.integers(0, 2), st.integers(0), st.integers(0, 7))
@example(SMALL[0], 1, 10, 0)
def test_a_flipped_bit(certificate, file, byte, bit):
    """Accepted only where the statement is still exactly true; the data set's name catches every flip of its own."""
    files = dict(certificate[1])
    name = sorted(files)[file]
    content = bytearray(files[name])
    content[byte % len(content)] ^= 1 << bit
    ours, theirs = both_answers(files | {name: bytes(content)})
    assert ours == theirs
    if name not in ("statement.json", "witness.json"):
        assert ours == "malformed"


def rehashed(files: dict[str, bytes], old: str, data: bytes) -> dict[str, bytes]:
    """The certificate with other data under their own name, and a statement that names them."""
    files = {name: content for name, content in files.items() if name != old}
    digest = hashlib.sha256(data).hexdigest()
    return files | {
        f"{digest}.json": data,
        "statement.json": files["statement.json"].replace(old.removesuffix(".json").encode(), digest.encode()),
    }


def parts(files):
    (old,) = (name for name in files if name not in ("statement.json", "witness.json"))
    return old, json.loads(files[old]), json.loads(files["statement.json"]), json.loads(files["witness.json"])


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(SMALL), st.randoms(use_true_random=False), st.sampled_from([-1, 1, F(1, 2**52), -F(1, 3)]))
def test_a_numeral_changed(certificate, rng, step):
    """A number of the witness, the data or the tolerance moves by a little; all hashes are made to fit."""
    files = dict(certificate[1])
    old, data, claim, net = parts(files)
    rows = [row for layer in net["layers"] for row in [layer["bias"], *layer["weights"]] if row]
    rows += [data["labels"], *data["points"]]
    row = rng.choice(rows)
    place = rng.randrange(len(row))
    row[place] = number(oracle.number(row[place]) + step)
    if rng.random() < 0.2:
        claim["tolerance"] = number(abs(oracle.number(claim["tolerance"]) + step))
    files |= {"witness.json": json.dumps(net).encode(), "statement.json": json.dumps(claim).encode()}
    ours, theirs = both_answers(rehashed(files, old, dataset(data["points"], data["labels"])))
    assert ours == theirs != "malformed"


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(SMALL), st.randoms(use_true_random=False))
def test_labels_swapped_neurons_dropped_and_widths_changed(certificate, rng):
    files = dict(certificate[1])
    old, data, claim, net = parts(files)
    for change in rng.sample(("labels", "neuron", "width", "bias", "theorem", "activation"), rng.randint(1, 3)):
        if change == "labels":
            rng.shuffle(data["labels"])
        elif change == "neuron" and net["layers"][0]["bias"]:
            j = rng.randrange(len(net["layers"][0]["bias"]))
            del net["layers"][0]["bias"][j], net["layers"][0]["weights"][j]
            if rng.random() < 0.8:  # else the network no longer fits together
                for row in net["layers"][1]["weights"]:
                    del row[j]
        elif change == "width":
            claim["family"]["widths"] = [len(layer["bias"]) for layer in net["layers"][:-1]]
        elif change == "bias":
            key = rng.choice(("hidden_bias", "output_bias"))
            claim["family"][key] = not claim["family"][key]
        elif change == "theorem":
            claim["theorem"] = rng.choice([None, *oracle.BOUNDS])
        elif change == "activation":
            claim["family"]["activation"] = rng.choice(("relu", "threshold"))
    files |= {"witness.json": json.dumps(net).encode(), "statement.json": json.dumps(claim).encode()}
    ours, theirs = both_answers(rehashed(files, old, dataset(data["points"], data["labels"])))
    assert ours == theirs


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SMALL), st.integers(0, 2), st.integers(0), st.binary(min_size=1, max_size=6))
def test_bytes_replaced(certificate, file, at, new):
    files = dict(certificate[1])
    name = sorted(files)[file]
    at %= len(files[name])
    ours, theirs = both_answers(files | {name: files[name][:at] + new + files[name][at + len(new) :]})
    assert ours == theirs


def large(n: int, d: int, width: int, bits: int):
    """Long rational weights over one common denominator, as a linear solve leaves them; the labels fit."""
    rng = random.Random(0)
    below = rng.getrandbits(bits) | 1

    def long():
        return F(rng.getrandbits(bits) - 2 ** (bits - 1), below)

    points = [[F(rng.gauss(0, 1)) for _ in range(d)] for _ in range(n)]
    hidden = [([long() for _ in range(d)], long()) for _ in range(width)]
    v = [F(rng.gauss(0, 1)) for _ in range(width)]
    layers = ([row for row, _ in hidden], [b for _, b in hidden]), ([v], [F(0)])
    labels = [oracle.value([hidden, [(v, F(0))]], "relu", x) for x in points]
    data = dataset(points, labels)
    return folder(data, statement(data, [width]), witness(*layers))


@pytest.mark.parametrize("size", [(12, 10, 12, 3000), pytest.param((60, 60, 60, 5000), marks=pytest.mark.slow)])
def test_long_weights_are_within_the_budget(size, tmp_path):
    for name, content in large(*size).items():
        (tmp_path / name).write_bytes(content)
    assert answer_of(tmp_path) == "accepted"


def test_a_deep_network_holds_two_layers_at_a_time():
    """800 layers of 2 units of a million bits: all of them are above the memory of a budget, two at a time are not."""
    budget = Budget()
    long = F(2**1_000_000)
    layer = Layer(((F(1), F(0)), (F(0), F(1))), (F(0), F(0)))
    first = Layer(((long,), (long + 1,)), (F(0), F(0)))
    last = Layer(((F(1), F(-1)),), (F(0),))
    assert 800 * 1_000_000 * 3 > MEMORY
    assert values(Network((first, *[layer] * 800, last)), "relu", ((F(1),),), budget) == [(-1, 1)]
