"""Wide networks do not overfit for want of precautions: at moderate noise they come out as well without them.

The sentence says that deep networks avoid overfitting if the necessary precautions are taken.  What is tested here is
whether they are necessary: networks 40-m-1 on the forty features of Friedman's problem, thirty-five of which are
nuisance, trained without any regularization until they interpolate noisy targets, against networks with fewer
parameters than half of the samples, and against the same networks stopped where the error on held-out points is least.
For every seed, with its own data, the effect is the logarithm of the wide network's test error over that of the best
of the small ones; its 95 % bound must stay below log 1.25, at every level of the noise.  (A margin of 5 % would need
hundreds of seeds, since the mean of ten is known to about 5 to 13 %.)

Test errors are of the noise-free function, in units of the variance of the training targets.  Whether a stop helps is
in the table, and decides nothing.  Between the two ends there is a peak, where parameters are as many as samples.
"""

import math
from typing import NamedTuple

import numpy as np

from overparam.records import Plot, Table, Verdict
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import all_of, effect
from overparam.studies._series import geometric
from overparam.studies.memorization._regression import Errors, interpolating_width, parameters, width_sweep

MARGIN = math.log(1.25)


class Sizes(NamedTuple):
    """n samples, widths, standard deviations of the noise (that of the function is 4.9), seeds, steps of Adam."""

    n: int
    widths: tuple[int, ...]
    noises: tuple[float, ...]
    seeds: int
    steps: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(200, (2, 4, 8, 16, 64, 256), (1.0, 4.0), 10, 2000),
    "laptop": Sizes(1000, (3, 6, 11, 24, 48, 128, 1024), (1.0, 2.0, 4.0), 10, 4000),
    "paper": Sizes(13_000, (16, 64, 150, 310, 620, 4096, 48_880), (1.0, 2.0, 4.0), 10, 10_000),
}


def measure(setting: Setting, *, wide: int | None = None) -> Finding:
    """Wide against small networks; `wide` puts another width in the place of the widest."""
    size = _SIZES[setting.size]
    place = -1 if wide is None else size.widths.index(wide)
    small = [i for i, width in enumerate(size.widths) if 2 * parameters(width) < size.n]
    swept = [width_sweep(setting.root, size.widths, size.n, noise, size.seeds, size.steps) for noise in size.noises]
    share = parameters(size.widths[place]) / size.n
    judged = all_of(
        *(
            effect(
                np.log(errors.last[:, place] / errors.last[:, small].min(axis=1)),
                MARGIN,
                f"log of the test error at p/n = {share:.3g} over the best with p < n/2, noise {noise:g}",
                kind="below",
            )
            for noise, errors in zip(size.noises, swept, strict=True)
        )
    )
    return Finding(
        holds=judged.holds,
        words=f"Networks 40-m-1 on {size.n} samples of Friedman's problem, {size.seeds} data sets a noise level, no "
        f"regularization: {judged.words}. It was one smooth function with noise of at most "
        f"{max(size.noises) / 4.88:.2g} of its standard deviation, and one hidden layer.",
        instances=size.seeds * len(size.widths) * len(size.noises),
        links=judged.links,
        plots=tuple(_plot(size, noise, errors) for noise, errors in zip(size.noises, swept, strict=True)),
        tables=(_table(size, swept),),
    )


def _plot(size: Sizes, noise: float, errors: Errors) -> Plot:
    return Plot(
        f"Test error against width, noise {noise:g}",
        "hidden units",
        "excess error / variance of the targets",
        tuple(geometric(label, size.widths, found) for label, found in _both(errors)),
        log_x=True,
        log_y=True,
        marks=((interpolating_width(size.n), "p = n"),),
    )


def _both(errors: Errors) -> tuple[tuple[str, np.ndarray], ...]:
    return (("trained to the end", errors.last), ("stopped by held-out points", errors.stopped))


def _table(size: Sizes, swept: list[Errors]) -> Table:
    rows = [
        (
            noise,
            width,
            parameters(width) / size.n,
            *(float(np.exp(np.log(found[:, i]).mean())) for _, found in _both(e)),
        )
        for noise, e in zip(size.noises, swept, strict=True)
        for i, width in enumerate(size.widths)
    ]
    columns = ("noise", "hidden units", "p/n", *(label for label, _ in _both(swept[0])))
    return Table("Test error (geometric mean over the seeds), in units of the targets' variance", columns, tuple(rows))


STUDY = Experiment(
    id="s-overparam-ok",
    claim="Precautions against overfitting are not necessary in the settings of this study: its widest networks, with "
    "over 40 times as many parameters as samples, trained to the end without regularization, have a test error at most "
    "1.25 times that of the best network with fewer parameters than half of the samples. The sentence that precautions "
    "are necessary is too broad.",
    refuted_by="a level of the noise at which the widest network is worse than that",
    cites=(),
    locator="own, theory of generalization, s-overparam-ok",
    measure=measure,
    proved=False,
    word=Verdict.SCOPED,
)
