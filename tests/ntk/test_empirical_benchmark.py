"""The benchmark of the empirical kernels runs, and its contenders agree; the peer's environment need not be there."""

import json
import os
import subprocess
import sys

import pytest

from tests.house.sources import ROOT


@pytest.mark.slow
def test_smallest_size(tmp_path):
    out = tmp_path / "record.json"
    command = [sys.executable, str(ROOT / "benchmarks" / "kernels" / "empirical.py"), "--smallest", "--repeats", "2"]
    alone = os.environ | {"JAX_PLATFORMS": "cpu", "OVERPARAM_PEERS": str(tmp_path / "nowhere")}
    run = subprocess.run([*command, "--out", str(out)], capture_output=True, text=True, env=alone, check=False)
    assert run.returncode == 0, run.stderr
    record = json.loads(out.read_text())
    assert {"question", "command", "device", "cores", "python", "versions", "revision", "cases"} <= set(record)
    for case in record["cases"]:
        assert case["times_faster"]["textbook"]["median"] > 0 and case["ceiling"]["gflops_of_product"] > 0
        assert case["peer"] == "neural-tangents is absent: make bench-peers"
