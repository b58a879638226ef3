"""Ways to compute the tangent kernel of a finite network: they agree to rounding, and their costs scale as stated.

Novak, Sohl-Dickstein and Schoenholz (2022): the Jacobian contracted with itself, products of the kernel with vectors,
and structured derivatives, which for a dense layer are two Gram matrices.  For one output and hidden layers of width W,
contraction takes a number of multiply-adds for a pair of samples that grows like W^2, structured derivatives like W;
one sample takes W^2 beforehand, whichever is used.

Measured: all methods on networks of several kinds, and the exponents of the stated costs between W and 2 W.  Entries
are sums of products of numbers that each carry a few roundings a layer, hence the tolerance relative to the trace.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from overparam.keys import Purpose, key_for
from overparam.ntk import costs, empirical_kernel
from overparam.precision import HIGHEST, require_dtype
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size

TOLERANCE = 1e-12
_SIZES: dict[Size, tuple[int, int]] = {"ci": (5, 8), "laptop": (40, 64), "paper": (200, 512)}  # samples, units


class Net(NamedTuple):
    """A network, its parameters and the shape of one sample."""

    name: str
    apply: Callable[[Any, Array], Array]
    params: Any
    sample: tuple[int, ...]


def measure(setting: Setting, *, kernel: Callable[..., Array] = empirical_kernel) -> Finding:
    """Compare every method with contraction.

    Args:
        setting: see `Setting`.
        kernel: computes (n, n) from (apply, params, points, method, traced).
    """
    require_dtype("float64", what="the study of strategies for empirical kernels")
    n, units = _SIZES[setting.size]
    key = key_for(jax.random.key(setting.root), Purpose.INIT, 0)
    apart, told, compared = [], [], 0
    for net in (_perceptron(key, units), _convolution(key, max(units // 4, 2))):
        points = jax.random.normal(jax.random.fold_in(key, 9), (n, *net.sample), "float64")
        methods = list(costs(net.apply, net.params, points, traced=True))
        found = {m: np.asarray(kernel(net.apply, net.params, points, method=m, traced=True)) for m in methods}
        truth = found.pop("contraction")
        apart += [np.max(np.abs(other - truth)) / np.trace(truth) for other in found.values()]
        told.append(f"{net.name}: {', '.join(methods)}")
        compared += len(found)
    exponents = {name: _exponent(key, name) for name in ("contraction", "structured")}
    links = (
        Link("largest difference between two methods, over the trace", TOLERANCE, float(np.max(apart))),
        Link("exponent of contraction's cost in the width, distance from 2", 0.15, abs(exponents["contraction"] - 2)),
        Link("exponent of structured derivatives' cost, distance from 1", 0.15, abs(exponents["structured"] - 1)),
    )
    words = f"{n} samples, sums over the outputs; {'; '.join(told)}."
    return Finding(all(link.holds for link in links), words, compared, links=links)


def _perceptron(key: Array, units: int, outputs: int = 3) -> Net:
    """Two hidden layers, tanh, biases."""
    sizes = (5, units, units, outputs)
    keys = jax.random.split(key, len(sizes))
    params = [
        {"w": jax.random.normal(k, (a, b), "float64") / math.sqrt(a), "b": jnp.zeros(b, "float64")}
        for k, a, b in zip(keys, sizes[:-1], sizes[1:], strict=False)
    ]

    def apply(params: Any, x: Array) -> Array:
        for layer in params[:-1]:
            x = jnp.tanh(jnp.matmul(x, layer["w"], precision=HIGHEST) + layer["b"][None, :])
        return jnp.matmul(x, params[-1]["w"], precision=HIGHEST) + params[-1]["b"][None, :]

    return Net(f"two hidden layers of {units}, {outputs} outputs", apply, params, (5,))


def _convolution(key: Array, channels: int) -> Net:
    """A convolution with stride, then a dense layer over its pixels."""
    first, last = jax.random.split(key)
    params = {
        "filter": jax.random.normal(first, (3, 3, 2, channels), "float64") / math.sqrt(18),
        "w": jax.random.normal(last, (9 * channels, 2), "float64") / math.sqrt(9 * channels),
    }

    def apply(params: Any, x: Array) -> Array:
        hidden = jax.lax.conv_general_dilated(
            x, params["filter"], (2, 2), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"), precision=HIGHEST
        )
        return jnp.matmul(jnp.tanh(hidden).reshape(len(x), -1), params["w"], precision=HIGHEST)

    return Net(f"convolution of {channels} channels and a dense layer, 2 outputs", apply, params, (6, 6, 2))


def _exponent(key: Array, method: Any) -> float:
    """log2 of the ratio of the stated costs of a pair of samples, at widths 1024 and 512, one output."""

    def pair(units: int) -> float:
        net = _perceptron(key, units, outputs=1)
        few, many = (costs(net.apply, net.params, jnp.zeros((n, 5), "float64"))[method] for n in (256, 512))
        # whole tiles, few enough that a sample is prepared once: what it takes for itself cancels in this difference
        return (many.multiply_adds - 2 * few.multiply_adds) / 256**2

    return math.log2(pair(1024) / pair(512))


STUDY = Experiment(
    id="empirical-ntk-strategies",
    claim="In the runs of this study, contraction, kernel-vector products and structured derivatives give the same "
    "tangent kernels up to rounding, and for networks with one output and two hidden layers their stated costs of a "
    "pair of samples grow with the width like its square and like the width itself.",
    refuted_by="methods that differ by more than 1e-12 of the trace, or costs of another growth",
    cites=("novak2022",),
    locator="the three strategies and the table of their costs",
    measure=measure,
    proved=False,
)
