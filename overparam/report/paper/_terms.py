"""Terms of protocols, defined: initialization laws, sharpness, how runs end."""

from collections.abc import Iterable

SHARPNESS = (
    "The sharpness of a run is the largest eigenvalue of $J J^{T}$ at its initial weights, where $J$ is the Jacobian "
    "of the outputs at the data points in all weights and biases."
)
LAWS = {  # as in overparam.networks.initialize
    "he": "weights $u \\sim N(0, 2/d)$ and $v \\sim N(0, 2/m)$, all biases 0",
    "ntk": "weights and hidden biases $u, b \\sim N(0, 1)$, $v = \\pm 1/\\sqrt{m}$ with random signs, output bias 0",
    "small": "weights and hidden biases $u, b \\sim N(0, 1/(d+1))$ and $v \\sim N(0, 1/m)$, all times 0.01, output "
    "bias 0",
}
BETWEEN = {  # layers between hidden ones, as in overparam.networks.Mlp
    "he": "weights $N(0, 2/m)$, biases 0",
    "ntk": "weights $N(0, 2/m)$, biases $N(0, 1)$",
    "small": "weights and biases $N(0, 1/(m+1))$, times 0.01",
}
DIVERGED = (
    "A run diverged if a weight, an output or the gradient was no longer finite, or the loss exceeded $10^{6}$ times "
    "the sum of the initial loss and of half the squared norm of the labels; it is stuck if the gradient is zero up to "
    "rounding while the residual is above a thousandth of the labels' norm."
)


def laws_told(laws: Iterable[str], *, deep: bool = False) -> str:
    """The laws in formulas, as TeX; those that are not known by name are left out."""
    known = [law for law in dict.fromkeys(laws) if law in LAWS]
    if not known:
        return ""
    told = [f"{law}: {LAWS[law]}{f'; between hidden layers {BETWEEN[law]}' if deep else ''}" for law in known]
    return (
        f"Initialization law {'.  Law '.join(told)}.  Here $u, b$ are weights and biases of a hidden neuron, $v$ its "
        "output weight, $d$ the dimension, $m$ the width, and $N(0, s)$ has variance $s$."
    )
