"""Staircases: random features learn the parts of degree l of a target once there are d^l of them, and nothing beyond.

With x uniform on the sphere, or Gaussian, d^(l + delta) <= N <= d^(l + 1 - delta) features of random directions and
any number of samples, the risk tends to the power of the target above degree l; the tangent model of N neurons has N d
features and fits one degree more.  For Gaussian x and relu(<w, x>) with unit w the risk with infinitely many samples is
a closed form (`_arc_cosine`), so that only the draw of the w is random, and the plateaus of a ReLU neuron are .3408,
.0908 and .0113: its power is 1/2 = 1/(2 pi) + 1/4 + 1/(4 pi) + .0113 by degrees 0, 1, 2 and 4, 6, ...

The steps are smooth at such d, so plateaus are looked at half-way between the integers.  Without biases ReLU has no
part of odd degree 3 and more: odd targets above degree 1 would never be fitted, and none is used here.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.records import Plot, Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import all_of, effect
from overparam.studies._series import bound, pointwise
from overparam.studies.approximation._arc_cosine import (
    LEVELS,
    feature_risks,
    half_space,
    kappa,
    tangent_risks,
    targets,
    units,
)

EXPONENTS = (0.5, 1.0, 1.25, 1.5, 2.0, 2.25)
TANGENT_EXPONENTS = (0.0, 0.5, 1.0, 1.5)
MORE = 4
PUBLISHED = {0.5: (0.403, 0.92, 1.0), 1.0: (0.174, 0.37, 0.96), 1.5: (0.0845, 0.059, 0.77), 2.0: (0.02, 0.003, 0.13),
             2.25: (0.0131, 0.001, 0.052)}  # fmt: skip
"""One draw of the catalogue at d = 30: neuron, linear, quadratic."""


class Sizes(NamedTuple):
    """Dimensions, the last of which is judged; draws; dimension of the tangent model."""

    dims: tuple[int, ...]
    seeds: int
    tangent_dim: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes((15, 30), 5, 12),
    "laptop": Sizes((15, 30, 60), 10, 20),
    "paper": Sizes((15, 30, 60), 20, 30),
}


def measure(setting: Setting, *, wrong_kernel: bool = False) -> Finding:
    """Risks over N; `wrong_kernel` puts the kernel of another feature into the formula."""
    size = _SIZES[setting.size]
    kernel = half_space if wrong_kernel else kappa
    risks = {d: _risks(setting.root, d, size.seeds, kernel) for d in size.dims}
    tangent = _tangent(setting.root, size.tangent_dim, size.seeds)
    at = dict(zip(EXPONENTS, risks[size.dims[-1]], strict=True))
    last = {e: tangent[:, i] for i, e in enumerate(TANGENT_EXPONENTS)}
    judged = all_of(
        effect(at[1.5][:, 0], 0.07, "neuron's risk at N = d^1.5, from below"),
        effect(at[1.5][:, 0], 0.11, "and from above", kind="below"),
        effect(at[2.25][:, 0], 0.008, "neuron's risk at N = d^2.25, from below"),
        effect(at[2.25][:, 0], 0.02, "and from above", kind="below"),
        effect(at[1.5][:, 1], 0.1, "linear target's risk at N = d^1.5", kind="below"),
        effect(at[1.25][:, 2], 0.3, "quadratic target's risk at N = d^1.25"),
        effect(at[1.5][:, 2], 0.6, "quadratic target's risk at N = d^1.5"),
        effect(at[2.25][:, 2], 0.1, "quadratic target's risk at N = d^2.25", kind="below"),
        effect(last[0.5][:, 2], 0.6, "tangent model, quadratic target, N = d^0.5"),
        effect(last[1.5][:, 2], 0.2, "tangent model, quadratic target, N = d^1.5", kind="below"),
    )
    d = size.dims[-1]
    return Finding(
        holds=judged.holds,
        words=f"Exact risks with infinitely many Gaussian samples, d = {', '.join(map(str, size.dims))}, {size.seeds} "
        f"draws of the directions ({MORE * size.seeds} up to N = d^1.5); at d = {d}: {judged.words}; tangent model at "
        f"d = {size.tangent_dim}. One ReLU neuron stays above the power of its parts of degree 4 and more. This says "
        "nothing about features without the sphere's symmetry, which may be made for a target.",
        instances=sum(len(draws) for found in risks.values() for draws in found) + tangent.shape[0] * tangent.shape[1],
        links=judged.links,
        plots=(_plot(risks), _others(d, risks[d])),
        tables=(_table(d, risks[d]),),
    )


def _risks(root: int, dim: int, seeds: int, kernel: Callable[[NDArray], NDArray]) -> list[NDArray]:
    """(draws, targets) for each exponent; few features vary more and cost less, so they are drawn more often."""
    found = []
    for exponent in EXPONENTS:
        rows = []
        for seed in range(seeds if exponent > 1.5 else MORE * seeds):
            rng = np.random.default_rng([root, dim, seed, round(4 * exponent)])
            wanted = targets(rng, dim)
            rows.append(feature_risks(units(rng, round(dim**exponent), dim), wanted, kernel=kernel))
        found.append(np.asarray(rows))
    return found


def _tangent(root: int, dim: int, seeds: int) -> NDArray:
    found = []
    for seed in range(seeds):
        rng = np.random.default_rng([root, dim, seed, 1])
        wanted = targets(rng, dim)
        found.append([tangent_risks(units(rng, round(dim**e), dim), wanted) for e in TANGENT_EXPONENTS])
    return np.asarray(found)


def _plot(risks: dict[int, list[NDArray]]) -> Plot:
    plateaus = 0.5 - np.cumsum(LEVELS)
    return Plot(
        "Random features learn one degree after the other (target: a ReLU neuron)",
        "log N / log d",
        "risk",
        (
            *(pointwise(f"d = {d}", EXPONENTS, [draws[:, 0] for draws in found]) for d, found in risks.items()),
            *(
                bound(f"power above degree {degree}", (EXPONENTS[0], EXPONENTS[-1]), (level, level))
                for degree, level in enumerate(plateaus)
            ),
        ),
        log_y=True,
        marks=((1.0, "N = d"), (2.0, "N = d^2")),
    )


def _others(dim: int, risks: list[NDArray]) -> Plot:
    return Plot(
        f"A linear target is learned at N = d, a quadratic one at N = d^2 (d = {dim})",
        "log N / log d",
        "risk",
        tuple(
            pointwise(name, EXPONENTS, [draws[:, i] for draws in risks])
            for i, name in ((1, "linear"), (2, "quadratic"))
        ),
        marks=((1.0, "N = d"), (2.0, "N = d^2")),
    )


def _table(dim: int, risks: list[NDArray]) -> Table:
    names = ("neuron", "linear", "quadratic")
    one_draw = [PUBLISHED.get(e, (None,) * 3) if dim == 30 else (None,) * 3 for e in EXPONENTS]
    return Table(
        f"Risks at d = {dim}, means over draws; beside them one draw of the catalogue",
        ("N", *names, *(f"{name}, one draw" for name in names)),
        tuple((round(dim**e), *map(float, risks[i].mean(axis=0)), *one_draw[i]) for i, e in enumerate(EXPONENTS)),
    )


STUDY = Experiment(
    id="l-gmmm",
    claim="At the sizes of this study the risk of N random ReLU features follows the staircase of the limit: linear "
    "targets are fitted by N = d^1.5, quadratic ones are not until N is beyond d^1.5 and are at d^2.25, and one ReLU "
    "neuron stops at the power of its parts of degree 4 and more; the tangent model of N "
    "neurons leaves more than .6 of a quadratic target at N = d^0.5 and less than .2 at N = d^1.5.",
    refuted_by="a quadratic target fitted to a risk below .3 by N <= d^1.25 random features, or a risk outside the "
    "stated bands around the plateaus",
    cites=("ghorbani2021linearized",),
    locator="Theorems 1 and 2",
    measure=measure,
    proved=False,
)
