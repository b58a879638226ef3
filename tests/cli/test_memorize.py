"""`overparam memorize`: the list, the options of one construction, and the comparison of all."""

import json

import pytest

import proofs_check
from overparam.memorizers import CATALOGUE
from tests.cli.commands import files, one_sentence, refused, run

SMALL = ("--data", "gaussian", "--n", "6", "--d", "2", "--labels", "signs")


def test_the_list_has_every_construction():
    text = run("memorize", "--list").out
    listed, explained = text.split("\n\n")
    assert [line.split()[0] for line in listed.splitlines()[1:]] == list(CATALOGUE)
    assert all(f"{claim}:" in explained for claim in ("exact", "fits", "within", "near"))
    rows = run("memorize", "--list", "--json").json
    assert [row["construction"] for row in rows] == list(CATALOGUE)
    assert all(row["words"] in text for row in rows)


def test_options_reach_the_construction_and_foreign_ones_are_refused():
    assert (
        run("memorize", *SMALL, "--construction", "zhang-deep", "--depth", "3", "--json").json["sizes"]["hidden_layers"]
        == 4
    )
    assert "takes no options; got depth=3" in one_sentence(
        "memorize", *SMALL, "--construction", "pairs", "--depth", "3"
    )
    assert "takes no option of a construction; got eps" in one_sentence(
        "memorize", *SMALL, "--construction", "all", "--eps", "0.1"
    )
    assert "--at belongs to" in one_sentence("memorize", *SMALL, "--at", "3")
    assert refused("memorize", *SMALL, "--activation", "sine")


@pytest.mark.slow
def test_all_constructions_on_one_data_set(tmp_path):
    result = run("memorize", *SMALL, "--construction", "all", "--at", "3", "6", "--json", "--out", tmp_path)
    assert result.code == 0, result.err
    record = result.json
    assert {row["construction"] for row in record["rows"]} == set(CATALOGUE)
    stored = files(tmp_path)
    (name,) = [file for file in stored if file.startswith("memorizers-")]
    for row in json.loads(stored[name])["rows"]:
        if row["certificate"]:
            assert proofs_check.check(tmp_path / row["certificate"]).status == "accepted"
    assert {"report.html", "refs.bib"} <= set(stored)
    text = run("memorize", *SMALL, "--construction", "all", "--at", "3", "6", "--out", tmp_path).out
    built = {row["construction"] for row in record["rows"] if row["sizes"]}
    assert all(any(line.startswith(c) for line in text.splitlines()) for c in built)


def test_a_size_out_of_range_is_refused_before_anything_is_built(tmp_path):
    message = one_sentence("memorize", *SMALL, "--construction", "all", "--at", "7", "--out", tmp_path / "x")
    assert "--at must be between 1 and 6" in message
    assert not [f for f in files(tmp_path) if f.endswith(".json")]
