"""Tangent kernels: the Gram matrix of an infinitely wide ReLU layer, and that of a given finite network.

What comes out is observed; a bound on an eigenvalue becomes certified through `overparam.certificates` and the checker.
"""

from overparam._doors import door

__getattr__, __all__ = door(
    __name__,
    kernels="Kernel Kernels",
    limit="first_layer_gram",
    finite="jacobian network_gram",
    **{"dynamics._filters": "Flow GaussNewton GradientDescent", "dynamics._momentum": "Momentum"},
    **{"dynamics._linear": "Modes distances_at losses_at modes_of predictions_at residuals_at shifts_at"},
    **{"dynamics._regression": "Regression kernel_regression leave_one_out predict"},
    **{
        "dynamics._uncertainty": "Ensemble ensemble_at train_ensemble",
        "dynamics._compare": "Comparison compare_with_linear",
    },
    **{
        "analytic._dense": "DenseKernel dense_kernel",
        "analytic._residual": "ResidualKernel residual_kernel",
        "analytic._convolution": "ConvolutionKernel convolution_kernel",
        "analytic._duals": "Activation Dual Duals Erf Gelu LeakyRelu Monomial Sine dual_of",
        "analytic._hermite": "Hermite hermite",
        "analytic._quadrature": "Quadrature quadrature",
    },
    **{
        "empirical._choice": "costs empirical_kernel layers_found",
        "empirical._costs": "Cost",
        "empirical._products": "kernel_product",
    },
    **{
        "scale._blocks": "stream_gram",
        "scale._cost": "estimate_bytes",
        "scale._products": "gram_product",
        "scale._sketch": "ReluFeatures relu_features relu_features_error tangent_features tangent_features_factors",
        "scale._nystrom": "Nystrom nystrom",
        "spectra._edges": "Edge UnverifiedWarning largest_eigenvalue least_eigenvalue",
        "spectra._all": "Eigenvalues eigenvalues",
        "spectra._condition": "Condition condition_number",
        "spectra._density": "Density spectral_density",
        "spectra._hadamard": "HadamardBound hadamard_bound hadamard_bound_from_angle",
    },
)
