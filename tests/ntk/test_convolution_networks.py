"""Convolutional kernels against finite networks, written with `jax.lax.conv_general_dilated` in NTK parameterization.

Where the mean kernel of finite networks is the limit's at any number of channels, the mean over independent seeds errs
by chance only: with one hidden layer (channels are independent and alike), and with the identity as activation (weights
of different layers are independent and enter each product of kernels once).  By the central limit theorem a mean leaves
6 standard errors with probability 2e-9; with at most 200 numbers a test that is a false alarm below 1e-6.  Each test
also checks that 6 standard errors are at most 30 % of the kernel: a wrong fan-in or a missing term is more than that.
"""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from overparam.keys import Purpose, key_for
from overparam.ntk import LeakyRelu, convolution_kernel

slow = pytest.mark.slow
PHI = {
    "relu": lambda t: jnp.maximum(t, 0),
    "erf": jax.scipy.special.erf,
    "identity": lambda t: t,
}


def convolved(h, w, kernel):
    padding = kernel.padding
    if padding == "CIRCULAR":
        low = []
        for n, f, s in zip(h.shape[1:3], kernel.filter_size, kernel.stride, strict=True):
            missing = max((-(-n // s) - 1) * s + f - n, 0)
            low.append((missing // 2, missing - missing // 2))
        h, padding = jnp.pad(h, [(0, 0), *low, (0, 0)], mode="wrap"), "VALID"
    return jax.lax.conv_general_dilated(h, w, kernel.stride, padding, dimension_numbers=("NHWC", "HWIO", "NHWC"))


def outputs(params, x, kernel, phi):
    h = x
    for w, b in params[:-1]:
        fan = math.prod(w.shape[:3])
        new = math.sqrt(kernel.weight_variance / fan) * convolved(h, w, kernel)
        h = phi(new + math.sqrt(kernel.bias_variance) * b[None, None, None])
    h = h.mean(axis=(1, 2)) if kernel.readout == "pooling" else h.reshape(len(x), -1)
    w, b = params[-1]  # (fan-in,) and ()
    return math.sqrt(kernel.weight_variance / len(w)) * h @ w + math.sqrt(kernel.bias_variance) * b


def kernels_of_networks(kernel, x, channels, seeds, phi):
    """NNGP given the hidden layers, NTK, and NTK in standard parameterization, of each seed: (seeds, n, n) each."""
    shapes = [(*kernel.filter_size, c, channels) for c in (x.shape[3], *[channels] * (kernel.depth - 1))]
    after = kernel.plan(x.shape).shapes[-1]
    last = channels * (1 if kernel.readout == "pooling" else math.prod(after))

    def one(seed):
        key = key_for(jax.random.key(0), Purpose.INIT, seed)
        keys = jax.random.split(key, 2 * len(shapes) + 2)
        draws = [(*pair, *shape) for pair, shape in zip(keys.reshape(-1, 2), [*shapes, (last,)], strict=True)]
        params = [
            (jax.random.normal(k, shape, "float64"), jax.random.normal(j, shape[3:], "float64"))
            for k, j, *shape in draws
            for shape in [tuple(shape)]
        ]
        tangents = jax.jacrev(outputs)(params, x, kernel, phi)
        grams = [[j.reshape(len(x), -1) @ j.reshape(len(x), -1).T for j in layer] for layer in tangents]
        fans = [math.prod(shape[:3]) for shape in shapes] + [last]
        bias = kernel.bias_variance
        standard = sum(
            w * f / kernel.weight_variance + (b / bias if bias else 0) for (w, b), f in zip(grams, fans, strict=True)
        )
        return sum(grams[-1]), sum(gram for layer in grams for gram in layer), standard

    return jax.device_get(jax.jit(lambda s: jax.lax.map(one, s, batch_size=20))(jnp.arange(seeds, dtype="uint32")))


def images(n, *shape):
    return jnp.asarray(np.random.default_rng(3).normal(size=(n, *shape)))


def check(kernel, limits, samples):
    """samples: arrays (seeds, n, n), or lists of (factor, such an array), whose independent means are added up."""
    for limit, sample in zip(limits, samples, strict=True):
        parts = sample if isinstance(sample, list) else [(1, sample)]
        mean = sum(factor * part.mean(axis=0) for factor, part in parts)
        error = np.sqrt(sum(factor**2 * part.var(axis=0, ddof=1) / len(part) for factor, part in parts))
        assert (np.abs(mean - np.asarray(limit)) <= 6 * error).all()
        assert (6 * error).max() <= 0.3 * np.abs(mean).max()  # or it would say nothing


CASES = [
    ("relu", 1, (2, 3), (2, 1), "SAME", "flatten", 0.2),
    ("erf", 1, (3, 3), (1, 1), "CIRCULAR", "pooling", 0.2),
    ("relu", 1, (2, 2), (1, 1), "VALID", "pooling", 0.0),
    ("identity", 3, (3, 2), (1, 2), "SAME", "pooling", 0.3),
    ("identity", 2, (3, 2), (2, 1), "CIRCULAR", "flatten", 0.3),
    (LeakyRelu(1.0), 3, (2, 2), (1, 1), "VALID", "pooling", 0.3),
    (LeakyRelu(1.0), 2, (3, 3), (2, 2), "SAME", "flatten", 0.0),
]  # activation, depth, filter, stride, padding, readout, bias


@pytest.mark.parametrize("case", [pytest.param(case, marks=slow) for case in CASES])
def test_finite_networks_have_these_kernels_on_average(case):
    activation, depth, size, stride, padding, readout, bias = case
    phi = PHI[activation if isinstance(activation, str) else "identity"]
    x, channels = images(3, 5, 4, 2), 6 if depth == 1 else 12
    options = {"filter_size": size, "stride": stride, "padding": padding, "readout": readout,
               "weight_variance": 1.6, "bias_variance": bias}  # fmt: skip
    kernel = convolution_kernel(depth, activation, **options)
    standard = convolution_kernel(depth, activation, **options, parameterization="standard", channels=channels)
    samples = kernels_of_networks(kernel, x, channels, 600 if depth == 1 else 1500, phi)
    check(kernel, (*kernel(x), standard(x).ntk), samples)


@slow
@pytest.mark.parametrize(("readout", "padding"), [("flatten", "SAME"), ("pooling", "CIRCULAR")])
def test_deep_wide_networks_come_close(readout, padding):
    """The mean is off by a / channels + O(channels^-2); twice that of 2 N channels less that of N removes a.

    What is left is below a standard error: with a / N seen to be some percent at N = 24, its square is some 1e-4.
    """
    x = images(3, 5, 4, 2)
    kernel = convolution_kernel(
        3, filter_size=(3, 2), stride=(1, 2), padding=padding, readout=readout, weight_variance=1.6, bias_variance=0.2
    )
    small, large = (kernels_of_networks(kernel, x, channels, 600, PHI["relu"])[:2] for channels in (24, 48))
    check(kernel, kernel(x), [[(2, two), (-1, one)] for one, two in zip(small, large, strict=True)])
