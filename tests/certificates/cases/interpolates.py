"""Certificates of the kind `interpolates`: one network, within a tolerance, within a theorem's width."""

import hashlib
import json
from fractions import Fraction as F

from tests.certificates.spelling import dataset, folder, statement, witness


def solve(rows, right):
    """One solution of a consistent system with independent rows, by elimination; free unknowns are 0."""
    table = [[F(a) for a in row] + [F(b)] for row, b in zip(rows, right, strict=True)]
    leads = []
    for i, row in enumerate(table):
        lead = next(j for j, a in enumerate(row[:-1]) if a)
        leads.append(lead)
        table[i] = [a / row[lead] for a in row]
        for k in range(len(table)):
            if k != i:
                table[k] = [a - table[k][lead] * b for a, b in zip(table[k], table[i], strict=True)]
    solution = [F(0)] * len(rows[0])
    for lead, row in zip(leads, table, strict=True):
        solution[lead] = row[-1]
    return solution


def pairs(points, labels):
    """The pairs construction along the first coordinate, whose values must be distinct."""
    d, order = len(points[0]), sorted(range(len(points)), key=lambda i: points[i][0])
    blocks = [order[i : i + d + 1] for i in range(0, len(order), d + 1)]
    affine = [solve([[*points[i], 1] for i in block], [labels[i] for i in block]) for block in blocks]

    def value(f, i):
        return sum(w * x for w, x in zip(f, [*points[i], 1], strict=True))

    shift = max(0, *(-value(affine[0], i) for i in order))
    units, v = [(affine[0][:-1], affine[0][-1] + shift)], [F(1)]
    for j in range(1, len(blocks)):
        beta = F(points[blocks[j - 1][-1]][0] + points[blocks[j][0]][0]) / 2
        slope_of = [1] + [0] * (d - 1)
        if len(blocks[j]) == 1:
            (i,) = blocks[j]
            units.append((slope_of, -beta))
            v.append((labels[i] - value(affine[j - 1], i)) / (points[i][0] - beta))
            continue
        g = [a - b for a, b in zip(affine[j], affine[j - 1], strict=True)]
        steep = 1 + max(abs(value(g, i)) / abs(points[i][0] - beta) for i in order)
        units += [
            ([steep * s + w for s, w in zip(slope_of, g[:-1], strict=True)], g[-1] - steep * beta),
            ([steep * s for s in slope_of], -steep * beta),
        ]
        v += [F(1), F(-1)]
    return witness(([u for u, _ in units], [b for _, b in units]), ([v], [-shift]))


def slabs(xs, ys):
    """Four neurons for each point of a line, no output bias."""
    e, units, v = F(1, 4), [], []
    for x, y in zip(xs, ys, strict=True):
        eta = F(1, 16 * (1 + abs(y)))
        units += [([1], -x + e + eta * y), ([1], -x + e), ([1], -x - e + eta * y), ([1], -x - e)]
        v += [1 / eta, -1 / eta, -1 / eta, 1 / eta]
    return witness(([u for u, _ in units], [b for _, b in units]), ([v], [0]))


# the hat function 0, 1, 0 at 0, 1, 2 with two neurons: nearly every bad file is one change away from it
HAT = dataset([[0], [1], [2]], [0, 1, 0])
HAT_LAYERS = (([[1], [1]], [0, -1]), ([[1, -2]], [0]))
HAT_WITNESS = witness(*HAT_LAYERS)
HAT_STATEMENT = statement(HAT, [2])

ULP = F(1, 2**52)
FIXTURE = ([[-4, 6], [0, -5], [2, 4], [5, 5], [1, 1]], [-2, 1, 2, -5, -12])
FIXTURE_DATA = dataset(*FIXTURE)
ZIGZAG = dataset([[0], [1], [2], [3], [4]], [0, 1, 0, 1, 0])
SEVEN = ([[F(k), F(k * k)] for k in range(7)], [F(1), F(-1, 3), F(5, 7), F(0), F(2), F(-9, 2), F(1, 12)])
SEVEN_DATA = dataset(*SEVEN)
BITS = dataset([[0], [1], [2]], [1, -1, 1])
BITS_WITNESS = witness(([[1], [1]], [F(-1, 2), F(-3, 2)]), ([[-2, 2]], [1]))
RAISED = dataset([[0], [1], [2]], [1, 2, 1])
FLAT = dataset([[k, k * k] for k in range(8)], [F(1, 3)] * 8)
NOTHING = witness(([], []), ([[]], [F(1, 3)]))
TWICE = dataset([[1], [1], [2]], [3, 3, 5])
DEEP = witness(([[1], [1]], [0, -1]), ([[1, -2]], [0]), ([[1]], [0]))  # the hat is nonnegative: relu leaves it alone
STEPS = dataset([[0], [1], [2], [3]], [0, 1, 1, 0])
AND = witness(([[1], [-1]], [-1, 2]), ([[1, 1]], [-2]), ([[1]], [0]))  # step(x >= 1 and x <= 2)
THIRDS = dataset([[F(1, 3)], [F(2, 5)]], [F(1, 7), 3])
FAR = dataset([["1*2^999999"]], ["1*2^999999"])
NEAR = F(1, 2**70)  # knots and points this close have the same first 64 binary places
CLOSE = dataset([[1], [1 + 2 * NEAR], [1 + 4 * NEAR]], [2, 3, 1])
CLOSE_STEPS = witness(([[1], [F(-1, 2)]], [-1 - NEAR, F(1, 2) + F(3, 2) * NEAR]), ([[1, 2]], [0]))

ACCEPTED = [
    ("accepted", "hat", "2 ReLU neurons", folder(HAT, HAT_STATEMENT, HAT_WITNESS)),
    ("accepted", "data-set-beside", "3 points", folder(HAT, HAT_STATEMENT, HAT_WITNESS, beside=True)),
    (
        "accepted",
        "no-final-newline",
        "3 points",
        folder(HAT, json.dumps(HAT_STATEMENT).encode(), json.dumps(HAT_WITNESS, indent=7).encode()),
    ),
    (
        "accepted",
        "zero-neuron-added",
        "exactly 3",
        folder(HAT, statement(HAT, [3]), witness(([[1], [1], [0]], [0, -1, 0]), ([[1, -2, 5]], [0]))),
    ),
    (
        "accepted",
        "pairs-fixture",
        "within 3, the bound of the pairs theorem (overparam, docs/theory/pairs.md)",
        folder(FIXTURE_DATA, statement(FIXTURE_DATA, [3], theorem="pairs-2n-over-d-plus-1"), pairs(*FIXTURE)),
    ),
    (
        "accepted",
        "pairs-single-last-point",
        "within 4, the bound of the pairs theorem",
        folder(SEVEN_DATA, statement(SEVEN_DATA, [4], theorem="pairs-2n-over-d-plus-1"), pairs(*SEVEN)),
    ),
    (
        "accepted",
        "quoted-bound",
        "within 14, the bound of ceil(4n/d) as commonly quoted (bubeck2020",
        folder(SEVEN_DATA, statement(SEVEN_DATA, [4], theorem="s-baum"), pairs(*SEVEN)),
    ),
    (
        "accepted",
        "slabs",
        "within 12, the bound of the ReLU form of Baum's theorem by Bubeck et al. (bubeck2020",
        folder(HAT, statement(HAT, [12], output=False, theorem="bubeck2020-relu-baum"), slabs([0, 1, 2], [0, 1, 0])),
    ),
    (
        "accepted",
        "zhang",
        "within 3, the bound of Theorem 1 of Zhang et al. (zhang2017, Theorem 1)",
        folder(
            RAISED,
            statement(RAISED, [3], output=False, theorem="zhang2017-thm1"),
            witness(([[1], [1], [1]], [1, 0, -1]), ([[1, 0, -2]], [0])),
        ),
    ),
    (
        "accepted",
        "zigzag",
        "within 3, the bound of the exact worst case for distinct points",
        folder(
            ZIGZAG,
            statement(ZIGZAG, [3], theorem="relu-distinct-worst-case"),
            witness(([[1], [1], [-1]], [F(-2, 3), -2, 3]), ([[-3, 2, -2]], [6])),
        ),
    ),
    (
        "accepted",
        "baum",
        "within 3, the bound of Baum's theorem (baum1988",
        folder(BITS, statement(BITS, [2], activation="threshold", theorem="baum1988-threshold"), BITS_WITNESS),
    ),
    (
        "accepted",
        "sakurai",
        "within 2, the bound of the sharp form of Baum's theorem (sakurai1992",
        folder(BITS, statement(BITS, [2], activation="threshold", theorem="sakurai1992-threshold"), BITS_WITNESS),
    ),
    ("accepted", "constant", "exactly 0 ReLU neurons", folder(FLAT, statement(FLAT, [0]), NOTHING)),
    (
        "accepted",
        "no-hidden-bias",
        "without hidden biases",
        folder(
            dataset([[1], [-1]], [2, 3]),
            statement(dataset([[1], [-1]], [2, 3]), [2], hidden=False, output=False),
            witness(([[1], [-1]], [0, 0]), ([[2, 3]], [0])),
        ),
    ),
    (
        "accepted",
        "tolerance-reached",
        "differs from the label by at most 1/3",
        folder(FLAT, statement(FLAT, [0], tolerance=F(1, 3)), witness(([], []), ([[]], [0]))),
    ),
    (
        "accepted",
        "equal-points-equal-labels",
        "3 points",
        folder(TWICE, statement(TWICE, [1]), witness(([[1]], [0]), ([[2]], [1]))),
    ),
    (
        "accepted",
        "two-hidden-layers",
        "2 hidden layers of exactly 2 + 1 ReLU neurons,",
        folder(HAT, statement(HAT, [2, 1]), DEEP),
    ),
    (
        "accepted",
        "steps-close-to-points",
        "2 threshold neurons",
        folder(CLOSE, statement(CLOSE, [2], activation="threshold"), CLOSE_STEPS),
    ),
    (
        "accepted",
        "two-threshold-layers",
        "2 hidden layers of exactly 2 + 1 threshold",
        folder(STEPS, statement(STEPS, [2, 1], activation="threshold"), AND),
    ),
    (
        "accepted",
        "fractions-and-steps",
        "1 threshold neuron,",
        folder(
            THIRDS,
            statement(THIRDS, [1], activation="threshold"),
            witness(([[F(5, 11)]], [F(-15, 88)]), ([[F(20, 7)]], [F(1, 7)])),
        ),
    ),
    (
        "accepted",
        "large-exponent",
        "at the 1 point in dimension 1",
        folder(FAR, statement(FAR, [1]), witness(([["1*2^-999999"]], ["-1*2^0"]), ([["1*2^0"]], ["1*2^999999"]))),
    ),
    (
        "accepted",
        "any-provenance",
        "3 points",
        folder(HAT, HAT_STATEMENT, HAT_WITNESS | {"provenance": {"": "\u00e9\ud800 accepted: false", "width": "1"}}),
    ),
]


def hat_with(v=(1, -2), c=0, data=HAT, **family):
    return folder(data, statement(data, [2], **family), witness(([[1], [1]], [0, -1]), ([list(v)], [c])))


REJECTED = [
    ("rejected", "last-place-up", "sample 2 (counting from 0)", hat_with(v=(1, -2 + ULP))),
    ("rejected", "last-place-down", "its error lies between 2^-53 and 2^-51", hat_with(v=(1, -2 - ULP))),
    (
        "rejected",
        "first-sample-off",
        "sample 0 (counting from 0)",
        hat_with(data=dataset([[0], [1], [2]], [ULP, 1, 0])),
    ),
    ("rejected", "labels-swapped", "sample 0", hat_with(data=dataset([[0], [1], [2]], [1, 0, 0]))),
    (
        "rejected",
        "neuron-missing",
        "its hidden widths are [1], not [2]",
        folder(HAT, HAT_STATEMENT, witness(([[1]], [0]), ([[1]], [0]))),
    ),
    (
        "rejected",
        "neuron-too-many",
        "its hidden widths are [3], not [2]",
        folder(HAT, HAT_STATEMENT, witness(([[1], [1], [0]], [0, -1, 0]), ([[1, -2, 5]], [0]))),
    ),
    ("rejected", "layer-too-many", "its hidden widths are [2, 1], not [2]", folder(HAT, HAT_STATEMENT, DEEP)),
    (
        "rejected",
        "widths-in-another-order",
        "its hidden widths are [2, 1], not [1, 2]",
        folder(HAT, statement(HAT, [1, 2]), DEEP),
    ),
    ("rejected", "hidden-bias", "it has a nonzero hidden bias", hat_with(hidden=False)),
    (
        "rejected",
        "hidden-bias-of-the-second-layer",
        "it has a nonzero hidden bias",
        folder(
            dataset([[1]], [3]),
            statement(dataset([[1]], [3]), [1, 1], hidden=False),
            witness(([[1]], [0]), ([[1]], [2]), ([[1]], [0])),
        ),
    ),
    ("rejected", "output-bias", "it has a nonzero output bias", hat_with(data=RAISED, c=1, output=False)),
    (
        "rejected",
        "coordinates",
        "reads 1 coordinates, but the points have 2",
        hat_with(data=dataset([[0, 0], [1, 0], [2, 0]], [0, 1, 0])),
    ),
    (
        "rejected",
        "tolerance-exceeded",
        "by more than the tolerance",
        folder(FLAT, statement(FLAT, [0], tolerance=F(1, 3) - F(1, 2**60)), witness(([], []), ([[]], [0]))),
    ),
    (
        "rejected",
        "step-of-zero-is-one",
        "sample 0",
        folder(
            dataset([[0], [1]], [0, 1]),
            statement(dataset([[0], [1]], [0, 1]), [1], activation="threshold"),
            witness(([[1]], [0]), ([[1]], [0])),
        ),
    ),
    ("rejected", "another-activation", "sample 0", hat_with(activation="threshold")),
    (
        "rejected",
        "equal-points-different-labels",
        "sample 1",
        folder(
            dataset([[1], [1]], [3, 5]), statement(dataset([[1], [1]], [3, 5]), [0]), witness(([], []), ([[]], [3]))
        ),
    ),
    (
        "rejected",
        "above-the-theorem",
        "the width 4 is above 3, the bound of zhang2017-thm1",
        folder(
            RAISED,
            statement(RAISED, [4], output=False, theorem="zhang2017-thm1"),
            witness(([[1], [1], [1], [0]], [1, 0, -1, 0]), ([[1, 0, -2, 0]], [0])),
        ),
    ),
    (
        "rejected",
        "not-the-theorems-family",
        "the stated family is not that of zhang2017-thm1",
        hat_with(theorem="zhang2017-thm1"),
    ),
    (
        "rejected",
        "not-the-theorems-depth",
        "the stated family is not that of pairs-2n-over-d-plus-1",
        folder(HAT, statement(HAT, [2, 1], theorem="pairs-2n-over-d-plus-1"), DEEP),
    ),
]

LARGE = "1*2^1048576"
MANY = dataset([[LARGE]] * 120, [0] * 120)
UNDECIDED = [
    (
        "undecided",
        "products-too-long",
        "evaluating the network would exceed",
        folder(MANY, statement(MANY, [1]), witness(([[LARGE]], [0]), ([[1]], [0]))),
    ),
    (
        "undecided",
        "too-many-long-numbers",
        "reading the numbers would exceed",
        folder(
            HAT,
            statement(HAT, [2500]),
            b'{"format":"overparam-witness-1","layers":[{"bias":["0*2^0"],"weights":[['
            + b",".join([b'"1*2^-1048576"'] * 2500)
            + b']]}],"provenance":{}}',
        ),
    ),
]


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


MALFORMED = [
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

CASES = ACCEPTED + REJECTED + UNDECIDED + MALFORMED
