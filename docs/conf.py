"""How the site is built; `make docs` does it.

Pages are plain Markdown.  Cells run at every build, nothing is cached, and a warning ends the build, so that what the
pages show is what this version of the program does.  Nothing on the site is loaded from elsewhere.
"""

import os
import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE / "extensions"))
# Cells call the `overparam` of the interpreter that builds the site, whichever is first on PATH otherwise.
os.environ["PATH"] = os.pathsep.join([str(pathlib.Path(sys.executable).parent), os.environ.get("PATH", "")])
os.environ.setdefault("MPLBACKEND", "agg")
os.environ["TTY_COMPATIBLE"] = "0"  # what a command prints in a cell is text, not the moving lines of a terminal

# Kernels start with the cell magic `%%sh` of the site, and without whatever the builder's own IPython is set to.
_ipython = tempfile.TemporaryDirectory(prefix="overparam-docs-")
_startup = pathlib.Path(_ipython.name) / "profile_default" / "startup"
_startup.mkdir(parents=True)
shutil.copy(HERE / "extensions" / "shell.py", _startup)
os.environ["IPYTHONDIR"] = _ipython.name

import overparam  # noqa: E402 - what the lines above prepare

project = "overparam"
author = "The overparam developers"
project_copyright = author
version = release = overparam.__version__
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinxcontrib.bibtex",
    "citations",  # this and the next three are in docs/extensions
    "docstrings",
    "formulas",
    "rooms",
]
exclude_patterns = ["_build", "jupyter_execute"]  # the second is what cells of an earlier build left
nitpicky = False  # types in signatures name packages whose documentation is not at hand

# Pages
myst_enable_extensions = ["attrs_inline", "dollarmath"]
html_math_renderer = "mathml"
myst_heading_anchors = 3
myst_links_external_new_tab = False

# Cells
nb_execution_mode = "force"
nb_execution_in_temp = True  # each page starts in an empty folder
nb_execution_raise_on_error = True
nb_execution_timeout = 900  # a hang guard, not a budget
nb_merge_streams = True
nb_output_stderr = "remove"
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # no script from elsewhere

# References: the one bibliography of the project
bibtex_bibfiles = ["../proofs_check/references.bib"]
bibtex_default_style = "alpha"
bibtex_reference_style = "author_year"

# Docstrings
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_attr_annotations = False
napoleon_custom_sections = ["Source", "Families"]
default_role = "code"

# Look
html_theme = "sphinx_book_theme"
html_title = f"overparam {release}"
html_theme_options = {"show_navbar_depth": 1, "show_toc_level": 2, "use_download_button": False}
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
