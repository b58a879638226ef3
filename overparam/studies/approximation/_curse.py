"""Do networks not care about the curse of dimensionality?  For a whole class of functions they do; some avoid it.

For all functions with s bounded derivatives on [0, 1]^d every method whose parameters depend continuously on the
function needs about eps^(-d / s) of them, networks included: a theorem, cited and not measured.  It is about the worst
function of the class and about continuous selection: the Lipschitz targets below, distances to the nearest of two
points, are themselves small ReLU networks.  Networks escape where the class is smaller: functions of a bounded Fourier
moment (`l-barron`), compositions that match the architecture (`l-poggio`), data of low dimension.

Measured are slopes of log error over log budget: of those targets interpolated on whole grids, of trees of
constituents, and of cosines for a function of bounded Fourier moment, computed by the functions of those two studies.
"""

import itertools

import numpy as np
from numpy.typing import NDArray

from overparam.records import Plot, Series, Verdict
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._rules import all_of, effect
from overparam.studies._series import formula, pointwise
from overparam.studies.approximation._barron import random_errors
from overparam.studies.approximation._grids import budget_slope, kinked
from overparam.studies.approximation._poggio import (
    generic_curves,
    generic_slopes,
    no_worse,
    tree_curves,
    tree_slopes,
)

WORSE = 0.1  # by which the generic slope has to worsen when the dimension doubles
UNITS = (10, 20, 40, 80)
BARRON_DIMS = (2, 10, 100)
REPEATS = 100  # trials behind each mean squared error


def measure(setting: Setting, *, compositional: bool = False) -> Finding:
    """Slopes over the dimension; `compositional` puts trees in the place of whole grids."""
    trees = tree_slopes(setting, tree_curves(setting, "kinked", kinked))
    whole = trees if compositional else generic_slopes(generic_curves(setting))
    dims = sorted(whole)
    cosines = {d: _barron_slopes(setting.root, d, len(whole[dims[0]])) for d in BARRON_DIMS}
    result = all_of(
        *(
            effect(whole[after] - whole[before], WORSE, f"slope on whole grids, d = {after} less d = {before}")
            for before, after in itertools.pairwise(dims)
        ),
        no_worse("kinked trees", trees),
        effect(cosines[BARRON_DIMS[-1]] - cosines[BARRON_DIMS[0]], WORSE, "slope of cosines, d = 100 less d = 2",
               kind="below"),
        *(effect(cosines[d], -0.45, f"slope of cosines' error, d = {d}", kind="below") for d in BARRON_DIMS),
    )  # fmt: skip
    return Finding(
        holds=result.holds,
        words=f"Slopes of log error over log budget: {result.words}. So interpolation on whole grids gets worse with d "
        "and the two classes do not. That networks with continuous weight selection must, on some function of the "
        "class, is the theorem's and was not measured; nor that real targets belong to one of the two classes.",
        instances=sum(map(len, (*whole.values(), *trees.values(), *cosines.values()))),
        links=result.links,
        plots=(
            Plot(
                "How fast errors fall with the budget: whole grids suffer, two classes do not",
                "dimension d",
                "slope of log error over log budget",
                (
                    _over("Lipschitz target on a whole grid", whole),
                    formula("-1 / d", dims, [-1 / d for d in dims]),
                    _over("tree of kinked constituents", trees),
                    _over("cosines, bounded Fourier moment", cosines),
                ),
                log_x=True,
            ),
        ),
    )  # fmt: skip


def _over(label: str, slopes: dict[int, NDArray]) -> Series:
    return pointwise(label, sorted(slopes), [slopes[d] for d in sorted(slopes)])


def _barron_slopes(root: int, d: int, seeds: int) -> NDArray:
    """(seeds,) slopes of the log of the root mean squared error over log m."""
    found = []
    for seed in range(seeds):
        rng = np.random.default_rng([root, seed, d, 2])
        errors = np.array([random_errors(rng, d, m, REPEATS).mean() for m in UNITS])
        found.append(budget_slope(np.asarray(UNITS, float), np.sqrt(errors)))
    return np.asarray(found)


STUDY = Experiment(
    id="s-curse",
    claim="Errors of interpolation on whole grids, of Lipschitz targets, fall ever more slowly with the budget as d "
    "grows; a function of bounded Fourier moment, and compositions that match the architecture, are approximated at "
    "rates without this. That networks do not care is too broad: on some Lipschitz function continuous weight "
    "selection is no better than grids, by a theorem that is not measured.",
    refuted_by="a slope on whole grids that does not worsen with d, or trees and cosines whose slopes do",
    cites=("poggio2017why", "barron1993universal", "devore1989"),
    locator="own, by l-barron and l-poggio",
    measure=measure,
    proved=False,
    word=Verdict.SCOPED,
)
