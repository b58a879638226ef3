"""Second opinion on `interpolates-residual`: block after block, in fractions."""

from fractions import Fraction

from tests.proofs_check.oracle import (
    dataset_in,
    document,
    family_in,
    list_of,
    need,
    number,
    promised,
    witness_in,
)


def holds(folder):
    s, _ = document(folder / "statement.json", "dataset family format kind stream theorem tolerance")
    family, widths = family_in(s["family"])
    need(type(s["stream"]) is int and 0 < s["stream"] < 10**9)
    tolerance = number(s["tolerance"])
    need(tolerance >= 0)
    points, labels = dataset_in(folder, s["dataset"])
    first, blocks, last = network_in(folder)
    if not promised(s["theorem"], family, widths, points, residual=True):
        return False
    biases = [*first[1], *(b for _, bias, _ in blocks for b in bias)]
    if len(first[1]) != s["stream"] or [len(bias) for _, bias, _ in blocks] != widths:
        return False
    if (not family["hidden_bias"] and any(biases)) or (not family["output_bias"] and last[1]):
        return False
    if len(first[0][0]) != len(points[0]):
        return False
    errors = [abs(value(first, blocks, last, family["activation"], x) - y) for x, y in zip(points, labels, strict=True)]
    return max(errors) <= tolerance


def network_in(folder):
    w = witness_in(folder, "blocks input output")
    need(type(w["input"]) is dict and set(w["input"]) == {"bias", "weights"})
    a, rows = list_of(w["input"]["bias"], number), matrix(w["input"]["weights"])
    need(len(a) == len(rows) and len({len(row) for row in rows}) <= 1)
    blocks = list_of(w["blocks"], lambda block: block_in(block, len(a)))
    need(type(w["output"]) is dict and set(w["output"]) == {"bias", "weights"})
    c, w_ = list_of(w["output"]["bias"], number), matrix(w["output"]["weights"])
    need(len(c) == len(w_) == 1 and len(w_[0]) == len(a))
    return (rows, a), blocks, (w_[0], c[0])


def matrix(value):
    return list_of(value, lambda row: list_of(row, number))


def block_in(value, m):
    need(type(value) is dict and set(value) == {"bias", "outer", "weights"})
    u, s, v = matrix(value["weights"]), list_of(value["bias"], number), matrix(value["outer"])
    need(len(u) == len(s) and len(v) == m)
    need(all(len(row) == m for row in u) and all(len(row) == len(s) for row in v))
    return u, s, v


def times(rows, z):
    return [sum((w * a for w, a in zip(row, z, strict=True)), Fraction(0)) for row in rows]


def value(first, blocks, last, activation, x):
    h = [t + b for t, b in zip(times(first[0], x), first[1], strict=True)]
    for u, s, v in blocks:
        sums = [t + b for t, b in zip(times(u, h), s, strict=True)]
        z = [max(t, Fraction(0)) if activation == "relu" else Fraction(t >= 0) for t in sums]
        h = [a + t for a, t in zip(h, times(v, z), strict=True)]
    return times([last[0]], h)[0] + last[1]
