"""The studies that measure, each a file that ends in `STUDY`; a line a folder, so that adding a study adds a name."""

import importlib

from overparam.studies._experiment import Experiment

_FILES = {
    "lazy": "eigen_projection_rate exact_lazy_cell kernel_generalization_bound lazy_scale linearized_dynamics "
    "min_norm_bias ntk_constancy ntk_init_concentration ntk_positive_definite",
    "kernels": "angles arccos hermite recursion smooth",
    "convergence": "",
    "landscape": "",
}
TOPICS = {
    "lazy": "Wide networks near their start",
    "kernels": "Kernels and how to compute them",
    "convergence": "Widths at which training is proved to converge",
    "landscape": "Where training goes",
}
EXPERIMENTS: dict[str, tuple[Experiment, ...]] = {
    folder: tuple(importlib.import_module(f"overparam.studies.{folder}._{name}").STUDY for name in names.split())
    for folder, names in _FILES.items()
}
