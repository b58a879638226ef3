"""Every command on the pages is one, and every block for a shell is run by a test or says here why not."""

import pathlib
import re
import shlex
import subprocess
import sys

import pytest
import tyro

from overparam.cli._commands import COMMANDS
from tests.cli.commands import run
from tests.docs.pages import NAMES, PAGES, blocks, commands, read, words
from tests.docs.supplies import supply
from tests.house.sources import ROOT

# Pages whose blocks another test runs.
ELSEWHERE = {
    "docs/sweeps.md": "tests/sweeps/test_sweep_docs.py",
    "docs/clusters.md": "tests/sweeps/test_clusters_page.py",
}
SETS_UP = "sets up an environment from the network; CI calls make"
MINUTES = "takes minutes to an hour; its parts are run one by one by tests/studies"
NOT_RUN = {
    "make run": SETS_UP,
    'pip install ".[data]"': SETS_UP,
    "overparam verify --all --out out": MINUTES,
    "overparam verify --tag documents --out out": MINUTES,
    "overparam verify double_descent --out out": MINUTES,
    "overparam verify lazy convergence --out out": MINUTES,
}


def shell_lines(text):
    """The commands of a page's blocks for a shell, without their comments."""
    lines = [line for block in blocks(text, "sh") for line in block.text.splitlines()]
    return [re.sub(r" +# .*$", "", line).strip() for line in lines if line.strip()]


HERE = [name for name, page in zip(NAMES, PAGES, strict=True) if shell_lines(read(page)) and name not in ELSEWHERE]


@pytest.mark.parametrize("name", NAMES)
def test_every_command_is_one(name):
    """Flags and all, without running it; cells too, which the build of the site runs."""
    for line in commands(read(ROOT / name)):
        if words(line)[0] == "overparam":
            parsed = tyro.extras.subcommand_cli_from_dict(COMMANDS, args=words(line)[1:])
            assert hasattr(parsed, "run"), line


def test_pages_run_elsewhere_are_named_by_their_test():
    for page, test in ELSEWHERE.items():
        assert pathlib.Path(page).name in read(ROOT / test)


def test_what_is_not_run_is_on_a_page():
    lines = {line for name in HERE for line in shell_lines(read(ROOT / name))}
    assert set(NOT_RUN) <= lines


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", HERE)
def test_the_commands_of_the_page_run(name, tmp_path, monkeypatch):
    """In their order, in one folder, with the data that the page takes for granted; nothing is refused."""
    monkeypatch.chdir(tmp_path)
    supply(tmp_path)
    for line in shell_lines(read(ROOT / name)):
        if line in NOT_RUN:
            continue
        if line.startswith("overparam "):
            result = run(*words(line)[1:])
            assert result.code == 0, (line, result)
            assert result.out.strip(), line
        else:  # the checker, from a clone
            *call, folders = shlex.split(line)
            assert call == ["python", "-I", "-S", "proofs_check", "check"], line
            found = list(tmp_path.glob(folders))
            assert found and checked(*found) == 0, line

    if name == "README.md":
        (drawn,) = tmp_path.glob("out/figures/ladder-gaussian-n40-d5-*.single.svg")
        wide = drawn.with_name(drawn.name.replace(".single", ""))
        assert labels_of(wide) == labels_of(ROOT / "docs" / "images" / "ladder.svg"), "draw the README's figure again"


def labels_of(figure):
    """What a figure says, without its numbers, which another processor may find otherwise."""
    return sorted(re.findall(r">([^<>\d]*[a-z][^<>\d]*)</", read(figure)))


def test_the_figure_of_the_readme_shows_the_words():
    said = labels_of(ROOT / "docs" / "images" / "ladder.svg")
    wanted = {"certified", "observed", "theorem", "found by search", "gradient descent"}
    assert wanted <= {word.strip() for word in said}


def checked(*folders):
    """The checker's exit code, called in the repository, as the page does."""
    call = [sys.executable, "-I", "-S", "proofs_check", "check", *folders]
    return subprocess.run(call, cwd=ROOT, capture_output=True, check=False).returncode
