"""Sizes of the weights in a ladder, against the witness files that the checker accepted."""

import json
import math

import numpy as np
import pytest

from overparam.data import DataSpec, load
from overparam.widths import WidthSpec, climb
from tests.proofs_check import oracle


@pytest.mark.parametrize(("n", "d", "searched"), [(8, 2, {"found"}), (7, 1, {"exact"})])
def test_the_searched_networks_are_there_too(tmp_path, n, d, searched):
    """Neurons, largest weight, path norm and bits, worked out from the files by the tests' own reader."""
    origin = DataSpec(n=n, d=d)
    spec = WidthSpec(starts=8, lm_steps=60, gd=False, widest=4, exact="exact" in searched)
    found = climb(load(origin), origin, spec, tmp_path)
    rows = {row["rung"]: row for row in found.weights}
    rungs = {rung.rung: rung for rung in found.rungs}
    assert {name for name in ("found", "exact") if name in rows} == searched
    assert next(iter(rows)) in searched
    for name in searched:
        witness = json.loads((tmp_path / rungs[name].certificate / "witness.json").read_text())
        hidden, outer = map(oracle.layer, witness["layers"])
        numbers = [*(x for row, _ in hidden for x in row), *(b for _, b in hidden), *outer[0][0], outer[0][1]]
        row = rows[name]
        assert row["neurons"] == rungs[name].width == len(hidden)
        assert row["max_abs_weight"] == pytest.approx(float(max(map(abs, numbers))))
        assert row["bits"] == max(max(x.numerator.bit_length(), x.denominator.bit_length()) for x in numbers)
        path = sum(abs(float(v)) * math.hypot(*map(float, u)) for v, (u, _) in zip(outer[0][0], hidden, strict=True))
        assert row["path_norm"] == pytest.approx(path)
        assert np.isfinite(row["float64_error"])
