"""No mutated certificate is accepted unless the oracle agrees; none crashes, hangs, or takes a gigabyte."""

import collections
import json
import pathlib
import subprocess
import sys
from fractions import Fraction

import pytest

from proofs_check.claims import KINDS
from tests.proofs_check import fuzz, fuzz_run, judging
from tests.proofs_check.oracles.line import choices
from tests.proofs_check.oracles.line import fits as fits_in_floats

ROOT = pathlib.Path(__file__).parents[2]
QUICK, LONG, CHUNK = 2000, 122_000, 6000
ROUNDED = ("interpolates-near", "exact-lazy", "least-eigenvalue")  # here the checker may refuse what is just true


def judge(found: dict, folder: pathlib.Path, every: int) -> None:
    """All that were accepted, and every so many of those refused, against the oracle."""
    assert found["broken"] == []
    said = collections.Counter()
    for index in found["accepted"]:
        name, files = fuzz.mutant(index)
        fuzz_run.lay(folder, files)
        said[opinion(folder)] += 1
        assert said["rejected"] + said["malformed"] == 0, (index, name)
    assert said["accepted"] > 0
    assert 100 * said["too much"] <= said["accepted"]
    for index in found["refused"][::every]:
        name, files = fuzz.mutant(index)
        fuzz_run.lay(folder, files)
        word, sentence = fuzz_run.answer_to(folder)
        if word == "rejected" and name.startswith(ROUNDED):
            continue
        try:
            words = opinion(folder)
        except (AttributeError, IndexError, TypeError, ValueError):
            said["lost"] += 1  # the oracle expects files that make some sense
            continue
        assert words != "accepted", (index, name, word, sentence)
        said["differently"] += words not in (word, "too much")
    assert 50 * said["differently"] <= len(found["refused"])
    assert 100 * said["lost"] <= len(found["refused"])


def opinion(folder: pathlib.Path) -> str:
    try:
        return judging.verdict(folder)
    except judging.TooMuch:
        return "too much"


@pytest.mark.slow
def test_mutants(tmp_path):
    found = fuzz_run.run(0, QUICK, tmp_path / "beside" / "certificate")
    assert sum(found["counts"].values()) == QUICK
    judge(found, tmp_path / "beside" / "certificate", 12)
    assert {name.split()[1] for name in found["counts"]} >= {"accepted", "rejected", "malformed"}


@pytest.mark.slow
@pytest.mark.parametrize("start", range(QUICK, LONG, CHUNK))
def test_mutants_in_little_memory(start, tmp_path):
    """A gigabyte of address space for the interpreter, the checker and the certificate; see `fuzz_run`."""
    command = [sys.executable, "-m", "tests.proofs_check.fuzz_run", start, start + CHUNK, tmp_path / "one"]
    ran = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    found = json.loads(ran.stdout)
    assert sum(found["counts"].values()) == CHUNK
    judge(found, tmp_path / "beside" / "certificate", 10)


def test_mutants_are_the_same_in_every_run():
    assert [fuzz.mutant(i) for i in range(50)] == [fuzz.mutant(i) for i in range(50)]


def test_every_kind_is_mutated():
    kinds = {json.loads(files["statement.json"])["kind"] for _, files in fuzz.seeds()}
    assert kinds == set(KINDS)


@pytest.mark.parametrize("family", [{"hidden_bias": h, "output_bias": o} for h in (True, False) for o in (True, False)])
def test_exact_programs_agree_with_floats(family):
    """On small integers a float program errs by far less than the least error of a network."""
    for xs, labels in (((0, 1, 2), (0, 1, 0)), ((-1, 1, 2), (1, 0, 1)), ((-2, -1, 3), (-1, 2, 2))):
        exact = tuple(map(Fraction, xs))
        for choice in choices(list(xs), 1, family):
            assert judging.fits(exact, labels, choice, family) == fits_in_floats(xs, labels, choice, family)


def test_a_crash_and_a_long_sentence_break_the_rules(tmp_path, monkeypatch):
    """The runner would notice."""
    monkeypatch.setattr(fuzz_run, "check", lambda folder: 1 // 0)
    assert [entry[2] for entry in fuzz_run.run(0, 2, tmp_path / "a" / "b")["broken"]] == ["crash", "crash"]
    assert not fuzz_run.fits("two\nlines") and not fuzz_run.fits("x" * 1000) and not fuzz_run.fits("\u0661")
