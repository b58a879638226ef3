"""How often Levenberg-Marquardt finds an interpolator, as the number of weights passes the number of samples.

Almost no labels are fitted by fewer effective parameters than samples: for ReLU with both biases k (d + 1) + 1 < n
gives the image of the parameters measure zero (docs/theory/training.md).  Above that count fits exist for some
labels, and nothing is proved about how often a search finds one; this study estimates it, on one set of Gaussian points
and labels, with Clopper-Pearson intervals that hold jointly with probability 95 %.  A search stopped by its budget is
counted with the failures in the lower end and with the successes in the upper one.
"""

from typing import NamedTuple

import jax
import numpy as np

from overparam.networks import effective_params
from overparam.precision import require_dtype
from overparam.records import Verdict
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.training import Outcome, levenberg_marquardt_seeds
from overparam.widths import clopper_pearson


class Sizes(NamedTuple):
    """n points of R^d, widths, starts each, steps."""

    n: int
    d: int
    widths: tuple[int, ...]
    starts: int
    steps: int


# the first width of each has fewer effective parameters than samples; widths up to a multiple of 4 share a program
_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(28, 4, (5, 6, 8), 8, 200),
    "laptop": Sizes(60, 9, (5, 6, 7, 8, 9, 10), 32, 400),
    "paper": Sizes(200, 9, (19, 20, 22, 24, 26, 28, 30, 32), 512, 500),
}


def measure(setting: Setting, *, planted: bool = False) -> Finding:
    """Frequencies with intervals; `planted` takes the labels of a single neuron, which one neuron fits."""
    require_dtype("float64", what="levenberg-marquardt")
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root, size.n])
    points = rng.normal(size=(size.n, size.d))
    labels = np.maximum(points @ rng.normal(size=size.d), 0) if planted else rng.normal(size=size.n)
    level, told, below, above = 1 - 0.05 / len(size.widths), [], 0, 0
    for width in size.widths:
        run = levenberg_marquardt_seeds(
            points, labels, jax.random.key(setting.root), size.starts, width=width, max_steps=size.steps,
            chunk=min(size.starts, 32),
        )  # fmt: skip
        fits = int(np.sum(run.stopped == Outcome.FITTED))
        censored = int(np.sum(run.stopped == Outcome.MAX_STEPS))
        low, high = clopper_pearson(fits, size.starts, censored=censored, level=level)
        params = effective_params(width, size.d)
        if params < size.n:
            below += fits
        else:
            above += fits
        steps = f", median {int(np.median(run.n_steps[run.stopped == Outcome.FITTED]))} steps" if fits else ""
        told.append(
            f"width {width}, {params / size.n:.2f} n effective parameters, fits from {fits} of {size.starts} starts, a "
            f"share in [{low:.2f}, {high:.2f}]{steps}"
        )
    return Finding(
        # an optimizer that fits nothing shows nothing
        holds=None if below == above == 0 else below == 0,
        words=f"n = {size.n}, d = {size.d}, fits to 1e-10 |y| within {size.steps} steps, intervals that hold jointly "
        f"with probability 95 %. Levenberg-Marquardt: {'; '.join(told)}.",
        instances=size.starts * len(size.widths),
        links=(Link("fits found with fewer effective parameters than samples", 0.0, float(below)),),
    )


STUDY = Experiment(
    id="levenberg-marquardt",
    claim="Levenberg-Marquardt from random starts, on the one set of Gaussian points and labels of this study, has no "
    "fit in any start with fewer effective parameters than samples, and with more it has the frequencies printed with "
    "their intervals.",
    refuted_by="a fit of labels without structure with fewer effective parameters than samples",
    cites=(),
    locator="own, docs/theory/training.md",
    measure=measure,
    proved=False,
    word=Verdict.ESTIMATED,
)
