"""What is trained and how, by name: frozen dataclasses that are Python arguments, TOML tables and flags at once.

Free of JAX, so that a specification is read and refused before anything heavy is imported.
"""

import dataclasses
import math
import operator
import sys
from typing import Any, Literal, get_args, get_origin, get_type_hints

from overparam.errors import InputError

Architecture = Literal["two-layer", "mlp"]
ActivationName = Literal["relu", "tanh", "erf", "gelu"]
Law = Literal["he", "ntk", "small"]
Optimizer = Literal["gd", "momentum", "adam", "lm"]
StepUnit = Literal["absolute", "sharpness"]
LossName = Literal["squared", "squared-mean", "logistic", "hinge"]
Augmentation = Literal["none", "noise", "flip", "shift"]
DType = Literal["float32", "float64"]
_LARGEST = 2**31 - 1  # counts travel as 32-bit integers
_NORMAL = {  # least and largest positive number that no processor rounds to 0 or to infinity
    "float32": (2.0**-126, (2 - 2.0**-23) * 2.0**127),
    "float64": (sys.float_info.min, sys.float_info.max),
}


@dataclasses.dataclass(frozen=True)
class ModelSpec:
    """A family of networks with one output, and the law of their initial weights."""

    architecture: Architecture = "two-layer"
    """two-layer: x -> c + sum_j v_j relu(<u_j, x> + b_j); mlp: any depth and activation."""
    width: int = 16
    """Neurons of each hidden layer."""
    depth: int = 1
    """Hidden layers; two-layer has one."""
    activation: ActivationName = "relu"
    """Of the hidden layers; two-layer has relu."""
    law: Law = "he"
    """Of the initial weights, as in `networks.initialize`; of layers in between, as in `networks.Mlp`."""
    scale: float = 1.0
    """Times all initial weights and biases."""


@dataclasses.dataclass(frozen=True)
class TrainSpec:
    """One protocol of training; everything here is part of the experiment."""

    optimizer: Optimizer = "gd"
    """gd; momentum (heavy ball, 0.9); adam; lm: Levenberg-Marquardt, in float64, which has no step size."""
    step_size: float = 0.9
    """In units of `step_unit`."""
    step_unit: StepUnit = "sharpness"
    """absolute; or sharpness: times 2 / (c * largest eigenvalue of the seed's initial tangent kernel), the edge of
    stability of gradient descent on the linearized network, where c bounds the loss's second derivative in an output:
    1 for squared, 1/n for squared-mean, 1/4 for logistic, and 1, by convention, for hinge.  The steps of adam do not
    scale with the gradient: take absolute."""
    loss: LossName = "squared"
    """squared: 1/2 ||r||^2, a sum; squared-mean: that over n; logistic and hinge: sums, for labels -1 and +1.  A step
    on a batch takes the sum, or the mean, over that batch."""
    max_steps: int = 10_000
    """Budget of a seed, a multiple of `check_every`."""
    tolerance: float = 1e-3
    """Fitted means ||r|| <= tolerance ||y||; for logistic and hinge, every margin y f(x) at least the tolerance."""
    check_every: int = 100
    """Steps between two looks at a run."""
    batch_size: int | None = None
    """Samples of a step, drawn without replacement epoch by epoch; all of them if not given, or if there are no more.
    Where it does not divide the number of samples, the last batch of each epoch is smaller."""
    weight_decay: float = 0.0
    """Adds this times the weights and biases to each step's gradient, before momentum or Adam sees it."""
    label_noise: float = 0.0
    """Standard deviation of fresh noise on the labels at every step; for logistic and hinge, probability of a flip."""
    dropout: float = 0.0
    """Probability, for each sample of a step, that a hidden neuron is left out; the others are scaled up."""
    augmentation: Augmentation = "none"
    """Fresh at every step.  noise: Gaussian on the points; flip: left to right, with probability 1/2, of square images
    stored as rows of pixels; shift: of such images, by whole pixels in both directions, zeros coming in."""
    augmentation_size: float = 0.0
    """noise: standard deviation; shift: most pixels, an integer; flip has none."""
    dtype: DType = "float32"
    """Of data and weights."""


def validate(spec: ModelSpec | TrainSpec) -> None:
    """Refuse a spec that contradicts itself, before anything is computed.

    Raises:
        InputError: names the field, what it must be, and what it was.
    """
    hints = get_type_hints(type(spec))
    for field in dataclasses.fields(spec):
        _check(field.name, getattr(spec, field.name), hints[field.name])
    if isinstance(spec, ModelSpec):
        _model(spec)
    else:
        _train(spec)


def _model(spec: ModelSpec) -> None:
    _at_least("width", spec.width, 1, "the constant network of width 0 has nothing to train")
    _at_least("depth", spec.depth, 1, "a network without hidden layers is linear regression")
    if not 0 < spec.scale < math.inf:
        raise InputError(f"scale must be a positive number, not {spec.scale!r}")
    if spec.architecture == "two-layer" and (spec.depth, spec.activation) != (1, "relu"):
        raise InputError(
            'architecture "two-layer" has one hidden layer of relu; take architecture "mlp" for '
            f"depth {spec.depth} and activation {spec.activation!r}"
        )


def _train(spec: TrainSpec) -> None:
    least, most = _NORMAL[spec.dtype]
    for name in ("step_size", "tolerance"):
        if not least <= getattr(spec, name) <= most:
            raise InputError(
                f"{name} must be a positive number of dtype {spec.dtype}, {least:.2g} to {most:.2g}, not "
                f"{getattr(spec, name)!r}"
            )
    for name in ("max_steps", "check_every"):
        _at_least(name, getattr(spec, name), 1)
    if spec.max_steps % spec.check_every:
        nearest = -(-spec.max_steps // spec.check_every) * spec.check_every
        raise InputError(
            f"max_steps must be a multiple of check_every = {spec.check_every}, where runs are looked at, not "
            f"{spec.max_steps}; take {nearest}"
        )
    if spec.batch_size is not None:
        _at_least("batch_size", spec.batch_size, 1)
    for name in ("weight_decay", "label_noise", "augmentation_size"):
        if not 0 <= getattr(spec, name) < math.inf:
            raise InputError(f"{name} must be a number of at least 0, not {getattr(spec, name)!r}")
    if not 0 <= spec.dropout < 1:
        raise InputError(f"dropout must be at least 0 and below 1, not {spec.dropout!r}")
    if spec.loss in ("logistic", "hinge") and spec.label_noise > 1:
        raise InputError(f"label_noise must be a probability for loss {spec.loss!r}, not {spec.label_noise!r}")
    if spec.loss == "hinge" and spec.tolerance > 1:
        raise InputError(
            f"tolerance must be at most 1 for loss 'hinge', whose gradient ends at margin 1, not {spec.tolerance!r}"
        )
    if (spec.augmentation in ("noise", "shift")) != (spec.augmentation_size > 0):
        raise InputError(
            f"augmentation {spec.augmentation!r} and augmentation_size {spec.augmentation_size!r} do not go together: "
            "noise and shift need a positive size, the others take none"
        )
    if spec.augmentation == "shift" and spec.augmentation_size != int(spec.augmentation_size):
        raise InputError(
            f"augmentation_size must be a whole number of pixels for augmentation 'shift', not "
            f"{spec.augmentation_size!r}"
        )
    if spec.optimizer == "lm":
        _only_plain(spec)


def _only_plain(spec: TrainSpec) -> None:
    plain = TrainSpec()
    same = ("batch_size", "weight_decay", "label_noise", "dropout", "augmentation")
    other = [name for name in same if getattr(spec, name) != getattr(plain, name)]
    if spec.loss != "squared":
        other.append("loss")
    if other:
        raise InputError(f'optimizer "lm" is full-batch on the squared loss and takes no {", ".join(other)}')
    if spec.dtype != "float64":
        raise InputError('optimizer "lm" stalls in float32; set dtype to "float64"')


def _check(name: str, value: Any, hint: Any) -> None:
    """That a value read from a file is of the field's type; an integer is a float too, a boolean is neither."""
    if get_origin(hint) is Literal:
        if value not in get_args(hint) or not isinstance(value, str):
            raise InputError(f"{name} must be one of {', '.join(get_args(hint))}, not {value!r}")
        return
    kinds = get_args(hint) or (hint,)
    if value is None and type(None) in kinds:
        return
    if float in kinds:
        fits = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
        what = "a finite number"
    else:
        fits, what = _is_integer(value), "an integer"
    if not fits:
        raise InputError(f"{name} must be {what}, not {value!r}")


def _is_integer(value: Any) -> bool:
    try:
        return not isinstance(value, bool) and operator.index(value) is not None
    except TypeError:
        return False


def _at_least(name: str, value: int, least: int, why: str = "") -> None:
    if not least <= value <= _LARGEST:
        raise InputError(
            f"{name} must be an integer from {least} to {_LARGEST}, not {value!r}" + (f"; {why}" if why else "")
        )


def is_plain(how: TrainSpec, n_samples: int) -> bool:
    """Whether two-layer networks are trained by the program written for them."""
    return (
        (how.loss == "squared" or (how.loss == "squared-mean" and how.optimizer in ("gd", "momentum")))
        and (how.batch_size is None or how.batch_size >= n_samples)
        and not (how.weight_decay or how.label_noise or how.dropout)
        and how.augmentation == "none"
    )
