"""docs/sweeps.md: every command and program on the page runs and does what the page says."""

import re
import shlex

import pytest

from overparam.records import EXIT_INTERRUPTED, EXIT_OK, EXIT_PARTIAL, EXIT_REFUSED
from overparam.sweeps import cells, parse_spec, sweep_rows, sweep_state
from tests.cli.commands import run
from tests.house.sources import ROOT

PAGE = (ROOT / "docs" / "sweeps.md").read_text()

pytestmark = pytest.mark.slow  # every command of the page


def blocks(kind):
    return re.findall(rf"(?s)```{kind}\n(.*?)```", PAGE)


COMMANDS = [shlex.split(line) for block in blocks("sh") for line in block.splitlines()]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Where the page's specification lies; every command has run there, in order."""
    home = tmp_path_factory.mktemp("page")
    (home / "signs.toml").write_text(blocks("toml")[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        results = [run(*words[1:]) for words in COMMANDS]
    return home, results


@pytest.mark.slow
def test_every_command_of_the_page_runs(place):
    _, results = place
    assert len(results) == 7
    assert all(words[0] == "overparam" for words in COMMANDS)
    for words, result in zip(COMMANDS, results, strict=True):
        assert result.code == 0, (words, result)


def test_the_outputs_are_as_described(place):
    home, results = place
    assert "4 cells; 0 shards were there, 8 computed (64 rows" in results[0].out
    assert results[1].out.splitlines()[-1] == "complete: 4 of 4 cells, 64 of 64 rows"
    assert (home / "out" / "sweep.csv").read_text().startswith("cell,model.width,train.step_size,seeds,rows,fitted")
    assert "3 of 3 shards equal bit for bit" in results[3].out
    tables = [sweep_rows(home / name) for name in ("out", "out-parts", "out-pool")]
    assert tables[0].equals(tables[1])
    assert tables[2].num_rows == 64
    assert all(state.complete for state in sweep_state(home / "out-pool"))


def test_the_folder_and_the_columns_are_those_of_the_page(place):
    home, _ = place
    rows = sweep_rows(home / "out")
    named = set(re.findall(r"(?m)^\| (`[^|]*) \|", PAGE))
    listed = {word for cell in named for word in re.findall(r"`([^`]+)`", cell)}
    columns = {name for name in rows.column_names if "." not in name}
    assert columns <= listed
    assert {"spec.toml", "manifest.json", "environments/", "failures/", "quarantine/"} <= listed
    there = {path.name for path in (home / "out").iterdir()}
    swept = {"spec.toml", "manifest.json", "environments", "shards", "sweep.csv"}
    assert swept | {"report.html", "figures"} <= there
    paper = {"tables", "numbers.tex", "methods.tex", "checklist.md", "refs.bib", "report.json"}
    assert there <= swept | paper | {"report.html", "figures"}


def test_exit_codes_of_the_page_are_those_of_the_code():
    codes = [int(code) for code in re.findall(r"(?m)^\| (\d+) \|", PAGE)]
    assert codes == [EXIT_OK, EXIT_PARTIAL, EXIT_REFUSED, EXIT_INTERRUPTED]


def test_the_grid_of_the_page_gives_a_step_size_to_each_width():
    spec = parse_spec(blocks("toml")[0] + blocks("toml")[1])
    assert [(cell.model.width, cell.train.step_size) for cell in cells(spec)] == [(4, 0.9), (8, 0.5)]


def test_the_program_of_the_page_runs(place, monkeypatch, capsys):
    home, _ = place
    monkeypatch.chdir(home)
    exec(compile(blocks("python")[0], "docs/sweeps.md", "exec"), {})
    assert capsys.readouterr().out == "0\n"
