"""Convolutional kernels against ball arithmetic over all pairs of pixels, and where they reduce to something known."""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overparam.errors import InputError, PrecisionError
from overparam.ntk import LeakyRelu, convolution_kernel, dense_kernel, hermite
from overparam.ntk.analytic._image_pairs import prepare, symmetric
from overparam.ntk.analytic._pooling import LANES, pairs_at_once
from overparam.ntk.analytic._windows import Window
from tests.ntk.convolution_oracle import below, convolution_oracle, erf_dual, output_shape

slow = pytest.mark.slow
U = {"float32": 2.0**-24, "float64": 2.0**-53}
READOUTS = ("flatten", "pooling")
ONE_QUICK = [pytest.param("flatten", marks=slow), "pooling"]  # the full recursion is the harder one


def hard(dtype="float64", gap=1e-8):
    """An image, one beside it, one opposite to it, itself, thrice itself, one with black pixels, black, and another."""
    rng = np.random.default_rng(0)
    x, other = rng.normal(size=(2, 2, 3, 2))
    hole = x.copy()
    hole[:, :2] = 0
    images = [x, x + gap * rng.normal(size=x.shape), -x + gap * other, x, 3 * x, hole, 0 * x, other]
    return np.array(images, dtype)


def allowed(kernel, points, got, dtype):
    """As for dense kernels: an error grows by some roundings a layer, never by a factor, relative to the norms.

    A layer sums over the filter twice (f + g additions, and f g squares for the norms), and runs 30 operations more.
    """
    f, g = kernel.filter_size
    roundings = (kernel.depth + 1) ** 2 * (10 * kernel.depth + 30 + f + g + f * g + points.shape[3])
    norm = np.sqrt(np.asarray(got.nngp.diagonal(), "float64"))
    scale = np.outer(norm, norm) * (kernel.depth + 1)
    if kernel.channels:
        scale = scale * (kernel.channels + points.shape[3]) * math.prod(points.shape[1:3]) * f * g
    return roundings * U[dtype] * scale + 1e-300


def compare(kernel, points, dtype="float64", **options):
    got = kernel(points, dtype=dtype)
    bound = allowed(kernel, points, got, dtype)
    assert (np.asarray(got.ntk) == np.asarray(got.ntk).T).all() and (np.asarray(got.nngp) == got.nngp.T).all()
    shape = {name: getattr(kernel, name) for name in ("depth", "stride", "padding", "readout", "channels")}
    shape |= {"size": kernel.filter_size, "weight": kernel.weight_variance, "bias": kernel.bias_variance, **options}
    for i, x in enumerate(points):
        for j, z in enumerate(points[: i + 1]):
            wanted = convolution_oracle(x, z, **shape)
            for gram, true in zip(got, wanted, strict=True):
                assert abs(float(gram[i, j]) - true) <= bound[i, j], (i, j, float(gram[i, j]), true)


@pytest.mark.slow
@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize(("dtype", "gap"), [pytest.param("float32", 1e-3, marks=slow), ("float64", 1e-8)])
def test_relu_is_right_near_parallel_antipodal_and_black_patches(readout, dtype, gap):
    compare(convolution_kernel(2, readout=readout, filter_size=(2, 3)), hard(dtype, gap), dtype)


CASES = [
    ("CIRCULAR", (3, 2), (1, 2), 2, 0.3, None, 0.2),
    ("VALID", (2, 2), (1, 1), 2, 0.3, 50, 0.0),
    ("SAME", (2, 3), (2, 1), 2, 0.1, None, -1.0),
    ("SAME", (3, 3), (2, 2), 3, 0.0, 50, 0.0),
    ("CIRCULAR", (5, 4), (1, 1), 1, 0.0, 7, 0.5),
    ("VALID", (1, 2), (2, 2), 1, 0.0, None, 1.0),
]  # padding, filter, stride, depth, bias, channels, slope


@pytest.mark.slow
@pytest.mark.parametrize("readout", ONE_QUICK)
@pytest.mark.parametrize("case", [CASES[0], *(pytest.param(case, marks=slow) for case in CASES[1:])])
def test_paddings_strides_biases_slopes_and_parameterizations(readout, case):
    padding, size, stride, depth, bias, channels, slope = case
    kernel = convolution_kernel(
        depth, LeakyRelu(slope), filter_size=size, stride=stride, padding=padding, readout=readout,
        weight_variance=1.3, bias_variance=bias, channels=channels, parameterization="standard" if channels else "ntk",
    )  # fmt: skip
    points = np.random.default_rng(1).normal(size=(3, 3, 4, 2))
    points[1, :2, :2] = points[0, :2, :2]
    compare(kernel, points, slope=slope)


@pytest.mark.parametrize("readout", [READOUTS[0], pytest.param(READOUTS[1], marks=slow)])
@pytest.mark.parametrize("case", [CASES[2], *(pytest.param(CASES[k], marks=slow) for k in (0, 1, 3))])
def test_smooth_activations(readout, case):
    padding, size, stride, depth, bias, channels, _ = case
    kernel = convolution_kernel(
        depth, "erf", filter_size=size, stride=stride, padding=padding, readout=readout,
        weight_variance=1.3, bias_variance=bias, channels=channels, parameterization="standard" if channels else "ntk",
    )  # fmt: skip
    compare(kernel, np.random.default_rng(1).normal(size=(3, 3, 4, 2)), dual=erf_dual)


@given(
    shape=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    size=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    padding=st.sampled_from(["SAME", "VALID", "CIRCULAR"]),
)
@settings(deadline=None, max_examples=8)
def test_windows_see_what_the_definition_says(shape, size, stride, padding):
    """Sums of integers, hence exact; filters may be larger than the image and strides larger than the filter."""
    window = Window(size, stride, padding)
    if padding == "VALID" and (size[0] > shape[0] or size[1] > shape[1]):
        with pytest.raises(InputError, match="each layer an image of at least"):
            window.after(shape)
        return
    after = output_shape(shape, size, stride, padding)
    assert window.after(shape) == after
    rng = np.random.default_rng(0)
    image = rng.integers(-9, 9, size=(*shape, 2)).astype("float64")
    pairs = rng.integers(-9, 9, size=(shape[0], shape[0], shape[1], shape[1], 1)).astype("float64")
    run = jax.jit(lambda a, b: (window.patches(a, shape), window.total(a, shape), window.total(b, shape)))
    patches, sums, joint = jax.device_get(run(image, pairs))
    for p in np.ndindex(after):
        seen = [image[s] if s is not None else np.zeros(2) for s in below(p, shape, size, stride, padding)]
        assert (patches[:, *p] == seen).all() and (sums[p] == sum(seen)).all()
        for q in np.ndindex(after):
            both = zip(*(below(k, shape, size, stride, padding) for k in (p, q)), strict=True)
            wanted = sum(pairs[s[0], t[0], s[1], t[1], 0] for s, t in both if s is not None and t is not None)
            assert joint[p[0], q[0], p[1], q[1], 0] == wanted


@slow
@pytest.mark.parametrize("activation", ["relu", "gelu"])
@pytest.mark.parametrize("readout", READOUTS)
def test_one_pixel_is_the_dense_network(activation, readout):
    """Also below a larger filter that wraps around: all its taps see the pixel, and their weights add up."""
    rows = np.random.default_rng(0).normal(size=(4, 5))
    options = {"weight_variance": 1.5, "bias_variance": 0.2}
    kernel = convolution_kernel(3, activation, filter_size=(1, 3), padding="CIRCULAR", readout=readout, **options)
    for got, true in zip(kernel(rows[:, None, None, :]), dense_kernel(3, activation, **options)(rows), strict=True):
        assert np.abs(np.asarray(got) - np.asarray(true)).max() <= 4 * 4 * 80 * U["float64"] * np.abs(true).max()


@slow
def test_without_layers_it_is_linear():
    points = np.random.default_rng(0).normal(size=(4, 2, 3, 2))
    flat, pooled = (convolution_kernel(0, readout=readout, weight_variance=1.5)(points) for readout in READOUTS)
    assert np.abs(flat.ntk - dense_kernel(0, weight_variance=1.5)(points.reshape(4, -1)).ntk).max() <= 1e-14
    means = points.mean(axis=(1, 2))
    assert np.abs(pooled.nngp - 1.5 / 2 * means @ means.T).max() <= 1e-14 and (pooled.ntk == pooled.nngp).all()


@pytest.mark.parametrize(("readout", "shape", "dtype", "activation"), [
    ("pooling", (6, 11, 9, 2), "float32", "relu"),
    *(pytest.param(*x, marks=slow) for x in [
        ("flatten", (35, 5, 4, 3), "float32", "relu"),
        ("flatten", (70, 9, 7, 1), "float64", "gelu"), ("pooling", (33, 4, 3, 2), "float64", "relu"),
        ("pooling", (5, 10, 10, 9), "float64", "gelu"), ("pooling", (40, 1, 7, 1), "float64", "erf"),
        ("pooling", (40, 3, 4, 1), "float32", LeakyRelu(0.1)),
    ])
])  # fmt: skip
def test_permutations_permute_and_halves_mirror(readout, shape, dtype, activation):
    """Bit for bit, in blocks of many pairs and of one; duplicates have equal rows."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=shape).astype(dtype)
    points[3], points[4] = points[1], -points[1]
    order = rng.permutation(len(points))
    kernel = convolution_kernel(2, activation, readout=readout, bias_variance=0.1)
    gram, moved = (kernel(images, dtype=dtype) for images in (points, points[order]))
    for a, b in zip(*(map(np.asarray, kernels) for kernels in (gram, moved)), strict=True):
        assert (a == a.T).all() and (a[1] == a[3]).all() and a[1, 1] == a[1, 3]
        assert (b == a[np.ix_(order, order)]).all()


@slow
@pytest.mark.parametrize(("readout", "shape"), [("flatten", (35, 5, 4, 3)), ("pooling", (33, 4, 3, 2)),
                                                ("pooling", (6, 11, 9, 2))])  # fmt: skip
def test_rectangles_diagonals_and_single_kernels_agree(readout, shape):
    points, dtype = np.random.default_rng(0).normal(size=shape), "float64"
    kernel = convolution_kernel(2, readout=readout, bias_variance=0.1)
    gram = kernel(points, dtype=dtype)
    bound = allowed(kernel, points, gram, dtype)
    cross, diagonal = kernel(points[2:5], points, dtype=dtype), kernel.diagonal(points, dtype=dtype)
    assert (np.abs(kernel(points, points[2:5]).ntk - gram.ntk[:, 2:5]) <= bound[:, 2:5]).all()
    assert (np.abs(cross.ntk - gram.ntk[2:5]) <= bound[2:5]).all()
    assert (np.abs(diagonal.ntk - gram.ntk.diagonal()) <= bound.diagonal()).all()
    assert (np.abs(kernel.only("ntk", points, dtype=dtype) - gram.ntk) <= bound).all()


@slow
@pytest.mark.parametrize("readout", READOUTS)
def test_float32_agrees_with_float64(readout):
    """On images of few bits: a float32 image is the same image in float64; nearly parallel ones among them."""
    points = hard("float32", 1e-4)
    kernel = convolution_kernel(4, readout=readout, bias_variance=0.1)
    short, long = (kernel(points, dtype=dtype) for dtype in ("float32", "float64"))
    bound = allowed(kernel, points, long, "float32")
    for a, b in zip(short, long, strict=True):
        assert a.dtype == "float32" and (np.abs(np.asarray(a, "float64") - b) <= bound).all()


@slow
@pytest.mark.parametrize("readout", READOUTS)
def test_black_images_and_single_images(readout):
    points = np.zeros((2, 3, 3, 1))
    for gram in convolution_kernel(2, readout=readout)(points):
        assert (gram == 0).all()
    biased = convolution_kernel(2, readout=readout, bias_variance=0.5)(points).ntk
    assert (biased == biased[0, 0]).all() and biased[0, 0] > 0.5
    one = convolution_kernel(1, readout=readout)(np.ones((1, 3, 3, 1)))
    assert one.ntk.shape == (1, 1) and one.ntk[0, 0] > one.nngp[0, 0] > 0


@pytest.mark.slow
def test_a_small_kernel_of_antipodal_images_keeps_its_digits():
    """kappa is angle^3 / (3 pi) near pi, where 1 - cosine leaves no digit of the cube."""
    x = np.random.default_rng(0).normal(size=(2, 2, 2, 1))
    points = np.stack([x[0], -x[0] + 1e-4 * x[1]])
    got = float(convolution_kernel(1, padding="CIRCULAR")(points).nngp[0, 1])
    true = convolution_oracle(points[0], points[1], padding="CIRCULAR")[0]
    assert abs(got - true) <= 1e-9 * true < 1e-20


@pytest.mark.parametrize("readout", ONE_QUICK)
def test_scaling_patches_scales_the_kernel(readout):
    """Without biases relu is homogeneous: parallel patches of other norms are at angle 0, in float32 too."""
    x = np.random.default_rng(0).uniform(size=(1, 5, 5, 1)).astype("float32")
    points = np.concatenate([x, np.float32(3) * x, np.float32(0.01) * x])
    gram = np.asarray(convolution_kernel(2, readout=readout)(points, dtype="float32").ntk, "float64")
    factors = np.outer(*[[1, 3, float(np.float32(0.01))]] * 2)
    assert (np.abs(gram / factors / gram[0, 0] - 1) <= 200 * U["float32"]).all()


@pytest.mark.parametrize(("options", "shape", "block"), [
    ({"readout": "pooling"}, (4, 20, 20, 3), 1), *(pytest.param(*x, marks=slow) for x in [
        ({"readout": "pooling"}, (32, 8, 8, 3), 32), ({"readout": "pooling", "depth": 6}, (5, 18, 20, 9), 1),
        ({"readout": "pooling", "activation": "gelu", "filter_size": 5}, (4, 20, 20, 3), 1),
        ({"readout": "flatten"}, (64, 32, 32, 3), 32), ({"readout": "flatten", "activation": "erf"}, (64, 9, 9, 3), 64),
    ])
])  # fmt: skip
def test_bytes_are_estimated_from_above(options, shape, block):
    """What XLA says of the compiled program, and not more than 4 times that."""
    kernel = convolution_kernel(**{"depth": 2, **options})
    plan, points = kernel.plan(shape), jax.ShapeDtypeStruct(shape, "float32")
    assert pairs_at_once(plan, shape[0]) == block and block in (1, LANES, 2 * LANES)
    run = jax.jit(lambda images: symmetric(plan, ("nngp", "ntk"), prepare(plan, images, block), block))
    used = run.lower(points).compile().memory_analysis()
    taken = used.temp_size_in_bytes + used.output_size_in_bytes
    assert taken <= kernel.bytes_needed(shape, dtype="float32") <= 4 * taken


def test_calls_that_need_too_much_are_refused_before_they_start():
    kernel = convolution_kernel(2, readout="pooling")
    shape = (2, 224, 224, 3)
    needed = kernel.bytes_needed(shape)
    assert needed > 8 * 224**4 > kernel.max_bytes
    with pytest.raises(InputError, match=f"about {needed} bytes.*flatten"):
        kernel(np.ones(shape))
    with pytest.raises(InputError, match="max_bytes is 1000"):
        convolution_kernel(1, max_bytes=1000)(np.ones((2, 3, 3, 1)))
    assert convolution_kernel(2).bytes_needed(shape) < 2**28


def test_kernels_are_static_arguments_and_tell_their_name():
    make = functools.partial(convolution_kernel, 2, "gelu", filter_size=(3, 5), stride=2, readout="pooling")
    kernel = make()
    assert kernel == make() and hash(kernel) == hash(make()) and kernel != make(padding="VALID")
    assert kernel.words == (
        "convolutional network, hidden layers: 2, filter: 3 x 5, stride: 2 x 2, padding: SAME, global average and "
        "dense readout, activation: gelu (exact), weight variance: 2 / fan-in of the full filter, bias variance: 0, "
        "NTK parameterization"
    )
    standard = make(readout="flatten", parameterization="standard", channels=64).words
    assert "dense readout of all pixels" in standard and standard.endswith("standard parameterization, channels 64")
    points = jnp.ones((3, 4, 4, 1))
    assert jax.eval_shape(kernel, points, points[:2]).nngp.shape == (3, 2)
    assert jax.eval_shape(kernel.diagonal, points).ntk.shape == (3,)


@slow
def test_any_dual_will_do():
    points = np.random.default_rng(0).normal(size=(3, 4, 4, 2))
    points /= np.linalg.norm(points, axis=3, keepdims=True)  # variances of at most 1
    expanded = hermite(jax.scipy.special.erf, degree=60, nodes=120)
    for readout in READOUTS:
        closed, series = (convolution_kernel(2, phi, readout=readout)(points) for phi in ("erf", expanded))
        assert np.abs(closed.ntk - series.ntk).max() <= 1e-9


def test_wrong_calls():
    images = np.ones((2, 3, 3, 1))
    for make in (
        lambda: convolution_kernel(-1),
        lambda: convolution_kernel(1, filter_size=0),
        lambda: convolution_kernel(1, stride=(1, 0)),
        lambda: convolution_kernel(1, channels=5),
        lambda: convolution_kernel(1, parameterization="standard"),
        lambda: convolution_kernel(1, weight_variance=-1.0),
        lambda: convolution_kernel(1)(np.ones((2, 3))),
        lambda: convolution_kernel(1)(images[:0]),
        lambda: convolution_kernel(1)(images, images[:, :2]),
        lambda: convolution_kernel(2, padding="VALID")(images),
        lambda: convolution_kernel(1)(images, dtype="float16"),
    ):
        with pytest.raises(InputError):
            make()
    with jax.enable_x64(False), pytest.raises(PrecisionError):
        convolution_kernel(1)(images)
