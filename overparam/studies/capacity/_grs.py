"""The Rademacher complexity of ReLU networks with bounded Frobenius norms has a bound that no width enters.

Rhat_n <= prod M_l (sqrt(2 L ln 2) + 1) |X|_F / n for L bias-free layers with |W_l|_F <= M_l.

Measured: for Gaussian points, networks of two and three layers and each of several draws of signs, the largest
correlation that projected gradient ascent finds within the balls, from several starts; its mean over the draws is a
lower bound on the complexity, which must stay below the upper one, at every width.  Beside it, printed and not judged:
the margin bound with all its constants on the shared networks, and whether it is smaller for true labels.
"""

import functools
import itertools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from overparam.generalization import ball_ascent, frobenius_complexity
from overparam.records import Plot, Series
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import all_of
from overparam.studies.capacity._nets import ordered, references, shared_nets, vacuity, vacuous, valid

MEASURE = "golowich2018"


class Sizes(NamedTuple):
    """Points, inputs, hidden widths, draws of signs, starts of each, steps of ascent."""

    n: int
    d: int
    widths: tuple[int, ...]
    draws: int
    starts: int
    steps: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(50, 10, (4, 32), 20, 4, 200),
    "laptop": Sizes(500, 10, (4, 16, 64, 256), 40, 8, 1000),
    "paper": Sizes(500, 10, (4, 16, 64, 256), 40, 8, 1000),
}


def measure(setting: Setting, *, planted: float = 1.0) -> Finding:
    """Lower bounds against the upper one, which `planted` multiplies."""
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root, size.n])
    points = rng.normal(size=(size.n, size.d))
    links, curves = [], []
    for depth in (2, 3):
        upper = planted * frobenius_complexity([1.0] * depth, points)
        lower = []
        for width in size.widths:
            each = _lower(rng, points, width, depth, size)
            lower.append(float(each.mean()))
            links.append(Link(f"Rademacher complexity met by ascent, {depth} layers, {width} units", upper, lower[-1]))
        at = tuple(map(float, size.widths))
        curves += [
            Series(f"ascent, {depth} layers", at, tuple(lower)),
            Series(f"upper bound, {depth} layers", at, (upper,) * len(at), kind="bound"),
        ]
    shared = shared_nets(setting.size, setting.root)
    judged = all_of(valid(shared, MEASURE), *ordered(shared, MEASURE))
    nothing = vacuous(shared, MEASURE)
    return Finding(
        holds=all(link.holds for link in links),
        words=f"{size.n} Gaussian points, d = {size.d}, unit balls, {size.draws} draws of signs, {size.starts} starts: "
        f"{'; '.join(f'{link.lemma} {link.observed:.3g} of {link.bound:.3g}' for link in links)}. Not judged: "
        f"{shared.words}; {judged.words}.{f' There the bound on the error is vacuous: {nothing}.' * bool(nothing)} "
        "Ascent that finds less than the supremum makes the comparison weaker, never wrong.",
        instances=2 * len(size.widths) * size.draws + sum(map(len, shared.nets.values())),
        links=tuple(links),
        tables=(vacuity(shared), references(shared)),
        plots=(
            Plot(
                "Rademacher complexity, Frobenius norms at most 1", "hidden units", "complexity", tuple(curves),
                log_x=True, log_y=True,
            ),
        ),
    )  # fmt: skip


def _lower(rng: np.random.Generator, points: np.ndarray, width: int, depth: int, size: Sizes) -> np.ndarray:
    """(draws,), the best of the starts for each draw of signs."""
    widths = [size.d, *[width] * (depth - 1), 1]
    signs = rng.choice([-1.0, 1.0], size=(size.draws, size.n))
    starts = tuple(
        jnp.asarray(rng.normal(size=(size.draws, size.starts, rows, columns)) / np.sqrt(rows * columns), "float32")
        for columns, rows in itertools.pairwise(widths)
    )
    found = _ascents(starts, jnp.asarray(points, "float32"), jnp.asarray(signs, "float32"), steps=size.steps)
    return np.asarray(found, np.float64).max(axis=1)


@functools.partial(jax.jit, static_argnames="steps")
def _ascents(
    starts: tuple[Float[Array, "..."], ...], points: Array, signs: Array, *, steps: int
) -> Float[Array, "draws starts"]:
    one = functools.partial(ball_ascent, points=points, radii=jnp.ones(len(starts), points.dtype), steps=steps)
    both = jax.vmap(lambda matrices, s: jax.vmap(lambda each: one(each, signs=s))(matrices))
    return both(starts, signs)


STUDY = Experiment(
    id="b-grs",
    claim="The Rademacher complexity of bias-free ReLU networks with Frobenius norms at most M_l is at most "
    "prod M_l (sqrt(2 L ln 2) + 1) |X|_F / n, whatever the width.",
    refuted_by="weights within the balls whose mean correlation with random signs is above the bound",
    cites=("golowich2018size",),
    locator="Theorem 1",
    measure=measure,
    proved=True,
)
