"""Studies of a user's own, from a decorated function to a verdict on the command line."""

import json

import pytest

import overparam
from overparam.cli import main
from overparam.errors import InputError
from overparam.studies import STUDIES, studies_in, verify

LEMMA = """
import overparam

@overparam.study("{id}", claim="Sums of odd numbers are squares.", refuted_by="a sum that is no square", proved=True)
def odd(setting):
    n = {{"ci": 10, "laptop": 100, "paper": 1000}}[setting.size]
    sums = [sum(range({first}, 2 * k, 2)) == k * k for k in range(1, n)]
    return overparam.Finding(all(sums), f"{{sum(sums)}} of {{len(sums)}} sums are squares.", len(sums))
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "my_studies.py"
    path.write_text(LEMMA.format(id="my-lemma", first=1))
    return path


def test_a_file_of_studies_is_verified_by_its_path(file, tmp_path, capsys):
    assert main(["verify", str(file), "--out", str(tmp_path / "out")]) == 0
    (claim,) = json.loads((tmp_path / "out" / "claims.json").read_text())
    assert claim["verdict"] == "CONSISTENT" and claim["topic"] == "Your own studies" and claim["instances"] == 9
    assert "9 of 9 sums" in capsys.readouterr().out
    assert "Sums of odd numbers" in (tmp_path / "out" / "report.html").read_text()


def test_a_false_claim_is_refuted_from_two_roots_and_a_theorem_stays_open(file, tmp_path):
    file.write_text(LEMMA.format(id="my-lemma", first=2))
    (claim,) = verify([str(file)], tmp_path, "ci")
    assert claim.verdict == "INCONCLUSIVE"
    file.write_text(LEMMA.format(id="my-lemma", first=2).replace(", proved=True", ""))
    (claim,) = verify([str(file)], tmp_path, "ci")
    assert claim.verdict == "REFUTED" and claim.instances == 18


def test_two_files_of_one_name_stay_apart(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "own.py").write_text(LEMMA.format(id=f"lemma-{name}", first=1))
    claims = list(verify([str(tmp_path / name / "own.py") for name in ("a", "b", "a")], tmp_path, "ci"))
    assert [claim.id for claim in claims] == ["lemma-a", "lemma-b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "not a file"),
        ("x = 1", "holds no study"),
        ("1 / 0", "ZeroDivisionError"),
        ("def (", "SyntaxError"),
        (LEMMA.format(id="My lemma", first=1), "lower-case words"),
        (LEMMA.format(id="x", first=1).replace("a sum that is no square", " "), "refuted_by of study x is empty"),
        (LEMMA.format(id=next(iter(STUDIES)), first=1), "another study called"),
    ],
)
def test_what_is_no_study_gets_a_sentence(tmp_path, capsys, text, message):
    path = tmp_path / "own.py"
    if text is not None:
        path.write_text(text)
    assert main(["verify", str(path)]) == 64
    said = capsys.readouterr().err
    assert message in said and "Traceback" not in said


def test_the_decorator_hands_back_a_study_and_knows_its_rules(tmp_path):
    made = overparam.study("a-b", claim="C.", refuted_by="r")(lambda setting: overparam.Finding(None, "Nothing.", 1))
    assert made(tmp_path, "ci").verdict == "INCONCLUSIVE"
    with pytest.raises(InputError, match="lower-case"):
        overparam.study("-a", claim="C.", refuted_by="r")


def test_studies_of_a_file_keep_their_order(tmp_path):
    path = tmp_path / "own.py"
    path.write_text(
        LEMMA.format(id="second", first=1) + LEMMA.format(id="first", first=1).replace("def odd", "def odd2")
    )
    assert list(studies_in(path)) == ["second", "first"]


def test_what_goes_wrong_in_a_study_is_told_by_its_name(tmp_path, capsys):
    path = tmp_path / "own.py"
    for body, message in (("return True", "must hand back an overparam.Finding"), ("1 / 0", "ZeroDivisionError")):
        path.write_text(
            "import overparam\n"
            "@overparam.study('my-lemma', claim='C.', refuted_by='r')\n"
            f"def mine(setting):\n    {body}\n"
        )
        assert main(["verify", str(path)]) == 64
        said = capsys.readouterr().err
        assert "study my-lemma of" in said and message in said and "Traceback" not in said


@pytest.mark.slow
def test_a_second_call_adds_to_the_claims_of_the_first(file, tmp_path):
    out = tmp_path / "out"
    other = tmp_path / "other.py"
    other.write_text(LEMMA.format(id="other-lemma", first=2))
    for path in (file, other, file):
        assert main(["verify", str(path), "--out", str(out)]) == 0
    rows = json.loads((out / "claims.json").read_text())
    assert [row["id"] for row in rows] == ["other-lemma", "my-lemma"]
    (out / "claims.json").write_text("{")
    assert main(["verify", str(file), "--out", str(out)]) == 0
    assert [row["id"] for row in json.loads((out / "claims.json").read_text())] == ["my-lemma"]
