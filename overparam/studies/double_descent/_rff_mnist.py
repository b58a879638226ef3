"""Random Fourier features on images: error and norm peak where features are as many as samples.

Squared loss on one-hot labels, cos(Wx + b) with Gaussian W, coefficients of least norm, double precision and no cutoff:
dropping small singular values would regularize the peak away.  Per seed, a new split of the images and new features:
the test error (mean square) is largest at N = n, the norm of the coefficients too, and with 10 n features the share of
wrong answers is below the least with N < n.  Means are useless at N = n, where the error varies by orders of magnitude.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.records import Plot, Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._images import image_splits
from overparam.studies._instances import Size
from overparam.studies._rules import all_of, events
from overparam.studies._series import medians

BANDWIDTH = 0.04  # variance of the entries of W, for 784 pixels in [0, 1]; more for fewer pixels, in proportion
PLACE = (0.8, 1.25)  # where the peak may be, in units of n


class Sizes(NamedTuple):
    """Training and test images, seeds, side of the images, features in units of n."""

    n: int
    n_test: int
    seeds: int
    side: int
    ratios: tuple[float, ...]


_RATIOS = (0.1, 0.25, 0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 4.0, 10.0)
_LARGE = Sizes(2_000, 2_000, 10, 28, _RATIOS)
_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(400, 1_000, 5, 28, _RATIOS),
    "laptop": _LARGE,
    "paper": Sizes(10_000, 10_000, 10, 28, _RATIOS),
}
_PUBLISHED = (
    ("features of the peak, 10^4 samples, 10 classes", 1e4),
    ("norm, 10 points on a line, 40 random ReLU features", 695.0),
    ("norm, 10 points on a line, 4,000 random ReLU features", 159.0),
)


def measure(setting: Setting, *, cutoff: float = 0.0, fewest: bool = False) -> Finding:
    """Errors and norms by N.

    `cutoff` drops singular values below this share of the largest; with `fewest` only N <= n/2, so that no model has
    more features than samples.
    """
    size = _SIZES[setting.size]
    splits = image_splits(setting.root, size.seeds, size.n, size.n_test, side=size.side, whiten=False)
    n = splits.points.shape[1]
    if n < size.n:
        return Finding(
            None,
            f"The setting needs {size.n} training images; {splits.name} has {n}.",
            instances=0,
            vacuous=f"{size.n} training and {size.n_test} test images are missing: put MNIST in a folder and load that",
        )
    ratios = tuple(ratio for ratio in size.ratios if not fewest or ratio <= 0.5)
    widths = tuple(round(ratio * n) for ratio in ratios)
    found = np.array(
        [
            _errors(
                np.random.default_rng([setting.root, seed]),
                splits.points[seed],
                splits.labels[seed],
                splits.test_points[seed],
                splits.test_labels[seed],
                splits.n_classes,
                widths,
                cutoff,
            )
            for seed in range(size.seeds)
        ]
    )  # seeds, widths, (wrong, squared, norm)
    wrong, squared, norm = np.moveaxis(found, -1, 0)
    few = np.asarray(widths) < n
    peak, top = np.asarray(widths)[squared.argmax(axis=1)], np.asarray(widths)[norm.argmax(axis=1)]
    judged = all_of(
        events((peak >= PLACE[0] * n) & (peak <= PLACE[1] * n), "test error largest at N within 0.8 n to 1.25 n"),
        events(top == n, "norm of the coefficients largest at N = n"),
        events(wrong[:, -1] < wrong[:, few].min(axis=1), "fewer wrong answers with the most features than with N < n"),
    )
    middle = np.median(found, axis=0)
    marks = ((float(n), "N = n"),)
    return Finding(
        holds=judged.holds,
        words=f"{splits.name}; n = {n}, {size.seeds} splits, random Fourier features, least norm: {judged.words}. "
        f"Median share of wrong answers {', '.join(f'{v:.3g}' for v in middle[:, 0])}, mean square "
        f"{', '.join(f'{v:.3g}' for v in middle[:, 1])} and norm {', '.join(f'{v:.3g}' for v in middle[:, 2])} at N = "
        f"{', '.join(map(str, widths))}.",
        instances=found[..., 0].size,
        links=judged.links,
        plots=tuple(
            Plot(title, "features N", label, (medians(f"{size.seeds} splits", widths, part),), True, log_y, marks)
            for title, label, part, log_y in (
                ("Random Fourier features on images: test error", "mean square on new images", squared, True),
                ("Random Fourier features on images: wrong answers", "share of wrong answers", wrong, False),
                ("Random Fourier features on images: norm", "norm of the coefficients", norm, True),
            )
        ),
        tables=(
            Table(
                "Random Fourier features, medians over splits",
                ("N", "N / n", "wrong answers", "mean square", "norm"),
                tuple(
                    (width, ratio, *(float(v) for v in middle[i]))
                    for i, (width, ratio) in enumerate(zip(widths, ratios, strict=True))
                ),
            ),
            Table("Published", ("what", "value"), _PUBLISHED),
        ),
    )


def _errors(
    rng: np.random.Generator,
    points: NDArray,
    labels: NDArray,
    test_points: NDArray,
    test_labels: NDArray,
    n_classes: int,
    widths: tuple[int, ...],
    cutoff: float,
) -> NDArray[np.float64]:
    """(widths, 3): share of wrong answers, mean square error, norm of the coefficients; widths are nested."""
    dim, most = points.shape[1], max(widths)
    weights = (BANDWIDTH * 784 / dim) ** 0.5 * rng.normal(size=(dim, most))
    phases = rng.uniform(0, 2 * np.pi, most)
    at_train, at_test = (2**0.5 * np.cos(part.astype(np.float64) @ weights + phases) for part in (points, test_points))
    targets, wanted = np.eye(n_classes)[labels], np.eye(n_classes)[test_labels]
    out = np.empty((len(widths), 3))
    for i, width in enumerate(widths):
        # coefficients of features scaled by 1/sqrt(N)
        found = _least_norm(at_train[:, :width] / width**0.5, targets, cutoff)
        predictions = at_test[:, :width] @ found / width**0.5
        out[i] = (
            (predictions.argmax(axis=1) != test_labels).mean(),
            ((predictions - wanted) ** 2).sum(axis=1).mean(),
            np.linalg.norm(found),
        )
    return out


def _least_norm(design: NDArray, targets: NDArray, cutoff: float) -> NDArray[np.float64]:
    """By a QR factorization of the longer side, which does not square the condition; `cutoff`: by an SVD."""
    wide = design.shape[1] > design.shape[0]
    q, r = np.linalg.qr(design.T if wide else design)
    if cutoff:
        u, s, vt = np.linalg.svd(r)
        inverse = (vt.T * np.where(s > cutoff * s[0], 1 / s, 0)) @ u.T
        return q @ (inverse.T @ targets) if wide else inverse @ (q.T @ targets)
    return q @ np.linalg.solve(r.T, targets) if wide else np.linalg.solve(r, q.T @ targets)


STUDY = Experiment(
    id="d-rff-mnist",
    claim="With random Fourier features of images, squared loss on one-hot labels and coefficients of least norm, test "
    "error and norm peak where the features are as many as the samples, and with ten times as many features the share "
    "of wrong answers is below the least with fewer features than samples.",
    refuted_by="a test error that is largest outside 0.8 n to 1.25 n features, or a model with 10 n features that is "
    "no better than the best with fewer than n",
    cites=("belkin2019reconciling",),
    locator="Fig. 2",
    measure=measure,
    proved=False,
)
