"""The published setting of zhang2017 on the user's CIFAR-10 files, and the printed numbers.

Pixels in [0, 1], centre crop 28 x 28, each image whitened; SGD with momentum 0.9 and step size 0.1 for the Inception
networks, 0.01 for the others, times 0.95 each epoch.  The source states no batch size, number of epochs or weight
decay; here batches of 128, 100 epochs (by then the step size has fallen 170 times), and weight decay 5e-4 for
convolutional networks, 1e-4 for perceptrons, as in reproductions.
"""

import functools
import os
from typing import Any, NamedTuple

from overparam import data
from overparam.networks import Classifier, zhang2017
from overparam.training import ClassTrainSpec

CROP = 28


class Model(NamedTuple):
    """One published network and how it is trained."""

    name: str
    net: Classifier
    how: ClassTrainSpec
    weight_decay: float


class Paper(NamedTuple):
    """What the size `paper` trains; a test puts small ones in its place."""

    names: tuple[str, ...] = ("inception", "inception-no-bn", "alexnet", "mlp-3x512", "mlp-1x512")
    epochs: int = 100
    batch_size: int = 128
    seeds: int = 5
    crop: int = CROP
    counts: Any = None  # of the files' images, those of CIFAR-10 if not given
    nets: tuple[Classifier, ...] = ()  # in place of the published ones

    def models(self) -> tuple[Model, ...]:
        """The networks, made when they are asked for, since they need flax."""
        return tuple(self._model(place, name) for place, name in enumerate(self.names))

    def _model(self, place: int, name: str) -> Model:
        net = self.nets[place] if self.nets else zhang2017(name)
        how = ClassTrainSpec(
            epochs=self.epochs,
            batch_size=self.batch_size,
            step_size=0.1 if name.startswith("inception") else 0.01,
            schedule="exponential",
            decay=0.95,
        )
        return Model(name, net, how, 1e-4 if name.startswith("mlp") else 5e-4)


PAPER = Paper()
# Table 1, without augmentation: (weight decay, train, test) of true labels and (train, test) of random labels, %.
TRUE = {
    ("inception", True): (100.0, 86.03),
    ("inception", False): (100.0, 85.75),
    ("inception-no-bn", True): (100.0, 83.00),
    ("inception-no-bn", False): (100.0, 82.00),
    ("alexnet", True): (100.0, 77.36),
    ("alexnet", False): (100.0, 76.07),
    ("mlp-3x512", True): (100.0, 53.35),
    ("mlp-3x512", False): (100.0, 52.39),
    ("mlp-1x512", True): (99.80, 50.39),
    ("mlp-1x512", False): (100.0, 50.51),
}
RANDOM = {
    "inception": (100.0, 9.78),
    "inception-no-bn": (100.0, 10.12),
    "alexnet": (99.82, 9.86),
    "mlp-3x512": (100.0, 10.48),
    "mlp-1x512": (99.34, 10.61),
}
# Table 4: training accuracy on random labels with weight decay, %; None: it did not converge
RANDOM_DECAY = {"inception": 100.0, "alexnet": None, "mlp-3x512": 100.0, "mlp-1x512": 99.21}
MISSING = (
    "the published setting needs the CIFAR-10 images, binary version, in a folder that the environment variable "
    "OVERPARAM_DATA names, and it names none"
)


def key() -> str:
    """What the user's images depend on."""
    return f"{os.environ.get('OVERPARAM_DATA', '')} {PAPER}"


def images() -> data.Images | None:
    """The user's CIFAR-10, cropped and whitened; None if there is none."""
    return _images(key())


@functools.lru_cache(maxsize=1)
def _images(_: str) -> data.Images | None:
    options = {} if PAPER.counts is None else {"counts": PAPER.counts}
    found = data.paper_images("cifar10", **options)
    if found is None:
        return None

    def ready(points: Any) -> Any:
        return data.whitened(data.center_crop(points, PAPER.crop))

    return found._replace(points=ready(found.points), test_points=ready(found.test_points))
