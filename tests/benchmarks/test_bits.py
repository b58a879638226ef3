"""The table of sizes by formula runs, and the README quotes its record."""

import json
import subprocess
import sys

from tests.house.sources import ROOT

RECORD = ROOT / "benchmarks" / "results" / "parameters_against_n.json"


def test_runs_to_a_small_number_of_points(tmp_path):
    out = tmp_path / "record.json"
    script = ROOT / "benchmarks" / "bits" / "parameters_against_n.py"
    run = subprocess.run([sys.executable, script, "--most", "12000", "--out", out], capture_output=True, check=False)
    assert run.returncode == 0, run.stderr
    found, kept = json.loads(out.read_text()), json.loads(RECORD.read_text())
    assert found["cases"] == kept["cases"]
    assert found["crossings"]["grid"] == {"nonzero": 9711, "raw_params": None}
    assert found["crossings"]["spread"] == {"nonzero": None, "raw_params": None}


def test_the_readme_quotes_the_record():
    readme = (ROOT / "benchmarks" / "README.md").read_text()
    record = json.loads(RECORD.read_text())
    for case in record["cases"]:
        if case["n_samples"] >= 1000:
            fields = ("hidden_layers", "raw_params", "nonzero", "code_bits", "total_bits")
            cells = [case["points"], f"{case['n_samples']:,}", *(f"{case[field]:,}" for field in fields)]
            assert f"| {' | '.join(cells)} |" in readme
    for field in ("nonzero", "raw_params"):
        for points in ("grid", "spread"):
            assert f"{record['crossings'][points][field]:,}" in readme
