"""Without assertions, site packages and environment the checker gives the same answers on every kept certificate."""

import json
import subprocess
import sys

import pytest

from tests.certificates.make import HERE
from tests.proofs_check.test_files import CHECKER, answer_of


@pytest.mark.slow
def test_the_same_answers_in_isolation():
    heaps = [HERE / answer for answer in ("accepted", "rejected", "undecided", "malformed")]
    command = [sys.executable, "-I", "-S", "-O", str(CHECKER), "check", "--json", *map(str, heaps)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    rows = json.loads(done.stdout)
    assert done.returncode == 12
    assert len(rows) > 250
    for row in rows:
        assert (row["answer"], row["sentence"].removeprefix("Malformed: ").removesuffix(".")) == tuple(
            part.removesuffix(".") for part in answer_of(row["folder"])
        ), row["folder"]
