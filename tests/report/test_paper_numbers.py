"""numbers.tex and report.json: one list, every number where it says it is, rounded to the side where it stays true."""

import csv
import io
import json
import pathlib
import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import proofs_check
from overparam.report._claim_rows import claims_of
from overparam.report._ladders import comparison_of, ladder_of
from overparam.report._reading import Folder
from overparam.report._singles import kernel_of, network_of
from overparam.report.paper._numbers import GLOSSES, Quoted, named, numbers_json, numbers_tex, rounded
from overparam.report.paper._quotes import MOST_CELLS, quotes
from overparam.report.paper._stated import neurons_stated, stated
from overparam.report.paper._tex import tex_number
from tests.report.paper_samples import (
    CERTIFY,
    CHAIN,
    KERNEL,
    MEMORIZERS,
    NASTY,
    NETWORK,
    SWEEP,
    body,
    cell,
    everything,
    paper,
)
from tests.report.samples import CLAIMS, LADDER, ladder
from tests.report.test_paper_tex import assert_compiles

STEP = re.compile(r"([^\[\]]+)?((?:\[[^\]]*\])*)")


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
        "opNetworkMemorizeVardiGaussianOfTheConstructionCodeLength": "12",
        "opNetworkCertifyNetNearNeurons": "30",
        "opNetworkCertifyNetNearDistance": "6.622e-15",
        "opNetworkCertifyNetNearGreatestChangeOfAWeight": "1.1e-15",
        "opNetworkProveLazyNeurons": "32",
        "opNetworkProveLazyStep": "3.247e-08",
        "opNetworkProveLazySizeOfTheOutputWeights": "266.4",
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
    assert words["Asked"] == "assumed"  # with constants that the source leaves open
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


def only(**records):
    return named(quotes(Folder(**{"ladders": [], "claims": [], "comparisons": [], "missing": []} | records)))


def test_only_explicit_constants_make_an_asked_width_a_theorem():
    """The gloss speaks of hypotheses that were checked; of a claim its verdict judges them, and the text says so."""
    explicit = CHAIN | {"width": {"asked": 662, "had": 662, "constants": "explicit"}}
    (asked,) = (q for name, q in only(claims=claims_of([explicit])).items() if name.endswith("Asked"))
    assert asked.word == "theorem"
    assert "as the source's formula gives it (constants: explicit)" in asked.means
    assert "its hypotheses are judged by the verdict" in asked.means
    given = explicit | {"width": {"asked": 20, "had": 24, "constants": "explicit, given the condition at the start"}}
    (asked,) = (q for name, q in only(claims=claims_of([given])).items() if name.endswith("Asked"))
    assert asked.word == "assumed"
    assert "nothing here tests it" in GLOSSES["assumed"]


def test_certified_is_what_the_sentence_states():
    """A record may say another number beside its sentence; such a one is not called certified."""
    other = NETWORK | {"sizes": NETWORK["sizes"] | {"neurons": 64}}
    words = {q.name[2:]: q.word for q in only(networks=[network_of(other, stem="memorize-x")]).values()}
    assert words["neurons",] == "computed"
    words = {q.name[2:]: q.word for q in only(networks=[network_of(CERTIFY, stem="certify-x")]).values()}
    assert words == {
        ("neurons",): "certified",
        ("distance",): "certified",
        ("greatest change of a weight",): "computed",
    }
    silent = CERTIFY | {"accepted": "There is one."}
    words = {q.name[2:]: q.word for q in only(networks=[network_of(silent, stem="certify-x")]).values()}
    assert words == {("distance",): "computed", ("greatest change of a weight",): "computed"}
    proved = KERNEL["certified"] | {"at_least": 0.0639}  # above what was accepted
    ends = [q.name[-1] for q in only(kernels=[kernel_of(KERNEL | {"certified": proved}, stem="k")]).values()
            if q.word == "certified"]  # fmt: skip
    assert ends == ["upper"]


@pytest.mark.parametrize(
    ("sentence", "key", "value"),
    [
        ("whose output differs from the label by at most 5/1024 at each of the 6 points", "tolerance", "5/1024"),
        ("whose squared errors at the 6 points of the data set sum to at most 2.", "squared errors", "2"),
        ("The least eigenvalue of the matrix x, is at least 1/8 and at most 1/4.", "at least", "1/8"),
        ("The least eigenvalue of the matrix x, is at least 1/8 and at most 1/4.", "at most", "1/4"),
        ("The least eigenvalue of the matrix x is at least -9439489*2^-90.", "at least", "-9439489*2^-90"),
        ("whose output is at least 1/3 at each point with label 1, and at most minus that", "margin", "1/3"),
        ("on the data set with SHA-256 00, has rank 12: its rows are linearly independent.", "rank", "12"),
    ],
)
def test_bounds_are_read_out_of_sentences(sentence, key, value):
    assert {one.key: one.value for one in stated(sentence)}[key] == value


def test_sentences_of_the_checker_are_read():
    """Of the sample certificates that the checker accepts: every bound in words is found, and every width."""
    found = set()
    for folder in sorted(path.parent for path in pathlib.Path("tests/certificates/accepted").glob("*/statement.json")):
        sentence = proofs_check.check(folder).sentence
        found |= {one.key for one in stated(sentence)}
        if " neurons, with" in sentence:
            assert neurons_stated(sentence) is not None, sentence
    assert found >= {"tolerance", "squared errors", "distance", "at least", "at most", "margin", "step", "rank"}


def test_a_number_that_is_spelled_out_is_rounded_to_where_it_stays_true():
    assert rounded("703/2305843009213693952", "up") == "3.049e-16"
    assert rounded("8828971/67108864", "down") == "0.1315"
    assert rounded("1/3", "up") == "0.3334"
    assert rounded("-9439489*2^-90", "down") == "-7.626e-21"
    assert rounded("1234567") == "1234567"
    assert rounded("1/0") == "1/0"


def test_what_floats_showed_is_observed_and_errors_are_rounded_up():
    made = only(ladders=[ladder_of(LADDER, stem="x")], comparisons=[comparison_of(MEMORIZERS, stem="y")])
    errors = [quote for name, quote in made.items() if name.endswith("FloatSixFourError")]
    assert len(errors) > 2
    assert {(quote.word, quote.toward) for quote in errors} == {("observed", "up")}
    built = {quote.means.partition(": ")[2] for name, quote in made.items() if name.endswith(("RawParams", "Nonzero"))}
    assert all("a direction that all neurons share counts once" in means for means in built)


def test_a_recorded_number_keeps_its_word():
    """The checker was asked when this was written, and did not agree."""
    made = ladder_of(LADDER, stem="x")
    made.rung("found")["word"] = "recorded"
    doubted = network_of(CERTIFY, stem="certify-x")
    object.__setattr__(doubted, "doubted", True)
    comparison = comparison_of(MEMORIZERS, stem="y")
    for row in comparison.rows:
        row["word"] = "recorded"
    quoted = only(ladders=[made], networks=[doubted], comparisons=[comparison])
    assert quoted["opXFound"].word == "recorded"
    assert quoted["opNetworkCertifyXDistance"].word == "recorded"
    assert not any(quote.word == "certified" and not name.startswith("opX") for name, quote in quoted.items())
    assert "recorded" in GLOSSES


def test_the_level_is_that_of_both_ends_together():
    quoted = only(ladders=[ladder_of(LADDER, stem="x")])
    assert "joint confidence of both ends, where both were confirmed" in quoted["opXGdLevel"].means
    assert "confirmed with confidence 0.975 by itself" in quoted["opXGdHigh"].means
    assert "if success does not become rarer as the width grows" in quoted["opXGdLow"].means


def test_a_network_near_an_exact_one_is_not_called_exact():
    near = MEMORIZERS | {"rows": [row | {"claim": "near"} for row in MEMORIZERS["rows"]]}
    quoted = only(comparisons=[comparison_of(near, stem="y")])
    assert "near which an exact one lies" in quoted["opBuiltYPairsNeurons"].means
