"""For a network a penalty on the squares of all weights does not make the best fit unique: m! copies of it remain.

J(theta) + lam |theta|^2 does not change when the units of a hidden layer are permuted, so a minimizer whose m units
differ comes with m! equal ones.  It need not have such a minimizer: for a large lam the hidden weights of every
minimizer are 0, only the output's bias is not, and it is unique.  What the penalty removes is the continuous freedom of
ReLU units, (w, b) -> c (w, b), v -> v / c: by homogeneity the gradient of J has <(w, b), .> = <v, .> for each unit, so
under the flow of J + lam |theta|^2 the imbalance D_j = |w_j|^2 + b_j^2 - |v_j|^2 obeys D_j(t) = D_j(0) exp(-4 lam
t).  At a stationary point with lam > 0 every unit is balanced; without the penalty D_j is conserved.

Measured: J + lam |theta|^2 of permuted copies, and their distances; the law of D_j along gradient descent with small
steps, in float64.  No stationary point is looked for: minimizers of ReLU losses sit on kinks, where solvers stop.
"""

import itertools
import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from overparam.precision import HIGHEST, require_dtype
from overparam.records import Plot, Series, Verdict
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size

EQUAL = 1e-12  # relative difference of two copies' objectives: sums in another order
LAW = 1e-2  # largest distance from the law, times the largest |D_j(0)|: of the order of the step
RATE = 4.0  # of the law, times lam
DIFFERENT = 1e-3  # least distance of two copies, relative


class Sizes(NamedTuple):
    """Points, inputs, hidden widths; step and number of steps; permuted copies."""

    n: int
    d: int
    hidden: tuple[int, ...]
    step: float
    steps: int
    copies: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(20, 3, (8,), 1e-3, 60_000, 100),
    "laptop": Sizes(20, 3, (16, 16), 1e-3, 60_000, 1000),
    "paper": Sizes(20, 3, (16, 16), 1e-3, 60_000, 1000),
}
PENALTIES = (0.0, 0.05)
MOMENTS = 20  # at which D is looked at


def measure(setting: Setting, *, folded: bool = True, rate: float = RATE, replaced: bool = False) -> Finding:
    """Copies and law.

    Args:
        setting: size, root and folder.
        folded: whether biases count in D.
        rate: of the law.
        replaced: whether a copy gets a unit drawn anew.
    """
    require_dtype("float64", what="s-l2-net-not-unique")
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root, 23])
    points, labels = rng.normal(size=(size.n, size.d)), rng.normal(size=size.n)
    units = (size.d, *size.hidden, 1)
    layers = tuple(
        (rng.normal(size=(after, before)) * math.sqrt(2 / before), rng.normal(size=after) * 0.3 * (after > 1))
        for before, after in itertools.pairwise(units)
    )
    seen = np.asarray(
        _descend(
            jax.tree.map(jnp.asarray, layers),
            jnp.asarray(points),
            jnp.asarray(labels),
            jnp.asarray(PENALTIES),
            jnp.asarray(size.step),
            size.steps // MOMENTS,
            folded,
        )
    )  # (penalties, moments + 1, units)
    times = size.step * (size.steps // MOMENTS) * np.arange(MOMENTS + 1)
    start = np.abs(seen[0, 0]).max()
    law = seen[:, :1] * np.exp(-rate * np.array(PENALTIES)[:, None, None] * times[:, None])
    off = np.abs(seen - law).max(axis=(1, 2)) / start
    equal, distance = _copies(rng, layers, points, labels, size.copies, replaced=replaced)
    counted = math.prod(math.factorial(m) for m in size.hidden)
    return Finding(
        holds=bool(off.max() <= LAW and equal <= EQUAL and distance >= DIFFERENT),
        words=f"ReLU network {'-'.join(map(str, units))}, n = {size.n}: {size.copies} of its {counted:.6g} permuted "
        f"copies have the same penalized objective to {equal:.1e} and lie at least {distance:.2g} away (relative). "
        f"Along {size.steps} steps of {size.step:g} the imbalances of the {sum(size.hidden)} units keep to D_j(0) "
        f"exp(-4 lam t) within {off[0]:.1e} of the largest for lam = 0 and {off[1]:.1e} for lam = {PENALTIES[1]:g}: "
        "the penalty takes the freedom of rescaling, not that of permuting.",
        instances=size.copies + len(PENALTIES),
        links=(
            Link("difference of the objectives of two copies, relative", EQUAL, equal),
            Link("distance of a copy, relative", DIFFERENT, distance, "at least"),
            *(
                Link(f"distance from the law of imbalances, lam = {lam:g}", LAW, float(one))
                for lam, one in zip(PENALTIES, off, strict=True)
            ),
        ),
        plots=(
            Plot(
                "Imbalance of one unit under gradient descent",
                "time: step times number of steps",
                "D, relative to its start",
                tuple(
                    series
                    for lam, one in zip(PENALTIES, seen[:, :, _largest(seen)], strict=True)
                    for series in (
                        Series(f"lam = {lam:g}", tuple(times.tolist()), tuple((one / one[0]).tolist())),
                        Series(
                            f"exp(-4 lam t), lam = {lam:g}",
                            tuple(times.tolist()),
                            tuple(np.exp(-RATE * lam * times).tolist()),
                            kind="formula",
                        ),
                    )
                ),
            ),
        ),
    )


def _largest(seen: NDArray) -> int:
    return int(np.argmax(np.abs(seen[0, 0])))


def _outputs(layers: Any, points: Array) -> Array:
    values = points
    for weights, bias in layers[:-1]:
        values = jax.nn.relu(jnp.matmul(values, weights.T, precision=HIGHEST) + bias[None, :])
    weights, bias = layers[-1]
    return (jnp.matmul(values, weights.T, precision=HIGHEST) + bias[None, :])[:, 0]


def _objective(layers: Any, points: Array, labels: Array, lam: Array) -> Array:
    squares = sum(jnp.sum(part**2) for part in jax.tree.leaves(layers))
    return jnp.mean((_outputs(layers, points) - labels) ** 2) + lam * squares


def _imbalances(layers: Any, folded: bool) -> Array:
    """|w_j|^2 + b_j^2 - |v_j|^2 of every hidden unit."""
    return jnp.concatenate(
        [
            jnp.sum(inner**2, axis=1) + float(folded) * bias**2 - jnp.sum(outer**2, axis=0)
            for (inner, bias), (outer, _) in itertools.pairwise(layers)
        ]
    )


@jax.jit(static_argnames=("between", "folded"))
def _descend(
    layers: Any, points: Array, labels: Array, penalties: Array, step: Array, between: int, folded: bool
) -> Array:
    """Imbalances at MOMENTS + 1 moments for every penalty, (penalties, moments + 1, units)."""

    def run(lam: Array) -> Array:
        def one(at: Any, _: None) -> tuple[Any, None]:
            slope = jax.grad(_objective)(at, points, labels, lam)
            return jax.tree.map(lambda a, g: a - step * g, at, slope), None

        def moment(at: Any, _: None) -> tuple[Any, Array]:
            at, _ = jax.lax.scan(one, at, None, length=between)
            return at, _imbalances(at, folded)

        _, seen = jax.lax.scan(moment, layers, None, length=MOMENTS)
        return jnp.concatenate([_imbalances(layers, folded)[None], seen])

    return jax.vmap(run)(penalties)


def _copies(
    rng: np.random.Generator, layers: Any, points: NDArray, labels: NDArray, copies: int, *, replaced: bool
) -> tuple[float, float]:
    """Largest relative difference of objectives, least relative distance, over permuted copies."""

    def objective(given: Any) -> float:
        values = points
        for weights, bias in given[:-1]:
            values = np.maximum(values @ weights.T + bias, 0)
        fit = np.mean(((values @ given[-1][0].T + given[-1][1])[:, 0] - labels) ** 2)
        return float(fit + PENALTIES[1] * sum(np.sum(part**2) for layer in given for part in layer))

    wanted, size = objective(layers), math.sqrt(sum(float(np.sum(part**2)) for layer in layers for part in layer))
    worst, nearest = 0.0, math.inf
    for _ in range(copies):
        made = [list(layer) for layer in layers]
        for i in range(len(layers) - 1):
            units = len(made[i][1])
            order = rng.permutation(units)
            while np.array_equal(order, np.arange(units)):
                order = rng.permutation(units)
            made[i] = [made[i][0][order], made[i][1][order]]
            made[i + 1][0] = made[i + 1][0][:, order]
        if replaced:
            made[0][0] = np.concatenate([rng.normal(size=made[0][0][:1].shape), made[0][0][1:]])
        worst = max(worst, abs(objective(made) - wanted) / wanted)
        apart = sum(
            float(np.sum((a - b) ** 2))
            for one, two in zip(made, layers, strict=True)
            for a, b in zip(one, two, strict=True)
        )
        nearest = min(nearest, math.sqrt(apart) / size)
    return worst, nearest


STUDY = Experiment(
    id="s-l2-net-not-unique",
    claim="An L2 penalty on all weights and biases of a ReLU network need not make the best fit unique: where the m "
    "units of a hidden layer all differ, the network is one of m! with the same penalized objective, so a minimizer of "
    "this kind has m! - 1 others beside it. (For a large penalty no unit is left and the minimizer is unique.) What "
    "the penalty removes is the continuous rescaling of units: their imbalances decay as exp(-4 lam t) under gradient "
    "flow of the mean squared error plus lam |theta|^2.",
    refuted_by="a permuted copy with another objective, or imbalances that leave the law by more than a hundredth",
    cites=(),
    locator="own, homogeneity of ReLU units",
    measure=measure,
    proved=True,
    word=Verdict.SCOPED,
)
