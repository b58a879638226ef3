"""Certificates of the kind `interpolates`: one network, within a tolerance, within a theorem's width."""

import json
from fractions import Fraction as F

from tests.certificates.cases.constructions import pairs, slabs
from tests.certificates.spelling import dataset, folder, statement, witness

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

CASES = ACCEPTED + REJECTED + UNDECIDED
