"""The networks of the randomization tests on CIFAR-10, with their published numbers of weights."""

from typing import Literal, get_args

from overparam.errors import InputError, close_to
from overparam.networks._classifiers import Classifier, linen_classifier
from overparam.networks._flax import require_flax

Zhang2017 = Literal["inception", "inception-no-bn", "alexnet", "mlp-3x512", "mlp-1x512"]
ZHANG2017_PARAMS: dict[Zhang2017, int] = {
    "inception": 1_649_402,
    "inception-no-bn": 1_649_402,
    "alexnet": 1_387_786,
    "mlp-3x512": 1_735_178,
    "mlp-1x512": 1_209_866,
}


def zhang2017(name: str, n_classes: int = 10) -> Classifier:
    """One of the networks that were trained on random labels.

    On images of 28 x 28 x 3 and 10 classes their numbers of weights are those of `ZHANG2017_PARAMS`.  The source states
    no law of initialization; hidden weights are N(0, 2/fan_in), cut off at two deviations, and biases 0.

    Args:
        name: "inception" (with batch normalization, without learned scale and shift), "inception-no-bn", "alexnet",
            "mlp-3x512" or "mlp-1x512".
        n_classes: outputs.
    Raises:
        InputError: another name, or flax is not installed.
    Source:
        zhang2017, section 2 and appendix A.
    """
    if name not in get_args(Zhang2017):
        raise InputError(f"no network {name!r} of zhang2017: {close_to(name, get_args(Zhang2017))}")
    require_flax()
    from overparam.networks import _linen_modules as modules

    match name:
        case "alexnet":
            module = modules.SmallAlexNet(n_classes)
        case "mlp-3x512":
            module = modules.Perceptron((512,) * 3, n_classes)
        case "mlp-1x512":
            module = modules.Perceptron((512,), n_classes)
        case _:
            module = modules.SmallInception(n_classes, batch_norm=name == "inception")
    return linen_classifier(module, n_classes, training={"training": True}, evaluating={"training": False})
