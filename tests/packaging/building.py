"""The source archive and the wheel, built once a test session from a copy of what git tracks or would track."""

import importlib.util
import os
import pathlib
import subprocess
import sys
import tarfile
import venv

import pytest

from tests.house.sources import ROOT


def finished(command: list[object], *, cwd: pathlib.Path, limit: int = 500) -> subprocess.CompletedProcess[str]:
    """A command that is expected to end well; what it said is in the failure otherwise.

    The environment holds nothing of this session's: neither its source folder nor its user packages.
    """
    words = list(map(str, command))
    done = subprocess.run(
        words, capture_output=True, text=True, encoding="utf-8", cwd=cwd, env=bare(), timeout=limit, check=False
    )
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done


def bare() -> dict[str, str]:
    """The variables of this session without those that change which code Python finds."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return kept | {"PYTHONNOUSERSITE": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "agg"}


def build(out: pathlib.Path) -> tuple[pathlib.Path, pathlib.Path]:
    """The source archive of this tree, and the wheel built from that archive, as an installer would build it."""
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("hatchling, which builds the archives, is not installed")
    finished([sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", out], cwd=ROOT)
    (sdist,) = out.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(out / "source", filter="data")
    (source,) = (out / "source").iterdir()
    finished([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", out], cwd=source)
    (wheel,) = out.glob("*.whl")
    return sdist, wheel


def empty_environment(home: pathlib.Path) -> pathlib.Path:
    """The interpreter of a new virtual environment with nothing in it but pip."""
    venv.create(home, with_pip=True, symlinks=True)
    return home / "bin" / "python"


def site_packages(python: pathlib.Path) -> pathlib.Path:
    """Where an interpreter keeps what is installed."""
    told = finished([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], cwd=python.parent)
    return pathlib.Path(told.stdout.strip())
