"""The studies that measure, each a file that ends in `STUDY`; a line a folder, so that adding a study adds a name."""

import importlib

from overparam.studies._experiment import Experiment

_FILES = {
    "lazy": "exact_lazy_cell",
    "kernels": "angles arccos hermite recursion smooth",
    "convergence": "",
    "landscape": "",
}
EXPERIMENTS: tuple[Experiment, ...] = tuple(
    importlib.import_module(f"overparam.studies.{folder}._{name}").STUDY
    for folder, names in _FILES.items()
    for name in names.split()
)
