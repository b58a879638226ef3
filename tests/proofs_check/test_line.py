"""The decision on a line, against a search through all places of all neurons, and at its limits."""

import itertools
import random

import numpy as np
import pytest

from proofs_check.answers import OverBudget, Status
from proofs_check.budget import Budget
from proofs_check.claims import line
from proofs_check.claims.line import needs_more_than
from proofs_check.layers import Family
from tests.proofs_check.lines import bent, dataset, pieces, relu, takes


def status(t, y, width, *, budget=None, **biases):
    return needs_more_than(dataset(t, y), relu(width, **biases), width, budget or Budget()).status


def minimal_width(t, y):
    for width in range(len(t)):
        if status(t, y, width) is Status.REJECTED:
            return width
        assert status(t, y, width) is Status.ACCEPTED
    raise AssertionError("a point less than points suffices")


def agrees_with_the_search(t, y, widest=3):
    width = minimal_width(t, y)
    if 0 < width <= widest + 1:
        assert not takes(t, y, width - 1)
    if width <= widest:
        assert takes(t, y, width)
    return width


@pytest.mark.slow
def test_random_labels_agree_with_the_search_through_all_places():
    rng = random.Random(1)
    for _ in range(150):
        n = rng.choice([1, 2, 3, 4, 5, 6, 6])
        t = sorted(rng.sample(range(-8, 9), n)) if rng.random() < 0.5 else range(n)
        agrees_with_the_search(list(t), [rng.randint(-(size := rng.choice([1, 2, 5, 20])), size) for _ in range(n)])


def test_chosen_runs_agree_with_the_search_through_all_places():
    """Runs of all lengths, zeros between them, repeated slopes: those whose knots move, and those that are rigid."""
    rng, extra = random.Random(2), []
    for _ in range(200):
        n = rng.choice([4, 5, 6, 7, 8])
        signs = []
        while len(signs) < n - 2:
            signs += [rng.choice([1, -1, 0])] * rng.choice([1, 2, 2, 2, 3])
        t, y = bent(
            rng.randint(-8, 8),
            [sign * rng.randint(1, 6) for sign in signs[: n - 2]],
            [rng.choice([1, 1, 2, 3]) for _ in range(n - 1)],
        )
        runs = [len(list(run)) for sign, run in itertools.groupby(signs[: n - 2]) if sign]
        least = sum((length + 1) // 2 for length in runs)
        width = agrees_with_the_search(t, y, widest=3 if n <= 6 else 2)
        assert least <= width <= least + 1
        extra.append((width - least, all(length % 2 == 0 for length in runs)))
    assert all(extra.count(case) > 3 for case in itertools.product((0, 1), (False, True)))


@pytest.mark.parametrize(
    ("t", "y", "width"),
    [
        ([5], [3], 0),
        ([0, 1, 2], [7, 7, 7], 0),
        ([0, 1, 2], [1, 2, 3], 1),
        ([0, 1, 2], [0, 1, 0], 2),
        ([0, 1, 2, 3], [0, 1, 0, 1], 3),
        ([0, 1, 2, 3, 4], [0, 1, 0, 1, 0], 3),
        (range(9), [i % 2 for i in range(9)], 7),
        (*pieces([-4, -1, 4]), 3),
        (*pieces([-5, -2, 3]), 2),
        (*pieces([-8, -5, 0]), 2),
        (*pieces([1, 2, 4, 9]), 4),  # convex and rising: no sum of turns goes down to 0
    ],
)
def test_known_values(t, y, width):
    assert minimal_width(t, y) == width


@pytest.mark.parametrize(("seed", "width"), [(0, 4), (1, 3), (2, 3)])
def test_values_of_an_independent_prototype(seed, width):
    rng = np.random.default_rng(seed)
    points, labels = rng.normal(size=(6, 1)), rng.normal(size=6)
    assert minimal_width(points[:, 0].tolist(), labels.tolist()) == width


def test_points_in_any_order_and_repeated():
    t, y = pieces([-4, -1, 4])
    assert minimal_width([*t[::-1], t[0], t[3]], [*y[::-1], y[0], y[3]]) == 3
    for width in (0, 5, 100):
        answer = needs_more_than(dataset([0, 1, 0], [1, 2, 3]), relu(width), width, Budget())
        assert answer.status is Status.ACCEPTED
        assert "two equal points have different labels" in answer.sentence


def test_subset_sums_of_either_kind():
    rng = random.Random(3)
    turns = [rng.randint(1, 10**15) * rng.choice([1, -1]) for _ in range(24)]
    hit = sum(turn for turn in turns if rng.random() < 0.5)
    for first, expected in ((-hit, Status.REJECTED), (-hit - 1, Status.ACCEPTED)):
        t, y = pieces(list(itertools.accumulate(turns, initial=first)))
        assert status(t, y, 24) is expected
        assert status(t, y, 23) is Status.ACCEPTED
        assert status(t, y, 25) is Status.REJECTED


def test_many_small_turns_are_quick_and_many_large_ones_undecided():
    rng = random.Random(4)
    t, y = pieces(list(itertools.accumulate([rng.randint(1, 3) for _ in range(2000)], initial=-2000)))
    assert status(t, y, 2000) is Status.REJECTED
    t, y = pieces(list(itertools.accumulate([2 * rng.randint(1, 3) for _ in range(300)], initial=-301)))
    assert status(t, y, 300) is Status.ACCEPTED  # an odd number is no sum of even ones
    t, y = pieces(list(itertools.accumulate([rng.randint(1, 10**30) for _ in range(80)], initial=-(10**31))))
    with pytest.raises(OverBudget, match="searching the subset sums"):
        status(t, y, 80, budget=Budget(10**9))


def test_rounded_numbers_give_the_same_answer_or_none(monkeypatch):
    rng, seen = random.Random(5), []
    for _ in range(150):
        n = rng.randint(3, 8)
        y = [rng.randint(-9, 9) for _ in range(n)]
        width = minimal_width(range(n), y)
        with monkeypatch.context() as patch:
            patch.setattr(line, "_EXACT", 0)
            patch.setattr(line, "_ROUNDED", rng.choice([3, 10, 128]))
            for tried, expected in ((width, Status.REJECTED), (width - 1, Status.ACCEPTED)):
                try:
                    seen.append(status(range(n), y, tried))
                    assert seen[-1] is expected
                except OverBudget as over:
                    seen.append("rounded numbers" in str(over))
    assert False not in seen
    assert min(map(seen.count, (True, Status.REJECTED, Status.ACCEPTED))) > 20


def test_ten_thousand_points():
    t = np.random.default_rng(0).normal(size=10_000)
    convex = t.tolist(), np.exp(t).tolist()
    assert [status(*convex, width) for width in (4998, 4999, 5000)] == [
        Status.ACCEPTED,
        Status.ACCEPTED,
        Status.REJECTED,
    ]


def test_families_without_a_bias_are_ruled_out_with_those_that_have_both_or_left_open():
    t, y = pieces([-4, -1, 4])  # K* = 2, three neurons
    no_output = [status(t, y, width, output_bias=False) for width in (1, 2, 3, 4)]
    assert no_output == [Status.ACCEPTED, Status.ACCEPTED, Status.UNDECIDED, Status.REJECTED]
    no_hidden = [status(t, y, width, hidden_bias=False) for width in (1, 2, 3, 4)]
    assert no_hidden == [Status.ACCEPTED, Status.ACCEPTED, Status.UNDECIDED, Status.UNDECIDED]


def test_other_questions_are_refused():
    planar = dataset([0, 1], [0, 1])
    planar = type(planar)("0" * 64, tuple((x, x) for (x,) in planar.points), planar.labels)
    for data, family in (
        (planar, relu(0)),
        (dataset([0, 1], [0, 1]), Family("threshold", True, True, (0,))),
        (dataset([0, 1], [0, 1]), Family("relu", True, True, (1, 1))),
    ):
        answer = needs_more_than(data, family, 0, Budget())
        assert answer.status is Status.REJECTED
        assert "one coordinate" in answer.reason


def test_the_sentence_says_all():
    answer = needs_more_than(dataset(range(4), [0, 1, 0, 1]), relu(9), 2, Budget())
    assert "exactly 2 ReLU neurons" in answer.sentence
    assert "4 points in dimension 1 of the data set with SHA-256 000" in answer.sentence
    assert len(answer.sentence) < 600
