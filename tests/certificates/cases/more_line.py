"""Certificates of the kind `impossible` on a line, chosen so that each decision there changes one of their answers."""

from tests.certificates.cases.impossible import LINE, family
from tests.certificates.spelling import certificate, claim, dataset, proof, sha


def line(t, y, width, **kept):
    data = dataset([[x] for x in t], y)
    return certificate(claim("impossible", dataset=sha(data), family=family(width, **kept)), proof(**LINE), data)


CASES = [
    (
        "undecided",
        "impossible-line-no-output-bias",
        "this method cannot tell",
        line((-6, -1, 1, 3, 5, 6), (0, -10, -12, -14, -14, -12), 2, output=False),
    ),
    (
        "undecided",
        "impossible-line-no-hidden-bias",
        "this method cannot tell",
        line((0, 3, 4, 6), (-2, 2, -1, -2), 2, hidden=False),
    ),
    (
        "undecided",
        "impossible-line-no-hidden-bias-more",
        "this method cannot tell",
        line((0, 3, 4, 6), (-2, 2, -1, -2), 3, hidden=False),
    ),
    ("rejected", "impossible-line-one-place", "with one neuron for each knot", line((2, 2), (0, 0), 0)),
    ("rejected", "impossible-line-two-more", "0 knots suffice for these", line((1, 2), (0, 0), 2, output=False)),
    (
        "accepted",
        "impossible-line-two-labels",
        "hence no such network with fewer neurons does",
        line((1, 1), (3, 0), 3),
    ),
    (
        "rejected",
        "impossible-line-shared-out",
        "with one neuron for each knot",
        line((-4, -2, -1, 0, 1, 6), (0, 4, 6, 7, 8, 23), 2),
    ),
]
