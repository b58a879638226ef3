"""Numbers and files as docs/certificates.md spells them, without the checker and without `overparam`."""

import hashlib
import json
from fractions import Fraction as F


def number(value) -> str:
    value = F(value)
    above, below = value.numerator, value.denominator
    if below & (below - 1):
        return f"{above:x}/{below:x}"
    exponent = 1 - below.bit_length()
    while above and above % 2 == 0:
        above, exponent = above // 2, exponent + 1
    return f"{above:x}*2^{exponent}" if above else "0*2^0"


def numbers(values) -> list:
    return [value if isinstance(value, str) else number(value) for value in values]


def dataset(points, labels, **changes) -> bytes:
    document = {"format": "overparam-dataset-1", "labels": numbers(labels), "points": [numbers(p) for p in points]}
    return (json.dumps(document | changes, sort_keys=True, separators=(",", ":")) + "\n").encode()


def statement(data, widths, *, activation="relu", hidden=True, output=True, tolerance=0, theorem=None, **changes):
    document = {
        "dataset": hashlib.sha256(data).hexdigest(),
        "family": {"activation": activation, "hidden_bias": hidden, "output_bias": output, "widths": widths},
        "format": "overparam-statement-1",
        "kind": "interpolates",
        "theorem": theorem,
        "tolerance": number(tolerance),
    }
    return document | changes


def witness(*layers, **changes):
    """Layers are pairs (rows of weights, biases)."""
    rows = [{"bias": numbers(bias), "weights": [numbers(row) for row in weights]} for weights, bias in layers]
    return {"format": "overparam-witness-1", "layers": rows, "provenance": {"made by": "tests"}} | changes


def folder(data, statement_, witness_, *, beside=False) -> dict[str, bytes]:
    """File name -> content; objects become JSON, bytes stay."""
    texts = {"statement.json": statement_, "witness.json": witness_}
    files = {
        name: content if isinstance(content, bytes) else (json.dumps(content, sort_keys=True, indent=1) + "\n").encode()
        for name, content in texts.items()
        if content is not None
    }
    if data is not None:
        files[("../" if beside else "") + hashlib.sha256(data).hexdigest() + ".json"] = data
    return files


def json_bytes(document) -> bytes:
    """An object named by its hash, in canonical form."""
    return (json.dumps(document, sort_keys=True, separators=(",", ":")) + "\n").encode()


def network_file(*layers) -> bytes:
    return json_bytes({"format": "overparam-network-1", "layers": witness(*layers)["layers"]})


def matrix_file(rows) -> bytes:
    return json_bytes({"format": "overparam-matrix-1", "rows": [numbers(row) for row in rows]})


def integers(row) -> str:
    return " ".join(f"{x:x}" for x in row)


def claim(kind: str, **fields) -> dict:
    """A statement of any kind; fractions become numbers."""
    spelled = {key: number(value) if isinstance(value, F) else value for key, value in fields.items()}
    return {"format": "overparam-statement-1", "kind": kind} | spelled


def proof(**fields) -> dict:
    """A witness of any kind."""
    return {"format": "overparam-witness-1", "provenance": {"made by": "tests"}} | fields


def certificate(claim_, proof_, *objects: bytes) -> dict[str, bytes]:
    """A folder with these objects named by their hashes; see `folder`."""
    files = folder(None, claim_, proof_)
    return files | {hashlib.sha256(content).hexdigest() + ".json": content for content in objects}


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
