"""methods.tex and checklist.md: composed of what the records say, citing what refs.bib has."""

import copy
import dataclasses
import json
import re
from typing import get_args

import jax
import jax.numpy as jnp
import pytest

from overparam.networks import initialize
from overparam.report._reading import Folder, read_folder
from overparam.report.paper._checklist import checklist
from overparam.report.paper._markdown import NOT_RECORDED
from overparam.report.paper._methods import methods
from overparam.report.paper._terms import BETWEEN, LAWS
from overparam.training._outcome import DIVERGED_FACTOR, STUCK_RESIDUAL
from overparam.training._spec import Law
from overparam.widths import WidthSpec
from overparam.widths._protocol import Protocol
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
        "gaussian: bounds and constructions with a source are parameter counting",
        "steps: width 7 (64 starts, none fitted); width 8 (64 starts, none fitted); width 9 (64 starts, 3 fitted).",
        "Budget, in the words of the run: 64 Levenberg-Marquardt starts a width, 500 steps each.",
        "succeeds with probability at least $q$, where $q$ is 0.5.",
        "both ends were confirmed: at width 24 a trial succeeds with probability at least 0.5, and at width 6 with "
        "probability below 0.5, jointly with confidence 0.95.",
        "the success probability does not fall as the width grows",
        "if the success probability at that width lies on the other side of $q$ (the hypothesis being tested)",
        "is censored",
        "2 constructions were built on the first 4 or 8 points",
        "what is claimed: 2 meet every label.",
        "Subject lazy on points.csv-n20. The checker accepted: Exact gradient descent",
        "least eigenvalue is 0.06387, between 0.06387 and 0.06388",
        "not shown to be the extreme one",
        "4 claims were judged; size of the runs: ci (of 1); none recorded for 3 of 4.",
        "1 of the 4 claims state what would refute them, or show an error.",
        "0 (of 1); none recorded for 3 of 4; of 1, where the first measurement did not agree with the claim, a second",
        "accepted that the least eigenvalue of the matrix as computed is at least 0.06387 and at most 0.06388.",
        "statement.json}, what is claimed, of which the checker prints a sentence",
        "lie in that folder or beside it",
        r"model.width in \{8, 16\}",
        "For each cell 64 seeds from root seed 0 were asked for; of 128 in all 96 are there.",
        "Initialization law he: weights $u \\sim N(0, 2/d)$ and $v \\sim N(0, 2/m)$, all biases 0.",
        "or the loss exceeded $10^{6}$ times the sum of the initial loss and of the loss of the zero function",
        "at most 2000 steps, in float32",
        "at most 0.01 times that of the labels",
        "1 cell lacks 32 seeds",
        "Fits in float32 were evaluated again in float64",
        "jax 0.10.2, 0.12.0",
        "Device: cpu",
    ):
        assert said in tex, said
    assert "before the run" not in tex
    assert "claim ." not in tex
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
        "networks": {"Data", "Constructions", "Single certificates", "Certificates", "Software"},
        "sweep": {"Sweep", "Statistics of the sweep", "Software"},
    }
    one = alone(folder, **{kind: getattr(folder, kind)})
    assert set(re.findall(r"\\paragraph\{(.*?)\.\}", methods(one))) == headings[kind]
    assert_compiles(methods(one))
    assert "None" not in methods(one) + checklist(one)


@pytest.mark.parametrize(
    ("low", "high", "said", "silent"),
    [
        (None, 24, "only the upper end was confirmed: at width 24", "0.95 "),
        (7, None, "only the lower end was confirmed: at width 6 a trial succeeds with probability below 0.5", "0.95 "),
        (None, None, "neither end was confirmed", "presumes"),
        (30, 24, "they contradict each other", "confidence"),
    ],
)
def test_a_confidence_is_said_only_of_ends_that_were_confirmed(folder, low, high, said, silent):
    """The level is that of both ends together; one alone has half of its error probability."""
    made = copy.deepcopy(folder.ladders[0])
    made.gd["sentence"] = None
    made.rung("gd")["interval"] = [3 if low is None else low, high]
    made.rung("gd")["low_confirmed"] = low is not None
    one = alone(folder, ladders=[made])
    threshold = next(line for line in methods(one).splitlines() if "confirmed" in line and "gaussian: " in line)
    for text in (threshold, checklist(one)):
        assert said in text
    assert silent not in threshold
    assert ("with confidence 0.975" in threshold) == ((low is None) != (high is None))
    assert "interval has confidence" not in methods(one)


def test_other_tolerances_are_told_where_they_were_counted(folder):
    made = copy.deepcopy(folder.ladders[0])
    silent = alone(folder, ladders=[made])
    assert "a tenth of it" not in methods(silent)
    assert f"other tolerances: {NOT_RECORDED}" in checklist(silent)
    made.gd["tolerance"] = 1e-6
    for row in made.gd["trials"]:
        row["fitted_looser"], row["fitted_tighter"] = row["trials"], 0
    wide = next(row for row in made.gd["trials"] if row["stage"].startswith("confirm"))
    said = f"at width {wide['width']}, {wide['fitted']}, {wide['trials']} and 0 of {wide['trials']}"
    assert said in methods(alone(folder, ladders=[made]))
    assert said in checklist(alone(folder, ladders=[made]))
    assert "with ten times it (at least so many)" in checklist(alone(folder, ladders=[made]))


def test_the_terms_of_a_protocol_are_defined(folder):
    made = copy.deepcopy(folder.ladders[0])
    plain = methods(alone(folder, ladders=[made]))
    assert "sharpness" not in plain
    made.rung("gd")["budget"] = Protocol.of(WidthSpec()).words
    tex = methods(alone(folder, ladders=[made]))
    assert r"largest eigenvalue of $J J^{T}$ at its initial weights" in tex
    assert r"Initialization law he: weights $u \sim N(0, 2/d)$" in tex
    assert "$10^{6}$ times the sum of the initial loss and of half the squared norm of the labels" in tex
    assert_compiles(tex)


def test_the_definitions_are_those_of_the_program():
    assert set(LAWS) == set(BETWEEN) == set(get_args(Law))
    assert DIVERGED_FACTOR**2 == 1e6
    assert STUCK_RESIDUAL == 1e-3
    params = {law: initialize(jax.random.key(0), law, width=3000, dim=50) for law in LAWS}
    spread = {law: [float(jnp.std(leaf)) for leaf in (p.u, p.b, p.v)] for law, p in params.items()}
    # 3000 numbers: the deviation is off by more than a tenth with probability below 1e-12
    assert spread["he"] == pytest.approx([(2 / 50) ** 0.5, 0, (2 / 3000) ** 0.5], rel=0.1)
    assert spread["ntk"] == pytest.approx([1, 1, 3000**-0.5], rel=0.1)
    assert spread["small"] == pytest.approx([0.01 * 51**-0.5, 0.01 * 51**-0.5, 0.01 * 3000**-0.5], rel=0.1)


def test_vacuous_theorems_are_not_called_used(folder):
    one = alone(folder, ladders=folder.ladders)
    assert "Baum" not in methods(one)
    assert "baum1988-threshold" not in checklist(one)
    made = copy.deepcopy(folder.ladders[0])
    made.rung("pairs")["word"] = "recorded"
    assert "pairs construction" not in methods(alone(folder, ladders=[made]))


def test_a_source_is_called_a_proof_only_where_there_is_one(folder):
    text = checklist(folder)
    assert "proof:" not in text
    assert re.search(r"`bubeck2020-relu-baum`: .*; source: bubeck2020, the ReLU network", text)
    assert "source: docs/theory/counting.md; folklore; proved in docs/theory/counting.md" in text
    for line in text.splitlines():
        assert "proved in" not in line or "docs/theory/" in line


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("memorize", "A construction shows that a network of its size exists"),
        ("certify", "speaks of its points, not of other points"),
        ("prove", "the step that its sentence names"),
    ],
)
def test_the_limits_are_those_of_the_kind(folder, command, said):
    text = checklist(alone(folder, networks=[one for one in folder.networks if one.command == command]))
    assert said in text
    assert ("A construction shows" in text) == (command == "memorize")
    assert "Theorems used: not recorded" not in text
    assert ("root seed is not recorded" in text) == (command == "prove")


def test_roots_are_told_as_far_as_they_are_recorded(folder):
    claims = [copy.deepcopy(folder.claims[-1]) for _ in range(3)]
    for claim, roots in zip(claims, (["0"], ["2"], []), strict=True):
        claim["roots"] = roots
    tex = methods(alone(folder, claims=claims))
    assert "0 (of 1), 2 (of 1); none recorded for 1 of 3." in tex
    assert "second measurement" not in tex
    assert "Each claim states what would refute it" in tex
    for claim in claims:
        claim["roots"] = ["0"]
    assert "Root seeds of the measurements: 0." in methods(alone(folder, claims=claims))


def test_claims_that_do_not_state_a_refutation_are_not_counted(folder):
    claims = [copy.deepcopy(folder.claims[-1]) | {"refuted_by": None} for _ in range(2)]
    assert "refute" not in methods(alone(folder, claims=claims))


def test_networks_that_miss_labels_are_not_said_to_meet_them(folder):
    made = copy.deepcopy(folder.comparisons[0])
    for row in made.rows:
        row["claim"] = "fits" if row["construction"] == "pairs" else "near"
    tex = methods(alone(folder, comparisons=[made]))
    assert "meet every label;" not in tex
    assert "1 have within a stated distance a network that meets every label; 1 have squared errors" in tex


def test_what_the_checker_did_not_accept_is_called_recorded(folder):
    doubted = [dataclasses.replace(one, doubted=True) for one in folder.networks]
    one = alone(folder, networks=doubted)
    assert "The checker accepted:" not in methods(one)
    assert methods(one).count("Recorded, but not accepted by the checker when this was written") == 3
    assert "3 records recorded: the record calls it certified" in checklist(one)
    made = copy.deepcopy(folder.ladders[0])
    made.rung("exact")["word"] = "recorded"
    assert "is recorded, but the checker did not accept it" in methods(alone(folder, ladders=[made]))


def test_a_protocol_of_descent_is_told_only_where_it_was_run(folder):
    made = dataclasses.replace(folder.ladders[0], protocol={"gradient descent": "on unit size", "size": "ci"})
    assert "on unit size" in methods(alone(folder, ladders=[made]))
    without = dataclasses.replace(made, gd={})
    assert "on unit size" not in methods(alone(folder, ladders=[without])) + checklist(alone(folder, ladders=[without]))


def test_a_whole_sweep_was_run_for_its_seeds(folder):
    whole = dataclasses.replace(SWEEP, rows=[row | {"rows": 64, "state": "complete"} for row in SWEEP.rows])
    assert "Each cell was run for 64 seeds from root seed 0." in methods(alone(folder, sweep=whole))
    assert "were asked for; 128 of 128 are there" in checklist(alone(folder, sweep=whole))
    assert "were asked for; 96 of 128 are there" in checklist(alone(folder, sweep=SWEEP))


@pytest.mark.parametrize(
    ("train", "said", "silent"),
    [
        ({"loss": "logistic"}, "every margin is at least 0.001", "norm of the residual"),
        ({"loss": ["squared", "hinge"]}, "or every margin is at least", None),
        ({"dtype": "float64"}, "in float64", "evaluated again"),
        ({"optimizer": "adam", "step_unit": "absolute"}, "Trained by Adam", "sharpness"),
        ({"optimizer": "lm", "dtype": "float64"}, "Levenberg-Marquardt iterations on half the sum", "step size"),
        ({"loss": "squared-mean"}, "($1/n$ for half the mean of squared residuals)", None),
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
    assert len(re.findall(r"^## ", text, re.MULTILINE)) == 10
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        heading, question, *answers = [line for line in section.splitlines() if line]
        assert question.endswith("?*")
        assert answers
        assert all(answer.startswith("- ") for answer in answers), heading
    for said in (
        "CERTIFIED, 1 claim:",
        "state of the source 00ff00ff00ff00ff",
        "64 seeds a cell from root seed 0",
        "`pairs-2n-over-d-plus-1`: hypotheses: affine general position; proved in docs/theory/pairs.md",
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
