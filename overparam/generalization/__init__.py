"""What theory predicts about new data, and what a trained network allows to say: risks, capacity, comparisons.

`risk` holds closed forms of the risk of linear and random-feature models, `bounds` measures of capacity of trained
networks with every constant, and `aligned` compares networks up to the symmetries of their weights.
"""

from overparam._doors import door

__getattr__, __all__ = door(
    __name__,
    alignment="Alignment Comparison aligned canonical compare cosine permuted product_distance",
    agreement="Agreement agreement barrier",
    **{
        "bounds._kl": "bernoulli_kl gaussian_divergence inverse_kl pac_bayes_bound pac_bayes_rate",
        "bounds._label_kernel": "LabelComplexity arora2019 first_layer_kernel",
        "bounds._margins": "Capacity margin_level",
        "bounds._measures": "jiang2020 path_norm",
        "bounds._networks": "margins outputs_of",
        "bounds._certificate": "PacBayes PacBayesSpec certified",
        "bounds._pac_bayes": "pac_bayes pac_bayes_seeds stochastic_errors",
        "bounds._rademacher": "bartlett1998 frobenius_complexity golowich2018 l1_complexity",
        "bounds._signs": "Fitted ball_ascent rademacher_lower_bound",
        "bounds._spectral": "bartlett2017 neyshabur2018 normalized_margins spectral_complexity",
        "bounds._table": "capacity_table",
        "bounds._vc": "log_growth_bound samples_needed vc_dimension_bound vc_gap_bound",
        "risk._dynamics": "FLOW_OVER_RIDGE descent_risk flow_risk ridge_path_risk",
        "risk._effective_parameters": "effective_parameters least_squares_effective_parameters",
        "risk._equivalent": "Equivalent effective_ridge equivalent_risk",
        "risk._isotropic": "best_overparametrized least_squares_risk ridgeless_risk",
        "risk._random_features": "Activation FeaturesRisk activation_constants random_features_risk",
        "risk._ranks": "Benign benign_terms effective_ranks tempered_variance",
        "risk._ridge": "marchenko_pastur_stieltjes optimal_ridge optimal_ridge_excess ridge_risk",
        "risk._risk": "Risk",
        "risk._weak_features": "fourier_features_error random_weak_features_risk weak_features_risk",
    },
)
