"""The site builds without a warning, all cells run, and a reader finds on it what the pages promise."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from tests.docs.pages import DOCS, SITE
from tests.house.sources import ROOT

for name in ("sphinx", "myst_nb", "sphinx_book_theme", "sphinxcontrib.bibtex", "flax", "sklearn", "mlxtend"):
    pytest.importorskip(name, reason="the extra `docs` is not installed")
if shutil.which("overparam", path=pathlib.Path(sys.executable).parent) is None:
    pytest.skip("the command overparam is not installed beside this interpreter", allow_module_level=True)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]  # a hang guard: minutes on two cores


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, built as `make docs` builds it."""
    out = tmp_path_factory.mktemp("site")
    flags = ["-W", "--keep-going", "-q", "-j", "2", "-b", "html", "-d", out / "trees"]
    call = [sys.executable, "-m", "sphinx", *flags, DOCS, out / "html"]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHONPATH": path}
    done = subprocess.run(call, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-5000:]
    return out / "html"


def text_of(page):
    return re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8"))


def test_every_page_is_there(site):
    for page in SITE:
        assert (site / page.relative_to(DOCS)).with_suffix(".html").is_file()


def test_the_cells_show_what_they_printed(site):
    first = text_of(site / "tutorials" / "first.html")
    assert "accepted: out/certificates/" in first and "certified" in first and "observed" in first
    assert "REFUTED" in text_of(site / "tutorials" / "lemma.html")
    assert "Traceback" not in "".join(text_of(page) for page in (site / "tutorials").glob("*.html"))


def test_the_reference_shows_names_that_load_on_first_use(site):
    assert 'id="overparam.data.load"' in (site / "api" / "data.html").read_text()
    assert 'id="proofs_check.check"' in (site / "api" / "proofs_check.html").read_text()


def test_citations_lead_to_the_list_of_sources(site):
    assert re.search(r'href="\.\./references\.html#[^"]*"', (site / "theory" / "spectra.html").read_text())
    assert re.search(r'href="references\.html#[^"]*"', (site / "theorems.html").read_text())


def test_nothing_is_loaded_from_elsewhere(site):
    """Links may lead elsewhere; scripts, styles, fonts and pictures lie in the site."""
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r'<(?:script|img|iframe|source)\b[^>]*\bsrc="([^"]+)"', text)
        loaded += [tag for tag in re.findall(r"<link\b[^>]*>", text) if 'rel="stylesheet"' in tag or "preload" in tag]
        assert not [item for item in loaded if re.search(r"(?:^|href=\")(?:https?:)?//", item)], page
