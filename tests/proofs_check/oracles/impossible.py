"""Second opinion on `impossible`: each single activation pattern is followed to its leaf, in fractions."""

import itertools
from fractions import Fraction

from tests.proofs_check.oracle import Bad, dataset_in, document, family_in, integers, list_of, need, witness_in
from tests.proofs_check.oracles.line import width_on_a_line

MOST = 300_000  # patterns


def holds(folder):
    s, _ = document(folder / "statement.json", "dataset family format kind")
    family, (width, *more) = family_in(s["family"], ("relu",))
    need(not more)
    points, labels = dataset_in(folder, s["dataset"])
    w, _ = document(folder / "witness.json")
    need({"format", "provenance", "method"} <= set(w))
    witness_in(folder, " ".join(set(w) - {"format", "provenance"}))
    return rules_out({k: v for k, v in w.items() if k not in ("format", "provenance")}, points, labels, family, width)


def rules_out(proof, points, labels, family, width):
    if proof.get("method") == "line":
        need(set(proof) == {"method"})
        return len(points[0]) == 1 and width_on_a_line(points, labels, family) > width
    need(proof.get("method") == "branches" and set(proof) == {"method", "roots"})
    roots = list_of(proof["roots"], read_root)
    return len(roots) == width + 1 and all(
        closes(root, [1] * p + [-1] * (width - p), points, labels, family) for p, root in enumerate(roots)
    )


def read_root(root):
    need(type(root) is dict and set(root) == {"cuts", "tree"} and type(root["tree"]) is str)
    cuts = list_of(root["cuts"], lambda cut: list_of(cut, read_row))
    words = root["tree"].split(" ")
    for word in words:
        need(
            word
            and all(part.isascii() and part.isdigit() and (part == "0" or part[0] != "0") for part in word.split(":"))
        )
        need(len(word.split(":")) <= 2 and all(len(part) < 10 for part in word.split(":")))
    return cuts, [tuple(map(int, word.split(":"))) for word in words]


def read_row(text):
    numbers = integers(text)
    need(numbers and numbers[0] > 0)
    return [Fraction(a, numbers[0]) for a in numbers[1:]]


def closes(root, signs, points, labels, family):
    cuts, tree = root
    n, k = len(points), len(signs)
    if n * k > 18:
        raise ValueError("the second opinion is for tiny cases")
    try:
        leaves = set()
        walk(tree, 0, [[None] * n for _ in signs], signs, n, leaves)
        if max(end for end, _ in leaves) != len(tree) - 1:
            return False
        for position, case in leaves:
            (index,) = tree[position]
            if not all(ruled_out(cuts[index], pattern, signs, points, labels, family) for pattern in patterns(case)):
                return False
    except (IndexError, Bad):
        return False
    return all(is_cut(cut, points, labels, family, k) for cut in cuts)


def walk(tree, position, case, signs, n, leaves):
    """Collect (position, case) of all leaves below; returns the position after the subtree."""
    if len(tree[position]) == 1:
        leaves.add((position, tuple(map(tuple, case))))
        return position + 1
    i, j = tree[position]
    if i >= n or j >= len(signs) or case[j][i] is not None:
        raise Bad
    group = [q for q in range(len(signs)) if signs[q] == signs[j] and case[q] == case[j]]
    position += 1
    for m in range(len(group) + 1):
        child = [list(row) for row in case]
        for place, q in enumerate(group):
            child[q][i] = place < m
        position = walk(tree, position, child, signs, n, leaves)
    return position


def patterns(case):
    """All complete patterns of a case."""
    n = len(case[0]) if case else 0
    choices = [(True, False) if a is None else (a,) for row in case for a in row]
    for flat in itertools.product(*choices):
        yield [flat[q * n : (q + 1) * n] for q in range(len(case))]


def is_cut(cut, points, labels, family, k):
    if len(cut) != k + 1 or any(len(row) != len(points) for row in cut):
        return False
    outer, *inner = cut
    if family["output_bias"] and sum(outer):
        return False
    if not sum((a * y for a, y in zip(outer, labels, strict=True)), Fraction(0)) < 0:
        return False
    rows = [[*x, Fraction(1)] if family["hidden_bias"] else x for x in points]
    return all(
        not any(sum(g * z[a] for g, z in zip(row, rows, strict=True)) for a in range(len(rows[0]))) for row in inner
    )


def ruled_out(cut, pattern, signs, points, labels, family):
    """The combination of constraints with non-negative weights, for one complete pattern."""
    outer, *inner = cut
    if len(inner) != len(signs) or any(len(row) != len(points) for row in cut):
        return False
    for row, sign, active in zip(inner, signs, pattern, strict=True):
        for g, value, on in zip(row, outer, active, strict=True):
            weight = sign * value - g if on else g  # of l >= 0 where active, of l <= 0 where inactive
            if weight < 0:
                return False
    return True
