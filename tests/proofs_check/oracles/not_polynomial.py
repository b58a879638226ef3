"""Second opinion on `not-polynomial`: every monomial by its coordinates, in fractions, the low degrees first."""

import itertools
import math

from tests.proofs_check.oracle import dataset_in, document, integers, need, witness_in


def holds(folder):
    s, _ = document(folder / "statement.json", "dataset degree format kind")
    need(type(s["degree"]) is int and 0 <= s["degree"] < 10**9)
    points, labels = dataset_in(folder, s["dataset"])
    multiplier = integers(witness_in(folder, "multiplier")["multiplier"])
    if len(multiplier) != len(points) or sum(l * y for l, y in zip(multiplier, labels, strict=True)) == 0:
        return False
    monomials = (
        chosen
        for degree in range(s["degree"] + 1)
        for chosen in itertools.combinations_with_replacement(range(len(points[0])), degree)
    )
    return all(
        sum(l * math.prod(x[j] for j in chosen) for l, x in zip(multiplier, points, strict=True)) == 0
        for chosen in monomials
    )
