"""The studies that measure, each a file that ends in `STUDY`; a line a folder, so that adding a study adds a name."""

import importlib

from overparam.studies._experiment import Experiment

_FILES = {
    "lazy": "eigen_projection_rate exact_lazy_cell kernel_generalization_bound lazy_scale linearized_dynamics "
    "min_norm_bias ntk_constancy ntk_init_concentration ntk_positive_definite",
    "kernels": "angles arccos hermite large_n recursion smooth strategies",
    "convergence": "activation_region_rank arbitrary_data_eigenvalue bombari chernoff_width coupled_lazy_memorization "
    "daniely_near_optimal_size deep_polynomial_width du_two_layer_relu fewer_than_n_neurons generic_jacobian_rank "
    "kawaguchi_huang montanari_zhong nearly_orthogonal ntk_spectrum one_wide_layer oymak_soltanolkotabi "
    "quadratic_width rank_lifting smoothed_memorization su_yang_functional subquadratic_both_layers two_curves "
    "two_rates worst_case_eigenvalue",
    "landscape": "clusters_low_dimension coverage early_alignment edge_of_stability effective_parameters gauss_newton "
    "inconsistency_1d levenberg_marquardt low_dimension_rank near_duplicates non_uniqueness optimization_threshold "
    "orthant_anisotropic pl_star planted_triples scale_equivalence solution_manifold",
    "frontier": "anisotropy clusters output_scale rank_threshold",
}
TOPICS = {
    "width": "Width: what suffices and what is needed",
    "lazy": "Wide networks near their start",
    "kernels": "Kernels and how to compute them",
    "convergence": "Widths at which training is proved to converge",
    "landscape": "Where training goes",
    "frontier": "The least width of gradient descent: open questions",
}
EXPERIMENTS: dict[str, tuple[Experiment, ...]] = {
    folder: tuple(importlib.import_module(f"overparam.studies.{folder}._{name}").STUDY for name in names.split())
    for folder, names in _FILES.items()
}
