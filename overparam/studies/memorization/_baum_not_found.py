"""Hand-made memorizers are delicate, and gradient descent finds other networks, with fewer neurons.

Two things are measured on random signs of Gaussian points.  First the construction with 4 ceil(n/d) neurons (twice two
a slab) that fits every sign exactly, and a network of that width trained by gradient descent until every sign is
right: both scaled such that the least margin is 1 and rescaled unit by unit to their least norm, and then both with
every weight multiplied by 1 + 0.01 z, z normal.  The construction cuts thin slabs with long weights: the sentence is
refuted if that noise leaves its signs intact, on every data set, or if its norm is not the larger one, by the 95 %
bound of the mean logarithm of the ratio.  Second how often gradient descent has all signs
right as a function of n/(m d) at fixed n and d, which no theorem predicts: an estimate, with its intervals, where half
of the runs succeed.  A failure within the budget shows nothing about what a network can express.
"""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from overparam.generalization import canonical
from overparam.memorizers import bubeck_params
from overparam.networks import Layer, Params
from overparam.records import Link, Plot, Table, Verdict
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import all_of, effect, events
from overparam.studies._series import rates
from overparam.studies.memorization._success import memorize
from overparam.widths import clopper_pearson

NOISE = 0.01


class Sizes(NamedTuple):
    """n points of R^d, widths, seeds, steps of Adam, draws of the noise."""

    n: int
    d: int
    widths: tuple[int, ...]
    seeds: int
    steps: int
    draws: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(160, 10, (4, 6, 8, 10, 13, 20, 64), 5, 2000, 20),
    "laptop": Sizes(400, 20, (4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 20, 28, 80), 20, 10_000, 100),
    "paper": Sizes(2000, 40, (10, 12, 14, 16, 18, 20, 24, 28, 32, 40, 50, 70, 200), 20, 30_000, 100),
}


def measure(setting: Setting, *, robust: bool = False) -> Finding:
    """Norms, delicacy, successes; `robust` puts the trained network in the place of the construction."""
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root, size.n, size.d])
    points, labels = rng.normal(size=(size.seeds, size.n, size.d)), rng.integers(0, 2, (size.seeds, size.n))
    fitted, run = memorize(setting.root, points, labels, size.widths, size.steps)
    full = size.widths.index(4 * -(-size.n // size.d))
    norms, wrong, intact = [], [], []
    for seed in range(size.seeds):
        signs = 2.0 * labels[seed] - 1
        place = full * size.seeds + seed
        trained = _difference([Layer(*(leaf[place] for leaf in layer)) for layer in run.params])
        direction = rng.normal(size=size.d)
        built = bubeck_params(*(jnp.asarray(leaf) for leaf in (points[seed], signs, direction)))
        pair = [_unit_margin(net, points[seed], signs) for net in (trained if robust else built, trained)]
        norms.append([float(np.sqrt(sum(np.sum(leaf**2) for layer in net for leaf in layer))) for net in pair])
        shaken = [_shaken(rng, net, points[seed], signs, size.draws) for net in pair]
        wrong.append([float(share.mean()) for share in shaken])
        intact.append(bool((shaken[0] == 0).all()))
    norm, off = np.array(norms), np.array(wrong)
    delicate = events(~np.array(intact), f"data sets on which noise of {NOISE:.0%} changes a sign of the construction")
    longer = effect(np.log(norm[:, 0] / norm[:, 1]), 0.0, "log of its norm over the trained network's at margin 1")
    judged = all_of(delicate, longer)
    ratio = size.n / (np.array(size.widths) * size.d)
    shares = [_share(int(done.sum()), size, len(size.widths)) for done in fitted]
    half = next((i for i, done in enumerate(fitted.mean(axis=1)) if done >= 0.5), None)
    chosen = 0 if half is None else half
    return Finding(
        holds=None if not fitted[full].all() else judged.holds,
        words=f"Gradient descent, {size.steps} steps of Adam, has all signs right at n/(m d) = {ratio[chosen]:.3g}, "
        f"width {size.widths[chosen]}, in {shares[chosen]}; "
        f"{'no width has' if half is None else 'this is the largest n/(m d) with'} half of them. Over all "
        f"{len(size.widths)} widths there are {int(fitted.sum(axis=1).min())} to {int(fitted.sum(axis=1).max())} such "
        "runs; intervals hold jointly with 95 %. One optimizer and one budget. "
        f"n = {size.n} Gaussian points of R^{size.d} with random signs, {size.seeds} data sets, width "
        f"{size.widths[full]}: {judged.words}; with noise {off[:, 0].mean():.1%} of its signs are wrong, of the "
        f"trained network's {off[:, 1].mean():.2%}. Norms at margin 1, balanced: construction {norm[:, 0].min():.3g} "
        f"to {norm[:, 0].max():.3g}, trained {norm[:, 1].min():.3g} to {norm[:, 1].max():.3g}.",
        instances=fitted.size + size.seeds,
        links=(
            *judged.links,
            Link(
                "least ratio of the norms, construction over trained", 1.0, float((norm[:, 0] / norm[:, 1]).min()),
                "at least",
            ),
        ),
        plots=(
            Plot(
                f"Gradient descent on random signs, n = {size.n}, d = {size.d}", "n / (m d)", "rate of success",
                (rates("all signs right", ratio, fitted.T),), log_x=True,
                marks=((size.n / (size.widths[full] * size.d), "width of the construction"),),
            ),
        ),
        tables=(
            Table(
                "Runs with all signs right",
                ("width", "n/(m d)", "n / parameters", "right", "of"),
                tuple(
                    (m, r, size.n / (m * (size.d + 2) + 1), int(done.sum()), size.seeds)
                    for m, r, done in zip(size.widths, ratio.tolist(), fitted, strict=True)
                ),
            ),
        ),
    )  # fmt: skip


def _share(right: int, size: Sizes, cells: int) -> str:
    """So many runs, and the interval of their probability, one of `cells` that hold jointly with 95 %."""
    low, high = clopper_pearson(right, size.seeds, level=1 - 0.05 / cells)
    return f"{right} of {size.seeds} runs, a share in [{low:.2f}, {high:.2f}]"


def _difference(layers: list[Layer]) -> Params:
    """The network whose sign is the answer of one with two outputs."""
    first, last = (Layer(*(np.asarray(leaf, float) for leaf in layer)) for layer in layers)
    return Params(first.weights, first.bias, last.weights[1] - last.weights[0], last.bias[1] - last.bias[0])


def _unit_margin(net: Params, points: NDArray, signs: NDArray) -> tuple[Layer, ...]:
    """Outputs scaled such that the least margin is 1, and every unit to the least norm."""
    u, b, v, c = (np.asarray(leaf, float) for leaf in net)
    margin = np.min(signs * (np.maximum(points @ u.T + b, 0) @ v + c))
    return canonical(Params(u, b, v / margin, c / margin))


def _shaken(rng: np.random.Generator, net: tuple[Layer, ...], points: NDArray, signs: NDArray, draws: int) -> NDArray:
    """Shares (draws,) of wrong signs with every weight multiplied by 1 + NOISE z."""
    found = []
    for _ in range(draws):
        first, last = (Layer(*(leaf * (1 + NOISE * rng.normal(size=leaf.shape)) for leaf in layer)) for layer in net)
        values = np.maximum(points @ first.weights.T + first.bias, 0) @ last.weights[0] + last.bias[0]
        found.append(np.mean(values * signs <= 0))
    return np.array(found)


STUDY = Experiment(
    id="s-baum-not-found",
    claim="On the data of this study relative noise of 1 % in the weights changes signs of the construction with "
    "4 ceil(n/d) neurons, and the networks of that width that gradient descent finds are others, with smaller norms at "
    "the same margin. How often it memorizes at a given n/(m d) is estimated.",
    refuted_by="constructions whose signs all survive noise of 1 % in the weights, or whose norms are not above those "
    "of trained networks",
    cites=("bubeck2020", "baum1988"),
    locator="own, theory of generalization, s-baum-not-found; the construction: theorem 1 of the first",
    measure=measure,
    proved=False,
    word=Verdict.ESTIMATED,
)
