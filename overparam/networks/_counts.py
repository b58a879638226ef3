"""How many parameters a two-layer network has, as written and in effect."""


def raw_params(width: int, dim: int, *, hidden_bias: bool = True, output_bias: bool = True) -> int:
    """Numbers stored: width (dim + 1) weights, width hidden biases if any, one output bias if any.

    >>> raw_params(9, 5)
    64
    """
    return width * (dim + 1 + hidden_bias) + output_bias


def effective_params(width: int, dim: int, *, hidden_bias: bool = True, output_bias: bool = True) -> int:
    """Dimension of what a two-layer network can express, locally: each neuron has one scale that changes nothing.

    v relu(t) = sign(v) relu(|v| t), and step(t) = step(s t) for s > 0: width (dim + 1) numbers with hidden biases, plus
    one for the output bias.  This, not `raw_params`, is the count to compare with the number of samples.

    >>> effective_params(9, 5)
    55
    """
    return width * (dim + hidden_bias) + output_bias
