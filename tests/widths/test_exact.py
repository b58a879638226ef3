"""What is proved about the minimal width, and what the ladder shows of it."""

import json

import numpy as np
import pytest

import proofs_check
from overparam.data import Dataset
from overparam.memorizers import memorize
from overparam.records import Side, Word
from overparam.widths import bracket, certify
from overparam.widths._exact import exact_rungs


def gaussian(n, d, seed=0):
    rng = np.random.default_rng(seed)
    return Dataset(rng.normal(size=(n, d)), rng.normal(size=n), "gaussian", ())


def accepted(certificate) -> str:
    answer = proofs_check.check(certificate.folder)
    assert answer.status == "accepted"
    assert answer.sentence == certificate.sentence
    return answer.sentence


def known(data, folder):
    return certify(memorize(data.points, data.labels, "greedy").network, data, folder / "greedy")


def test_the_minimal_width_and_its_certificates(tmp_path):
    proved = bracket(gaussian(7, 2), tmp_path)
    assert (proved.low, proved.high) == (3, 3)
    assert "exactly 2 ReLU neurons" in accepted(proved.impossible)
    assert "3 is the minimal width" in accepted(proved.minimal)
    assert [row["width"] for row in proved.searches] == [0, 1, 2, 3]
    assert [row["outcome"] for row in proved.searches] == ["impossible"] * 3 + ["possible"]
    exact, impossible = exact_rungs(proved, tmp_path, 3000)
    assert (exact.side, exact.word, exact.width, exact.certificate) == (Side.EXACT, Word.CERTIFIED, 3, "exact")
    assert (impossible.side, impossible.word, impossible.width) == (Side.LOWER, Word.IMPOSSIBLE, 3)
    looked = [str(row["nodes"]) for row in proved.searches]  # what was done, not what was allowed
    assert exact.budget == (
        f"{', '.join(looked[:3])} and {looked[3]} cases of activation patterns at widths 0 to 3, at most 3000 a width"
    )
    assert impossible.budget == (
        f"{looked[0]}, {looked[1]} and {looked[2]} cases of activation patterns at widths 0 to 2, at most 3000 a width"
    )


def test_a_known_network_need_not_be_found_again(tmp_path):
    data = gaussian(8, 2)
    proved = bracket(data, tmp_path, known=known(data, tmp_path))
    assert proved.minimal.width == 3
    assert [row["width"] for row in proved.searches] == [0, 1, 2]
    ours, theirs = (json.loads((tmp_path / name / "witness.json").read_text()) for name in ("exact", "greedy"))
    assert ours["layers"] == theirs["layers"]


def test_a_budget_that_ends_leaves_a_bracket(tmp_path):
    data = gaussian(8, 2)
    proved = bracket(data, tmp_path, known=known(data, tmp_path), max_nodes=20)
    assert (proved.low, proved.high, proved.minimal) == (2, 3, None)
    assert "exactly 1 ReLU neuron," in accepted(proved.impossible)
    exact, impossible = exact_rungs(proved, tmp_path, 20)
    assert (exact.word, exact.width, exact.certificate) == (Word.UNDECIDED, None, None)
    assert (impossible.word, impossible.width) == (Word.IMPOSSIBLE, 2)


def test_constant_labels_need_none(tmp_path):
    data = gaussian(5, 2)._replace(labels=np.full(5, 2.5))
    proved = bracket(data, tmp_path)
    assert (proved.low, proved.high, proved.impossible) == (0, 0, None)
    assert "0 is the minimal width" in accepted(proved.minimal)
    assert [rung.rung for rung in exact_rungs(proved, tmp_path, 3000)] == ["exact"]


def test_zigzag_labels_on_a_line(tmp_path):
    data = Dataset(np.arange(9.0)[:, None], np.arange(9.0) % 2, "zigzag", ())
    proved = bracket(data, tmp_path)
    assert proved.minimal.width == 7 == len(data.labels) - 2
    assert "6 ReLU neurons" in accepted(proved.impossible)
    assert accepted(proved.minimal)


def test_repeated_points_count_as_given(tmp_path):
    data = gaussian(6, 2)
    twice = data._replace(
        points=np.vstack([data.points, data.points[:2]]), labels=np.append(data.labels, data.labels[:2])
    )
    once, again = bracket(data, tmp_path / "once"), bracket(twice, tmp_path / "twice")
    assert once.minimal.width == again.minimal.width
    assert "8 points" in accepted(again.minimal)


@pytest.mark.slow
def test_ten_points_of_the_plane(tmp_path):
    proved = bracket(gaussian(10, 2), tmp_path, max_nodes=20_000)
    assert proved.low >= 4
    assert accepted(proved.impossible)
