"""Running commands inside the test's process, and the data files that they are given."""

import contextlib
import io
import json
import pathlib
from typing import Any, NamedTuple

import numpy as np

from overparam.cli import main

LADDER_KEYS = {"format", "data", "rungs", "searches", "weights", "protocol", "versions", "sentences"}
DATA_KEYS = {"name", "n", "d", "sha256", "labels", "notes", "findings"}
RUNG_KEYS = {
    "rung", "family", "side", "width", "interval", "word", "quantifier", "theorem", "starts", "budget", "certificate",
}  # fmt: skip
RUNGS = {
    "counting", "impossible", "exact", "rank", "found", "gd", "pairs", "greedy", "distinct", "bubeck-4ceil",
    "ceil-4n-d", "zhang", "baum", "ntk",
}  # fmt: skip
WORDS = {"theorem", "certified", "observed", "not_found", "undecided", "vacuous", "impossible"}
SIDES = {"lower", "upper", "exact", "threshold"}
SHORT = ("--no-gd", "--no-report", "--starts", "8", "--lm-steps", "60")


class Result(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(*arguments: object) -> Result:
    """`overparam ARGUMENTS`."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    return Result(code, out.getvalue(), err.getvalue())


def refused(*arguments: object) -> str:
    """The sentence by which a command is refused: nothing on standard output, no traceback, exit code 64."""
    result = run(*arguments)
    assert result.code == 64, result
    assert result.out == ""
    assert "Traceback" not in result.err
    return " ".join(result.err.split())


def one_sentence(*arguments: object) -> str:
    """The same, where the refusal is ours and not that of the command line's parser: one line."""
    result = run(*arguments)
    assert refused(*arguments) == " ".join(result.err.split())
    assert result.err.startswith("overparam: ")
    assert result.err.count("\n") == 1
    return result.err


def npz(folder: pathlib.Path, points: Any, labels: Any, name: str = "points.npz") -> pathlib.Path:
    np.savez(folder / name, X=points, y=labels)
    return folder / name


def files(folder: pathlib.Path) -> dict[str, bytes]:
    """Every file below, hidden ones too."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def check_rungs(ladder: dict[str, Any], out: pathlib.Path | None, *, exceptional: bool = False) -> dict[str, Any]:
    """What every ladder obeys, whatever the data; returns the rungs by name."""
    assert set(ladder) == LADDER_KEYS
    assert set(ladder["data"]) == DATA_KEYS
    assert len(ladder["data"]["sha256"]) == 64
    lower = proved = 0
    for rung in ladder["rungs"]:
        assert set(rung) == RUNG_KEYS
        assert rung["rung"] in RUNGS
        assert rung["word"] in WORDS
        assert rung["side"] in SIDES
        assert rung["width"] is None or (type(rung["width"]) is int and rung["width"] >= 0)
        if out is not None:
            rests_on_files = rung["word"] in ("certified", "impossible") or (
                rung["rung"] == "rank" and rung["word"] == "theorem"  # on a rank; that twice as many suffice is proved
            )
            assert (rung["certificate"] is not None) == rests_on_files
            assert rung["certificate"] is None or (out / rung["certificate"] / "witness.json").is_file()
        else:
            assert rung["certificate"] is None, "nothing was kept"
        assert rung["word"] != "certified" or (rung["width"] is not None and rung["rung"] != "rank")
        assert rung["rung"] != "gd" or (rung["word"] == "observed" and rung["side"] == "threshold")
        if rung["side"] == "lower":
            assert rung["word"] == {"counting": "theorem", "impossible": "impossible"}[rung["rung"]]
            lower = max(lower, rung["width"])
            proved = max(proved, rung["width"] if rung["rung"] == "impossible" else 0)
        assert (rung["side"] == "exact") == (rung["rung"] == "exact")
    rungs = {rung["rung"]: rung for rung in ladder["rungs"]}
    assert len(rungs) == len(ladder["rungs"])
    relu = [r for r in rungs.values() if r["word"] == "certified" and "threshold" not in r["family"]]
    assert relu, "the greedy construction takes every data set"
    assert all(r["width"] >= proved for r in relu if "no output bias" not in r["family"])
    assert exceptional or all(r["width"] >= lower for r in relu if "no output bias" not in r["family"])
    return rungs
