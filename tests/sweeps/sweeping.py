"""Small sweeps, run in this process or in another one, and their rows."""

import os
import pathlib
import subprocess
import sys
from typing import Any

from overparam.sweeps import SweepSpec, parse_spec, run, spec_text, sweep_rows
from tests.house.sources import ROOT

TEXT = """\
format = 1
name = "small"
seeds = {seeds}
chunk = 4
shard = {shard}

[data]
n = 6
d = 2
labels = "signs"

[model]
width = 4

[train]
max_steps = 100
check_every = 50
tolerance = 0.5
"""


def small(seeds: int = 12, shard: int = 4, **tables: dict[str, Any]) -> SweepSpec:
    """One cell that takes a moment; `tables` override settings, lists are axes."""
    spec = parse_spec(TEXT.format(seeds=seeds, shard=shard))
    changed = {name: {**getattr(spec, name), **table} for name, table in tables.items()}
    return SweepSpec(**{field: getattr(spec, field) for field in spec.__dataclass_fields__} | changed)


def rows_of(folder: pathlib.Path) -> list[dict[str, Any]]:
    """All rows, as they are."""
    return sweep_rows(folder).to_pylist()


def computed(spec: SweepSpec, folder: pathlib.Path, **options: Any) -> list[dict[str, Any]]:
    """Run in this process, to the end."""
    summary = run(spec, folder, **options)
    assert summary.exit_code == 0, summary
    return rows_of(folder)


def written(spec: SweepSpec, folder: pathlib.Path) -> pathlib.Path:
    """A specification file."""
    path = folder / "spec-given.toml"
    path.write_text(spec_text(spec))
    return path


def command(*arguments: object, cache: pathlib.Path | None = None, before: str = "") -> subprocess.Popen[str]:
    """`overparam ARGUMENTS` in a process of its own, on the CPU.

    Args:
        arguments: of the command line.
        cache: where JAX may keep compiled programs, so that the next process starts sooner.
        before: Python that runs first.
    """
    environment = os.environ | {"PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu", "PYTHONUNBUFFERED": "1"}
    if cache is not None:
        environment |= {
            "JAX_COMPILATION_CACHE_DIR": str(cache),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        }
    program = f"{before}\nimport sys\nfrom overparam.cli import script\nsys.argv[0] = 'overparam'\nscript()"
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def finished(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a process, once it has ended."""
    out, err = process.communicate(timeout=240)
    assert "Traceback" not in err, err
    return process.returncode, out, err
