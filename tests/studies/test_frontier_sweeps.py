"""The specification files beside the open questions are read, ask for what they say, and the smallest ones run."""

import pytest

from overparam.studies.frontier._laws import Law
from overparam.sweeps import cells, read_spec, run, sweep_rows
from tests.house.sources import ROOT

FOLDER = ROOT / "benchmarks" / "widths"
NAMES = ("anisotropy", "clusters", "output_scale", "rank_threshold")
SIZES = ("ci", "laptop", "paper")


def spec(name, size):
    return read_spec(FOLDER / f"{name}_{size}.toml")


def test_every_question_has_three_sizes_and_nothing_else_lies_there():
    assert {path.name for path in FOLDER.glob("*.toml")} == {f"{n}_{s}.toml" for n in NAMES for s in SIZES}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", NAMES)
def test_files_are_read_and_say_how_they_are_run(name, size):
    read = spec(name, size)
    text = (FOLDER / f"{name}_{size}.toml").read_text()
    assert read.name == f"{name}-{size}"
    assert text.startswith("# ")
    assert f"overparam run benchmarks/widths/{name}_{size}.toml" in text
    found = cells(read)
    assert len({cell.data.labels or "gaussian" for cell in found}) == 1
    widths = {cell.model.width for cell in found}
    assert {(cell.data, width) for cell in found for width in widths} == {(c.data, c.model.width) for c in found}
    sizes = [len(cells(spec(name, other))) * spec(name, other).seeds for other in SIZES]
    assert sizes == sorted(set(sizes)), "larger sizes train more networks"


@pytest.mark.parametrize("size", SIZES)
def test_isotropic_dimensions_are_the_effective_ones(size):
    found = [cell.data for cell in cells(spec("anisotropy", size))]
    bent = {round(Law(data).effective) for data in found if data.exponent}
    even = {data.d for data in found if not data.exponent}
    (whole,) = {data.d for data in found if data.exponent}
    assert even == bent | {whole}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_smallest_sweeps_run(name, tmp_path):
    read = spec(name, "ci")
    run(read, tmp_path)
    rows = sweep_rows(tmp_path)
    assert len(rows) == len(cells(read)) * read.seeds
