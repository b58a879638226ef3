"""Second opinion on `position`: ranks over the rationals, for every set of points, one after the other."""

import itertools

from flint import fmpq, fmpq_mat

from tests.proofs_check.oracle import dataset_in, document, integers, need, witness_in


def rank(rows):
    return fmpq_mat([[fmpq(x.numerator, x.denominator) for x in row] for row in rows]).rank()


def holds(folder):
    s, _ = document(folder / "statement.json", "dataset format kind property")
    need(s["property"] in ("distinct", "affine", "linear"))
    points, _ = dataset_in(folder, s["dataset"])
    direction = witness_in(folder, "direction")["direction"]
    if direction is not None:
        u = integers(direction)
        if s["property"] != "distinct" or len(u) != len(points[0]):
            return False
        projected = [sum(a * b for a, b in zip(u, point, strict=True)) for point in points]
        return len(set(projected)) == len(points)
    if s["property"] == "distinct":
        return all(a != b for a, b in itertools.combinations(points, 2))
    rows = [[*point, point[0] ** 0] for point in points] if s["property"] == "affine" else points
    size = min(len(rows), len(rows[0]))
    return all(rank(chosen) == size for chosen in itertools.combinations(rows, size))
