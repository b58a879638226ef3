"""Archives and environments are made once for all tests of this folder."""

import pathlib
import sys
import sysconfig

import pytest

from tests.house.sources import ROOT
from tests.packaging.building import build, empty_environment, finished, site_packages


@pytest.fixture(scope="session")
def archives(tmp_path_factory):
    """The source archive and the wheel."""
    return build(tmp_path_factory.mktemp("archives"))


@pytest.fixture(scope="session")
def installed(archives, tmp_path_factory):
    """An interpreter with the wheel in an otherwise empty environment, and the dependencies lent by this session's.

    Only their folder is on the path: what this session has installed by a link, such as this project, is not seen.
    """
    python = empty_environment(tmp_path_factory.mktemp("installed"))
    finished([python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", archives[1]], cwd=ROOT.parent)
    lent = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site_packages(python) / "lent.pth").write_text("".join(f"{folder}\n" for folder in sorted(lent)))
    return python


@pytest.fixture(scope="session")
def fresh(archives, tmp_path_factory):
    """An interpreter with the wheel and the pinned dependencies that its own metadata ask for."""
    python = empty_environment(tmp_path_factory.mktemp("fresh"))
    pins = ROOT / "constraints" / ("py311.txt" if sys.version_info < (3, 12) else "py313.txt")
    install = [python, "-m", "pip", "install", "--quiet", "--constraint", pins]
    index_is_reached(python)
    finished([*install, archives[1]], cwd=ROOT.parent, limit=600)
    return python


def index_is_reached(python: pathlib.Path) -> None:
    """Skip where pip finds no package index; what goes wrong after that is a failure."""
    probe = [python, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", python.parent, "tomli-w"]
    try:
        finished(probe, cwd=python.parent, limit=60)
    except Exception as error:
        pytest.skip(f"pip reaches no package index here, so nothing can be installed: {str(error)[-200:]}")
