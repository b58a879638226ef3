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
    classifiers="Classifier MlpClassifier linen_classifier",
    zhang2017="ZHANG2017_PARAMS zhang2017",
    counts="effective_params raw_params",
    published="ARCHITECTURES Architecture ILSVRC_CLASSES ILSVRC_IMAGES alexnet bottleneck_resnet dense_stack "
    "five_layer_cnn one_tower_alexnet resnet152 small_alexnet small_inception",
    shapes="Concat Conv Counted Dense Flatten Layers Mean Norm Pool Shape Step Sum Times count_parameters described "
    "steps",
    exchange="load_network save_network",
    flax="from_linen from_nnx",
    flax_models="linen_model nnx_model",
)
