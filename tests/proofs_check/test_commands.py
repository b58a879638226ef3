"""The command line, in both of its forms, and the functions behind it."""

import json
import pathlib
import shutil
import subprocess
import sys
from fractions import Fraction as F

import pytest

import proofs_check
from proofs_check import THEOREMS, Malformed, bibtex, check, references, state
from proofs_check.cli import main
from tests.certificates.cases.interpolates import HAT
from tests.certificates.make import HERE
from tests.certificates.spelling import dataset

ROOT = pathlib.Path(__file__).parents[2]
ACCEPTED, REJECTED, MALFORMED = (
    str(HERE / name) for name in ("accepted/hat", "rejected/last-place-up", "malformed/nan")
)


def data_file(tmp_path, content=HAT) -> pathlib.Path:
    import hashlib

    path = tmp_path / f"{hashlib.sha256(content).hexdigest()}.json"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("form", [["-I", "-S", str(ROOT / "proofs_check")], ["-O", "-m", "proofs_check"]])
def test_both_forms_run_from_a_bare_clone(form):
    """The first ignores every installed package and works from any folder; -O shows that no decision is an assert."""
    where = "/" if "-I" in form else ROOT
    for place, code in ((ACCEPTED, 0), (REJECTED, 10), (MALFORMED, 12)):
        done = subprocess.run(
            [sys.executable, *form, "check", place], check=False, capture_output=True, cwd=where, text=True
        )
        assert (done.returncode, done.stderr) == (code, "")
        assert done.stdout.startswith(("accepted: ", "rejected: ", "malformed: "))


def test_only_the_standard_library_is_loaded():
    """Whatever a check loads besides the checker comes with Python, and importing the package loads nearly nothing."""
    program = (
        "import sys; before = set(sys.modules); import proofs_check; n = len(set(sys.modules) - before)\n"
        f"proofs_check.check({ACCEPTED!r}); proofs_check.compare([{ACCEPTED!r}]); proofs_check.bibtex('s-baum')\n"
        "tops = {name.split('.')[0] for name in sys.modules}\n"
        "print(n, sorted(tops - set(sys.stdlib_module_names) - {'__main__', 'proofs_check'}))"
    )
    done = subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, cwd=ROOT, text=True, check=True)
    assert done.stdout.split(maxsplit=1)[1] == "[]\n"
    assert int(done.stdout.split()[0]) < 20


@pytest.mark.parametrize(
    ("places", "code"),
    [
        (["accepted/hat", "accepted/zhang"], 0),
        (["accepted/hat", "undecided/products-too-long"], 11),
        (["undecided/products-too-long", "rejected/last-place-up"], 10),
        (["malformed/nan", "rejected/last-place-up", "accepted/hat"], 12),
        (["no/such/folder"], 12),
    ],
)
@pytest.mark.parametrize("command", ["check", "compare"])
def test_exit_codes(command, places, code, capsys):
    assert main([command, *(str(HERE / place) for place in places)]) == code
    assert "Traceback" not in capsys.readouterr().err


def test_check_json(capsys):
    assert main(["check", ACCEPTED, REJECTED, MALFORMED, "--json"]) == 12
    rows = json.loads(capsys.readouterr().out)
    assert [row["answer"] for row in rows] == ["accepted", "rejected", "malformed"]
    assert "reason" not in rows[0]
    assert all(row["reason"] in row["sentence"] for row in rows[1:])


def test_check_lines_counts_the_checkers_files(capsys):
    assert main(["check", ACCEPTED, "--lines"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    counted = {line[1]: line[0] for line in lines if line[0].isdigit()}
    for name in ("network.py", "claims/interpolates.py", "strict.py"):
        assert int(counted[f"proofs_check/{name}"]) == len((ROOT / "proofs_check" / name).read_text().splitlines())


def test_a_plain_statement_needs_no_theorem():
    """The files listed leave the theorems out."""
    command = [sys.executable, "-I", "-S", "proofs_check", "check", ACCEPTED, "--lines"]
    done = subprocess.run(command, check=True, capture_output=True, cwd=ROOT, text=True)
    assert "network.py" in done.stdout
    assert "theorems" not in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["prove"],
        ["check"],
        ["check", "--verbose", "x"],
        ["state", "interpolates"],
        ["state", "interpolates", "x", "--width", "-1"],
        ["state", "interpolates", "x", "--width", "1_0"],
        ["state", "interpolates", "x", "--width", "1", "--tolerance", "0.1"],
        ["state", "interpolates", "x", "--width", "1", "--tolerance", "1/0"],
        ["state", "interpolates", "x", "--width", "1", "--activation", "swish"],
        ["cite", "zhang2018"],
    ],
)
def test_usage_errors_exit_with_64(arguments, capsys):
    try:
        code = main(arguments)
    except SystemExit as stop:
        code = stop.code
    assert code == 64
    assert capsys.readouterr().err


def test_state_writes_what_check_reads(tmp_path, capsys):
    path = data_file(tmp_path)
    command = ["state", "interpolates", str(path), "--width", "2", "--theorem", "pairs-2n-over-d-plus-1"]
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert main([*command, "--out", str(tmp_path / "statement.json")]) == 0
    assert (tmp_path / "statement.json").read_text() == printed
    shutil.copy(HERE / "accepted" / "hat" / "witness.json", tmp_path)
    answer = check(tmp_path)
    assert answer.status == "accepted"
    assert answer.sentence.startswith(
        "Among the networks with one hidden layer of exactly 2 ReLU neurons, with hidden biases, with an output bias, "
        "there is one whose output equals the label exactly at each of the 3 points in dimension 1 of the data set "
        f"with SHA-256 {path.stem}. "
        "The width 2 is within 2, the bound of the pairs theorem (overparam, docs/theory/pairs.md)"
    )


def test_state_options(tmp_path):
    path = data_file(tmp_path)
    document = json.loads(
        state(
            "interpolates", path, widths=[3, 2], activation="threshold", hidden_bias=False, output_bias=False,
            tolerance=F(1, 3),
        )
    )  # fmt: skip
    assert document["family"] == {
        "activation": "threshold", "hidden_bias": False, "output_bias": False, "widths": [3, 2]
    }  # fmt: skip
    assert document["tolerance"] == "1/3"
    assert document["theorem"] is None
    assert (
        main(
            [
                "state",
                "interpolates",
                str(path),
                "--width",
                "3",
                "2",
                "--tolerance",
                "1/1000",
                "--out",
                str(tmp_path / "s"),
            ]
        )
        == 0
    )
    assert json.loads((tmp_path / "s").read_text())["tolerance"] == "1/3e8"


@pytest.mark.parametrize(
    ("options", "piece"),
    [
        ({"kind": "shatters"}, "kind"),
        ({"widths": []}, "widths"),
        ({"widths": [2, 0]}, "widths"),
        ({"widths": [-1]}, "must be between"),
        ({"widths": [2.0]}, "not allowed"),
        ({"activation": "tanh"}, "activation"),
        ({"tolerance": F(-1)}, "negative"),
        ({"theorem": "zhang2018"}, "knows no theorem"),
        ({"theorem": "param-count"}, "no width that suffices"),
        ({"theorem": "zhang2017-thm1"}, "the stated family is not that"),
        ({"theorem": "pairs-2n-over-d-plus-1", "widths": [3]}, "the width 3 is above 2"),
    ],
)
def test_state_refuses_what_no_witness_could_save(options, piece, tmp_path):
    with pytest.raises(ValueError, match=piece):
        state(**{"kind": "interpolates", "dataset": data_file(tmp_path), "widths": [2]} | options)


def test_state_refuses_a_file_that_is_no_data_set(tmp_path, capsys):
    path = data_file(tmp_path, b"x,y\n1,2\n")
    with pytest.raises(Malformed):
        state("interpolates", path, widths=[2])
    assert main(["state", "interpolates", str(path), "--width", "2"]) == 12
    assert main(["state", "interpolates", str(tmp_path / "none.json"), "--width", "2"]) == 12
    long = data_file(tmp_path, dataset([["1*2^-1048576"] * 2500], [0]))
    assert main(["state", "interpolates", str(long), "--width", "2"]) == 11
    good = data_file(tmp_path)
    assert main(["state", "interpolates", str(good), "--width", "2", "--out", str(tmp_path / "no" / "folder")]) == 64
    assert "Traceback" not in capsys.readouterr().err


def test_cite(capsys):
    assert main(["cite", "baum1988-threshold", "zhang2017", "s-baum", "bubeck2020-relu-baum"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("@") == 3  # two of the four are in one paper
    assert "@article{baum1988," in printed
    assert bibtex("pairs-2n-over-d-plus-1") == references()["overparam"]
    with pytest.raises(KeyError):
        bibtex("nobody1900")


def test_the_bibliography_is_well_formed():
    entries = references()
    text = (pathlib.Path(proofs_check.__file__).parent / "references.bib").read_text(encoding="utf-8")
    assert len(entries) == text.count("\n@") + text.startswith("@")
    for key, entry in entries.items():
        depth = 0
        for character in entry:
            depth += {"{": 1, "}": -1}.get(character, 0)
            assert depth >= 0
        assert depth == 0
        assert entry.endswith("}")
        assert "author" in entry
        assert "title" in entry
        assert entry.split("{")[1].startswith(key)
    assert {theorem.cite for theorem in THEOREMS.values()} - {None} <= set(entries)


def test_compare_reports_a_contradiction(monkeypatch, capsys):
    import dataclasses

    from proofs_check import Quantifier

    false = dataclasses.replace(THEOREMS["param-count"], width=lambda n, d: n, quantifier=Quantifier.EVERY_DATASET)
    monkeypatch.setitem(THEOREMS, "param-count", false)
    assert main(["compare", ACCEPTED]) == 10
    assert main(["compare", ACCEPTED, "--json"]) == 10
    assert "contradicts" in capsys.readouterr().out


def test_paths_that_are_not_text(tmp_path):
    """A folder named by bytes that no encoding knows is printed with escapes, not with a traceback."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", b"proofs_check", b"check", bytes(tmp_path) + b"/\xff\xfe"],
        check=False,
        capture_output=True,
        cwd=ROOT,
    )
    assert done.returncode == 12
    assert done.stdout.startswith(b"malformed: ")
    assert done.stderr == b""


def test_the_public_names():
    assert set(proofs_check.__all__) >= {
        "check", "state", "compare", "THEOREMS", "Answer", "Malformed", "read_dataset", "bibtex"
    }  # fmt: skip
    assert all(getattr(proofs_check, name) is not None for name in proofs_check.__all__)
    with pytest.raises(AttributeError, match="no attribute 'prove'"):
        proofs_check.prove  # noqa: B018
