"""Network families: parameters, evaluation, initialization, counts, and the door for other libraries' networks.

The family of the ladder is `x -> c + sum_j v_j relu(<u_j, x> + b_j)`: one hidden layer, a bias in every hidden
neuron, one output bias.  Neurons are rows, so the samples stay contiguous and XLA multiplies `u @ points.T`.
"""

from overparam._doors import door

__getattr__, __all__ = door(
    __name__,
    two_layer="Params apply hidden",
    layers="Layer activate apply_layers layers_of slope",
    init="InitLaw initialize",
    models="Custom Model",
    mlp="Mlp TwoLayer",
    counts="effective_params raw_params",
    exchange="load_network save_network",
    flax="from_linen from_nnx",
    flax_models="linen_model nnx_model",
)
