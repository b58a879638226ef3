"""With fewer observations than weights the weights are not determined: one can walk away from any of them and still
fit.

At a point with F = y where the Jacobian has rank n < p, solutions form a manifold of dimension p - n near it.  A walk:
a step along the null space of J, in the direction of the step before, then Gauss-Newton corrections back to F = y.  It
has shown what the sentence says once it is as far from its start as the start is from 0, with the loss still 0.

Measured: walks from tanh and ReLU networks that fit random labels, with how far they lead and the largest loss on the
way, all in floats; and for a ReLU walk both ends, repaired to rational networks, which the exact checker accepts as
taking every label.  The claim is about them alone, since the rest is not certified; neither is how far these two are
from each other and from 0, which is compared in rational arithmetic.  Whether they are different functions off the data
is another question, see `non-uniqueness`.
"""

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.certificates import repair
from overparam.data import from_arrays
from overparam.errors import OverparamError
from overparam.exact import ExactNetwork
from overparam.networks import Params
from overparam.records import Plot, Series
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import events
from overparam.studies.landscape._both_layers import Parts, newton_fit, relu_parts, tanh_parts
from overparam.widths import certify

LOSS = 1e-10  # mean squared error on the walk, at most
STRIDE = 1 / 40  # of a step, relative to the start's length
STEPS = 200  # of a walk, at most: it turns, so 40 do not suffice
CORRECTIONS = 8


class Sizes(NamedTuple):
    """Points, inputs, neurons, walks for each activation."""

    n: int
    d: int
    m: int
    walks: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(30, 5, 20, 5),
    "laptop": Sizes(200, 10, 100, 5),
    "paper": Sizes(500, 20, 500, 5),
}


class Walk(NamedTuple):
    """Distances from the start, relative to its length, and losses, from the start on; both ends."""

    distances: tuple[float, ...]
    losses: tuple[float, ...]
    start: NDArray
    end: NDArray


def measure(
    setting: Setting,
    *,
    corrections: int = CORRECTIONS,
    neurons: int | None = None,
    activations: tuple[str, ...] = ("tanh", "ReLU"),
) -> Finding:
    """Walks; `corrections` a step, `neurons` in place of the size's, which fit labels of their own."""
    size = _SIZES[setting.size]
    size = size._replace(m=neurons or size.m)
    walks: dict[str, list[Walk]] = {name: [] for name in activations}
    accepted, tried, apart_by = 0, 0, Fraction(0)
    p = size.m * (size.d + 2) + 1
    for name in activations:
        parts = {"tanh": tanh_parts, "ReLU": relu_parts}[name]
        for i in range(size.walks):
            rng = np.random.default_rng([setting.root, i, name == "ReLU"])
            points = np.concatenate([rng.normal(size=(size.n, size.d)), np.ones((size.n, 1))], axis=1)
            system = _System(parts, points, size.m)
            labels, start = rng.normal(size=size.n), _drawn(rng, size)
            if neurons is None:
                start, residual = newton_fit(lambda at, x, _, s=system: s(at), start, points, labels, size.m)
                if residual > 1e-9 * np.linalg.norm(labels):
                    continue
            else:  # too few to fit other labels than a network's own
                labels = system(start)[0]
            walks[name].append(_walk(system, start, labels, rng, corrections))
            if name == "ReLU" and tried == 0:
                tried = 2
                accepted, apart_by = _accepted(walks[name][-1], points[:, :-1], labels, size.m, setting)
    each = [walk for some in walks.values() for walk in some]
    kept = [max(walk.losses) <= LOSS for walk in each]
    far = [walk.distances[-1] >= 1 for walk in each]
    lost = [walk for walk, ok in zip(each, kept, strict=True) if not ok]
    if 2 * len(each) <= len(activations) * size.walks:
        return Finding(
            None, f"{len(each)} of {len(activations) * size.walks} starts fit: too few to walk from.", len(each)
        )
    judged = events(far, "walks as far from their start as that is long")
    worst, apart = max(max(walk.losses) for walk in each), min(walk.distances[-1] for walk in each)
    certified = accepted == 2 and apart_by >= 1
    return Finding(
        holds=False if lost else judged.holds if certified or judged.holds is False else None,
        words=f"n = {size.n}, d = {size.d}, p = {p} weights, {len(each)} networks that fit random labels: "
        f"{judged.words}; the shortest distance is {apart:.3g} of the start's length after at most "
        f"{max(len(walk.losses) for walk in each) - 1} steps, the largest mean squared error on the way {worst:.1e}. "
        f"The checker accepted {accepted} of {tried} ends of a ReLU walk as exact interpolators. Computed by the "
        f"program in exact arithmetic, not by the checker: they are {float(apart_by) ** 0.5:.4g} times as far from "
        "each other as the first is from 0.",
        instances=len(each),
        links=(
            Link("mean squared error on the walks", LOSS, worst),
            Link("distance from the start, relative", 1.0, apart, "at least"),
            *judged.links,
        ),
        certified=certified,
        plots=(
            Plot(
                "Walks among networks that fit all samples",
                "steps",
                "distance from the start, relative to its length",
                tuple(
                    Series(name, tuple(map(float, range(len(walk.distances)))), walk.distances)
                    for name, some in walks.items()
                    for walk in some[:1]
                ),
            ),
        ),
    )


class _System:
    """Outputs and Jacobian of sum_j v_j phi(<w_j, x> + b_j) + c; a bias is the weight of a coordinate equal to 1."""

    def __init__(self, parts: Parts, points: NDArray, width: int) -> None:
        self._parts, self._points, self._width = parts, points, width

    def __call__(self, at: NDArray) -> tuple[NDArray, NDArray]:
        values, jacobian = self._parts(at[:-1], self._points, self._width)
        return values + at[-1], np.concatenate([jacobian, np.ones((len(self._points), 1))], axis=1)


def _drawn(rng: np.random.Generator, size: Sizes) -> NDArray:
    inner = rng.normal(size=(size.m, size.d + 1)) / np.sqrt(size.d)
    return np.concatenate([inner.ravel(), rng.normal(size=size.m) / np.sqrt(size.m), [0.0]])


def _walk(system: _System, start: NDArray, labels: NDArray, rng: np.random.Generator, corrections: int) -> Walk:
    """Steps along the null space, each in the direction of the one before, until the start's length away."""
    at, direction, length = start, rng.normal(size=len(start)), float(np.linalg.norm(start))
    values, jacobian = system(at)
    distances, losses = [0.0], [float(np.mean((values - labels) ** 2))]
    for _ in range(STEPS):
        tangent = direction - np.linalg.lstsq(jacobian, jacobian @ direction, rcond=1e-10)[0]
        if np.linalg.norm(tangent) <= 1e-8 * np.linalg.norm(direction):
            break  # no null space: nowhere to go
        before = at
        at = at + STRIDE * length * tangent / np.linalg.norm(tangent)
        values, jacobian = system(at)
        for _ in range(corrections):
            if np.mean((values - labels) ** 2) <= 1e-26:
                break
            at = at - np.linalg.lstsq(jacobian, values - labels, rcond=1e-10)[0]
            values, jacobian = system(at)
        direction = at - before
        distances.append(float(np.linalg.norm(at - start)) / length)
        losses.append(float(np.mean((values - labels) ** 2)))
        if distances[-1] >= 1 or losses[-1] > 1:
            break
    return Walk(tuple(distances), tuple(losses), start, at)


def _accepted(walk: Walk, points: NDArray, labels: NDArray, width: int, setting: Setting) -> tuple[int, Fraction]:
    """How many ends of a ReLU walk, repaired, the checker accepts; of two, their exact squared relative distance."""
    found: list[ExactNetwork] = []
    for name, at in (("start", walk.start), ("end", walk.end)):
        inner, outer = at[: -width - 1].reshape(width, -1), at[-width - 1 : -1]
        params = Params(*map(np.asarray, (inner[:, :-1], inner[:, -1], outer, at[-1])))
        try:
            network = repair(params, points, labels)
            certify(network, from_arrays(points, labels), setting.folder / name)
        except OverparamError:
            continue
        found.append(network)
    return len(found), squared_distance(*found) if len(found) == 2 else Fraction(0)


def squared_distance(first: ExactNetwork, second: ExactNetwork) -> Fraction:
    """|second - first|^2 / |first|^2 over all weights and biases of two networks of one size; 0 if sizes differ."""
    ours, theirs = tuple(first.numbers()), tuple(second.numbers())
    if len(ours) != len(theirs):
        return Fraction(0)
    moved = sum(((b - a) ** 2 for a, b in zip(ours, theirs, strict=True)), Fraction(0))
    return moved / sum((a**2 for a in ours), Fraction(0))


STUDY = Experiment(
    id="s-not-unique",
    claim="On the data in claims/s-not-unique the weights of a ReLU network with p > n of them are not determined by "
    "the n labels: the checker accepted two files of weights, start and end, of networks of one size that take every "
    "label exactly, and the files differ.",
    refuted_by="ends of a walk that are not accepted or too close; in floats, a loss above 1e-10 although each step is "
    "corrected, or walks that mostly do not get away",
    cites=("cooper2021",),
    locator="the theorem on the dimension of the set of global minima; the walk is the project's own",
    measure=measure,
    proved=True,
)
