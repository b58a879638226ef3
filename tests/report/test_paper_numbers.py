"""numbers.tex and report.json: one list, every number where it says it is, rounded to the side where it stays true."""

import csv
import io
import json
import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam.report._claim_rows import claims_of
from overparam.report._ladders import ladder_of
from overparam.report._reading import Folder
from overparam.report.paper._numbers import GLOSSES, Quoted, named, numbers_json, numbers_tex, rounded
from overparam.report.paper._quotes import MOST_CELLS, quotes
from overparam.report.paper._tex import tex_number
from tests.report.paper_samples import CHAIN, NASTY, SWEEP, body, cell, everything, paper
from tests.report.samples import CLAIMS, LADDER, ladder
from tests.report.test_paper_tex import assert_compiles

STEP = re.compile(r"(\w+)?((?:\[[^\]]*\])*)")


def found(record, path):
    """The value at `rungs[rung=found].width`: names of fields, of rows by what they say, of entries by their place."""
    for step in re.split(r"\.(?![^\[]*\])", path):
        name, picks = STEP.fullmatch(step).groups()
        record = record[name] if name else record
        for pick in re.findall(r"\[([^\]]*)\]", picks):
            if pick.isdigit():
                record = record[int(pick)]
            else:
                wanted = dict(pair.split("=", 1) for pair in pick.split(","))
                record = next(row for row in record if all(str(row[k]) == v for k, v in wanted.items()))
    return record


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    out = tmp_path_factory.mktemp("everything")
    paper(everything(out), out)
    return out


def test_every_macro_is_the_number_of_the_json(made):
    record = json.loads((made / "report.json").read_text())
    rows = {row["macro"]: row for row in record["numbers"]}
    macros = dict(re.findall(r"\\newcommand\{\\([A-Za-z]+)\}\{(.*)\}% ", (made / "numbers.tex").read_text()))
    assert set(macros) == set(rows)
    assert len(rows) == len(record["numbers"])
    for name, tex in macros.items():
        assert tex == tex_number(rows[name]["printed"])
        assert rows[name]["printed"] == rounded(rows[name]["value"], rows[name]["rounded"])
        assert rows[name]["word"] in GLOSSES
        assert rows[name]["word"] in record["words"]
    assert record["format"] == 1
    assert record["partial"] == []
    assert_compiles((made / "numbers.tex").read_text())


def test_every_number_is_in_the_file_where_it_says(made):
    """Of those that were not made out of several; a sweep's are in its table, whose rows are records here."""
    rows = json.loads((made / "report.json").read_text())["numbers"]
    files = {name: json.loads((made / name).read_text()) for name in {row["file"] for row in rows} - {"sweep.csv"}}
    files["sweep.csv"] = SWEEP.rows
    placed = [row for row in rows if row["at"] is not None]
    assert len(placed) > 0.8 * len(rows)
    for row in placed:
        assert found(files[row["file"]], row["at"]) == row["value"], row


def test_all_kinds_of_records_are_quoted(made):
    values = {row["macro"]: row["printed"] for row in json.loads((made / "report.json").read_text())["numbers"]}
    expected = {
        "opGaussianNFourZeroSamples": "40",
        "opGaussianNFourZeroFound": "9",
        "opGaussianNFourZeroGdLow": "7",
        "opGaussianNFourZeroGdHigh": "24",
        "opGaussianNFourZeroGdQ": "0.5",
        "opGaussianNFourZeroPairsMaxAbsWeight": "5120",
        "opBuiltPointsOnePairsNeurons": "8",
        "opKernelGaussianLeast": "0.06387",
        "opKernelGaussianLeastUpper": "0.06388",
        "opKernelGaussianLargestLower": "116.4",
        "opKernelGaussianLargestUpper": "116.5",
        "opKernelGaussianCertifiedLower": "0.06387",
        "opNetworkMemorizeVardiGaussianNeurons": "63",
        "opSweepCells": "2",
        "opSweepFitted": "67",
        "opSweepCellWidthEightFitted": "3",
        "opSweepCellWidthEightFitLow": "0.1234",
        "opSweepCellWidthEightFitHigh": "0.9877",
        "opClaims": "4",
        "opClaimsScoped": "1",
        "opClaimSBaum": "SCOPED",
        "opClaimMeanFieldOneAsked": "2.129e+21",
        "opClaimMeanFieldOneInequalityOneObserved": "0.1836",
    }
    assert {name: values.get(name) for name in expected} == expected
    assert "opClaimMeanFieldOneInequalityTwoObserved" not in values  # it was no number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_ends_of_intervals_are_rounded_outwards(value):
    low, near, high = (Fraction(rounded(value, way)) for way in ("down", "nearest", "up"))
    exact = Fraction(value)
    assert low <= exact <= high
    assert low <= near <= high
    assert abs(near - exact) <= abs(exact) / 1000  # four digits


def test_two_names_with_the_same_letters_both_change():
    """A paper that quoted one of them must fail, not print the other's number."""
    one, two = (ladder_of(LADDER, stem=stem) for stem in ("a-1", "a_1"))
    alone = named(quotes(Folder([one], [], [], [])))
    both = named(quotes(Folder([one, two], [], [], [])))
    assert alone["opAOneFound"].value == 9
    assert "opAOneFound" not in both
    assert len(both) == 2 * len(alone)
    swapped = named(quotes(Folder([two, one], [], [], [])))
    assert {k: v.file for k, v in both.items()} == {k: v.file for k, v in swapped.items()}


def test_other_records_leave_names_alone(tmp_path):
    folder = everything(tmp_path)
    alone = named(quotes(Folder(folder.ladders, [], [], [])))
    assert alone.items() <= named(quotes(folder)).items()


@given(st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), max_size=8, unique=True))
def test_names_never_collide(pairs):
    """Names in small alphabets, where letters often agree."""
    made = [Quoted(pair, i, "given", "", "f", None) for i, pair in enumerate(pairs)]
    macros = named(made)
    assert len(macros) == len(made)
    assert all(re.fullmatch("op[A-Za-z]+", name) for name in macros)


def test_an_end_that_was_not_confirmed_is_not_quoted():
    made = ladder()
    made["searches"]["gd"]["low_confirmed"] = False
    macros = named(quotes(Folder([ladder_of(made, stem="x")], [], [], [])))
    assert "opXGdLow" not in macros
    assert macros["opXGdHigh"].value == 24
    assert macros["opXGdHigh"].word == "observed"


def test_any_name_makes_lines_that_compile(tmp_path):
    folder = everything(tmp_path, name=NASTY)
    macros = named(quotes(folder))
    assert_compiles(numbers_tex(macros))
    assert body(numbers_tex(macros)).count(r"\newcommand") == len(macros)
    json.loads(numbers_json(macros, [NASTY]))


def test_damaged_records_are_quoted_as_far_as_they_go():
    made = ladder()
    made["rungs"] += [{"rung": None}, {"rung": "found", "width": "9"}, {"rung": "x", "interval": [1, "2"]}]
    made["weights"] = [{"rung": "found", "bits": True, "neurons": [3]}, {}]
    claims = [CLAIMS[0] | {"instances": "many"}]
    macros = named(quotes(Folder([ladder_of(made, stem="x")], claims_of(claims), [], [])))
    assert macros["opXFound"].value == 9
    assert "opXFoundBits" not in macros


def test_a_large_sweep_keeps_its_cells_in_its_table():
    rows = [cell(f"{i:04x}", i, 1) for i in range(MOST_CELLS + 1)]
    sweep = type(SWEEP)(**{**vars(SWEEP), "rows": rows})
    macros = named(quotes(Folder([], [], [], [], sweep=sweep)))
    assert macros["opSweepFitted"].value == MOST_CELLS + 1
    assert not any(name.startswith("opSweepCell") and name != "opSweepCells" for name in macros)


def test_the_words_of_a_chain_say_what_was_measured_and_what_was_asked():
    macros = named(quotes(Folder([], claims_of([CHAIN]), [], [])))
    words = {name.removeprefix("opClaimMeanFieldOne"): quote.word for name, quote in macros.items()}
    assert words["InequalityOneObserved"] == "observed"
    assert words["InequalityOneBound"] == "formula"
    assert words["Asked"] == "theorem"
    assert words["Had"] == "given"
    assert words["Instances"] == "CONSISTENT"


def test_the_table_of_a_real_sweep_has_these_columns(tmp_path):
    """The sample's columns are those that sweep.csv has."""
    from overparam.report._sweeps import cell_rows
    from overparam.sweeps import CellState

    state = CellState("00aa", {"model.width": 8}, 64, 64, {"fitted": 3, "max_steps": 61}, 0, None)
    text = io.StringIO()
    (real,) = cell_rows([state])
    writer = csv.DictWriter(text, list(real))
    writer.writeheader()
    assert list(real) == list(SWEEP.rows[0])
