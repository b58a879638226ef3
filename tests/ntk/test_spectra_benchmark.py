"""The benchmark of the least eigenvalue runs, and its contenders agree to 1e-8."""

import json
import os
import subprocess
import sys

import pytest

from tests.house.sources import ROOT


@pytest.mark.slow
def test_smallest_size(tmp_path):
    out = tmp_path / "record.json"
    script = ROOT / "benchmarks" / "kernels" / "least_eigenvalue.py"
    command = [sys.executable, str(script), "--smallest", "--repeats", "1", "--out", str(out)]
    alone = os.environ | {"JAX_PLATFORMS": "cpu"}
    run = subprocess.run(command, capture_output=True, text=True, env=alone, check=False)
    assert run.returncode == 0, run.stderr
    record = json.loads(out.read_text())
    assert {"question", "command", "device", "cores", "python", "versions", "revision", "cases"} <= set(record)
    for case in record["cases"]:
        assert case["times_faster"]["eigvalsh"]["median"] > 0 and case["ceilings"]["choleskys"] > 0
        assert case["disagreement_with_eigvalsh"] <= 1e-8
        low, high = case["interval"]
        assert low <= case["least_eigenvalue"] <= high
