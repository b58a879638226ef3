"""Certificates of the kinds `impossible` and `minimal-width`: trees of activation patterns with cuts, and lines."""

from tests.certificates.spelling import certificate, claim, dataset, proof, sha, witness

HAT = dataset([[0], [1], [2]], [0, 1, 0])
SQUARE = dataset([[0, 0], [1, 0], [0, 1], [1, 1]], [0, 1, 1, 0])
TWICE = dataset([[0], [0]], [0, 1])
PLANE = dataset([[1], [2], [3]], [1, 2, 3])

# one neuron at the hat: rows are a denominator and numbers
HAT_ROOTS = [
    {"cuts": [["1 -1 -2 3", "1 0 0 0"], ["1 2 -1 -1", "1 0 0 0"], ["2 1 -2 1", "2 -1 2 -1"]], "tree": "2:0 0 0:0 1 2"},
    {"cuts": [["1 1 -3 2", "1 0 0 0"], ["1 1 -2 1", "1 1 -2 1"]], "tree": "1:0 0 1"},
]
# one neuron at the corners of a square with the labels of exclusive or
XOR_ROOTS = [
    {
        "cuts": [["1 3 -1 -1 -1", "1 0 0 0 0"], ["1 -1 -1 -1 3", "1 0 0 0 0"], ["1 1 -1 -1 1", "1 -1 1 1 -1"]],
        "tree": "0:0 0 3:0 1 2",
    },
    {
        "cuts": [["1 1 1 -4 2", "1 0 0 0 0"], ["1 1 -4 2 1", "1 0 0 0 0"], ["1 1 -1 -1 1", "1 1 -1 -1 1"]],
        "tree": "2:0 0 1:0 1 2",
    },
]
HAT_NET = {"layers": witness(([[1], [1]], [0, -1]), ([[1, -2]], [0]))["layers"]}


def family(width, *, hidden=True, output=True, activation="relu"):
    return {"activation": activation, "hidden_bias": hidden, "output_bias": output, "widths": [width]}


def branches(roots):
    return {"method": "branches", "roots": roots}


def impossible(data, roots, width=1, *, witness_=None, **kept):
    fields = branches(roots) if witness_ is None else witness_
    return certificate(claim("impossible", dataset=sha(data), family=family(width, **kept)), proof(**fields), data)


def minimal(data, width, fields, below):
    return certificate(
        claim("minimal-width", dataset=sha(data), family=family(width)), proof(**fields, below=below), data
    )


def changed(path, value, roots=None):
    """The hat's roots with one entry exchanged: root, key, then indices."""
    copied = [{"cuts": [list(cut) for cut in root["cuts"]], "tree": root["tree"]} for root in (roots or HAT_ROOTS)]
    place = copied
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return copied


def hat_with(path, value):
    return impossible(HAT, changed(path, value))


def hat_tree(tree):
    return hat_with((1, "tree"), tree)


def line(data, width):
    return impossible(data, None, width, witness_=LINE)


LINE = {"method": "line"}
CONSTANT = {"layers": witness(([], []), ([[]], [3]))["layers"]}
THREES = dataset([[0], [5]], [3, 3])
ZERO_ROOTS = [{"cuts": [["2 2 -1 -1"]], "tree": "0"}]

# without an output bias the outer numbers need not add up to 0; without hidden biases inner rows need not either
NEGATIVE = dataset([[1], [2]], [-1, -1])
NEGATIVE_ROOTS = [
    {"cuts": [["1 1 0", "1 0 0"], ["1 2 -1", "1 -2 1"]], "tree": "0:0 0 1"},
    {"cuts": [["1 1 0", "1 0 0"]], "tree": "0"},
]

CASES = [
    (
        "accepted",
        "impossible-hat",
        "of exactly 1 ReLU neuron, with",
        impossible(HAT, HAT_ROOTS),
    ),
    ("accepted", "impossible-square", "the 4 points in dimension 2", impossible(SQUARE, XOR_ROOTS)),
    ("accepted", "impossible-constant", "hence no such network with fewer", impossible(HAT, ZERO_ROOTS, 0)),
    ("accepted", "impossible-on-a-line", "None of the networks", line(HAT, 1)),
    (
        "accepted",
        "impossible-without-biases",
        "without hidden biases, without an output bias",
        impossible(NEGATIVE, NEGATIVE_ROOTS, hidden=False, output=False),
    ),
    ("accepted", "minimal-width-hat", "2 is the minimal width", minimal(HAT, 2, HAT_NET, branches(HAT_ROOTS))),
    ("accepted", "minimal-width-line", "2 is the minimal width", minimal(HAT, 2, HAT_NET, LINE)),
    ("accepted", "minimal-width-zero", "0 is the minimal width", minimal(THREES, 0, CONSTANT, None)),
    ("rejected", "impossible-other-labels", "does not contradict the labels", impossible(PLANE, HAT_ROOTS)),
    ("rejected", "impossible-line-in-the-plane", "points with one coordinate", line(SQUARE, 1)),
    (
        "rejected",
        "impossible-though-possible",
        "some network of 2 such neurons",
        line(HAT, 2),
    ),
    ("rejected", "impossible-root-missing", "has 1 roots, but 1 neurons need 2", impossible(HAT, HAT_ROOTS[:1])),
    ("rejected", "impossible-another-width", "has 2 roots, but 2 neurons need 3", impossible(HAT, HAT_ROOTS, 2)),
    (
        "rejected",
        "impossible-outer-sum",
        "whose sum is not 0",
        hat_with((1, "cuts", 0, 0), "1 1 -3 3"),
    ),
    (
        "rejected",
        "impossible-labels-agree",
        "cut 1 for 1 positive neurons does not contradict",
        hat_with((1, "cuts", 1), ["1 -1 2 -1", "1 -1 2 -1"]),
    ),
    (
        "rejected",
        "impossible-no-dependency",
        "no dependency of the points",
        hat_with((1, "cuts", 1, 1), "1 1 -2 2"),
    ),
    (
        "rejected",
        "impossible-no-affine-dependency",
        "no dependency of the points",
        impossible(NEGATIVE, NEGATIVE_ROOTS, hidden=True, output=False),
    ),
    (
        "rejected",
        "impossible-cut-too-long",
        "one of the wrong length",
        hat_with((1, "cuts", 0), ["1 1 -3 2", "1 0 0 0", "1 0 0 0"]),
    ),
    (
        "rejected",
        "impossible-row-too-short",
        "one of the wrong length",
        hat_with((1, "cuts", 0, 1), "1 0 0"),
    ),
    # G <= s L is asked where the neuron may be active, G >= 0 where it may be inactive
    (
        "rejected",
        "impossible-active-open",
        "entry 1, cut 1, does not close",
        hat_tree("1:0 1 1"),
    ),
    (
        "rejected",
        "impossible-inactive-open",
        "entry 2, cut 0, does not close",
        hat_tree("1:0 0 0"),
    ),
    ("rejected", "impossible-tree-ends", "1 cases are missing", hat_tree("1:0 0")),
    (
        "rejected",
        "impossible-tree-goes-on",
        "comes after the last leaf",
        hat_tree("1:0 0 1 1"),
    ),
    ("rejected", "impossible-no-such-cut", "names cut 2 of 2", hat_tree("1:0 0 2")),
    (
        "rejected",
        "impossible-no-such-sample",
        "sample 3 and neuron 0, which",
        hat_tree("3:0 0 1"),
    ),
    (
        "rejected",
        "impossible-no-such-neuron",
        "sample 1 and neuron 1, which",
        hat_tree("1:1 0 1"),
    ),
    ("rejected", "impossible-twice", "neuron 0 a second time", hat_tree("1:0 0 1:0 1 1")),
    # the scale of a row counts: 2/1 is more than 1/1
    (
        "rejected",
        "impossible-scaled",
        "does not close its case",
        hat_with((1, "cuts", 1, 1), "1 2 -4 2"),
    ),
    ("rejected", "minimal-width-misses", "misses the label", minimal(PLANE, 2, HAT_NET, branches(HAT_ROOTS))),
    ("rejected", "minimal-width-without-proof", "does not say why 1 neurons", minimal(HAT, 2, HAT_NET, None)),
    ("rejected", "minimal-width-wrong-proof", "has 1 roots", minimal(HAT, 2, HAT_NET, branches(HAT_ROOTS[1:]))),
    (
        "malformed",
        "impossible-two-layers",
        "stated for one hidden layer",
        certificate(
            claim("impossible", dataset=sha(HAT), family=family(1) | {"widths": [1, 1]}),
            proof(**branches(HAT_ROOTS)),
            HAT,
        ),
    ),
    (
        "malformed",
        "impossible-by-magic",
        'must be "branches" or "line"',
        impossible(HAT, None, witness_={"method": "magic"}),
    ),
    (
        "malformed",
        "impossible-bad-tree",
        "must be made of SAMPLE:NEURON and CUT",
        hat_tree("1:0  0 1"),
    ),
    (
        "malformed",
        "impossible-no-denominator",
        "positive denominator",
        hat_with((1, "cuts", 0, 0), "0 1 -3 2"),
    ),
    ("malformed", "impossible-empty-row", "positive denominator", hat_with((1, "cuts", 0, 0), "")),
    (
        "malformed",
        "impossible-capitals",
        "integers in lowercase",
        hat_with((1, "cuts", 0, 0), "1 1 -3 A"),
    ),
]
