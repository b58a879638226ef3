"""The wheel in an environment of its own: the commands, the report, and the checker by itself."""

import json
import pathlib

import pytest

import overparam
from tests.packaging.building import finished, site_packages

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

TINY = ("--data", "gaussian", "--n", "6", "--d", "2", "--labels", "gaussian", "--no-gd", "--starts", "8")


def overparam_command(python):
    return python.parent / "overparam"


def where(python, package):
    """The folder from which an interpreter imports a package, asked from a folder without one."""
    told = finished([python, "-c", f"import {package}; print({package}.__file__)"], cwd=python.parent)
    return pathlib.Path(told.stdout.strip()).parent


def test_the_code_is_that_of_the_wheel(installed):
    for package in ("overparam", "proofs_check"):
        assert where(installed, package) == site_packages(installed) / package


def test_one_version_everywhere(installed, tmp_path):
    program = overparam_command(installed)
    assert finished([program, "--version"], cwd=tmp_path).stdout == f"overparam {overparam.__version__}\n"
    asked = "import importlib.metadata; print(importlib.metadata.version('overparam'))"
    assert finished([installed, "-c", asked], cwd=tmp_path).stdout.strip() == overparam.__version__
    rows = json.loads(finished([program, "doctor", "--json"], cwd=tmp_path).stdout)
    assert {row["name"]: row["detail"] for row in rows}["overparam"] == overparam.__version__


def test_results_reports_and_certificates(installed, tmp_path):
    """What the README promises, with nothing of the source tree in sight."""
    program, out = overparam_command(installed), tmp_path / "out"
    finished([program, "verify", "param-count", "zhang2017-thm1", "--no-report", "--out", out], cwd=tmp_path)
    finished([program, "width", *TINY, "--out", out], cwd=tmp_path)
    verdicts = {row["id"]: row["verdict"] for row in json.loads((out / "claims.json").read_text())}
    assert verdicts["zhang2017-thm1"] == "CERTIFIED"
    page = (out / "report.html").read_text()
    assert "zhang2017-thm1" in page and "<svg" in page and "PARTIAL" not in page
    assert "@" in (out / "refs.bib").read_text()
    certificates = sorted({path.parent for path in out.rglob("statement.json")})
    assert certificates
    checker = site_packages(installed) / "proofs_check"
    done = finished([installed, "-I", "-S", checker, "check", *certificates], cwd=tmp_path)
    assert "Accepted" in done.stdout or "accepted" in done.stdout
    assert "accepted" in finished([program, "recheck", out], cwd=tmp_path).stdout
    assert finished([program, "cite", out], cwd=tmp_path).stdout.count("@") > 0


def test_the_dependencies_that_it_names_are_enough(fresh, tmp_path):
    """Installed as a user does, with pip and without extras: nothing is borrowed."""
    program = overparam_command(fresh)
    finished([fresh, "-m", "pip", "check"], cwd=tmp_path)
    rows = json.loads(finished([program, "doctor", "--json"], cwd=tmp_path).stdout)
    assert [row for row in rows if row["needed"] and not row["ok"]] == []
    finished([program, "verify", "zhang2017-thm1", "--out", tmp_path / "out"], cwd=tmp_path)
    assert "PARTIAL" not in (tmp_path / "out" / "report.html").read_text()
