"""Whoever predicts from a fixed span of dimension q misses orthonormal targets g_1, .., g_M: mean dist^2 >= 1 - q / M.

The projections of the g_k onto the span have squared norms that add up to q at most.  Kernel methods with n samples
predict from span{k(x_1, .), .., k(x_n, .)}, whatever the labels; with a kernel on {-1, 1}^d that no permutation of
coordinates changes and exchangeable inputs, all C(d, l) parities of degree l are alike, so that every single one of
them costs an expected squared error of 1 - n / C(d, l) at least.  A method whose features depend on the labels is not
bound by this: x_i x_j = relu(x_i + x_j) + relu(-x_i - x_j) - 1 is a network of two neurons, and picking the pair that
correlates best with the labels finds it.

Errors are exact, for given inputs: a kernel kappa(<x, x'> / d) is sum_l c_l K_l, K_l the sum of the products of all
parities of degree l, so that means over the cube are sums over degrees.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.records import Link, Plot, Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._series import bound, pointwise, rates
from overparam.studies.approximation._arc_cosine import half_space, kappa

ROUNDING = 1e-6  # relative: systems of a condition of 1e9 at most lose no more in float64


class Sizes(NamedTuple):
    """Degree 2 parities of d bits, samples, draws of the inputs."""

    d: int
    samples: tuple[int, ...]
    draws: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(20, (40, 95, 150), 12),
    "laptop": Sizes(30, (50, 100, 200, 300, 400), 100),
    "paper": Sizes(30, (50, 100, 200, 300, 400), 100),
}
PUBLISHED = {40: 1.21, 95: 0.71, 150: 0.38}  # of the catalogue, polynomial kernel, d = 20


class Kernel(NamedTuple):
    """A function of s = <x, x'> for points of the cube, by its values at s = d, d - 2, .., -d."""

    name: str
    values: NDArray


def kernels(d: int) -> tuple[Kernel, ...]:
    """Polynomial, Gaussian, and the tangent kernel of a two-layer ReLU network."""
    c = np.arange(d, -d - 1, -2) / d
    return (
        Kernel("polynomial", (1 + c) ** 2),
        Kernel("Gaussian", np.exp(-2 * (1 - c))),
        Kernel("tangent", kappa(c) + c * half_space(c)),
    )


def krawtchouk(d: int) -> NDArray:
    """K[l, j]: the sum over all parities of degree l of their product at two points that differ in j bits."""
    return np.array(
        [
            [
                sum((-1) ** i * math.comb(j, i) * math.comb(d - j, degree - i) for i in range(degree + 1))
                for j in range(d + 1)
            ]
            for degree in range(d + 1)
        ],
        dtype=float,
    )


def measure(setting: Setting, *, tuned: bool = False, claimed: float = 1.0) -> Finding:
    """Errors on all parities; `tuned` judges one target by a kernel that knows it, `claimed` scales the span's size."""
    size = _SIZES[setting.size]
    d, count = size.d, math.comb(size.d, 2)
    sums, names = krawtchouk(d), [kernel.name for kernel in kernels(d)]
    errors = np.zeros((size.draws, len(size.samples), len(names)))
    found = np.zeros((size.draws, len(size.samples)), bool)
    for draw in range(size.draws):
        for i, n in enumerate(size.samples):
            bits = _inputs(np.random.default_rng([setting.root, draw, n]), n, d)
            parities = _parities(bits)
            errors[draw, i] = [span_errors(kernel, bits, parities, sums).mean() for kernel in kernels(d)]
            if tuned:
                errors[draw, i] = _knowing(bits, parities[:, 0])
            # the first parity as the target: the best correlated one is itself, unless another agrees everywhere
            found[draw, i] = np.sum(np.abs(parities.T @ parities[:, 0]) == n) == 1
    least = 1 - claimed * np.asarray(size.samples) / count
    links = tuple(
        Link(f"mean squared error over all parities, {name}, n = {n}, least of {size.draws} draws", float(least[i]),
             float(errors[:, i, j].min()), "at least")
        for j, name in enumerate(names) for i, n in enumerate(size.samples)
    )  # fmt: skip
    holds = bool((errors >= least[:, None] * (1 - ROUNDING) - ROUNDING).all())
    means = errors.mean(axis=0)
    return Finding(
        holds=holds,
        words=f"{count} parities of degree 2 on {d} bits, {size.draws} draws of n distinct inputs, "
        + "; ".join(
            f"n = {n}: bound {least[i]:.3g}, errors "
            + ", ".join(f"{error:.3g} ({name})" for error, name in zip(means[i], names, strict=True))
            for i, n in enumerate(size.samples)
        )
        + f". A search over pairs of ReLU neurons finds the target in {found.mean():.0%} of the draws and then errs "
        "nowhere. The bound is for the mean over targets; a kernel made for one target escapes it.",
        instances=errors.size,
        links=links,
        plots=(
            Plot(
                f"Kernel methods on parities of two of {d} bits",
                "samples n",
                "mean squared error",
                (
                    *(pointwise(f"{name} kernel", size.samples, errors[:, :, j].T) for j, name in enumerate(names)),
                    rates("search over pairs of neurons: share of draws in which it fails", size.samples, ~found),
                    bound("1 - n / M", (0, *size.samples, count), (1, *least, 1 - claimed)),
                ),
                marks=((float(count), "n = M"),),
            ),
        ),
        tables=(
            Table(
                "Mean squared error and its bound",
                ("n", "bound", *names, "polynomial, catalogue"),
                tuple(
                    (n, float(least[i]), *map(float, means[i]), PUBLISHED.get(n) if d == 20 else None)
                    for i, n in enumerate(size.samples)
                ),
            ),
        ),
    )  # fmt: skip


def span_errors(kernel: Kernel, bits: NDArray, parities: NDArray, sums: NDArray) -> NDArray:
    """Exact mean squared errors over the cube of the interpolants of every parity of degree 2.

    Args:
        kernel: values by Hamming distance.
        bits: (n, d), distinct rows of +-1.
        parities: (n, M), values of the targets.
        sums: from `krawtchouk`.
    """
    d = bits.shape[1]
    apart = np.rint((d - bits @ bits.T) / 2).astype(int)
    counts = np.array([math.comb(d, j) for j in range(d + 1)], dtype=float)
    # kernel = sum_l c_l K_l; K_l has the mean square C(d, l) over the cube
    levels = sums @ (counts * kernel.values) / counts / counts.sum()
    weights = np.linalg.solve(kernel.values[apart], parities)
    squares = (levels**2 @ sums)[apart]
    return 1 - 2 * levels[2] * np.sum(weights * parities, axis=0) + np.sum(weights * (squares @ weights), axis=0)


def _inputs(rng: np.random.Generator, n: int, d: int) -> NDArray:
    """(n, d), n distinct points of the cube, exchangeable."""
    codes = rng.choice(2**d, size=n, replace=False)
    return 1.0 - 2.0 * ((codes[:, None] >> np.arange(d)) & 1)


def _parities(bits: NDArray) -> NDArray:
    """(n, C(d, 2)) values of x_i x_j, i < j."""
    rows, columns = np.triu_indices(bits.shape[1], 1)
    return bits[:, rows] * bits[:, columns]


def _knowing(bits: NDArray, labels: NDArray) -> float:
    """Error on x_1 x_2 of the kernel (1 + x_1 x_1' + x_2 x_2')^2, over the four values of the two bits."""
    own, corners = bits[:, :2], np.array([[a, b] for a in (-1.0, 1.0) for b in (-1.0, 1.0)])
    weights = np.linalg.lstsq((1 + own @ own.T) ** 2, labels, rcond=1e-10)[0]
    return float(np.mean(((1 + corners @ own.T) ** 2 @ weights - corners[:, 0] * corners[:, 1]) ** 2))


STUDY = Experiment(
    id="l-kernel-nwidth",
    claim="The mean squared distance of M orthonormal targets from any span of dimension q that does not depend on "
    "them is at least 1 - q / M; so kernel methods with n samples err by at least 1 - n / C(d, l) "
    "(mean square) over the parities of degree l.",
    refuted_by="a mean squared error below 1 - n / C(d, l)",
    cites=("barron1993universal", "hsu2021dimension"),
    locator="the lower bound for linear methods; own for kernels on the cube",
    measure=measure,
    proved=True,
)
