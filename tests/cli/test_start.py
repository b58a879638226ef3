"""How the program starts: what it imports, how it ends, what it can print on."""

import json
import os
import subprocess
import sys

import pytest

from tests.house.sources import ROOT

HEAVY = {"jax", "jaxlib", "numpy.random", "scipy", "sklearn", "matplotlib", "flint", "optax"}


def python(*arguments, cwd=ROOT, **environment):
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        timeout=120,
        check=False,
    )


def imported(*arguments, cwd=ROOT):
    """Exit code of `overparam ARGUMENTS`, its output, and the packages that it loaded."""
    program = (
        "import sys; from overparam.cli import main; code = main(sys.argv[1:]); "
        "print(code, *sorted(sys.modules), sep='\\n', file=sys.stderr)"
    )
    done = python("-c", program, *arguments, cwd=cwd)
    code, *modules = done.stderr.split("\n")
    return int(code), done.stdout, {m for m in modules if m} | {m.split(".")[0] for m in modules}


COMMANDS = ("doctor", "theorems", "verify", "width", "memorize", "certify", "recheck", "cite", "bundle", "report")


def test_help_lists_the_commands_and_imports_nothing_heavy():
    code, out, modules = imported("--help")
    assert code == 0
    assert all(command in out for command in COMMANDS)
    assert not HEAVY & modules
    assert "proofs_check" not in modules


@pytest.mark.parametrize("command", ["width", "verify"])
def test_help_of_a_command_imports_nothing_heavy(command):
    code, out, modules = imported(command, "--help")
    assert code == 0
    assert "--json" in out and "--out" in out
    assert not HEAVY & modules


def test_theorems_and_cite_import_no_jax(tmp_path):
    code, out, modules = imported("theorems", "--json")
    assert (code, len(json.loads(out))) == (0, 52)
    assert not HEAVY & modules
    (tmp_path / "claims.json").write_text('[{"id": "zhang2017-thm1", "claim": "n suffice", "verdict": "CERTIFIED"}]')
    code, out, modules = imported("cite", tmp_path)
    assert code == 0 and "@" in out and "zhang" in out.lower()
    assert not HEAVY & modules


def test_recheck_imports_no_jax(tmp_path):
    code, out, modules = imported("recheck", ROOT / "tests" / "certificates" / "accepted")
    assert code == 0 and "certificates accepted" in out
    assert not HEAVY & modules


def test_importing_the_package_imports_none_of_its_rooms():
    done = python("-c", "import overparam, sys; print(*sys.modules)")
    assert {m for m in done.stdout.split() if m.startswith("overparam.")} == {"overparam._doors"}


def test_module_and_exit_codes():
    assert python("-m", "overparam", "theorems").returncode == 0
    done = python("-m", "overparam", "theorems", "nope")
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr.startswith("overparam: no theorem is called 'nope'")
    assert python("-m", "overparam", "--nope").returncode == 64


def test_a_terminal_without_unicode(tmp_path):
    """The claim's text has a ceiling sign; JSON stays JSON, text stays readable."""
    certificate = tmp_path / "certificates" / "⌈x⌉ é"
    certificate.mkdir(parents=True)
    (certificate / "statement.json").write_text("{}")
    done = python("-m", "overparam", "recheck", tmp_path, "--json", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 12, done.stderr
    assert json.loads(done.stdout)[0]["certificate"] == "certificates/⌈x⌉ é"
    done = python("-m", "overparam", "recheck", tmp_path, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (12, "")
    assert "certificates/\\u2308x\\u2309 \\xe9" in done.stdout


def test_a_reader_that_leaves_early_is_no_error():
    command = f"{sys.executable} -m overparam theorems --json | head -c 10"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
