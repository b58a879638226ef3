"""Folders that are no certificates: the statement, witness or data set of the hat function with one thing wrong."""

import hashlib
import json

from tests.certificates.cases.interpolates import HAT, HAT_LAYERS, HAT_STATEMENT, HAT_WITNESS
from tests.certificates.spelling import dataset, folder, statement, witness


def bad_statement(**changes):
    return folder(HAT, HAT_STATEMENT | changes, HAT_WITNESS)


def bad_family(**changes):
    return bad_statement(family=HAT_STATEMENT["family"] | changes)


def bad_witness(*layers, **changes):
    return folder(HAT, HAT_STATEMENT, witness(*(layers or HAT_LAYERS), **changes))


def bad_bytes(old: bytes, new: bytes):
    """The statement's bytes with one piece replaced."""
    text = (json.dumps(HAT_STATEMENT, sort_keys=True) + "\n").encode()
    assert old in text
    return folder(HAT, text.replace(old, new, 1), HAT_WITNESS)


def bad_data(data: bytes):
    return folder(data, statement(data, [2]), HAT_WITNESS)


def bad_number(text: str):
    return folder(HAT, HAT_STATEMENT, witness(HAT_LAYERS[0], ([[1, text]], [0])))


CASES = [
    # files
    ("malformed", "no-statement", "No such file", folder(HAT, None, HAT_WITNESS)),
    ("malformed", "no-witness", "the witness", folder(HAT, HAT_STATEMENT, None)),
    ("malformed", "no-data-set", "the data set file", folder(None, HAT_STATEMENT, HAT_WITNESS)),
    ("malformed", "another-hash", "the data set file", bad_statement(dataset="0" * 64)),
    (
        "malformed",
        "statement-is-a-folder",
        "must be a plain file",
        folder(HAT, None, HAT_WITNESS) | {"statement.json/statement.json": b"{}\n"},
    ),
    (
        "malformed",
        "label-changed-hash-kept",
        "must be named by the SHA-256 of its bytes",
        folder(HAT, HAT_STATEMENT, HAT_WITNESS)
        | {hashlib.sha256(HAT).hexdigest() + ".json": HAT.replace(b'"1*2^0"', b'"3*2^0"', 1)},
    ),
    # bytes
    ("malformed", "byte-order-mark", "no byte order mark", bad_bytes(b"{", b"\xef\xbb\xbf{")),
    ("malformed", "leading-space", "no byte order mark, no spaces around it", bad_bytes(b"{", b" {")),
    ("malformed", "trailing-bytes", "no trailing bytes", bad_bytes(b"}\n", b"}\n{}\n\n")),
    ("malformed", "two-newlines", "no trailing bytes", bad_bytes(b"}\n", b"}\n\n")),
    ("malformed", "two-objects", "Extra data", bad_bytes(b"}\n", b"}{}")),
    ("malformed", "empty-file", "must begin with {", folder(HAT, b"", HAT_WITNESS)),
    ("malformed", "not-utf-8", "not UTF-8 text", bad_bytes(b"relu", b"rel\xff")),
    ("malformed", "utf-16", "must begin with {", folder(HAT, json.dumps(HAT_STATEMENT).encode("utf-16"), HAT_WITNESS)),
    ("malformed", "not-json", "is not JSON", bad_bytes(b'"format":', b'"format"')),
    ("malformed", "control-character", "Invalid control character", bad_bytes(b"relu", b"re\nlu")),
    ("malformed", "nested-too-deeply", "is nested too deeply", bad_bytes(b"null", b"[" * 40_000 + b"]" * 40_000)),
    (
        "malformed",
        "repeated-key",
        "the key 'kind' is repeated",
        bad_bytes(b'"kind"', b'"kind": "interpolates", "kind"'),
    ),
    (
        "malformed",
        "repeated-key-escaped",
        "the key 'kind' is repeated",
        bad_bytes(b'"kind"', b'"\\u006bind": "interpolates", "kind"'),
    ),
    ("malformed", "long-integer", "must be between 0 and 999999999", bad_bytes(b"[2]", b"[" + b"2" * 50_000 + b"]")),
    ("malformed", "negative-width", "must be between 0 and 999999999", bad_bytes(b"[2]", b"[-2]")),
    ("malformed", "nan", "'NaN' is not allowed", bad_bytes(b'"0*2^0"', b"NaN")),
    ("malformed", "infinity", "'-Infinity' is not allowed", bad_bytes(b'"0*2^0"', b"-Infinity")),
    ("malformed", "float-width", "'2.0' is not allowed", bad_bytes(b"[2]", b"[2.0]")),
    ("malformed", "exponent-width", "'2e0' is not allowed", bad_bytes(b"[2]", b"[2e0]")),
    # statement
    (
        "malformed",
        "missing-key",
        "lacks the key 'tolerance'",
        folder(HAT, {k: v for k, v in HAT_STATEMENT.items() if k != "tolerance"}, HAT_WITNESS),
    ),
    ("malformed", "unknown-key", "has the unknown key 'margin'", bad_statement(margin="1*2^0")),
    ("malformed", "unknown-family-key", "the family has the unknown key 'depth'", bad_family(depth=2)),
    ("malformed", "another-format", "'overparam-statement-2'", bad_statement(format="overparam-statement-2")),
    ("malformed", "format-is-a-list", "not something else", bad_statement(format=["overparam-statement-1"])),
    ("malformed", "another-kind", "'shatters'", bad_statement(kind="shatters")),
    ("malformed", "family-is-a-list", "the family must be a JSON object", bad_statement(family=[])),
    ("malformed", "unknown-activation", 'must be "relu" or "threshold"', bad_family(activation="sigmoid")),
    ("malformed", "bias-is-a-number", "must be true or false", bad_family(hidden_bias=1)),
    ("malformed", "width-is-true", "each width must be a JSON integer", bad_family(widths=[True])),
    ("malformed", "widths-empty", "the widths are positive", bad_family(widths=[])),
    ("malformed", "widths-zero-among-others", "the widths are positive", bad_family(widths=[2, 0])),
    ("malformed", "widths-is-a-number", "the widths must be a JSON list", bad_family(widths=2)),
    (
        "malformed",
        "hash-in-capitals",
        "64 lowercase hexadecimal digits",
        bad_statement(dataset=hashlib.sha256(HAT).hexdigest().upper()),
    ),
    ("malformed", "hash-is-a-path", "64 lowercase hexadecimal digits", bad_statement(dataset="../../etc/passwd")),
    ("malformed", "negative-tolerance", "must not be negative", bad_statement(tolerance="-1*2^0")),
    ("malformed", "tolerance-is-a-number", "the tolerance must be a JSON string", bad_statement(tolerance=0)),
    ("malformed", "theorem-not-a-key", "the theorem must be null or a key", bad_statement(theorem="Zhang 2017")),
    ("malformed", "theorem-unknown", "knows no theorem zhang2018-thm1", bad_statement(theorem="zhang2018-thm1")),
    ("malformed", "theorem-gives-no-width", "gives no width that suffices", bad_statement(theorem="param-count")),
    # witness
    (
        "malformed",
        "provenance-not-text",
        "each value of the provenance must be a JSON string",
        bad_witness(provenance={"seed": 3}),
    ),
    ("malformed", "one-layer", "at least one hidden layer", bad_witness(([[1]], [0]))),
    (
        "malformed",
        "two-outputs",
        "the output layer must have one unit, not 2",
        bad_witness(HAT_LAYERS[0], ([[1, -2], [1, -2]], [0, 0])),
    ),
    ("malformed", "bias-missing", "has 2 rows of weights and 1 biases", bad_witness(([[1], [1]], [0]), HAT_LAYERS[1])),
    (
        "malformed",
        "rows-of-different-lengths",
        "have different lengths",
        bad_witness(([[1], [1, 0]], [0, -1]), HAT_LAYERS[1]),
    ),
    (
        "malformed",
        "output-row-too-short",
        "each row of weights of layer 1 must have 2 numbers",
        bad_witness(HAT_LAYERS[0], ([[1]], [0])),
    ),
    # data set
    ("malformed", "data-set-with-spaces", "not in canonical form", bad_data(HAT.replace(b",", b", "))),
    (
        "malformed",
        "data-set-keys-in-another-order",
        "not in canonical form",
        bad_data(
            json.dumps(json.loads(HAT), separators=(",", ":"))[:-1]
            .encode()
            .replace(b'{"format":"overparam-dataset-1",', b"{")
            + b',"format":"overparam-dataset-1"}\n'
        ),
    ),
    ("malformed", "data-set-without-newline", "not in canonical form", bad_data(HAT[:-1])),
    ("malformed", "labels-missing", "here 3 points and 2 labels", bad_data(dataset([[0], [1], [2]], [0, 1]))),
    ("malformed", "no-points", "here 0 points and 0 labels", bad_data(dataset([], []))),
    (
        "malformed",
        "no-coordinates",
        "the same number of coordinates, at least one",
        bad_data(dataset([[], []], [0, 1])),
    ),
    ("malformed", "coordinate-missing", "the same number of coordinates", bad_data(dataset([[0, 1], [1]], [0, 1]))),
    (
        "malformed",
        "label-is-an-integer",
        "the labels must be a JSON string",
        bad_data(HAT.replace(b'["0*2^0","1*2^0","0*2^0"]', b"[0,1,0]")),
    ),
    ("malformed", "data-set-key-unknown", "has the unknown key 'name'", bad_data(dataset([[0]], [0], name="hat"))),
    # numbers
    ("malformed", "number-even", "must be odd", bad_number("-4*2^-1")),
    ("malformed", "number-exponent-too-large", "an exponent beyond 2^20", bad_number("-1*2^1048577")),
    ("malformed", "number-power-of-two-below", "it is spelled m*2^e", bad_number("-3/2")),
    ("malformed", "number-integer-with-stroke", "it is spelled m*2^e", bad_number("-3/1")),
    ("malformed", "number-not-in-lowest-terms", "not in lowest terms", bad_number("-6/9")),
] + [
    ("malformed", f"number-{name}", "spells no number", bad_number(text))
    for name, text in {
        "minus-zero": "-0*2^0",
        "zero-with-exponent": "0*2^1",
        "zero-over-three": "0/3",
        "over-zero": "1/0",
        "over-minus": "1/-3",
        "capitals": "A*2^0",
        "prefix": "0x1*2^0",
        "leading-zero": "01*2^0",
        "plus": "+1*2^0",
        "exponent-minus-zero": "1*2^-0",
        "exponent-leading-zero": "1*2^01",
        "exponent-plus": "1*2^+1",
        "exponent-of-nine-digits": "1*2^123456789",
        "decimal": "-2",
        "point": "-2.0",
        "empty": "",
        "space": "-1*2^1 ",
        "newline": "-1*2^1\n",
        "underscore": "1_0*2^0",
        "other-digits": "\u0661*2^0",
    }.items()
]
