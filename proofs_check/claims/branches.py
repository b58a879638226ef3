"""Impossibility by cases: a tree of activation patterns, each leaf closed by one exact certificate.

A network with k ReLU neurons is c + sum_j s_j relu(l_j(x)) with signs s_j and affine l_j.  At sample i neuron j is
*active* (l_j(x_i) >= 0) or *inactive* (l_j(x_i) <= 0).  A cut is a row `outer` of numbers L_i and a row G_j for each
neuron such that sum_i L_i y_i < 0, sum_i L_i = 0 (where there is an output bias), and sum_i G_ij (x_i, 1) = 0 (without
the 1 where hidden biases are absent).  It closes a case if, for each j,

    G_ij <= s_j L_i  at every sample where neuron j may be active, and  G_ij >= 0  where it may be inactive:

then s_j L_i relu(l_j(x_i)) >= G_ij l_j(x_i) in both cases, so an interpolating network would give sum_i L_i y_i =
sum_ij s_j L_i relu(l_j(x_i)) >= sum_j (sum_i G_ij l_j(x_i)) = 0, which is false.

There is one tree for each number p of positive neurons; the first p are the positive ones.  A branch names a sample
and a neuron.  Neurons of the same sign that the case has treated alike so far are interchangeable, so of these it may
be assumed that the first m are active at the sample and the others inactive: one child for each m.
"""

import re
from typing import Any, NamedTuple

from proofs_check.answers import Answer, Malformed, accepted, rejected
from proofs_check.budget import Budget, product_cost
from proofs_check.exact import cleared
from proofs_check.layers import Family
from proofs_check.reading import Dataset, integers_of
from proofs_check.strict import as_list, as_object, as_text, require_keys

_TOKEN = re.compile(r"(0|[1-9][0-9]{0,8})(?::(0|[1-9][0-9]{0,8}))?")
_DOING = "checking the cases"

Row = tuple[int, list[int]]  # a positive denominator, numerators


class Root(NamedTuple):
    """Cuts, each an outer row and one row for each neuron, and a tree in the order of a walk from the root.

    A branch is (sample, neuron), a leaf (cut, None).
    """

    cuts: list[list[Row]]
    tree: list[tuple[int, int | None]]


class Branches(NamedTuple):
    """One root for each number of positive neurons, from none to all."""

    roots: list[Root]


class _Masks(NamedTuple):
    """Of one cut and one neuron: the samples, as bits, at which it may be active, and those where inactive."""

    active: int
    inactive: int


def branches_of(value: Any, budget: Budget) -> Branches:
    """Read the roots of a witness.

    Raises:
        Malformed: they are not spelled as the format asks.
        OverBudget: the numbers are too long to be read within the budget.
    """
    return Branches([_root(root, f"root {p}", budget) for p, root in enumerate(as_list(value, "the roots"))])


def _root(value: Any, what: str, budget: Budget) -> Root:
    root = as_object(value, what)
    require_keys(root, {"cuts", "tree"}, what)
    cuts = [
        [_row(row, f"a row of cut {i} of {what}", budget) for row in as_list(cut, f"cut {i} of {what}")]
        for i, cut in enumerate(as_list(root["cuts"], f"the cuts of {what}"))
    ]
    words = as_text(root["tree"], f"the tree of {what}").split(" ")
    budget.spend(200 * len(words), "reading a tree")
    tree: list[tuple[int, int | None]] = []
    for word in words:
        match = _TOKEN.fullmatch(word)
        if not match:
            raise Malformed(f"the tree of {what} must be made of SAMPLE:NEURON and CUT, one space between two")
        tree.append((int(match[1]), None if match[2] is None else int(match[2])))
    return Root(cuts, tree)


def _row(value: Any, what: str, budget: Budget) -> Row:
    numbers = integers_of(value, what, budget)
    if not numbers or numbers[0] <= 0:
        raise Malformed(f"{what} must begin with its positive denominator")
    return numbers[0], numbers[1:]


def closes_every_pattern(dataset: Dataset, family: Family, width: int, proof: Branches, budget: Budget) -> Answer:
    """Accept iff every tree covers all patterns and every leaf is closed by its cut.

    Raises:
        OverBudget: there are too many leaves, or the numbers are too long.
    """
    if len(proof.roots) != width + 1:
        return rejected(f"the proof has {len(proof.roots)} roots, but {width} neurons need {width + 1}")
    budget.spend(sum(1000 * (width + 1) * len(root.tree) for root in proof.roots), _DOING)
    points = _columns(dataset, family.hidden_bias, budget)
    labels, _ = cleared(dataset.labels, budget)
    for p, root in enumerate(proof.roots):
        signs = [1] * p + [-1] * (width - p)
        closed = []
        for i, cut in enumerate(root.cuts):
            masks = _masks(cut, signs, points, labels, family.output_bias, budget)
            if isinstance(masks, str):
                return rejected(f"cut {i} for {p} positive neurons {masks}")
            closed.append(masks)
        if reason := _open_case(root.tree, closed, signs, dataset.n_samples, budget):
            return rejected(f"in the tree for {p} positive neurons {reason}")
    return accepted(f"No {width} neurons interpolate.")


def _columns(dataset: Dataset, hidden_bias: bool, budget: Budget) -> list[list[int]]:
    """Each coordinate of all points, and ones for the bias, in integers: a scale changes no dependency."""
    columns = [cleared(column, budget)[0] for column in zip(*dataset.points, strict=True)]
    return columns + ([[1] * dataset.n_samples] if hidden_bias else [])


def _masks(
    cut: list[Row], signs: list[int], points: list[list[int]], labels: list[int], output_bias: bool, budget: Budget
) -> list[_Masks] | str:
    """Where each neuron may be active and inactive in the cases that the cut closes, or why it is no cut."""
    if len(cut) != len(signs) + 1 or any(len(row) != len(labels) for _, row in cut):
        return "has a row too many or too few, or one of the wrong length"
    (scale, outer), *inner = cut
    if output_bias and sum(outer) != 0:
        return "has outer numbers whose sum is not 0"
    if _dot(outer, labels, budget) >= 0:
        return "does not contradict the labels"
    found = []
    for sign, (denominator, row) in zip(signs, inner, strict=True):
        if any(_dot(row, column, budget) for column in points):
            return "has an inner row that is no dependency of the points"
        active = inactive = 0
        for i, (g, value) in enumerate(zip(row, outer, strict=True)):
            budget.spend(product_cost(g.bit_length(), scale.bit_length()), _DOING)
            budget.spend(product_cost(value.bit_length(), denominator.bit_length()), _DOING)
            active |= (g * scale <= sign * value * denominator) << i
            inactive |= (g >= 0) << i
        found.append(_Masks(active, inactive))
    return found


def _dot(row: list[int], column: list[int], budget: Budget) -> int:
    bits, other_bits = (max((a.bit_length() for a in numbers), default=0) for numbers in (row, column))
    budget.spend(len(row) * product_cost(bits, other_bits), _DOING)
    return sum(a * b for a, b in zip(row, column, strict=True))


def _open_case(
    tree: list[tuple[int, int | None]], cuts: list[list[_Masks]], signs: list[int], n_samples: int, budget: Budget
) -> str | None:
    """What the tree leaves open, or None if each leaf is closed and no case is missing."""
    # a case: for each neuron the samples, as bits, at which it may be active, and at which it may be inactive
    everywhere = (1 << n_samples) - 1
    waiting = [[(everywhere, everywhere)] * len(signs)]
    for position, (first, neuron) in enumerate(tree):
        if not waiting:
            return f"entry {position} comes after the last leaf"
        case = waiting.pop()
        if neuron is None:
            if first >= len(cuts):
                return f"entry {position} names cut {first} of {len(cuts)}"
            for (active, inactive), masks in zip(case, cuts[first], strict=True):
                if active & ~masks.active or inactive & ~masks.inactive:
                    return f"entry {position}, cut {first}, does not close its case"
            continue
        if first >= n_samples or neuron >= len(signs):
            return f"entry {position} branches at sample {first} and neuron {neuron}, which do not exist"
        bit = 1 << first
        if not (case[neuron][0] & bit and case[neuron][1] & bit):
            return f"entry {position} branches at sample {first} and neuron {neuron} a second time"
        # each child is a list of 64-bit references and two masks for each neuron that changes
        alike = [j for j, state in enumerate(case) if state == case[neuron] and signs[j] == signs[neuron]]
        budget.spend(300 * (len(alike) + 1) * len(signs) * (1 + n_samples // 1000), _DOING)
        budget.hold((len(alike) + 1) * len(signs) * (512 + 2 * n_samples), _DOING)
        for m in range(len(alike), -1, -1):  # the last one waiting comes first
            child = list(case)
            for place, j in enumerate(alike):
                active, inactive = case[j]
                child[j] = (active, inactive & ~bit) if place < m else (active & ~bit, inactive)
            waiting.append(child)
    return f"{len(waiting)} cases are missing" if waiting else None
