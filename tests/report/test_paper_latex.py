"""A paper that takes in every file and uses every macro, compiled with a plain TeX installation; slow."""

import json
import pathlib
import re
import shutil
import subprocess

import pytest

from overparam.report._reading import Folder, read_folder
from overparam.report._references import cited
from overparam.report.paper._write import write_paper
from proofs_check.citations import references
from tests.report.paper_samples import CHAIN, NASTY, everything, paper
from tests.report.samples import CLAIMS

TEX, BIBTEX = shutil.which("pdflatex"), shutil.which("bibtex")
HEAD = r"""\documentclass{article}
\usepackage{booktabs,array,longtable}
\begin{document}
\input{numbers}
\input{methods}
"""
END = r"""
\bibliographystyle{plain}
\bibliography{refs}
\end{document}
"""
ALLOWED = 2.0  # points by which a line may stand out, less than a letter

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(TEX is None or BIBTEX is None, reason="no TeX installation: pdflatex and bibtex are not there"),
]


def document(out: pathlib.Path) -> str:
    """Every table, and every macro in a sentence; in a formula too where it is a number."""
    macros = re.findall(r"^\\newcommand\{\\([A-Za-z]+)\}", (out / "numbers.tex").read_text(), re.MULTILINE)
    said = [row["value"] for row in json.loads((out / "report.json").read_text())["numbers"]]
    parts = [HEAD]
    for path in sorted((out / "tables").iterdir()):
        parts.append(rf"\section*{{Table}}\noindent\input{{tables/{path.stem}}}")
    parts.append(r"\section*{Numbers}\begin{sloppypar}")
    for macro, value in zip(macros, said, strict=True):
        parts.append(rf"\{macro}{{}}" + ("" if isinstance(value, str) else rf" and ${{}}=\{macro}$") + ";")
    return "\n".join([*parts, r"\end{sloppypar}", END])


def compiled(out: pathlib.Path) -> str:
    """The log of the last of three passes.

    Raises:
        AssertionError: a pass failed; the message has the end of its log.
    """
    (out / "paper.tex").write_text(document(out))
    tex = [str(TEX), "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "paper.tex"]
    for command in (tex, [str(BIBTEX), "paper"], tex, tex):
        ran = subprocess.run(command, cwd=out, capture_output=True, timeout=240, check=False)
        assert ran.returncode == 0, ran.stdout.decode("latin-1")[-3000:]
    return (out / "paper.log").read_text(encoding="latin-1")


def assert_printed_well(log: str) -> None:
    assert "undefined" not in log.lower()
    wide = [float(points) for points in re.findall(r"Overfull \\hbox \(([0-9.]+)pt too wide\)", log)]
    assert max(wide, default=0.0) <= ALLOWED, re.findall(r"Overfull \\hbox .*\n.*", log)[:5]


@pytest.mark.parametrize("name", ["gaussian", NASTY])
def test_everything_compiles(tmp_path, name):
    paper(everything(tmp_path, name=name), tmp_path)
    log = compiled(tmp_path)
    if name != NASTY:  # a name of thirty signs without a space is wider than a column
        assert_printed_well(log)
    assert (tmp_path / "paper.pdf").stat().st_size > 10_000


def test_hundreds_of_claims_fit_their_pages(tmp_path):
    claims = [CLAIMS[0] | {"id": f"claim-{i}", "claim": f"{CLAIMS[0]['claim']} " * (1 + i % 9)} for i in range(300)]
    chains = [CHAIN | {"id": f"chain-{i}"} for i in range(150)]
    (tmp_path / "claims.json").write_text(json.dumps([*claims, *chains]))
    paper(read_folder(tmp_path), tmp_path)
    log = compiled(tmp_path)
    assert_printed_well(log)
    assert int(re.search(r"\((\d+) pages", log)[1]) > 15


def test_the_whole_bibliography_compiles(tmp_path):
    """Every name in it, with the fonts that every installation has."""
    used = [entry for key in references() if (entry := cited(key)) is not None]
    assert len(used) > 100
    write_paper(Folder([], [], [], []), {}, used, tmp_path)
    (tmp_path / "tables").mkdir()
    (tmp_path / "methods.tex").write_text(r"\nocite{*}")
    assert "undefined" not in compiled(tmp_path).lower()
