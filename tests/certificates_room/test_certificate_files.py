"""Files have one spelling, hold every bit of the numbers, and refuse what the format has no room for."""

import hashlib
import inspect
import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overparam.certificates import (
    dataset_bytes,
    dataset_sha256,
    matrix_bytes,
    network_bytes,
    network_sha256,
    proof_bytes,
    spell_integers,
    witness_bytes,
)
from overparam.errors import InputError
from overparam.exact import ExactNetwork
from proofs_check.layers import network_from_bytes
from proofs_check.matrices import matrix_from_bytes
from tests.exact.test_exact_numbers import parse

finite = st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None)
@given(st.lists(st.tuples(finite, finite, finite), min_size=1, max_size=5))
def test_a_data_set_comes_back(rows):
    points, labels = [row[:2] for row in rows], [row[2] for row in rows]
    data = dataset_bytes(points, labels)
    content = json.loads(data)
    assert [[parse(x) for x in row] for row in content["points"]] == [[Fraction(x) for x in row] for row in points]
    assert [parse(y) for y in content["labels"]] == [Fraction(y) for y in labels]
    assert data == dataset_bytes(np.array(points), np.array(labels))
    assert json.dumps(content, sort_keys=True, separators=(",", ":")).encode() + b"\n" == data
    assert dataset_sha256(points, labels) == hashlib.sha256(data).hexdigest()


def test_the_bytes_of_a_small_data_set():
    expected = (
        b'{"format":"overparam-dataset-1","labels":["1*2^0","1/3"],"points":[["1*2^-1","0*2^0"],["-5*2^1","d*2^1"]]}\n'
    )
    assert dataset_bytes([[0.5, 0.0], [-10, 26]], [1, Fraction(1, 3)]) == expected
    assert dataset_bytes([[0.5, -0.0], [-10, 26]], [1, Fraction(1, 3)]) == expected  # there is one zero


def test_repeated_points_stay_and_bad_numbers_do_not():
    assert json.loads(dataset_bytes([[1], [1]], [2, 2]))["labels"] == ["1*2^1", "1*2^1"]
    with pytest.raises(InputError, match="point 0"):
        dataset_bytes([[float("nan")]], [0.0])


def test_the_bytes_of_a_witness():
    network = ExactNetwork("relu", ((Fraction(1, 3), Fraction(-2)),), (Fraction(1, 2),), (Fraction(3),), Fraction(0), 2)
    assert witness_bytes(network, {"made by": "hand"}) == (
        b'{"format":"overparam-witness-1","layers":[{"bias":["1*2^-1"],"weights":[["1/3","-1*2^1"]]},'
        b'{"bias":["0*2^0"],"weights":[["3*2^0"]]}],"provenance":{"made by":"hand"}}\n'
    )
    constant = ExactNetwork("relu", (), (), (), Fraction(7), 2)
    layers = json.loads(witness_bytes(constant, {}))["layers"]
    assert layers == [{"bias": [], "weights": []}, {"bias": ["7*2^0"], "weights": [[]]}]


def test_what_a_file_cannot_hold(monkeypatch):
    constant = ExactNetwork("relu", (), (), (), Fraction(1, 3**700000), 1)
    with pytest.raises(InputError, match="too long"):
        witness_bytes(constant, {})
    constant = ExactNetwork("relu", (), (), (), Fraction(1), 1)
    with pytest.raises(InputError, match="provenance"):
        inspect.unwrap(proof_bytes)({}, {"seed": 3})
    size = len(witness_bytes(constant, {}))
    monkeypatch.setattr("overparam.certificates._files.MAX_BYTES", size)
    witness_bytes(constant, {})
    with pytest.raises(InputError, match=f"takes {size + 1} bytes, more than the {size}"):
        witness_bytes(replace(constant, c=Fraction(-1)), {})


def test_networks_and_matrices_are_what_the_checker_reads():
    """Their hashes name them, and every number comes back."""
    layers = [([[0.1, Fraction(1, 3)], [2, -1e-300]], [0, 0.5]), ([[1.5, -2.0]], [Fraction(-1, 7)])]
    data = network_bytes(layers)
    network = network_from_bytes(data)
    for read, (weights, bias) in zip(network.layers, layers, strict=True):
        assert [list(row) for row in read.weights] == [[Fraction(w) for w in row] for row in weights]
        assert list(read.bias) == [Fraction(b) for b in bias]
    assert network.sha256 == hashlib.sha256(data).hexdigest() == network_sha256(layers)
    exact = ExactNetwork.from_arrays(np.eye(2), np.zeros(2), np.ones(2), 3.0)
    assert network_bytes(exact) == network_bytes([(np.eye(2), np.zeros(2)), (np.ones((1, 2)), [3.0])])
    rows = [[0.1, Fraction(1, 3), 7], [0, -2, 1e300]]
    assert [list(row) for row in matrix_from_bytes(matrix_bytes(rows)).rows] == [[Fraction(x) for x in r] for r in rows]
    assert spell_integers([0, -255, 16**9]) == "0 -ff 1000000000"


def test_objects_that_are_none():
    for layers in ([([[np.nan]], [0.0]), ([[1.0]], [0.0])], [([[1.0]], [0.0])], [([[1.0]], [0.0]), ([[1.0] * 2], [0])]):
        with pytest.raises(InputError):
            network_bytes(layers)
    for rows in ([], [[]], [[1.0], [1.0, 2.0]], [[np.inf]]):
        with pytest.raises(InputError):
            matrix_bytes(rows)
    with pytest.raises(InputError, match="strings to strings"):
        inspect.unwrap(proof_bytes)({}, {"seed": 3})
