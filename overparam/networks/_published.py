"""Networks of the literature as shapes: every layer that has parameters, as the sources describe it.

Where sources leave a detail open, the published count decides it, and the docstring says so.
"""

from typing import NamedTuple

from overparam.errors import InputError
from overparam.networks._shapes import Concat, Conv, Dense, Flatten, Layers, Mean, Norm, Pool, Shape, Sum, Times

ILSVRC_IMAGES, ILSVRC_CLASSES = 1_281_167, 1000  # the training set of 2012
ILSVRC_SIDE = 224


def alexnet(groups: int = 2) -> Layers:
    """AlexNet on images of 227 x 227 x 3: 60,965,224 parameters with two groups, 62,378,344 with one.

    The source says 224; only 227 gives its 55 x 55 outputs without padding.  Its two devices are the two groups, which
    separate the second, fourth and fifth convolution.

    Source:
        krizhevsky2012imagenet, section 3.5.
    """
    return (
        Conv(96, 11, 4),
        Pool(3, 2),
        Conv(256, 5, padding=2, groups=groups),
        Pool(3, 2),
        Conv(384, 3, padding=1),
        Conv(384, 3, padding=1, groups=groups),
        Conv(256, 3, padding=1, groups=groups),
        Pool(3, 2),
        Flatten(),
        *(Dense(4096), Dense(4096), Dense(ILSVRC_CLASSES)),
    )


def one_tower_alexnet() -> Layers:
    """The narrower AlexNet without groups that today's libraries ship, on 224 x 224 x 3: 61,100,840 parameters."""
    return (
        Conv(64, 11, 4, padding=2),
        Pool(3, 2),
        Conv(192, 5, padding=2),
        Pool(3, 2),
        Conv(384, 3, padding=1),
        Conv(256, 3, padding=1),
        Conv(256, 3, padding=1),
        Pool(3, 2),
        Flatten(),
        *(Dense(4096), Dense(4096), Dense(ILSVRC_CLASSES)),
    )


def resnet152(*, conv_bias: bool = False) -> Layers:
    """ResNet-152 on images of 224 x 224 x 3: 60,192,808 parameters, and 151,424 running statistics.

    With biases in the convolutions, which the normalization after them makes useless, 60,268,520.

    Source:
        he2016deep, table 1.
    """
    return bottleneck_resnet((3, 8, 36, 3), conv_bias=conv_bias)


def bottleneck_resnet(blocks: tuple[int, int, int, int], *, conv_bias: bool = False) -> Layers:
    """A residual network with so many bottlenecks in its four stages: 3, 4, 6, 3 for ResNet-50.

    The first bottleneck of a stage projects its input and, but in the first stage, halves the sides.

    Source:
        he2016deep, table 1.
    """
    first = (*_normed(64, 7, 2, 3, conv_bias), Pool(3, 2, 1))
    stages = [
        (_bottleneck(width, stride, conv_bias, project=True), Times(count - 1, (_bottleneck(width, 1, conv_bias),)))
        for width, stride, count in zip((64, 128, 256, 512), (1, 2, 2, 2), blocks, strict=True)
    ]
    return (*first, *(layer for stage in stages for layer in stage), Mean(), Dense(ILSVRC_CLASSES))


def _bottleneck(width: int, stride: int, bias: bool, *, project: bool = False) -> Sum:
    inner = (
        *_normed(width, 1, 1, 0, bias),
        *_normed(width, 3, stride, 1, bias),
        *_normed(4 * width, 1, 1, 0, bias),
    )
    return Sum((inner, _normed(4 * width, 1, stride, 0, bias) if project else ()))


def _normed(channels: int, size: int, stride: int, padding: int, bias: bool) -> Layers:
    return (Conv(channels, size, stride, padding, bias=bias), Norm())


def small_inception(*, batch_norm: bool = True) -> Layers:
    """The small Inception of the random-label experiments on 28 x 28 x 3: 1,649,402 parameters.

    Batch normalization has no scale and shift, hence the same count without it; the convolutions have biases.

    Source:
        zhang2017, appendix A; the two details follow from its count.
    """
    norm = (Norm(affine=False),) * batch_norm

    def module(channels: int, size: int, stride: int = 1) -> Layers:
        return (Conv(channels, size, stride, "same"), *norm)

    def inception(ones: int, threes: int) -> Concat:
        return Concat((module(ones, 1), module(threes, 3)))

    def down(threes: int) -> Concat:
        return Concat((module(threes, 3, 2), (Pool(3, 2, "same"),)))

    return (
        *module(96, 3),
        *(inception(32, 32), inception(32, 48), down(80)),
        *(inception(112, 48), inception(96, 64), inception(80, 80), inception(48, 96), down(96)),
        *(inception(176, 160), inception(176, 160)),
        Mean(),
        Dense(10),
    )


def small_alexnet() -> Layers:
    """The small AlexNet of the random-label experiments on 28 x 28 x 3: 1,387,786 parameters.

    Source:
        zhang2017, appendix A; 64 channels and the padding follow from its count.
    """
    convolutions = (Conv(64, 5, padding="same"), Pool(3, 2, "same"))
    return (*convolutions, *convolutions, Flatten(), Dense(384), Dense(192), Dense(10))


def five_layer_cnn(width: int = 64, *, conv_bias: bool = True) -> Layers:
    """The network of the deep double descent on 32 x 32 x 3: 1,558,026 parameters, 1,557,066 without these biases.

    Source:
        nakkiran2020deep, appendix B.2; the pools are 1, 2, 2 and 8 wide.
    """
    blocks = zip((width, 2 * width, 4 * width, 8 * width), (1, 2, 2, 8), strict=True)
    layers = [(*_normed(channels, 3, 1, 1, conv_bias), Pool(pool, pool)) for channels, pool in blocks]
    return (*(layer for block in layers for layer in block), Flatten(), Dense(10))


def dense_stack(*sizes: int) -> Layers:
    """Affine layers with biases of these sizes: sum of (fan-in + 1) fan-out parameters.

    Args:
        sizes: of the hidden layers in order, and of the output.
    Raises:
        InputError: no size is given.
    """
    if not sizes:
        raise InputError("a stack of dense layers needs at least one size")
    return tuple(map(Dense, sizes))


class Architecture(NamedTuple):
    """A network of the literature, and what is printed about it."""

    layers: Layers
    shape: Shape
    """of one input"""
    trainable: int
    """parameters, as published, or as two widely used libraries count them"""
    statistics: int = 0


ARCHITECTURES: dict[str, Architecture] = {
    "AlexNet, two groups": Architecture(alexnet(), (227, 227, 3), 60_965_224),
    "AlexNet, one group": Architecture(alexnet(groups=1), (227, 227, 3), 62_378_344),
    "AlexNet, narrow": Architecture(one_tower_alexnet(), (ILSVRC_SIDE, ILSVRC_SIDE, 3), 61_100_840),
    "ResNet-152": Architecture(resnet152(), (ILSVRC_SIDE, ILSVRC_SIDE, 3), 60_192_808, 151_424),
    "ResNet-152, biases": Architecture(resnet152(conv_bias=True), (ILSVRC_SIDE, ILSVRC_SIDE, 3), 60_268_520, 151_424),
    "small Inception": Architecture(small_inception(), (28, 28, 3), 1_649_402, 3_424),
    "small Inception, no norm": Architecture(small_inception(batch_norm=False), (28, 28, 3), 1_649_402),
    "small AlexNet": Architecture(small_alexnet(), (28, 28, 3), 1_387_786),
    "MLP 3x512": Architecture((Flatten(), *dense_stack(512, 512, 512, 10)), (28, 28, 3), 1_735_178),
    "MLP 1x512": Architecture((Flatten(), *dense_stack(512, 10)), (28, 28, 3), 1_209_866),
    "5-layer CNN": Architecture(five_layer_cnn(), (32, 32, 3), 1_558_026, 1_920),
    "5-layer CNN, no conv biases": Architecture(five_layer_cnn(conv_bias=False), (32, 32, 3), 1_557_066, 1_920),
    "regression 40-932-1017-1046-1": Architecture(dense_stack(932, 1017, 1046, 1), (40,), 2_052_948),
}
"""name -> network; the counts are data, from the sources, and the tests recount every one of them."""
