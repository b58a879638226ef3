"""Every speed benchmark runs at its smallest size, and its contenders agree there."""

import json
import os
import subprocess
import sys

import pytest

from tests.house.sources import ROOT

SCRIPTS = sorted(path.name for path in (ROOT / "benchmarks" / "speed").glob("[!_]*.py"))


@pytest.mark.slow
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


def engine_row(case):
    """One line of the tables of `engine.py`: cells, widths, many widths, devices."""
    sizes, rate = case["sizes"], case["network_steps_per_s"]["overparam"]
    faster = {name: one["median"] for name, one in case["times_faster_than"].items()}
    shape = f"| {sizes['n_samples']} | {sizes['dim']} | {sizes['width']} | {case['optimizer']} | {rate / 1e3:.1f} k "
    if case["kind"] == "cell":
        peers = (f"| {faster[name]:.1f} " if name in faster else "| - " for name in ENGINE_PEERS)
        shares = (f"| {100 * faster[name]:.0f} % " for name in ("two products", "two, filled"))
        return shape + "".join((*shares, *peers)) + "|"
    if case["kind"] == "mixed":
        return shape + f"| {len(case['widths'])} | {100 * faster['one width']:.0f} % |"
    if case["kind"] == "devices":
        return shape + f"| {faster['one device']:.2f} | {100 * faster['two processes']:.0f} % |"
    return shape + f"| {faster['one at a time']:.2f} |"


ENGINE_PEERS = ("textbook", "torch", "scikit-learn", "one at a time")


def rows(name, record):
    """The lines of the README's table that a record stands for."""
    for case in record["cases"]:
        sizes = case["sizes"]
        shape = f"| {sizes['n_samples']} | {sizes['dim']} | {sizes['width']} "
        if name == "engine":
            yield engine_row(case)
        elif name == "exact_evaluation":
            taking = {other: times["median"] for other, times in case["times_of_python_flint"].items()}
            yield shape + (
                f"| {1e3 * case['times']['python-flint']['median_s']:.0f} ms "
                f"| {taking['overparam']:.2f} | {taking['checker']:.1f} "
                f"| {taking['flint rationals']:.0f} | {taking['Fractions']:.0f} |"
            )
        elif name == "line_memorizer":
            times, faster = case["times"], case["times_faster"]
            yield shape[: shape.rindex("|")] + (
                f"| {1e3 * times['overparam']['median_s']:.2f} ms "
                f"| {1e3 * times['dense']['median_s']:.0f} ms | {faster['dense']['median']:.0f} "
                f"| {faster['solve, matrix given']['median']:.0f} |"
            )
        elif name == "impossibility":
            times, faster = case["times"], case["times_faster"]
            yield shape + (
                f"| {case['programs']} | {case['cases_of_overparam']} | {times['every pattern']['median_s']:.1f} s "
                f"| {times['overparam']['median_s']:.2f} s "
                f"| {faster['median']:.0f} ({faster['least']:.0f} to {faster['greatest']:.0f}) |"
            )
        else:
            fitted, faster = case["fitted"], case["times_faster"]
            yield shape + (
                f"| {fitted['optimistix']} of {sizes['starts']} | {fitted['overparam']} of {sizes['starts']} "
                f"| {faster['median']:.0f} ({faster['least']:.0f} to {faster['greatest']:.0f}) |"
            )


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_readme_quotes_the_results(script):
    name = script.removesuffix(".py")
    record = json.loads((ROOT / "benchmarks" / "results" / f"{name}.json").read_text())
    readme = (ROOT / "benchmarks" / "README.md").read_text()
    assert record["command"] in readme
    assert record["question"].rstrip("?") in " ".join(readme.split())
    assert len(record["cases"]) > 1
    for row in rows(name, record):
        assert row in readme, row


def test_exact_evaluation_is_as_fast_as_promised():
    """In the record: the checker within four times python-flint, the producers three times faster than it."""
    record = json.loads((ROOT / "benchmarks" / "results" / "exact_evaluation.json").read_text())
    promised = {"n_samples": 1000, "dim": 10, "width": 500}
    (case,) = (case for case in record["cases"] if promised.items() <= case["sizes"].items())
    assert case["times_of_python_flint"]["checker"]["median"] <= 4
    assert case["times_of_python_flint"]["overparam"]["median"] <= 1 / 3


def test_the_line_memorizer_is_as_fast_as_promised():
    """In the record: a hundred times a dense solve at n = 10^4, and 10^7 points within 4 GB, still interpolated."""
    record = json.loads((ROOT / "benchmarks" / "results" / "line_memorizer.json").read_text())
    readme = (ROOT / "benchmarks" / "README.md").read_text()
    (case,) = (case for case in record["cases"] if case["sizes"]["n_samples"] == 10**4)
    assert case["times_faster"]["dense"]["median"] >= 100
    for one in record["large"]:
        row = f"| {one['n_samples']} | {one['build_s']:.2f} s | {one['run_s']:.2f} s "
        assert row + f"| {one['relative_error']:.1e} | {one['peak_gib']:.2f} GiB |" in readme
        assert one["relative_error"] < 1e-3 and one["peak_gib"] < 4
    assert record["large"][-1]["n_samples"] == 10**7
    exact = record["exact"]
    assert exact["n_samples"] == 10**5
    assert exact["memorize_processor_s"] + exact["certify_processor_s"] < 60
