"""Every speed benchmark runs at its smallest size, and its contenders agree there."""

import json
import os
import subprocess
import sys

import pytest

from tests.house.sources import ROOT

SCRIPTS = sorted(path.name for path in (ROOT / "benchmarks" / "speed").glob("[!_]*.py"))


@pytest.mark.parametrize("script", SCRIPTS)
def test_smallest_size(script, tmp_path):
    out = tmp_path / "record.json"
    command = [sys.executable, str(ROOT / "benchmarks" / "speed" / script), "--smallest", "--repeats", "2"]
    quiet = os.environ | {"JAX_PLATFORMS": "cpu"}
    run = subprocess.run([*command, "--out", str(out)], capture_output=True, text=True, env=quiet, check=False)
    assert run.returncode == 0, run.stderr
    record = json.loads(out.read_text())
    assert {"question", "command", "device", "cores", "python", "versions", "revision", "dtype", "cases"} <= set(record)
    for case in record["cases"]:
        assert "overparam" in case["times"]
        assert len(case["times"]) >= 2
        assert all(times["median_s"] > 0 for times in case["times"].values())


@pytest.mark.parametrize("script", SCRIPTS)
def test_results_are_kept_beside_the_question(script):
    record = json.loads((ROOT / "benchmarks" / "results" / script.replace(".py", ".json")).read_text())
    assert script in record["command"]
    assert len(record["cases"]) > 1
