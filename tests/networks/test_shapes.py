"""Counts of published networks, against sums by hand and against the same networks built in flax."""

import math

import jax
import jax.numpy as jnp
import pytest

from overparam.errors import InputError
from overparam.networks import (
    ARCHITECTURES,
    Concat,
    Conv,
    Dense,
    Flatten,
    Mean,
    Norm,
    Pool,
    Sum,
    Times,
    alexnet,
    bottleneck_resnet,
    count_parameters,
    dense_stack,
    described,
    small_alexnet,
    small_inception,
    steps,
)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_published_counts(name):
    layers, shape, trainable, statistics = ARCHITECTURES[name]
    counted = count_parameters(layers, shape)
    assert (counted.trainable, counted.statistics) == (trainable, statistics)
    assert counted.shape == ((1,) if "regression" in name else (1000,) if shape[0] > 200 else (10,))


@pytest.mark.parametrize(("blocks", "published"), [((3, 4, 6, 3), 25_557_032), ((3, 4, 23, 3), 44_549_160)])
def test_shallower_residual_networks(blocks, published):
    """ResNet-50 and ResNet-101, as two widely used libraries count them."""
    assert count_parameters(bottleneck_resnet(blocks), (224, 224, 3)).trainable == published


def test_alexnet_by_hand():
    by_hand = [
        96 * (11 * 11 * 3 + 1),
        256 * (5 * 5 * 48 + 1),
        384 * (3 * 3 * 256 + 1),
        384 * (3 * 3 * 192 + 1),
        256 * (3 * 3 * 192 + 1),
        4096 * (6 * 6 * 256 + 1),
        4096 * (4096 + 1),
        1000 * (4096 + 1),
    ]
    assert by_hand == [34_944, 307_456, 885_120, 663_936, 442_624, 37_752_832, 16_781_312, 4_097_000]
    found = steps(alexnet(), (227, 227, 3))
    assert [step.counted.trainable for step in found if step.counted.trainable] == by_hand
    assert [step.counted.shape[0] for step in found if isinstance(step.layer, Pool)] == [27, 13, 6]


def test_the_published_details_are_needed():
    """What was inferred from the counts: padding, and normalization without scale and shift."""
    first, second = (Conv(64, 5), Pool(3, 2)), (Flatten(), Dense(384), Dense(192), Dense(10))
    assert count_parameters((*first, *first, *second), (28, 28, 3)).trainable == 404_746
    plain = count_parameters(small_inception(), (28, 28, 3))
    assert plain.statistics == 2 * 1_712
    assert count_parameters(small_alexnet(), (28, 28, 3)).trainable == 1_387_786


def test_sizes_by_hand():
    """Kernels' places counted one by one, with and without padding."""
    for side in range(1, 12):
        for kernel, stride, pad in ((1, 1, 0), (3, 2, 0), (3, 2, 1), (5, 1, 2), (4, 3, 1), (11, 4, 2)):
            places = len(range(-pad, side + pad - kernel + 1, stride))
            if places == 0:
                with pytest.raises(InputError, match="larger than the image"):
                    count_parameters((Pool(kernel, stride, pad),), (side, side, 1))
                continue
            assert count_parameters((Pool(kernel, stride, pad),), (side, 20, 1)).shape[0] == places
        assert count_parameters((Conv(2, 3, 2, "same"),), (side, side, 1)).shape == (math.ceil(side / 2),) * 2 + (2,)


def test_branches_and_repetitions():
    block = (Conv(4, 3, padding=1), Norm())
    once = count_parameters((Sum((block, ())),), (8, 8, 4))
    assert once == (9 * 16 + 4 + 8, 8, (8, 8, 4))
    assert count_parameters((Times(3, (Sum((block, ())),)),), (8, 8, 4)) == (3 * 156, 24, (8, 8, 4))
    assert count_parameters((Concat(((), block, (Norm(affine=False),))),), (8, 8, 4)) == (156, 16, (8, 8, 12))
    assert len(steps((Times(3, (Sum((block, ())),)),), (8, 8, 4))) == 6


@pytest.mark.parametrize(
    ("layers", "shape"),
    [
        ((Dense(3),), (4, 4, 2)),
        ((Mean(),), (5,)),
        ((Flatten(),), (5,)),
        ((Conv(4, 1, groups=3),), (4, 4, 3)),
        ((Conv(3, 1, groups=3),), (4, 4, 4)),
        ((Conv(3, 1, groups=0),), (4, 4, 4)),
    ],
)
def test_what_cannot_act(layers, shape):
    with pytest.raises(InputError, match="cannot act on the shape"):
        count_parameters(layers, shape)


@pytest.mark.parametrize("join", [Sum, Concat])
def test_branches_that_do_not_meet(join):
    with pytest.raises(InputError, match="shapes that fit"):
        count_parameters((join(((), (Pool(2, 2),))),), (4, 4, 3))
    with pytest.raises(InputError, match="at least one size"):
        dense_stack()


def test_description():
    assert described(alexnet())[2] == "conv 5x5 to 256, stride 1, pad 2, groups 2, bias"
    assert described((Pool(3, 2, "same"), Mean(), Dense(2, bias=False), Norm(affine=False), Flatten())) == [
        "pool 3x3, stride 2, same", "mean", "dense to 2, no bias", "norm, plain", "flatten",
    ]  # fmt: skip
    assert described((Times(2, (Concat(((), ())),)),)) == [{"layers": [{"concat": [[], []]}], "times": 2}]


def in_flax(module, shape):
    """Numbers in params and in batch_stats of a linen module, without allocating any."""
    with jax.numpy_dtype_promotion("standard"):
        made = jax.eval_shape(module.init, jax.random.key(0), jax.ShapeDtypeStruct((1, *shape), jnp.float32))
    return tuple(sum(leaf.size for leaf in jax.tree.leaves(made.get(part, {}))) for part in ("params", "batch_stats"))


def linen(layers):
    """The layers as linen modules, in one; sums and concatenations by hand."""
    nn = pytest.importorskip("flax.linen")

    def act(layer, x):
        match layer:
            case Conv():
                padding = "SAME" if layer.padding == "same" else [(layer.padding, layer.padding)] * 2
                return nn.Conv(layer.channels, (layer.size,) * 2, layer.stride, padding,
                               feature_group_count=layer.groups, use_bias=layer.bias)(x)  # fmt: skip
            case Pool():
                padding = "SAME" if layer.padding == "same" else [(layer.padding, layer.padding)] * 2
                return nn.max_pool(x, (layer.size,) * 2, (layer.stride,) * 2, padding)
            case Mean():
                return x.mean(axis=(1, 2))
            case Flatten():
                return x.reshape(len(x), -1)
            case Dense():
                return nn.Dense(layer.units, use_bias=layer.bias)(x)
            case Norm():
                return nn.BatchNorm(use_running_average=False, use_scale=layer.affine, use_bias=layer.affine)(x)
            case Sum():
                return sum(through(branch, x) for branch in layer.branches)
            case Concat():
                return jnp.concatenate([through(branch, x) for branch in layer.branches], axis=-1)
            case Times():
                return through(layer.layers * layer.count, x)

    def through(branch, x):
        for layer in branch:
            x = act(layer, x)
        return x

    class Built(nn.Module):
        @nn.compact
        def __call__(self, x):
            return through(layers, x)

    return Built()


SLOW = (
    "ResNet-152, biases",
    "small Inception, no norm",
    "AlexNet, narrow",
    "5-layer CNN, no conv biases",
    "ResNet-152",
)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in ARCHITECTURES]
)
def test_flax_has_as_many(name):
    layers, shape, trainable, statistics = ARCHITECTURES[name]
    assert in_flax(linen(layers), shape) == (trainable, statistics)


def test_flax_written_without_the_description():
    """Two of the networks, in flax alone."""
    nn = pytest.importorskip("flax.linen")

    class Small(nn.Module):
        @nn.compact
        def __call__(self, x):
            for _ in range(2):
                x = nn.max_pool(nn.relu(nn.Conv(64, (5, 5))(x)), (3, 3), (2, 2), "SAME")
            x = x.reshape(len(x), -1)
            for width in (384, 192, 10):
                x = nn.Dense(width)(x)
            return x

    class Mlp(nn.Module):
        @nn.compact
        def __call__(self, x):
            x = x.reshape(len(x), -1)
            for width in (512, 512, 512, 10):
                x = nn.Dense(width)(x)
            return x

    assert in_flax(Small(), (28, 28, 3)) == (1_387_786, 0)
    assert in_flax(Mlp(), (28, 28, 3)) == (1_735_178, 0)
