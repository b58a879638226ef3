"""The studies that measure, each a file that ends in `STUDY`; a line a folder, so that adding a study adds a name."""

import dataclasses
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
    "documents": "alexnet_counts classical_says_no dropout_df gauss_shell identifiable_contrast image_input_dims "
    "l2_net_not_unique l2_unique memo_exists not_unique param_count params_ge_n poly_line poly_nonsense "
    "resnet152_counts uat_deep uat_iff zero_sample",
    "random_labels": "batchnorm corruption_curve curvature early_stopping explicit_reg expressivity imagenet "
    "kernel_interp label_only memorize_and_generalize norm_not_predictive order rademacher "
    "random_inputs random_labels sgd_minnorm stability time_factor",
    "memorization": "bad_minima baum_not_found capacity_noise csr dropout_overstated dropout_robust easy_examples "
    "fit_succeeds gd_width overparam_ok refit_differs sensitivity_gini separation_helps simple_first wide_is_easy",
    "double_descent": "axis_switch benign bhx_fourier bhx_gauss decomposition deteq epochwise epochwise_linear "
    "finite_bias_variance gf_ridge mei_montanari modelwise nn_mnist optimal_ridge_nets rff_mnist ridge ridgeless "
    "samplewise tempered triple",
    "capacity": "arora bartlett98 bft dziugaite_roy grs jiang nagarajan_kolter nbs vc",
    "approximation": "barron barron_linear curse gmmm kernel_nwidth poggio telgarsky ys",
    "solutions": "align bits cooper feldman grokking robustness_law symmetries",
}
TOPICS = {
    "width": "Width: what suffices and what is needed",
    "lazy": "Wide networks near their start",
    "kernels": "Kernels and how to compute them",
    "convergence": "Widths at which training is proved to converge",
    "landscape": "Where training goes",
    "frontier": "The least width of gradient descent: open questions",
    "documents": "What the documents claim that can be settled by algebra and counting",
    "random_labels": "Networks that fit random labels",
    "memorization": "How training memorizes",
    "double_descent": "Double descent and interpolation",
    "capacity": "Measures of capacity and what they promise",
    "approximation": "What linearized and shallow models can express",
    "solutions": "The set of solutions, and what is stored in one",
}
# Sizes and settings of these were settled by looking at root seeds 0 and 1, so their verdicts come from others.
_SETTLED = ("documents", "random_labels", "memorization", "double_descent", "capacity", "approximation", "solutions")
_FRESH = (2, 3)


def _study(folder: str, name: str) -> Experiment:
    study = importlib.import_module(f"overparam.studies.{folder}._{name}").STUDY
    return dataclasses.replace(study, roots=_FRESH) if folder in _SETTLED else study


EXPERIMENTS: dict[str, tuple[Experiment, ...]] = {
    folder: tuple(_study(folder, name) for name in names.split()) for folder, names in _FILES.items()
}
