"""Two ReLU neurons a step with weights of the size of the signal: the clipped tangent network.

relu(a + b) - relu(a - b) - b = sign(a) clip(b, -|a|, |a|): a symmetric difference whose step is comparable to the
signal still acts as the derivative sign(a) b wherever |b| <= |a|, and never by more.
"""

import numpy as np

from overparam.exact import ExactData
from overparam.memorizers._built import Built, Options
from overparam.memorizers.approximate._reach import out_of_reach
from overparam.memorizers.approximate._recombined import Unit, build_recombined
from overparam.memorizers.approximate._rows import prepare

CLIP = Unit(mix=np.array([[1.0, 1.0], [1.0, -1.0]]), outer=np.array([1.0, -1.0]))


def build_clipped(data: ExactData, options: Options) -> Built:
    """Without biases; refuses labels that no such network comes near."""
    rows = prepare(data, options, biased=False)
    if refused := out_of_reach("clipped", data, rows.tolerance):
        raise refused
    return build_recombined(rows, options, "clipped", CLIP)


def build_clipped_bias(data: ExactData, options: Options) -> Built:
    """With hidden biases: the same for the rows (x, 1)."""
    return build_recombined(prepare(data, options, biased=True), options, "clipped-bias", CLIP)
