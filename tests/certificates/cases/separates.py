"""Certificates of the kind `separates`: every label's sign by at least a margin."""

from fractions import Fraction as F

from tests.certificates.spelling import certificate, claim, dataset, sha, witness

SIGNS = dataset([[0], [1], [2]], [-1, 1, -1])
ZEROS = dataset([[0], [1], [2]], [0, 1, 0])
REALS = dataset([[0], [1], [2]], [-1, F(1, 2), -1])


def hat(margin=F(1), data=SIGNS, *, width=2, output=True, c=-1):
    """2 relu(x) - 4 relu(x - 1) - 1 is -1, 1, -1 at 0, 1, 2."""
    family = {"activation": "relu", "hidden_bias": True, "output_bias": output, "widths": [width]}
    net = witness(([[1], [1]], [0, -1]), ([[2, -4]], [c]))
    return certificate(claim("separates", dataset=sha(data), family=family, margin=margin), net, data)


CASES = [
    ("accepted", "separates", "at least 1 at each point with label 1", hat()),
    ("accepted", "separates-less", "is at least 1/3", hat(F(1, 3))),
    ("accepted", "separates-zeros", "there is one whose output is at least 1 at", hat(data=ZEROS)),
    ("rejected", "separates-margin-missed", "sample 0 (counting from 0) lacks", hat(1 + F(1, 2**60))),
    ("rejected", "separates-wrong-sign", "sample 0 (counting from 0) lacks", hat(F(1, 2), c=1)),
    ("rejected", "separates-real-labels", "a margin is a matter of binary labels", hat(data=REALS)),
    ("rejected", "separates-another-width", "not in the stated family", hat(width=3)),
    ("rejected", "separates-output-bias", "nonzero output bias", hat(output=False)),
    ("malformed", "separates-margin-zero", "the margin must be positive", hat(F(0))),
]
