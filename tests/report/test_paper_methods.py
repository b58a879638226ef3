"""methods.tex and checklist.md: composed of what the records say, citing what refs.bib has."""

import copy
import dataclasses
import json
import re

import pytest

from overparam.report._reading import Folder, read_folder
from overparam.report.paper._checklist import NOT_RECORDED, checklist
from overparam.report.paper._methods import methods
from tests.report.paper_samples import KERNEL, NASTY, SWEEP, cited_keys, everything, paper
from tests.report.samples import write_folder
from tests.report.test_paper_tex import assert_compiles

EMPTY = Folder([], [], [], [])


def alone(folder, **kept):
    return dataclasses.replace(EMPTY, **kept)


@pytest.fixture
def folder(tmp_path):
    return everything(tmp_path)


def test_every_key_that_is_cited_is_in_the_bibliography(tmp_path, folder):
    paper(folder, tmp_path)
    have = set(re.findall(r"^@\w+\{([^,\s]+),", (tmp_path / "refs.bib").read_text(), re.MULTILINE))
    texts = [(tmp_path / "methods.tex").read_text(), *(p.read_text() for p in (tmp_path / "tables").iterdir())]
    cited = {key for text in texts for key in cited_keys(text)}
    assert cited <= have
    assert {"overparam", "du2019", "zhang2017", "vardi2022"} <= cited
    assert "no-such-key" not in cited


def test_methods_say_what_the_records_say(folder):
    tex = " ".join(methods(folder).split())
    for said in (
        "gaussian has 40 points in dimension 5",
        "gaussian: bounds and constructions are parameter counting",
        "64 Levenberg-Marquardt starts a width, 500 steps each",
        "succeeds with probability at least 0.5; its interval has confidence 0.95",
        "is censored",
        "2 constructions were built on the first 4, 8 points",
        "least eigenvalue is 0.06387, between 0.06387 and 0.06388",
        "not shown to be the extreme one",
        "4 claims were judged at size ci",
        "Root seeds of the measurements: 0, 1;",
        "accepted, of the matrix as computed, a least eigenvalue, between 0.06387 and 0.06388",
        r"model.width in \{8, 16\}",
        "64 seeds from root seed 0",
        "at most 2000 steps, in float32",
        "at most 0.01 times that of the labels",
        "1 cells lack 32 seeds",
        "Fits in float32 were evaluated again in float64",
        "jax 0.10.2, 0.12.0",
        "Device: cpu",
    ):
        assert said in tex, said
    assert r"\texttt{cdcdcdcd\allowbreak{}cdcdcdcd" in tex
    assert_compiles(methods(folder))


def test_what_is_the_same_for_several_data_sets_is_said_once(folder):
    one = folder.ladders[0]
    other = dataclasses.replace(one, stem="other", name="other")
    tex = methods(alone(folder, ladders=[one, other]))
    assert tex.count("gaussian, other: ") == 7  # each part of both paragraphs
    assert tex.count("500 steps each") == 1


@pytest.mark.parametrize("kind", ["ladders", "claims", "comparisons", "kernels", "networks", "sweep"])
def test_each_kind_alone_says_nothing_about_the_others(folder, kind):
    headings = {
        "ladders": {"Data", "Widths", "Gradient descent", "Certificates", "Software"},
        "claims": {"Claims", "Certificates", "Software"},
        "comparisons": {"Data", "Constructions", "Certificates", "Software"},
        "kernels": {"Data", "Kernels", "Certificates", "Software"},
        "networks": {"Data", "Constructions", "Certificates", "Software"},
        "sweep": {"Sweep", "Statistics of the sweep", "Software"},
    }
    one = alone(folder, **{kind: getattr(folder, kind)})
    assert set(re.findall(r"\\paragraph\{(.*?)\.\}", methods(one))) == headings[kind]
    assert_compiles(methods(one))
    assert "None" not in methods(one) + checklist(one)


def test_a_threshold_without_an_end_says_so(tmp_path, folder):
    made = copy.deepcopy(folder.ladders[0])
    made.gd["low_confirmed"] = False
    made.rung("gd")["low_confirmed"] = False
    assert "the lower end was not confirmed, and no number is quoted" in methods(alone(folder, ladders=[made]))
    assert "not confirmed" not in methods(folder)


@pytest.mark.parametrize(
    ("train", "said", "silent"),
    [
        ({"loss": "logistic"}, "every margin is at least 0.001", "norm of the residual"),
        ({"loss": ["squared", "hinge"]}, "or every margin is at least", None),
        ({"dtype": "float64"}, "in float64", "evaluated again"),
        ({"optimizer": "adam", "step_unit": "absolute"}, "Trained by Adam", "sharpness"),
        ({"weight_decay": 0.1}, "Weight decay: 0.1.", None),
    ],
)
def test_the_protocol_of_a_sweep_is_its_specification(folder, train, said, silent):
    rows = [row | {"train.loss": loss} for row, loss in zip(SWEEP.rows, ("squared", "hinge"), strict=True)]
    axes = ["model.width", *(["train.loss"] if isinstance(train.get("loss"), list) else [])]
    sweep = dataclasses.replace(SWEEP, settings={**SWEEP.settings, "train": train}, rows=rows, axes=axes)
    tex = " ".join(methods(alone(folder, sweep=sweep)).split())
    assert said in tex
    assert silent is None or silent not in tex


def test_a_grid_overrides_the_tables(folder):
    """Where all cells agree they agree with the first grid."""
    sweep = dataclasses.replace(SWEEP, settings={**SWEEP.settings, "grid": ({"train": {"max_steps": 500}},)})
    assert "at most 500 steps" in methods(alone(folder, sweep=sweep))


def test_the_checklist_answers_every_question(folder):
    text = checklist(folder)
    assert len(re.findall(r"^## ", text, re.MULTILINE)) == 9
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        heading, question, *answers = [line for line in section.splitlines() if line]
        assert question.endswith("?*")
        assert answers
        assert all(answer.startswith("- ") for answer in answers), heading
    for said in (
        "CERTIFIED, 1 claim:",
        "state of the source 00ff00ff00ff00ff",
        "64 seeds a cell from root seed 0",
        "`pairs-2n-over-d-plus-1`: hypotheses: affine general position; proof: docs/theory/pairs.md",
        "source: digits, as packaged; licence not recorded",
        "seeds: data 0, initialization 0..63",
    ):
        assert said in text, said


def test_what_was_not_recorded_is_said_to_be_so():
    text = checklist(EMPTY)
    assert text.count(NOT_RECORDED) >= 8
    assert "overparam not recorded" in text


def test_a_partial_folder_is_called_partial(tmp_path):
    (tmp_path / "claims.json").write_text("{")
    folder = read_folder(tmp_path)
    assert "**PARTIAL**: claims.json cannot be read" in checklist(folder).replace("\\", "")
    assert r"\paragraph{Incomplete.}" in methods(folder)
    paper(folder, tmp_path)
    assert json.loads((tmp_path / "report.json").read_text())["partial"] == folder.missing


def test_hostile_names_are_text(tmp_path):
    folder = everything(tmp_path, name=NASTY)
    assert_compiles(methods(folder))
    text = checklist(folder)
    assert "<b>" not in text.replace("\\<b\\>", "")
    assert all(c.isprintable() or c == "\n" for c in text)


def test_records_without_their_fields_make_a_paper_all_the_same(tmp_path):
    write_folder(tmp_path, {"x": {"rungs": [{"rung": "gd"}], "searches": {"gd": {"q": "high"}}}}, [{"id": "a"}])
    (tmp_path / "memorizers-y.json").write_text('{"rows": [{"construction": "pairs", "n": 3, "sizes": {"bits": []}}]}')
    (tmp_path / "kernel-z.json").write_text(json.dumps({"least": {"value": 1.5}, "largest": KERNEL["largest"]}))
    (tmp_path / "memorize-w.json").write_text('{"accepted": "yes", "sizes": {"neurons": "seven"}}')
    folder = read_folder(tmp_path)
    assert folder.kernels
    assert folder.networks
    paper(folder, tmp_path)
    for path in (tmp_path / "methods.tex", tmp_path / "numbers.tex", *(tmp_path / "tables").iterdir()):
        assert_compiles(path.read_text())


def test_the_same_records_write_the_same_bytes(tmp_path):
    folder = everything(tmp_path)
    one, two = paper(folder, tmp_path / "1"), paper(folder, tmp_path / "2")
    names = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert len(names) > 10
    for name in names:
        assert (one / name).read_bytes() == (two / name).read_bytes()
