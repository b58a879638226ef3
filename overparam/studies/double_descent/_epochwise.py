"""Epoch-wise double descent: along training, the error on new data may fall, rise and fall again.

Measured: gradient descent on random designs of the three speeds that the exactly solvable case has, one effect a
design: the excess risk falls from the start to its first minimum, rises from there to its maximum, and has fallen again
at the end, at the steps where the formula for fixed designs turns.  For networks the sentence is open: at size laptop
wide networks are trained on images with wrong labels, far beyond the fit, and what their test error does is printed,
as estimated numbers that decide nothing.
"""

from typing import NamedTuple

import jax
import numpy as np
from numpy.typing import NDArray

from overparam.data import corrupted
from overparam.networks import MlpClassifier
from overparam.records import Plot, Table, Verdict
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._images import image_splits
from overparam.studies._instances import Size
from overparam.studies._rules import all_of, effect, means
from overparam.studies._series import formula, measured
from overparam.studies.double_descent._descents import THREE_SPEEDS, Blocks, errors_along, expected
from overparam.training import ClassTrainSpec, train_classifiers

_TIMES = (0, 1, 2, 3, 5, 8, 13, 20, 32, 64, 128, 500, 2_000, 6_000, 12_000, 40_000)
TURNS = (1, 32, 12_000)  # where the formula has its minimum, maximum and second minimum


class Sizes(NamedTuple):
    """Samples a parameter and designs of linear runs; images, widths, wrong labels, epochs, seeds of networks."""

    ratio: float
    designs: int
    n: int
    widths: tuple[int, ...]
    noises: tuple[float, ...]
    epochs: int
    seeds: int


_LARGE = Sizes(2.0, 200, 500, (64, 256, 512), (0.2, 0.4), 4_000, 10)
_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(2.0, 20, 0, (), (), 0, 0),
    "laptop": _LARGE,
    "paper": _LARGE,
}


def measure(setting: Setting, *, same_speed: bool = False) -> Finding:
    """Excess along descent; with the `same_speed` for all features nothing is left to learn after the noise."""
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root])
    p = len(THREE_SPEEDS.beta)
    blocks = THREE_SPEEDS._replace(n=round(size.ratio * p))
    if same_speed:
        blocks = blocks._replace(speeds=(1.0, 1.0, 1.0), signals=(0.6, 0.0, 0.4))
    trials = np.array([_run(rng, blocks) for _ in range(size.designs)])
    logs = np.log(trials)

    def change(before: int, after: int) -> NDArray[np.float64]:
        return logs[:, _TIMES.index(after)] - logs[:, _TIMES.index(before)]

    low, high, last = TURNS
    judged = all_of(
        effect(-change(0, low), 0.0, f"fall of ln excess from the start to step {low}"),
        effect(change(low, high), 0.0, f"rise from step {low} to {high}"),
        effect(-change(high, last), 0.0, f"fall from step {high} to {last}"),
    )
    every = np.unique(np.geomspace(1, 10**5, 1_500).astype(int))
    nets = _networks(setting, size) if size.n else ("", (), ())
    return Finding(
        holds=judged.holds,
        words=f"{size.designs} random designs, p = {p}, n = {blocks.n}, sigma^2 = {blocks.noise:g}: "
        f"{judged.words}.{nets[0]}",
        instances=size.designs,
        links=judged.links,
        plots=(
            Plot(
                "Epoch-wise double descent on random designs",
                "steps",
                "excess risk",
                (
                    formula("fixed orthogonal design", every, expected(blocks, every)),
                    measured(f"{size.designs} random designs", _TIMES[1:], trials[:, 1:]),
                ),
                log_x=True,
                marks=tuple((float(t), f"step {t}") for t in TURNS),
            ),
            *nets[1],
        ),
        tables=nets[2],
    )


def _run(rng: np.random.Generator, blocks: Blocks) -> NDArray[np.float64]:
    """Excess on new inputs N(0, diag(v)) along descent on one random design."""
    design = rng.normal(size=(blocks.n, len(blocks.beta))) * np.sqrt(blocks.eigenvalues)
    targets = (design @ blocks.beta)[:, None] + blocks.noise**0.5 * rng.normal(size=(blocks.n, 1))
    return errors_along(design, targets, blocks, _TIMES)[0]


def _networks(setting: Setting, size: Sizes) -> tuple[str, tuple[Plot, ...], tuple[Table, ...]]:
    """Test errors of wide networks along training, with the height of a rise between two falls if there is one."""
    splits = image_splits(setting.root, size.seeds, size.n, 1_000, side=14)
    plots, rows = [], []
    for share in size.noises:
        rng = np.random.default_rng([setting.root, round(100 * share)])
        labels = corrupted(rng, splits.labels, share, splits.n_classes, wrong_only=True)
        series = []
        for width in size.widths:
            run = train_classifiers(
                splits.points,
                labels,
                jax.random.key(setting.root),
                size.seeds,
                model=MlpClassifier((width,), splits.n_classes),
                how=ClassTrainSpec(
                    epochs=size.epochs,
                    batch_size=None,
                    optimizer="adam",
                    step_size=1e-3,
                    record_every=size.epochs // 200,
                ),
                test_points=splits.test_points,
                test_labels=splits.test_labels,
                keep_correct=False,
            )
            error = 1 - run.test_accuracy[:, 1:]
            middle = error.mean(axis=0)
            first = int(middle[: int(middle.argmax()) + 1].argmin()) if middle.argmax() else 0
            rise = error[:, first:].max(axis=1) - error[:, first]
            top = first + int(middle[first:].argmax())
            found = means(np.column_stack([rise, error[:, top] - error[:, -1], error[:, -1]]))
            fit = float(np.median(run.epochs_to_fit()))
            rows.append(
                (
                    width,
                    share,
                    float(run.epochs[1 + first]),
                    float(run.epochs[1 + top]),
                    fit,
                    *(f"{m:.3f} +- {h:.3f}" for m, h in zip(found.mean, found.half, strict=True)),
                )
            )
            series.append(measured(f"width {width}", run.epochs[1:], error, within=(0, 1)))
        plots.append(
            Plot(
                f"Networks on images, {100 * share:g} % wrong labels",
                "epochs",
                "share of wrong answers on new images",
                tuple(series),
                log_x=True,
            )
        )
    said = "; ".join(f"width {row[0]}, {100 * row[1]:g} %: rise {row[5]}, fall after it {row[6]}" for row in rows)
    columns = ("width", "wrong labels", "first minimum", "maximum", "epochs to fit", "rise", "fall after", "at the end")
    table = Table(f"Networks on {splits.name}, estimated", columns, tuple(rows))
    return f" Networks (estimated, not judged) on {splits.name}: {said}.", tuple(plots), (table,)


STUDY = Experiment(
    id="d-epochwise",
    claim="There are models whose error falls, rises and falls again along training: gradient descent on least squares "
    "with features of three speeds and noise, also on random designs.  For networks the same shape is not claimed "
    "here; it depends on data, noise and step sizes, and is estimated at larger sizes.",
    refuted_by="an excess risk that does not rise from the formula's first minimum to its maximum, or does not fall "
    "before and after",
    cites=("nakkiran2020deep", "heckel2021early"),
    locator="the section on epoch-wise double descent",
    measure=measure,
    proved=False,
    word=Verdict.SCOPED,
)
