"""Second opinion on `fits`, and on smooth networks: fractions, or balls of python-flint at more and more bits."""

import operator

from flint import ctx

from tests.proofs_check.oracle import SMOOTH, belongs, dataset_in, document, family_in, need, network_in, number, value
from tests.proofs_check.oracles import least_eigenvalue

PRECISIONS = (100, 1000, 20_000)


def holds(folder):
    s, _ = document(folder / "statement.json", "at_most dataset family format kind")
    family, widths = family_in(s["family"], ("relu", "threshold", *SMOOTH))
    at_most = number(s["at_most"])
    need(at_most > 0 or (at_most == 0 and family["activation"] not in SMOOTH))
    points, labels = dataset_in(folder, s["dataset"])
    layers = network_in(folder)
    if not belongs(layers, family, widths, points):
        return False
    if family["activation"] in SMOOTH:
        ball = least_eigenvalue.ball
        return proved(
            lambda: ball(at_most)
            - sum((smooth_value(layers, family["activation"], x) - ball(y)) ** 2
                  for x, y in zip(points, labels, strict=True))
        )  # fmt: skip
    squares = [(value(layers, family["activation"], x) - y) ** 2 for x, y in zip(points, labels, strict=True)]
    return sum(squares) <= at_most


def proved(slack):
    """Whether balls show at some precision that what `slack` computes is not negative; not if they leave it open."""
    before = ctx.prec
    try:
        for precision in PRECISIONS:
            ctx.prec = precision
            found = slack()
            if found >= 0 or found < 0:
                return bool(found >= 0)
        return False
    finally:
        ctx.prec = before


def near(layers, name, x, label, tolerance):
    """Whether a smooth network errs by at most the tolerance."""
    ball = least_eigenvalue.ball
    return proved(lambda: ball(tolerance) - abs(smooth_value(layers, name, x) - ball(label)))


def smooth_value(layers, name, x):
    """One unit after the other, in balls."""
    x = [least_eigenvalue.ball(a) for a in x]
    for depth, units in enumerate(layers):
        sums = [
            sum(map(operator.mul, map(least_eigenvalue.ball, row), x), least_eigenvalue.ball(b)) for row, b in units
        ]
        x = sums if depth == len(layers) - 1 else [least_eigenvalue.activation(name, t)[0] for t in sums]
    return x[0]
