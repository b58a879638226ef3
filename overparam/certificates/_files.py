"""Bytes of the files that the checker reads besides statements, as docs/certificates.md fixes them."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from overparam.errors import InputError
from overparam.exact import AnyNetwork, ExactNetwork, ResidualNetwork, exact_data, exact_layers, exact_points, spell

MAX_BYTES = 64 * 1000 * 1000


def dataset_bytes(points: Any, labels: Any) -> bytes:
    """The one canonical file of a labelled point set, which is named by its hash.

    Args:
        points: (n_samples, dim) finite floats, integers or fractions; kept exactly, in order, with repetitions.
        labels: (n_samples,) of the same.
    Raises:
        InputError: the data are not finite numbers of these shapes, or the file would pass 64 MB.
    """
    data = exact_data(points, labels)
    content = {
        "format": "overparam-dataset-1",
        "points": [[spell(x) for x in point] for point in data.points],
        "labels": [spell(y) for y in data.labels],
    }
    return _canonical(content, "the data set")


def dataset_sha256(points: Any, labels: Any) -> str:
    """The 64 hexadecimal digits that name the data set's file."""
    return hashlib.sha256(dataset_bytes(points, labels)).hexdigest()


def network_bytes(layers: Any) -> bytes:
    """The one canonical file of a network, which is named by its hash.

    Args:
        layers: hidden layers in order, then the output layer, pairs (weights (units, inputs), bias (units,)) of finite
            floats, integers or fractions, kept exactly; or an ExactNetwork of positive width.
    Raises:
        InputError: they do not chain to one output, a number is not finite, or the file would pass 64 MB.
    """
    return _canonical({"format": "overparam-network-1", "layers": spelled_layers(layers)}, "the network")


def network_sha256(layers: Any) -> str:
    """The 64 hexadecimal digits that name the network's file."""
    return hashlib.sha256(network_bytes(layers)).hexdigest()


def matrix_bytes(rows: Any) -> bytes:
    """The one canonical file of a matrix, at least one row and one column of finite numbers, kept exactly.

    Raises:
        InputError: the rows are not equally long, a number is not finite, or the file would pass 64 MB.
    """
    spelled = [[spell(x) for x in row] for row in exact_points(rows)]
    return _canonical({"format": "overparam-matrix-1", "rows": spelled}, "the matrix")


def witness_bytes(network: AnyNetwork, provenance: Mapping[str, str]) -> bytes:
    """The witness file of a network; the checker ignores the provenance.

    Args:
        network: exact weights.
        provenance: where the network came from, for people: words to words.
    Raises:
        InputError: a provenance entry is not a string, or a number or the file is longer than the format allows.
    """
    if isinstance(network, ResidualNetwork):
        blocks = [
            {**_spelled(block.weights, block.bias), "outer": [[spell(w) for w in row] for row in block.outer]}
            for block in network.blocks
        ]
        ends = {"input": _spelled(*network.inner), "output": _spelled(*network.outer)}
        return proof_bytes({"blocks": blocks, **ends}, provenance)
    if isinstance(network, ExactNetwork):  # width 0 has no place among exact layers
        layers = [_spelled(network.u, network.b), _spelled([network.v], [network.c])]
        return proof_bytes({"layers": layers}, provenance)
    return proof_bytes({"layers": spelled_layers(network.layers)}, provenance)


def proof_bytes(fields: Mapping[str, Any], provenance: Mapping[str, str]) -> bytes:
    """The witness file of any kind, from what the kind asks for.

    Raises:
        InputError: a provenance entry is not a string, or the file would pass 64 MB.
    """
    if not all(isinstance(word, str) for entry in provenance.items() for word in entry):
        raise InputError("provenance must map strings to strings")
    content = {"format": "overparam-witness-1", "provenance": dict(provenance), **fields}
    return _canonical(content, "the witness")


def spell_integers(row: Iterable[int]) -> str:
    """A row of integers as witnesses spell it: lowercase hexadecimal, one space between two.

    >>> spell_integers([31, -3, 0])
    '1f -3 0'
    """
    return " ".join(f"{x:x}" for x in row)


def spelled_layers(layers: Any) -> list[dict[str, Any]]:
    """A network's layers as files spell them; see `network_bytes`."""
    return [_spelled(*layer) for layer in exact_layers(layers)]


def _spelled(weights: Iterable[Iterable[Fraction]], bias: Iterable[Fraction]) -> dict[str, Any]:
    return {"weights": [[spell(w) for w in row] for row in weights], "bias": [spell(b) for b in bias]}


def _canonical(content: dict[str, Any], what: str) -> bytes:
    data = (json.dumps(content, sort_keys=True, separators=(",", ":")) + "\n").encode()
    if len(data) > MAX_BYTES:
        raise InputError(f"{what} takes {len(data)} bytes, more than the {MAX_BYTES} that the checker reads")
    return data
