"""Certificates of several kinds, each for one decision that no other file depends on; see test_mutants."""

import json
from fractions import Fraction as F

from tests.certificates.cases.exact_lazy import lazy
from tests.certificates.cases.full_row_rank import of_network as rank_of
from tests.certificates.cases.impossible import (
    HAT,
    HAT_ROOTS,
    SQUARE,
    XOR_ROOTS,
    branches,
    changed,
    hat_tree,
    impossible,
    minimal,
)
from tests.certificates.cases.interpolates import HAT_LAYERS, HAT_WITNESS
from tests.certificates.cases.interpolates_near import deep, near
from tests.certificates.cases.least_eigenvalue import cholesky, factor, given
from tests.certificates.cases.malformed import bad_bytes, bad_statement
from tests.certificates.cases.separates import hat as separating
from tests.certificates.spelling import (
    certificate,
    claim,
    dataset,
    folder,
    integers,
    json_bytes,
    matrix_file,
    network_file,
    number,
    proof,
    sha,
    statement,
    witness,
)


def matrix_rows(rows):
    """A matrix that is none, in an otherwise good certificate."""
    matrix = json_bytes({"format": "overparam-matrix-1", "rows": rows})
    of = {"gram": "given", "matrix": sha(matrix)}
    return certificate(
        claim("least-eigenvalue", at_least=F(1), at_most=None, of=of), proof(factor=None, vector=None), matrix
    )


def unit(text):
    return given() | {
        "witness.json": json.dumps(
            proof(factor={"rows": ["1", "1 0"], "unit": text}, vector=integers((1, -1)))
        ).encode()
    }


def descent(points, labels, net, *, step, floor, ceiling, solution, width, low, high, **kept):
    """Of the kind `exact-lazy`."""
    data, net = dataset(points, labels), network_file(*net)
    kept = {"activation": "relu", "hidden_bias": True, "output_bias": True, "widths": [width]} | kept
    fields = {"dataset": sha(data), "family": kept, "network": sha(net), "step": step}
    shown = proof(
        factor=factor(low), floor=number(floor), ceiling_factor=factor(high), ceiling=number(ceiling),
        solution={"row": integers(solution), "unit": number(F(1))},
    )  # fmt: skip
    return certificate(claim("exact-lazy", **fields), shown, data, net)


NOTHING = [[0], [0, 0]]
UNBIASED = {"activation": "relu", "hidden_bias": True, "output_bias": False, "widths": [2]}
# least eigenvalue 2/3, and a bound above it by less than what rounding the entries loses
THIRDS = matrix_file([[1, F(1, 3)], [F(1, 3), 1]])
JUST_ABOVE = F(2**130 + 2, 3 * 2**129)
CORNER = matrix_file([[2, 0, 0], [0, 2, F(1, 4)], [0, 0, 2]])
# a prime that the checker reduces modulo, below the stroke
PRIME = dataset([[0, 0], [F(1, 2**61 - 1), 1], [1, F(1, 3)]], [0, 0, 0])
STEPS = dataset([[-2], [-1], [0], [F(1, 2)], [1], [2]], [1100, 1100, 100, 0, 1, 11])
CONSTANT = dataset([[0], [5]], [101, 101])
VALLEY = dataset([[-2], [0], [2]], [1, 0, 2])
MIXED = dataset([[0], [1], [2]], [-1, 1, 0])
RAISED_BENT = network_file(([[1], [1]], [1, -1]), ([[1, -1]], [1]))
RESTING = network_file(([[1], [1], [1]], [1, -1, 0]), ([[1, -1, 0]], [0]))
TOUCHING = network_file(([[1], [1], [1]], [1, -1, 0]), ([[1, -1, F(1, 2**10)]], [0]))


def below_a_folder():
    files = folder(HAT, statement(HAT, [2], dataset=f"deeper/{sha(HAT)}"), HAT_WITNESS)
    return {name if name in ("statement.json", "witness.json") else f"deeper/{name}": x for name, x in files.items()}


def lazy_without_output_bias():
    """The network's output bias and the labels are 1 higher than in the accepted certificate."""
    files = lazy(net=RAISED_BENT)
    (old,) = (name[:64] for name, content in files.items() if b"overparam-dataset-1" in content)
    data = dataset([[0], [2]], (1 + F(2, 5) + 1, 3))
    document = json.loads(files.pop("statement.json")) | {"dataset": sha(data), "family": UNBIASED}
    files.pop(f"{old}.json")
    return files | {"statement.json": json.dumps(document).encode(), f"{sha(data)}.json": data}


CASES = [
    # reading
    ("malformed", "hash-below-a-folder", "64 lowercase hexadecimal digits", below_a_folder()),
    ("malformed", "nan-for-null", "'NaN' is not allowed", bad_bytes(b"null", b"NaN")),
    ("malformed", "theorem-is-a-list", "the theorem must be a JSON string", bad_statement(theorem=["s-baum"])),
    (
        "malformed",
        "output-rows-too-many",
        "layer 1 has 2 rows of weights and 1 biases",
        folder(HAT, statement(HAT, [2]), witness(HAT_LAYERS[0], ([[1, -2], [1, -2]], [0]))),
    ),
    ("malformed", "least-eigenvalue-no-rows", "at least one row and one column", matrix_rows([])),
    ("malformed", "least-eigenvalue-no-columns", "at least one row and one column", matrix_rows([[]])),
    ("malformed", "least-eigenvalue-unit-zero", "must be a power of two", unit("0*2^0")),
    ("malformed", "least-eigenvalue-unit-third", "must be a power of two", unit("1/3")),
    # families and values
    (
        "rejected",
        "layer-of-no-units",
        "its hidden widths are [2, 0], not [2]",
        folder(HAT, statement(HAT, [2]), witness(HAT_LAYERS[0], ([], []), ([[]], [0]))),
    ),
    (
        "accepted",
        "steps-at-their-knots",
        "exactly 4 threshold neurons",
        folder(
            STEPS,
            statement(STEPS, [4], activation="threshold"),
            witness(([[1], [F(1, 2)], [F(-1, 2)], [-1]], [-1, -1, 0, -1]), ([[1, 10, 100, 1000]], [0])),
        ),
    ),
    (
        "accepted",
        "steps-that-do-not-move",
        "exactly 4 threshold neurons",
        folder(
            CONSTANT,
            statement(CONSTANT, [4], activation="threshold"),
            witness(([[0], [0], [0], [0]], [0, F(-1, 2), F(1, 2), 1]), ([[1, 10, 40, 60]], [0])),
        ),
    ),
    (
        "accepted",
        "slopes-below-one",
        "exactly 2 ReLU neurons",
        folder(VALLEY, statement(VALLEY, [2]), witness(([[1], [F(-1, 2)]], [0, 0]), ([[1, 1]], [0]))),
    ),
    ("rejected", "separates-mixed-labels", "a margin is a matter of binary labels", separating(data=MIXED)),
    # matrices
    ("rejected", "least-eigenvalue-rounded", "not diagonally dominant",
     given(THIRDS, JUST_ABOVE, None, low=NOTHING, vector=None)),
    ("rejected", "least-eigenvalue-skew-corner", "not symmetric",
     given(CORNER, F(1), None, low=[*NOTHING, [0, 0, 0]], vector=None)),
    (
        "rejected",
        "full-row-rank-output-bias",
        "nonzero output bias",
        rank_of(network_file(([[1], [1]], [1, -1]), ([[1, 1]], [1])), [0], output=False),
    ),
    # impossible
    (
        "rejected",
        "impossible-no-contradiction",
        "does not contradict the labels",
        impossible(HAT, [{"cuts": [["1 0 0 0"] + ["1 0 0 0"] * 2], "tree": "0"}] * 3, 2),
    ),
    (
        "rejected",
        "impossible-inactive-by-one",
        "entry 1, cut 0, does not close",
        impossible(SQUARE, changed((0, "cuts", 0, 1), "1 -1 1 1 -1", XOR_ROOTS)),
    ),
    (
        "rejected",
        "impossible-twice-inactive",
        "entry 1 branches at sample 1 and neuron 0 a second time",
        hat_tree("1:0 1:0 0 0 1"),
    ),
    (
        "rejected",
        "minimal-width-misses-one",
        "misses the label",
        minimal(HAT, 2, {"layers": witness(([[1], [1]], [0, -1]), ([[1, -3]], [0]))["layers"]}, branches(HAT_ROOTS)),
    ),
    # position
    (
        "accepted",
        "position-affine-prime",
        "any 3 of them are affinely independent",
        certificate(claim("position", dataset=sha(PRIME), property="affine"), proof(direction=None), PRIME),
    ),
    # near
    (
        "accepted",
        "interpolates-near-just",
        "by at most 1/524288 in",
        near((1 + F(1, 2**20), 2), floor=F(1, 4), distance=F(1, 2**19)),
    ),
    (
        "accepted",
        "interpolates-near-just-bent",
        "of layers 0 and 1",
        near(
            (F(7, 8),), (0, 1), net=network_file(([[1]], [F(1, 4)]), ([[1]], [0])), points=[[F(3, 4)]], widths=(1,),
            distance=F(1, 2), floor=F(5, 16), low=factor([[1]]),
        ),
    ),
    (
        "rejected",
        "interpolates-near-output-bias",
        "nonzero output bias",
        near((2 + F(1, 2**20), 3), net=RAISED_BENT, output=False),
    ),
    (
        "rejected",
        "interpolates-near-two-of-three",
        "but not for this choice",
        deep(F(0), (0, 1), low=cholesky([[5, 9], [9, 32]], 0.6)),
    ),
    # lazy
    ("rejected", "exact-lazy-output-bias", "nonzero output bias", lazy_without_output_bias()),
    ("accepted", "exact-lazy-resting", "exactly 3 ReLU neurons", lazy(net=RESTING, widths=(3,))),
    (
        "rejected",
        "exact-lazy-touching",
        "neuron 2 might switch at sample 0",
        lazy(net=TOUCHING, widths=(3,), off=F(1, 4)),
    ),
    (
        "rejected",
        "exact-lazy-to-the-edge",
        "neuron 0 might switch at sample 0",
        descent(
            [[0]], [0], (([[1]], [1]), ([[1]], [0])), step=F(1), floor=F(1, 2), ceiling=F(1), solution=[1], width=1,
            low=[[0]], high=[[0]],
        ),
    ),
    (
        "accepted",
        "exact-lazy-inactive-to-the-edge",
        "exactly 2 ReLU neurons",
        descent(
            [[0], [F(-3, 4)]], [3, 8], (([[7], [-16]], [4, -4]), ([[1, 1]], [0])), step=F(1, 2), floor=F(1, 2),
            ceiling=F(25, 16), solution=[1, 0], width=2, low=NOTHING, high=NOTHING,
        ),
    ),
]  # fmt: skip
