"""Tangent kernels: the Gram matrix of an infinitely wide ReLU layer, and that of a given finite network.

What comes out is observed; a bound on an eigenvalue becomes certified through `overparam.certificates` and the checker.
"""

from overparam._doors import door

__getattr__, __all__ = door(
    __name__,
    limit="first_layer_gram",
    finite="jacobian network_gram",
)
