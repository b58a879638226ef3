"""Universal approximation does not stop at one hidden layer: depth takes nothing away, and narrow deep nets have it
too.

Behind a ReLU layer values are not negative, so a further layer with the identity for weights changes nothing: every
network of one hidden layer is, exactly, a deeper one of the same width.  Where the one-layer theorem holds, so does
that of every depth.  Width d + 1 is enough, too, if depth is free (Hanin and Sellke), and d + 4 for integrable
functions (Lu et al.).

Measured: random networks of one hidden layer and their deeper copies, whose outputs at random points the exact checker
confirms to be one and the same, and whose float64 outputs are compared bit by bit; and networks of width d + 1 = 2 on a
line that take N samples of a smooth function, accepted by the checker, with their largest error on a grid as N, and
with it the depth, grows.  That a copy needs its layers behind the first one is the control: before it, negative inputs
are lost.
"""

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.data import Dataset, from_arrays
from overparam.errors import OverparamError
from overparam.exact import AnyNetwork, ExactLayer, LayeredNetwork, evaluate, exact_layers
from overparam.memorizers import Memorizer, memorize
from overparam.records import Plot, Series, Verdict
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.widths import certify

LIPSCHITZ = np.pi  # of the target sin(pi x)
UNIT = 64  # weights and points are multiples of 1 / UNIT, so that outputs are floats


class Sizes(NamedTuple):
    """Width, inputs and points of the copies; their numbers of hidden layers; samples taken by narrow networks."""

    width: int
    d: int
    n: int
    hidden: tuple[int, ...]
    samples: tuple[int, ...]


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(32, 3, 40, (2, 4, 7), (4, 8, 16, 32, 64)),
    "laptop": Sizes(64, 10, 200, tuple(range(2, 13)), (4, 8, 16, 32, 64, 128, 256)),
    "paper": Sizes(64, 10, 200, tuple(range(2, 13)), (4, 8, 16, 32, 64, 128, 256)),
}


def measure(setting: Setting, *, before: bool = False) -> Finding:
    """Copies and narrow networks; `before` puts the further layers before the first one."""
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root, 17])
    points = np.rint(UNIT * rng.normal(size=(size.n, size.d))) / UNIT
    shallow = _drawn(rng, size)
    exact = LayeredNetwork("relu", exact_layers(shallow))
    data = from_arrays(points, [float(f) for f in evaluate(exact, points)])
    accepted, same, apart = _accepted(exact, data, setting, "one-hidden-layer"), 0, 0.0
    fresh = rng.normal(size=(10 * size.n, size.d))
    random = [(rng.normal(size=w.shape), rng.normal(size=b.shape)) for w, b in shallow]
    wanted = _outputs(random, fresh)
    for hidden in size.hidden:
        deep = LayeredNetwork("relu", _deeper(exact.layers, hidden, before=before))
        same += evaluate(deep, points) == evaluate(exact, points)
        accepted += _accepted(deep, data, setting, f"{hidden}-hidden-layers")
        copies = [(np.eye(len(b)), np.zeros(len(b))) for _, b in random[:1] for _ in range(hidden - 1)]
        if before:
            copies = [(np.eye(size.d), np.zeros(size.d))] * (hidden - 1)
        layers = [*copies, *random] if before else [random[0], *copies, random[1]]
        apart = max(apart, float(np.max(np.abs(_outputs(layers, fresh) - wanted))))
    depths, errors, narrow = _narrow(setting, size)
    tried = 1 + len(size.hidden)
    # between two samples a network that stays between their labels errs by at most the target's change there
    bound = [2 * LIPSCHITZ / (n - 1) for n in size.samples]
    return Finding(
        holds=accepted == tried
        and same == len(size.hidden)
        and apart == 0
        and narrow == len(size.samples)
        and all(error <= most for error, most in zip(errors, bound, strict=True)),
        words=f"A network of {size.width} neurons and its copies with {', '.join(map(str, size.hidden))} hidden layers "
        f"of that width, {size.n} points in dimension {size.d}: the checker accepted {accepted} of {tried} as taking "
        f"the same values, {same} of {len(size.hidden)} copies agree in exact rational arithmetic, and in float64 "
        f"outputs at {len(fresh)} points differ by {apart:g}. Width 2 on a line: {narrow} of {len(size.samples)} "
        f"networks that take N samples of sin(pi x) were accepted; the largest error on [-1, 1] falls from "
        f"{errors[0]:.2g} ({depths[0]} hidden layers) to {errors[-1]:.2g} ({depths[-1]}). That every continuous "
        "function is approximated is the theorem's.",
        instances=tried + len(size.samples),
        certified=accepted == tried and narrow == len(size.samples),
        links=(
            Link("difference of a network and its deeper copy in float64", 0.0, apart),
            *(
                Link(f"error at width 2, {n} samples", most, error)
                for n, most, error in zip(size.samples, bound, errors, strict=True)
            ),
        ),
        plots=(
            Plot(
                "Deep networks of width 2 that take samples of sin(pi x)",
                "hidden layers",
                "largest error on [-1, 1]",
                (
                    Series("measured", tuple(map(float, depths)), tuple(errors)),
                    Series(
                        "spacing of the samples times the largest slope",
                        tuple(map(float, depths)),
                        tuple(bound),
                        kind="bound",
                    ),
                ),
                log_x=True,
                log_y=True,
            ),
        ),
    )


def _drawn(rng: np.random.Generator, size: Sizes) -> list[tuple[NDArray, NDArray]]:
    """Weights and biases of one hidden layer and an output, multiples of 1 / UNIT."""
    shapes = ((size.width, size.d), (1, size.width))
    return [
        (np.rint(UNIT * rng.normal(size=shape)) / UNIT, np.rint(UNIT * rng.normal(size=shape[0])) / UNIT)
        for shape in shapes
    ]


def _deeper(layers: tuple[ExactLayer, ...], hidden: int, *, before: bool) -> tuple[ExactLayer, ...]:
    """The same network with identity layers until it has so many hidden ones."""
    units = len(layers[0].weights[0]) if before else len(layers[0].bias)
    rows = tuple(tuple(Fraction(i == j) for j in range(units)) for i in range(units))
    copies = (ExactLayer(rows, (Fraction(0),) * units),) * (hidden - 1)
    return (*copies, *layers) if before else (layers[0], *copies, *layers[1:])


def _accepted(network: AnyNetwork | Memorizer, data: Dataset, setting: Setting, name: str) -> bool:
    try:
        certify(network, data, setting.folder / name)
    except OverparamError:
        return False
    return True


def _outputs(layers: list[tuple[NDArray, NDArray]], points: NDArray) -> NDArray:
    """In float64; ReLU behind all layers but the last."""
    values = points
    for weights, bias in layers[:-1]:
        values = np.maximum(values @ weights.T + bias, 0)
    return (values @ layers[-1][0].T + layers[-1][1])[:, 0]


def _narrow(setting: Setting, size: Sizes) -> tuple[list[int], list[float], int]:
    """Hidden layers, largest error, and how many were accepted, of networks of width 2 through samples of sin(pi x)."""
    grid = np.arange(-256, 257)[:, None] / 256
    wanted = np.sin(np.pi * grid[:, 0])
    depths, errors, accepted = [], [], 0
    for n in size.samples:
        points = np.rint(np.linspace(-1, 1, n) * 2**20)[:, None] / 2**20
        labels = np.sin(np.pi * points[:, 0])
        made = memorize(points, labels, "max-min")
        accepted += _accepted(made, from_arrays(points, labels), setting, f"width-2-samples-{n}")
        depths.append(len(made.network.widths))
        errors.append(float(np.max(np.abs(np.array([float(f) for f in evaluate(made.network, grid)]) - wanted))))
    return depths, errors, accepted


STUDY = Experiment(
    id="s-uat-deep",
    claim="Universal approximation is not confined to one hidden layer: a ReLU network of one hidden layer is exactly "
    "a deeper one of the same width, so what holds for one layer holds for every depth; and networks of width d + 1 "
    "interpolate any samples if depth is free.",
    refuted_by="a deeper copy with another output, or a narrow network that misses a sample",
    cites=("hanin2017", "lu2017", "kidger2020"),
    locator="Theorem 1 of hanin2017; the embedding is the project's own",
    measure=measure,
    proved=True,
    word=Verdict.SCOPED,
)
