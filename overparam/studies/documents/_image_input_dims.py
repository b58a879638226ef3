"""An image has very many inputs, but they are highly correlated: its effective dimension is far smaller.

256 x 256 pixels are 65,536, with three channels 196,608 inputs; 224 x 224 x 3 are 150,528.  With the eigenvalues
lambda_1 >= lambda_2 >= .. of the covariance of d inputs, the effective ranks are r_0 = sum lambda / lambda_1 and R_0 =
(sum lambda)^2 / sum lambda^2, where r_0 <= R_0 <= d (bartlett2020benign).

Measured: log(10 R_0 / d) of the sample covariance on disjoint parts of the data, centred, which is to be below 0.  A
sample of n points biases R_0 downwards, for d independent inputs to about d n / (n + d); so independent normal inputs
of the same n and d are measured too, and must have that R_0.  Normal pixels, or pixels permuted in each image by
itself, have hardly any correlation, and fail.

The threshold d / 10 is about images of 28 x 28 pixels or more.  Averaged to fewer pixels, images have nearly the same
R_0 with fewer inputs: at 14 x 14 MNIST's have R_0 = 22 of d = 196, and 8 x 8 digits 13 of 64.  So without MNIST's
images (the extra `data`) nothing is tested.  At size laptop patches of two photographs and Fashion-MNIST are shown too,
if they are there; at size paper CIFAR-10 is what counts.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.data import gaussian_pixels, load_images, paper_images, photograph_patches, pooled, random_pixels
from overparam.records import Plot, Series, Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import TOLERANCE, against, all_of, effect

SHARE = 10  # R_0 is to be at most d / 10
COUNTS = (((256, 256, 1), 65_536), ((256, 256, 3), 196_608), ((224, 224, 3), 150_528))
CURVE = 1000  # images whose eigenvalues are drawn


class Sizes(NamedTuple):
    """Disjoint parts, images in each, and trials of the Gaussian control."""

    parts: int
    n: int
    trials: int


_SIZES: dict[Size, Sizes] = {"ci": Sizes(5, 1000, 12), "laptop": Sizes(10, 500, 40), "paper": Sizes(10, 5000, 12)}


class Ranks(NamedTuple):
    """Of one sample covariance."""

    first: float
    """r_0"""
    second: float
    """R_0"""
    components: int
    """that hold 90 % of the variance"""


def ranks(points: NDArray[np.floating]) -> Ranks:
    """Effective ranks of the sample covariance of (n, ...) points, centred."""
    values = np.linalg.eigvalsh(_gram(points))[::-1]
    total = values.sum()
    held = int(np.searchsorted(np.cumsum(values), 0.9 * total)) + 1
    return Ranks(float(total / values[0]), float(total**2 / (values @ values)), held)


def second_rank(points: NDArray[np.floating]) -> float:
    """R_0 alone, without eigenvalues: (tr S)^2 / |S|_F^2."""
    gram = _gram(points)
    return float(np.trace(gram) ** 2 / np.vdot(gram, gram))


def _gram(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """The sample covariance times n, or the matrix of inner products, which has the same eigenvalues but for zeros."""
    rows = points.reshape(len(points), -1).astype(np.float64)
    rows -= rows.mean(axis=0)
    return rows.T @ rows if rows.shape[0] > rows.shape[1] else rows @ rows.T


def measure(
    setting: Setting,
    *,
    pixels: Literal["as they are", "permuted", "gaussian"] = "as they are",
    control: Callable[[int, int], float] = lambda n, d: d * n / (n + d),
) -> Finding:
    """Effective ranks of images; `pixels` may be made random, `control` is the R_0 of n independent normal inputs."""
    size = _SIZES[setting.size]
    found = paper_images("cifar10") if setting.size == "paper" else load_images("mnist5k")
    wrong = [f"{shape} is {np.prod(shape)}" for shape, said in COUNTS if np.prod(shape) != said]
    if found is None or found.points.shape[1] < 28:
        has = "no CIFAR-10 files: name their folder in OVERPARAM_DATA" if found is None else found.notes[0]
        counted = "; ".join(f"{h} x {w} x {c} = {said:,}" for (h, w, c), said in COUNTS)
        return Finding(True, f"Inputs: {counted}.", 0, vacuous=f"images of 28 x 28 or more are needed, but {has}")
    rng = np.random.default_rng([setting.root, 7])
    change = {"permuted": random_pixels, "gaussian": gaussian_pixels}.get(pixels)
    order = rng.permutation(len(found.points))[: size.parts * size.n]
    parts = [found.points[chosen] for chosen in np.array_split(order, size.parts)]
    parts = [part if change is None else change(rng, part) for part in parts]
    n, d = len(parts[0]), int(np.prod(parts[0].shape[1:]))
    measured = [second_rank(part) for part in parts]
    normal = [[second_rank(rng.normal(size=(n, d)))] for _ in range(size.trials)]
    small = effect([np.log(SHARE * one / d) for one in measured], 0.0, f"log({SHARE} R_0 / d)", kind="below")
    wide = against(normal, [control(n, d)], TOLERANCE["limit"][setting.size], limit=True, names=("normal inputs",))
    both = all_of(small, wide)
    whole = ranks(parts[0])
    rows = [_row(name, points, rng) for name, points in ((found.name, parts[0]), *_others(setting.size))]
    return Finding(
        # a control that is not what it should be leaves nothing to compare with
        holds=False if wrong else both.holds if wide.holds else None,
        words=f"{found.name}, {size.parts} parts of {n:,} images with d = {d:,} inputs, pixels {pixels}: R_0 is "
        f"{min(measured):.1f} to {max(measured):.1f}; {small.words}. In the first part r_0 = {whole.first:.1f}, and "
        f"{whole.components} components hold 90 % of the variance. R_0 of independent normal inputs of that n and d, "
        f"{wide.words}. 256 x 256 pixels "
        f"are 65,536 inputs, 224 x 224 x 3 are 150,528{'; wrong: ' + ', '.join(wrong) if wrong else ''}. That few "
        "directions hold most of the variance does not say that the others do not matter to a network.",
        instances=size.parts + size.trials,
        links=both.links,
        plots=(_spectra(parts[0], rng), _resolutions(parts[0])),
        tables=(
            Table(
                "Effective dimensions",
                ("data", "inputs d", "points n", "r_0", "R_0", "components with 90 %", "R_0 of normal inputs"),
                tuple(rows),
            ),
        ),
    )


def _others(size: Size) -> list[tuple[str, NDArray[np.floating]]]:
    """Data that are shown, but decide nothing."""
    found = [("digits, 8 x 8", load_images("digits").points)]
    if size == "ci":
        return found
    patches = photograph_patches(16)
    if patches is not None:
        found.append(("patches of photographs, 16 x 16 x 3", patches))
    fashion = paper_images("fashion")
    return [*found, ("fashion", fashion.points[:5000])] if fashion is not None else found


def _row(name: str, points: NDArray[np.floating], rng: np.random.Generator) -> tuple[str | int | float, ...]:
    n, d = len(points), int(np.prod(points.shape[1:]))
    return (name, d, n, *ranks(points), second_rank(rng.normal(size=(n, d))))


def _spectra(points: NDArray[np.floating], rng: np.random.Generator) -> Plot:
    """How much of the variance the first components hold."""
    some = points[:CURVE]
    drawn = rng.normal(size=(len(some), int(np.prod(some.shape[1:]))))
    curves = []
    for name, x in (("images", some), ("independent normal inputs", drawn)):
        held = np.cumsum(np.linalg.eigvalsh(_gram(x))[::-1])
        at = np.unique(np.geomspace(1, len(held), 60).astype(int))
        curves.append(Series(name, tuple(map(float, at)), tuple((held[at - 1] / held[-1]).tolist())))
    return Plot("Variance in the first components", "components", "share of the variance", tuple(curves), log_x=True)


def _resolutions(points: NDArray[np.floating]) -> Plot:
    """R_0 of the same images, averaged to fewer pixels."""
    height, width, channels = points.shape[1:]
    sides = [side for side in (4, 7, 8, 14, 16) if height % side == 0 == width % side]
    dims = [float(side**2 * channels) for side in sides] + [float(height * width * channels)]
    found = [second_rank(pooled(points, side)) for side in sides] + [second_rank(points)]
    n = len(points)
    return Plot(
        "The effective dimension hardly grows with the number of pixels",
        "inputs d",
        "R_0",
        (
            Series("images", tuple(dims), tuple(found)),
            Series("n independent normal inputs, d n / (n + d)", tuple(dims), tuple(d * n / (n + d) for d in dims),
                   kind="formula"),
            Series(f"d / {SHARE}", tuple(dims), tuple(d / SHARE for d in dims), kind="bound"),
        ),
        log_x=True,
        log_y=True,
    )  # fmt: skip


STUDY = Experiment(
    id="s-image-input-dims",
    claim="Images of 256 x 256 pixels have 65,536 inputs, 196,608 with three channels, and those of 224 x 224 x 3 "
    "150,528; the effective dimension R_0 of the images measured here, of 28 x 28 pixels or more, is at most a tenth "
    "of their number of inputs, while as many independent normal inputs have R_0 near d n / (n + d).",
    refuted_by="R_0 above d / 10 on images while the Gaussian control has its R_0, or another count of inputs",
    cites=("bartlett2020benign",),
    locator="the definition of the effective ranks r_k and R_k",
    measure=measure,
    proved=False,
)
