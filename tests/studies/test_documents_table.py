"""The table of the documents: whole, sorted, and every sentence decided by studies that there are."""

import json
import re

import pytest

from overparam.cli import main
from overparam.records import Claim, Plot, Series, Table, Verdict, as_json
from overparam.report import catalogue, documents_text, verdicts_of
from overparam.studies import DOCUMENTS, SENTENCES, STUDIES, Finding, listing, sentences_of
from overparam.studies._documents import tagged
from tests.house.sources import ROOT


def test_every_sentence_is_decided_by_studies_that_there_are():
    for sentence in SENTENCES:
        assert sentence.document in DOCUMENTS and sentence.says
        assert sentence.studies and set(sentence.studies) <= set(STUDIES), sentence.name


def test_every_claim_of_the_documents_belongs_to_a_sentence():
    claims = {study for study in STUDIES if study.startswith("s-")}
    assert claims <= set(tagged())


def test_names_are_unique_and_sorted():
    names = [(sentence.document, sentence.number) for sentence in SENTENCES]
    assert names == sorted(set(names))
    assert sentences_of("s-baum") == ("002.3",)


def test_the_tag_selects_them_in_their_order():
    assert [row["id"] for row in listing(tag="documents")] == list(tagged())
    assert len(listing(["param-count"], tag="documents")) == len(tagged()) + 1
    assert all(row["sentences"] for row in listing(tag="documents"))


def test_the_terminal_shows_one_table_by_document_and_sentence():
    claims = [Claim(id, verdict, "C.", "E.", 1, None) for id, verdict in
              [("s-curse", Verdict.SCOPED), ("s-baum", Verdict.CERTIFIED), ("other", Verdict.REFUTED)]]  # fmt: skip
    told = documents_text([json.loads(as_json(claim)) for claim in claims])
    assert told.index("002.3") < told.index("004.5")
    assert "SCOPED" in told and "not run" in told and "REFUTED" not in told
    assert documents_text([json.loads(as_json(claims[2]))]) == ""


def test_the_catalogue_is_whole_and_can_be_made_again(tmp_path, capsys):
    verdicts = dict.fromkeys(STUDIES, "CONSISTENT") | {"s-baum": "CERTIFIED"}
    page = catalogue(verdicts)
    assert verdicts_of(page) == verdicts
    for study in STUDIES:
        assert f"### `{study}`" in page
    (tmp_path / "claims.json").write_text(as_json([{"id": id, "verdict": v} for id, v in verdicts.items()]))
    assert main(["theorems", "--catalogue", str(tmp_path)]) == 0
    assert capsys.readouterr().out == page
    for bad in (
        ["theorems", "s-baum", "--catalogue", str(tmp_path)],
        ["theorems", "--catalogue", str(tmp_path / "no")],
    ):
        assert main(bad) == 64
        assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_left_out_of_plots_and_tables(tmp_path, value):
    from overparam.studies._experiment import Experiment

    plot = Plot("t", "x", "y", (Series("s", (1, 2), (value, 2.0), (value, 1.0), (3.0, value), spread="b"),))
    found = Finding(True, "W.", 1, plots=(plot,), tables=(Table("c", ("a", "b"), (("x", value), ("y", 1))),))
    claim = Experiment("x", "C.", "r", (), "own", lambda setting: found, True)(tmp_path, "ci")
    stored = json.loads(as_json(claim))
    assert stored["plots"][0]["series"][0]["y"] == [None, 2.0]
    assert stored["tables"][0]["rows"] == [["x", None], ["y", 1]]


def test_the_page_of_theorems_is_what_the_program_makes_of_its_verdicts():
    """A changed claim, source or entry asks for `overparam theorems --catalogue` again; every verdict is there."""
    page = (ROOT / "docs" / "theorems.md").read_text()
    assert catalogue(verdicts_of(page)) == page
    assert set(verdicts_of(page)) == set(STUDIES) and "REFUTED" not in verdicts_of(page).values()
    links = re.findall(r"\]\(([^)#]+)\)", page)
    assert links and all((ROOT / "docs" / link).is_file() for link in links)
