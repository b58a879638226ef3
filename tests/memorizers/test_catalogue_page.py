"""docs/constructions.md lists the catalogue, names theorems that exist, and its Python runs."""

import pathlib
import re

import proofs_check
from overparam.memorizers import CATALOGUE

TEXT = (pathlib.Path(__file__).parents[2] / "docs" / "constructions.md").read_text()


def test_every_construction_is_listed_once_beside_its_theorem():
    listed = {}
    for line in TEXT.splitlines():
        cells = line.split(" | ")
        if line.startswith("| `") and len(cells) >= 3:
            for name in re.findall(r"`([\w-]+)`", cells[0]):
                assert name not in listed
                listed[name] = re.findall(r"`([\w-]+)`", cells[-1])
    assert sorted(listed) == sorted(CATALOGUE)
    for name, entry in CATALOGUE.items():
        theorems = [key for key in listed[name] if key in proofs_check.THEOREMS]
        assert entry.theorem is None or entry.theorem in theorems, name
        assert set(listed[name]) <= set(proofs_check.THEOREMS) | set(CATALOGUE), name


def test_the_entries_that_are_not_built_exist():
    for key in ("vershynin2020", "yang2026-width-depth", "siegel2023-separation", "pinkus1999-polynomials"):
        assert f"`{key}`" in TEXT
        assert not proofs_check.THEOREMS[key].suffices


def test_the_python_runs(capsys):
    (block,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(compile(block, "docs/constructions.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "there is one whose output equals the label exactly" in printed


def test_the_commands_are_commands():
    from tests.cli.commands import run

    lines = re.findall(r"^overparam (memorize .*?)(?: +#.*)?$", TEXT, re.MULTILINE)
    assert len(lines) == 4
    assert run(*lines[0].split()).code == 0
    for line in lines[1:]:
        assert set(re.findall(r"--construction ([\w-]+)", line)) <= {*CATALOGUE, "all"}
