"""An exactly solvable epoch-wise double descent: gradient descent on features of three speeds.

Five fast features with signal, sixty with none, five slow ones with much: the excess risk falls while the first are
learned, rises while the noise in the second is fitted, and falls again when the last are.  Measured: gradient descent
on a fixed orthogonal design for many noise vectors, against the formula at single steps from 1 to the limit.  At size
laptop also on random designs, p/n = 1/2, for which the formula does not hold; that the shape survives is shown only.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.records import Link, Plot, Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import TOLERANCE, against
from overparam.studies._series import formula, measured
from overparam.studies.double_descent._descents import THREE_SPEEDS, Blocks, errors_along, expected, fixed_design, turns

# printed values of the curve: name, step, excess, half a unit of their last digit
REFERENCE = (("start", 0, 5.000, 5e-4), ("first minimum", 1, 2.3432, 5e-5), ("maximum", 32, 4.571, 5e-4),
             ("second minimum", 12_000, 2.782, 5e-4), ("limit", 10**7, 2.800, 5e-4))  # fmt: skip


class Sizes(NamedTuple):
    """Noise vectors, steps that are judged, random designs that are shown."""

    trials: int
    judged: tuple[int, ...]
    designs: int


_STEPS = (1, 2, 3, 5, 8, 13, 20, 32, 64, 128, 500, 2_000, 6_000, 12_000, 40_000, 1_000_000)
_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(2_000, _STEPS, 0),
    "laptop": Sizes(20_000, _STEPS, 200),
    "paper": Sizes(20_000, _STEPS, 200),
}


def measure(
    setting: Setting, *, planted: Literal["", "no noise"] = "", step: float = 1.0, same_speed: bool = False
) -> Finding:
    """The curve; `planted` drops sigma^2 from the formula, `step` multiplies the step size of the runs only.

    With `same_speed` all features have v = 1 in runs and formula, and there is one descent.
    """
    size, blocks = _SIZES[setting.size], THREE_SPEEDS
    if same_speed:
        blocks = blocks._replace(speeds=(1.0, 1.0, 1.0), signals=(0.6, 0.0, 0.4))
    noise = 0.0 if planted else blocks.noise
    rng = np.random.default_rng([setting.root])
    design = fixed_design(rng, blocks)
    trials = _runs(rng, design, size, blocks, step)
    judged = against(
        trials,
        expected(blocks, np.asarray(size.judged), noise=noise),
        TOLERANCE["exact"][setting.size],
        names=tuple(f"step {t}" for t in size.judged),
    )
    every = np.unique(np.geomspace(1, 10**6, 4_000).astype(int))
    curve = expected(blocks, np.concatenate([[0], every]), noise=noise)
    found = turns(curve)
    shape = Link("interior extrema of the formula: minimum, maximum, minimum", 3.0, float(len(found)), "at least")
    rows = [
        (name, t, printed, float(expected(blocks, np.asarray([t]), noise=noise)[0]))
        for name, t, printed, _ in REFERENCE
    ]
    printed_links = tuple(
        Link(f"{name}, step {t}: formula, off the printed value", half * (1 + 1e-9), abs(computed - printed))
        for (name, t, printed, computed), (*_, half) in zip(rows, REFERENCE, strict=True)
    )
    places = [float(np.concatenate([[0], every])[i]) for i in found]
    series = [formula("expectation", every, curve[1:]), measured(f"{size.trials} runs", size.judged, trials)]
    if size.designs:
        shown = _random_designs(rng, size, blocks)
        series.append(measured(f"{size.designs} random designs", size.judged, shown))
    return Finding(
        holds=judged.holds if shape.holds and all(link.holds for link in printed_links) else False,
        words=f"n = {blocks.n}, p = {len(blocks.beta)}, sigma^2 = {blocks.noise:g}, step {blocks.step_size:g}: "
        f"{judged.words}. The formula turns at steps {', '.join(f'{place:g}' for place in places)}.",
        instances=size.trials,
        links=(shape, *printed_links, *judged.links),
        plots=(
            Plot(
                "Epoch-wise double descent of gradient descent",
                "steps",
                "excess risk",
                tuple(series),
                log_x=True,
                marks=tuple((place, f"{'minimum' if i % 2 == 0 else 'maximum'}") for i, place in enumerate(places)),
            ),
        ),
        tables=(Table("The curve, printed and computed", ("where", "step", "printed", "formula"), tuple(rows)),),
    )


def _runs(rng: np.random.Generator, design: NDArray, size: Sizes, blocks: Blocks, step: float) -> NDArray[np.float64]:
    noise = blocks.noise**0.5 * rng.normal(size=(blocks.n, size.trials))
    targets = (design @ blocks.beta)[:, None] + noise
    return errors_along(design, targets, blocks, size.judged, step_size=step * blocks.step_size)


def _random_designs(rng: np.random.Generator, size: Sizes, blocks: Blocks) -> NDArray[np.float64]:
    """Rows N(0, diag(v)) at n = 2p instead of a fixed orthogonal design, excess on new inputs."""
    p, out = len(blocks.beta), []
    for _ in range(size.designs):
        design = rng.normal(size=(2 * p, p)) * np.sqrt(blocks.eigenvalues)
        targets = (design @ blocks.beta)[:, None] + blocks.noise**0.5 * rng.normal(size=(2 * p, 1))
        out.append(errors_along(design, targets, blocks._replace(n=2 * p), size.judged)[0])
    return np.array(out)


STUDY = Experiment(
    id="d-epochwise-linear",
    claim="On a fixed design with X'X/n = diag(v) gradient descent from 0 has expected excess risk sum_i [v_i beta_i^2 "
    "(1 - eta v_i)^(2t) + (sigma^2/n) (1 - (1 - eta v_i)^t)^2]; with features of three speeds it falls, rises and "
    "falls again along the steps.",
    refuted_by="a mean excess further from the formula than chance allows, a curve with fewer than three turns, or a "
    "formula off the printed values of the curve",
    cites=("heckel2021early",),
    locator="the idea; the formula is the project's own",
    measure=measure,
    proved=True,
)
