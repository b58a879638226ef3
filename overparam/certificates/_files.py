"""Bytes of the data set and witness files, as docs/certificates.md fixes them."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from overparam.errors import InputError
from overparam.exact import ExactNetwork, exact_data, spell

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


def witness_bytes(network: ExactNetwork, provenance: Mapping[str, str]) -> bytes:
    """The witness file of a network; the checker ignores the provenance.

    Args:
        network: exact weights.
        provenance: where the network came from, for people: words to words.
    Raises:
        InputError: a provenance entry is not a string, or a number or the file is longer than the format allows.
    """
    if not all(isinstance(word, str) for entry in provenance.items() for word in entry):
        raise InputError("provenance must map strings to strings")
    hidden = {"weights": [[spell(x) for x in row] for row in network.u], "bias": [spell(x) for x in network.b]}
    output = {"weights": [[spell(x) for x in network.v]], "bias": [spell(network.c)]}
    content = {"format": "overparam-witness-1", "layers": [hidden, output], "provenance": dict(provenance)}
    return _canonical(content, "the witness")


def _canonical(content: dict[str, Any], what: str) -> bytes:
    data = (json.dumps(content, sort_keys=True, separators=(",", ":")) + "\n").encode()
    if len(data) > MAX_BYTES:
        raise InputError(f"{what} takes {len(data)} bytes, more than the {MAX_BYTES} that the checker reads")
    return data
