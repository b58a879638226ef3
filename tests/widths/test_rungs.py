"""Each rung gets the word that its evidence earns, and one rung in trouble takes no other with it."""

import jax
import numpy as np
import pytest

from overparam.data import DataSpec, from_arrays, load, without_repeats
from overparam.memorizers import memorize
from overparam.widths import NotAccepted, WidthSpec, climb, find_width
from overparam.widths import _found as found
from overparam.widths import _rungs as rungs
from overparam.widths._ladder import _widths

ORIGIN = DataSpec(n=8, d=2)  # the shape that most tests search at, compiled once
DATA = load(ORIGIN)
BUDGET = WidthSpec(starts=8, lm_steps=60, gd=False, widest=4)


def not_accepted(*_, **__):
    raise NotAccepted("the checker did not accept this")


@pytest.mark.slow
def test_a_construction_that_the_checker_leaves_open_is_undecided(tmp_path, monkeypatch):
    certify = rungs.certify

    def fussy(network, data, folder, **claim):
        return not_accepted() if folder.name in ("zhang", "greedy") else certify(network, data, folder, **claim)

    monkeypatch.setattr(rungs, "certify", fussy)
    ladder = climb(DATA, ORIGIN, BUDGET, tmp_path)
    words = {rung.rung: rung.word for rung in ladder.rungs}
    assert words["zhang"] == words["greedy"] == "undecided"
    assert words["pairs"] == words["distinct"] == words["bubeck-4ceil"] == "certified"
    assert {rung.rung for rung in ladder.rungs if rung.certificate is None} == {"counting", "zhang", "greedy", "baum"}
    rank = next(rung for rung in ladder.rungs if rung.rung == "rank")
    assert rank.word == "theorem", "the checker's sentence is about a rank at half as many neurons"
    assert f"certified full rank at {rank.width // 2} neurons" in rank.budget and "docs/theory/lazy.md" in rank.budget
    assert any("the checker did not accept this" in sentence for sentence in ladder.sentences)
    assert {row["rung"] for row in ladder.weights} == {"found", "pairs", "distinct", "bubeck-4ceil"}


def test_a_search_whose_networks_are_not_accepted_finds_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(found, "certify", not_accepted)
    easy = from_arrays(DATA.points, np.abs(DATA.points[:, 0]))
    ((row, certificate),) = find_width(
        easy, range(4, 5), tmp_path / "f", root=jax.random.key(0), starts=8, max_steps=60
    )
    assert certificate is None
    assert row.fitted > 0 and row.certified == 0
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("points", "word"),
    [
        (DATA.points, "theorem"),
        (np.column_stack([np.arange(8.0), np.arange(8.0)]), "vacuous"),
        (load(DataSpec(n=60, d=12)).points, "undecided"),  # too many subsets to decide general position
    ],
)
def test_the_quoted_bound_without_a_network(tmp_path, points, word):
    n, d = points.shape
    rung = rungs.quoted_ceil_4n_d(from_arrays(points, np.arange(n)), n, None, tmp_path / "c", tmp_path)
    assert (rung.word, rung.certificate) == (word, None)
    assert rung.width == (None if word == "vacuous" else -(-4 * n // d))
    assert "every data set" in rung.quantifier
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_repeated_points_count_once(tmp_path):
    twice = from_arrays(np.vstack([DATA.points, DATA.points[::-1]]), [*DATA.labels, *DATA.labels[::-1]])
    once = climb(DATA, ORIGIN, BUDGET, tmp_path / "once")
    both = climb(twice, ORIGIN, BUDGET, tmp_path / "twice")
    assert [(r.rung, r.width, r.word) for r in once.rungs] == [(r.rung, r.width, r.word) for r in both.rungs]
    assert once.searches == both.searches
    assert both.data["n"] == 16 and once.data["n"] == 8
    assert any("8 rows repeat points" in note for note in both.data["notes"])
    signed = from_arrays([[0.0, 1.0], [-0.0, 1.0]], [1.0, 1.0])
    assert len(without_repeats(signed).labels) == 1
    assert without_repeats(DATA) is DATA


@pytest.mark.parametrize(
    ("lowest", "built", "widest", "searched"),
    [
        (7, 13, None, range(7, 13)),
        (7, 13, 20, range(7, 21)),
        (7, 7, None, range(1, 8)),  # the bound is met: only below is there anything to look for
        (7, 5, None, range(1, 6)),  # labels are exceptional: look below
        (7, 5, 9, range(1, 10)),
        (0, 0, None, range(1)),
        (0, 4, None, range(4)),
        (1, 1, None, range(1, 2)),
    ],
)
def test_widths_that_are_searched(lowest, built, widest, searched):
    assert _widths(lowest, built, WidthSpec(widest=widest)) == searched


def test_exceptional_labels_are_searched_below_the_counting_bound(tmp_path):
    """One label sticks out at the extreme point: one neuron takes them, where counting asks for three."""
    labels = np.where(np.arange(8) == np.argmax(DATA.points[:, 0]), 1.0, 0.0)
    data = from_arrays(DATA.points, labels)
    smallest = min(memorize(data.points, labels, name).network.width for name in ("pairs", "greedy", "distinct"))
    ladder = climb(data, ORIGIN, WidthSpec(starts=32, lm_steps=60, gd=False), tmp_path)
    width = {rung.rung: rung.width for rung in ladder.rungs}
    assert smallest < width["counting"] == 3
    assert ladder.searches["found"][0]["width"] == 1
    assert width["found"] == 1
    (budget,) = (rung.budget for rung in ladder.rungs if rung.rung == "found")
    told, _, allowed = budget.partition("; ")
    assert told == "width 1, 32 starts, at most 60 Levenberg-Marquardt steps a start"
    assert allowed in ("", f"allowed: up to width {smallest}"), "no width is said to be searched that was not"


def test_progress_is_told_in_words(tmp_path):
    told = []
    climb(DATA, ORIGIN, BUDGET, tmp_path, tell=told.append)
    assert told[0] == "constructions"
    assert any(text.startswith("Levenberg-Marquardt at width 3") for text in told)
