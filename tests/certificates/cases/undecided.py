"""Certificates of several kinds that would take more arithmetic than the checker allows itself."""

from fractions import Fraction as F

from tests.certificates.cases.impossible import LINE, family
from tests.certificates.spelling import certificate, claim, dataset, integers, network_file, proof, sha, witness

LONG = 500_000  # bits of a number that a few characters spell
N = 70  # points; n^2 products of two such numbers exceed the memory of one answer
POINTS = dataset([[f"{2 * i + 1:x}*2^{LONG}"] for i in range(N)], [(-1) ** i for i in range(N)])
NET = network_file(([[1], [1]], [1, -1]), ([[1, -1]], [0]))
FACTOR = {"rows": [integers([0] * i + [1]) for i in range(N)], "unit": "1*2^0"}
BOTH = {"activation": "relu", "hidden_bias": True, "output_bias": True, "widths": [2]}

# 0, 1, 0 at 0, 1, 2 plus 3: the hat on a constant needs an output bias, or perhaps another neuron
RAISED = dataset([[0], [1], [2]], [3, 4, 3])
RAISED_NET = {"layers": witness(([[1], [1], [0]], [0, -1, 3]), ([[1, -2, 1]], [0]))["layers"]}

WIDE = dataset([[f"{2 * i + 1:x}*2^{LONG}", f"{4 * i + 1:x}*2^-{LONG}"] for i in range(N)], [1] * N)
WIDE_WEIGHTS = [[f"1*2^{LONG}", f"3*2^-{LONG}"], [f"5*2^-{LONG}", f"7*2^{LONG}"]]

CASES = [
    (
        "undecided",
        "separates-long",
        "would exceed the checker's budget",
        certificate(
            claim("separates", dataset=sha(WIDE), family=BOTH, margin=F(1)),
            witness((WIDE_WEIGHTS, [0, 0]), ([[1, 1]], [0])),
            WIDE,
        ),
    ),
    (
        "undecided",
        "interpolates-near-long",
        "would exceed the checker's budget",
        certificate(
            claim("interpolates-near", dataset=sha(POINTS), distance=F(1), family=BOTH, free=[0], network=sha(NET)),
            proof(factor=FACTOR, floor="1*2^0"),
            POINTS,
            NET,
        ),
    ),
    (
        "undecided",
        "exact-lazy-long",
        "would exceed the checker's budget",
        certificate(
            claim("exact-lazy", dataset=sha(POINTS), family=BOTH, network=sha(NET), step=F(1)),
            proof(
                factor=FACTOR,
                floor="1*2^0",
                ceiling_factor=FACTOR,
                ceiling="1*2^0",
                solution={"row": integers([0] * N), "unit": "1*2^0"},
            ),
            POINTS,
            NET,
        ),
    ),
    (
        "undecided",
        "minimal-width-no-output-bias",
        "this method cannot tell",
        certificate(
            claim("minimal-width", dataset=sha(RAISED), family=family(3, output=False)),
            proof(**RAISED_NET, below=LINE),
            RAISED,
        ),
    ),
]
