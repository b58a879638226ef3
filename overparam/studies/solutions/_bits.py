"""How many bits of random labels a model stores for each of its parameters: an open question, with an exact control.

Bits stored of n random binary labels are n - sum log2 (1 / p(y_i | x_i)), p the trained model's probabilities; the
capacity is the largest over n.  Published for transformers on random tokens: 3.51 +- .1 bits a parameter in bfloat16,
3.83 +- .1 in float32; there is no published figure for perceptrons of one hidden layer on labels, so an interval is
estimated.  Training that stops short stores less: beyond its maximum the curve falls by optimization, not by capacity.

Control: a threshold unit without bias on n points in general position in R^d realizes the labels with probability
2^(1-n) sum_{i<d} C(n-1, i), which is 1/2 at n = 2 d: 2 bits a weight.  Measured by linear programs on Gaussian points
with random signs, after a perceptron has separated what it can.
"""

import math
from typing import NamedTuple

import jax
import numpy as np
from numpy.typing import NDArray
from scipy import sparse, stats
from scipy.optimize import linprog

from overparam.networks import MlpClassifier
from overparam.records import Plot, Table, Verdict
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import TOLERANCE, against
from overparam.studies._series import formula, pointwise, rates
from overparam.training import ClassTrainSpec, train_classifiers

TRANSFORMERS = ("transformers on random tokens, float32 (published)", 3.83)
_TOGETHER = 100  # linear programs of one call


class Sizes(NamedTuple):
    """Inputs and hidden units, samples, seeds, full-batch steps; the control's dimension, trials, and shown trials."""

    d: int
    units: int
    samples: tuple[int, ...]
    seeds: int
    steps: int
    control: int
    trials: int
    shown: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(10, 8, (80, 160, 240, 480), 5, 2000, 10, 2800, 150),
    "laptop": Sizes(20, 16, (250, 500, 1000, 2000, 4000), 10, 6000, 10, 20_000, 2000),
    "paper": Sizes(40, 48, (1000, 2000, 4000, 8000, 16_000), 10, 20_000, 10, 20_000, 2000),
}


def separable_chance(n: int, d: int) -> float:
    """Probability that random signs on n points in general position are those of a linear form.

    >>> separable_chance(20, 10)
    0.5
    """
    return sum(math.comb(n - 1, i) for i in range(d)) / 2 ** (n - 1)


def separable(rows: NDArray) -> NDArray:
    """Whether some w has <w, x> > 0 for all rows x, (trials,) from (trials, n, d).

    Linear programs: the largest t <= 1 with <w, x> >= t is 1 or 0.
    """
    answers = _perceptron(rows)
    left = np.flatnonzero(~answers)
    n, d = rows.shape[1:]
    for part in (left[i : i + _TOGETHER] for i in range(0, len(left), _TOGETHER)):
        count = len(part)
        # unknowns: the w of each trial, then its t; rows: t - <w, x> <= 0
        entries = np.concatenate([-rows[part], np.ones((count, n, 1))], axis=2)
        own = np.arange(count)[:, None]
        columns = np.concatenate([own * d + np.arange(d), count * d + own], axis=1)
        places = np.repeat(np.arange(count * n), d + 1), np.repeat(columns, n, axis=0).ravel()
        limits = sparse.csr_array((entries.ravel(), places), shape=(count * n, count * (d + 1)))
        cost = np.concatenate([np.zeros(count * d), -np.ones(count)])
        bounds = [(None, None)] * (count * d) + [(0, 1)] * count
        found = linprog(cost, A_ub=limits, b_ub=np.zeros(count * n), bounds=bounds, method="highs")
        answers[part] = found.x[count * d :] > 0.5
    return answers


def _perceptron(rows: NDArray, *, passes: int = 200) -> NDArray:
    """Trials that a perceptron separates within `passes` corrections on its worst row: a proof of separability."""
    w = rows.mean(axis=1)
    for _ in range(passes):
        values = np.einsum("tnd,td->tn", rows, w)
        worst = values.argmin(axis=1)
        wrong = values.min(axis=1) <= 0
        w = w + wrong[:, None] * rows[np.arange(len(rows)), worst]
    return np.einsum("tnd,td->tn", rows, w).min(axis=1) > 0


def stored_bits(losses: NDArray, n: int) -> NDArray:
    """Of n binary labels, from mean cross-entropies in nats."""
    return n - n * losses / math.log(2)


def measure(setting: Setting, *, with_bias: bool = False, steps: int | None = None) -> Finding:
    """Bits over n and the control; `with_bias` plants the formula of d + 1 weights, `steps` replaces the size's."""
    size = _SIZES[setting.size]
    d, shift = size.control, int(with_bias)
    rng = np.random.default_rng([setting.root, d])
    judged = against(
        _separated(rng, size.trials, 2 * d, d)[:, None], [separable_chance(2 * d, d + shift)],
        TOLERANCE["exact"][setting.size], names=(f"n = {2 * d}, d = {d}",),
    )  # fmt: skip
    grid = [round(d * x) for x in (1.2, 1.6, 2.4, 2.8)]
    shown = [_separated(rng, size.shown, n, d) for n in grid]
    steps = size.steps if steps is None else steps
    bits, p = _stored(setting.root, size, steps)
    stored = bits / p
    t = stats.t.ppf(0.975, size.seeds - 1)
    means, half = stored.mean(axis=0), t * stored.std(axis=0, ddof=1) / math.sqrt(size.seeds)
    best = int(np.argmax(means))
    return Finding(
        holds=judged.holds,
        words=f"MLP {size.d}-{size.units}-2, p = {p}, Gaussian inputs, {size.seeds} seeds, {steps} full-batch "
        f"steps of Adam: bits stored a parameter at n = {size.samples[best]}, {means[best]:.3g} +- {half[best]:.2g}, "
        f"the most over n = {', '.join(map(str, size.samples))}. Control, share of separable labellings: "
        f"{judged.words}, so 2 bits a weight. Training that is not finished stores less, so this is an estimate from "
        "below; nothing is published for such networks, and the transformers were not run.",
        instances=stored.size + size.trials + size.shown * len(grid),
        links=judged.links,
        plots=(
            Plot(
                f"Bits of random labels stored by an MLP of {p} parameters",
                "samples n",
                "bits a parameter",
                (
                    pointwise("stored", size.samples, np.transpose(stored)),
                    formula("all labels", size.samples, [n / p for n in size.samples]),
                ),
                log_x=True,
                marks=((2.0 * p, "n = 2 p"),),
            ),
            Plot(
                f"Random signs that a threshold unit of {d} weights separates",
                "n / d",
                "share",
                (
                    rates("linear programs", [n / d for n in grid], np.stack(shown, axis=1)),
                    formula("Cover's count", [n / d for n in range(d, 3 * d + 1)],
                            [separable_chance(n, d) for n in range(d, 3 * d + 1)]),
                ),
                marks=((2.0, "n = 2 d"),),
            ),
        ),
        tables=(
            Table(
                "Bits a parameter, mean over seeds",
                ("n", "stored", "95 % half-width", "if all labels were stored"),
                (
                    *((n, float(means[i]), float(half[i]), n / p) for i, n in enumerate(size.samples)),
                    (TRANSFORMERS[0], TRANSFORMERS[1], None, None),
                ),
            ),
        ),
    )  # fmt: skip


def _separated(rng: np.random.Generator, trials: int, n: int, d: int) -> NDArray:
    """Whether random signs are separated; the signs go into the points."""
    signs = rng.choice([-1.0, 1.0], size=(trials, n, 1))
    return separable(rng.normal(size=(trials, n, d)) * signs)


def _stored(root: int, size: Sizes, steps: int) -> tuple[NDArray, int]:
    """Bits (seeds, samples) and the number of parameters; smaller sets are repeated, so that one program serves all."""
    longest = math.lcm(*size.samples)
    points, labels = [], []
    for n in size.samples:
        for seed in range(size.seeds):
            rng = np.random.default_rng([root, n, seed])
            x, y = rng.normal(size=(n, size.d)), rng.integers(2, size=n)
            points.append(np.tile(x, (longest // n, 1)))
            labels.append(np.tile(y, longest // n))
    how = ClassTrainSpec(steps, None, "adam", 1e-2, schedule="cosine", record_every=max(steps, 1))
    history = train_classifiers(
        np.stack(points).astype(np.float32), np.stack(labels).astype(np.int32), jax.random.key(root), len(points),
        model=MlpClassifier((size.units,), 2), how=how, keep_correct=False, chunk=len(points),
    )  # fmt: skip
    losses = history.loss[:, -1].astype(float).reshape(len(size.samples), size.seeds).T
    bits = np.stack([stored_bits(losses[:, i], n) for i, n in enumerate(size.samples)], axis=1)
    return bits, size.units * (size.d + 1) + 2 * (size.units + 1)


STUDY = Experiment(
    id="m-bits-per-parameter",
    claim="A network of one hidden layer stores at least the printed number of bits of random labels a parameter under "
    "the training of this study, the largest over n, with the printed interval over seeds; and a threshold unit of d "
    "weights separates random signs on 2 d points with probability 1/2, 2 bits a weight.",
    refuted_by="a share of separable labellings at n = 2 d off 1/2",
    cites=("morris2025how", "cover1965"),
    locator="the measure of memorized bits; Cover's function-counting theorem; open for such networks",
    measure=measure,
    proved=True,
    word=Verdict.ESTIMATED,
)
