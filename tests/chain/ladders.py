"""Ladders climbed for the tests, the checker as a referee runs it, and a naive second opinion."""

import json
import pathlib
import shutil
import subprocess
import sys
from fractions import Fraction

import proofs_check
from tests.cli.commands import run
from tests.proofs_check import oracle

CHECKER = pathlib.Path(proofs_check.__file__).parent
SEARCH = ("--no-gd", "--no-report")
GAUSSIAN = ("--data", "gaussian", "--n", "40", "--d", "5", "--labels", "gaussian", "--seed", "0")


def climb(out, *flags):
    """`overparam width FLAGS --out OUT`; the stored ladder, its rungs by name."""
    result = run("width", *flags, *SEARCH, "--out", out)
    assert (result.code, result.err) == (0, ""), result.err
    (path,) = out.glob("ladder-*.json")
    ladder = json.loads(path.read_text())
    return ladder, {rung["rung"]: rung for rung in ladder["rungs"]}


def lone_checker(folder):
    """A folder that holds a copy of proofs_check and nothing else."""
    shutil.copytree(CHECKER, folder / "proofs_check", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def referee(where, *certificates):
    """`python -I -S proofs_check check ...` in that folder: exit code and answers."""
    command = [sys.executable, "-I", "-S", "proofs_check", "check", "--json", *map(str, certificates)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=where, timeout=300, check=False)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def naive_width(certificate, points, labels):
    """The witness, evaluated unit by unit in fractions on the floats themselves; its width if it fits exactly."""
    witness = json.loads((certificate / "witness.json").read_text())
    activation = json.loads((certificate / "statement.json").read_text())["family"]["activation"]
    layers = [oracle.layer(layer) for layer in witness["layers"]]
    for point, label in zip(points.tolist(), labels.tolist(), strict=True):
        assert oracle.value(layers, activation, [Fraction(x) for x in point]) == Fraction(label)
    return len(layers[0])
