"""A network that saw no sample can be right on all of them, with a probability that can be computed or bounded.

(i) Labels drawn uniformly and independently on N points are all met by a fixed classifier with probability K^-N.  (ii)
A target that some open set of weights realizes is met with positive probability by random weights.  For XOR on
{-1, 1}^2, the sign of a sum of m ReLU units without output bias, weights N(0, 1): let f > 0 at a, -a and f < 0 at b,
-b.  Without hidden biases a unit is active at one of a, -a only, so two units with positive and two with negative
output weights are needed: the probability is 0 for m <= 3.  With them it is 0 for m <= 2: of one unit of each sign the
positive one, g, is active at a and -a, so g(a) + g(-a) <= g(b) + g(-b), twice its bias or more, and for the other one
the inequality is reversed, which contradicts f(a) + f(-a) > 0 > f(b) + f(-b).

Measured: the rate of (i), by the rule for exact expectations, and by going through all labellings; rates of XOR over m
with exact binomial intervals, 0 where the argument says so and above 0 beyond, growing with m; and how often random
networks compute each of the Boolean functions of k bits, which is far from evenly.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.records import Plot, Series
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import TOLERANCE, against
from overparam.widths import clopper_pearson

N, CLASSES = 6, 2
WIDTHS = (1, 2, 3, 4, 16, 64)
LEVEL = 1 - 1e-3  # of each interval of a rate: some dozen of them
CHUNK = 2**19


class Sizes(NamedTuple):
    """Labellings, networks for each width, bits of the Boolean functions and networks for them."""

    labellings: int
    networks: int
    bits: int
    functions: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(400_000, 100_000, 2, 20_000),
    "laptop": Sizes(2_500_000, 1_000_000, 3, 1_000_000),
    "paper": Sizes(2_500_000, 1_000_000, 4, 5_000_000),
}


def measure(setting: Setting, *, coin: float = 0.5, output_bias: bool = False) -> Finding:
    """Rates; `coin` is the probability of the first label, `output_bias` adds one to the networks of XOR."""
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root, 20])
    points = rng.normal(size=(N, 4))
    answers = (np.maximum(points @ rng.normal(size=(4, 8)), 0) @ rng.normal(size=8) > 0).astype(int)
    labels = (rng.random((size.labellings, N)) >= coin).astype(int)
    perfect = np.all(labels == answers, axis=1).astype(float)
    judged = against(perfect[:, None], [CLASSES**-N], TOLERANCE["exact"][setting.size], names=("rate",))
    every = np.arange(CLASSES**N)[:, None] // CLASSES ** np.arange(N) % CLASSES
    counted = int(np.sum(np.all(every == answers, axis=1)))
    hits = {bias: [_xor(rng, m, size.networks, bias, output_bias) for m in WIDTHS] for bias in (False, True)}
    ends = {bias: [clopper_pearson(k, size.networks, level=LEVEL) for k in hits[bias]] for bias in hits}
    needs = {False: 4, True: 3}  # units, by the argument above
    zero = all(k == 0 for bias in hits for m, k in zip(WIDTHS, hits[bias], strict=True) if m < needs[bias])
    some = all(k > 0 for bias in hits for m, k in zip(WIDTHS, hits[bias], strict=True) if m >= 4)
    four = WIDTHS.index(4)
    grows = all(ends[bias][four][1] < ends[bias][-1][0] for bias in hits)
    shares = _functions(rng, size)
    rates = {bias: [k / size.networks for k in hits[bias]] for bias in hits}
    return Finding(
        holds=False if judged.holds is False or counted != 1 or not zero else (judged.holds and some and grows) or None,
        words=f"N = {N} points, {CLASSES} classes, a fixed network: {judged.words}; of all {CLASSES**N} labellings "
        f"{counted} is met. XOR by {size.networks} random networks without output bias: rates "
        f"{_rates(rates[False])} without hidden biases and {_rates(rates[True])} with them for m = "
        f"{', '.join(map(str, WIDTHS))}. Random networks of 16 units compute {len(shares)} of the "
        f"{2**2**size.bits} functions of {size.bits} bits, the commonest in {shares[0]:.1%} of draws. A target that "
        "is constant, or defined by the network, would make this trivial.",
        instances=size.labellings + 2 * len(WIDTHS) * size.networks,
        links=(
            *judged.links,
            Link("XOR found with fewer units than it needs", 0.0, float(0 if zero else 1)),
            *(
                Link(f"rate of XOR at m = {WIDTHS[-1]}, lower end, hidden biases: {bias}", high[1], low[0], "at least")
                for bias in hits
                for high, low in [(ends[bias][four], ends[bias][-1])]
            ),
        ),
        plots=(
            Plot(
                "Random networks that compute XOR",
                "hidden units m",
                "rate",
                tuple(
                    Series(
                        f"{'with' if bias else 'without'} hidden biases",
                        tuple(map(float, WIDTHS)),
                        tuple(rates[bias]),
                        tuple(low for low, _ in ends[bias]),
                        tuple(high for _, high in ends[bias]),
                        spread=f"{100 * LEVEL:g} % interval of the rate (Clopper-Pearson), point by point",
                    )
                    for bias in hits
                ),
                log_x=True,
                marks=((3.0, "least m with biases"), (4.0, "least m without")),
            ),
            Plot(
                f"How often random networks compute each Boolean function of {size.bits} bits",
                "rank of the function",
                "rate",
                (
                    Series("measured", tuple(float(i + 1) for i in range(len(shares))), tuple(shares)),
                    Series(
                        "if all were equally likely",
                        (1.0, float(2**2**size.bits)),
                        (2.0 ** -(2**size.bits),) * 2,
                        kind="formula",
                    ),
                ),
                log_x=size.bits > 2,
                log_y=True,
            ),
        ),
    )


def _rates(values: list[float]) -> str:
    return ", ".join(f"{value:.4g}" for value in values)


def _xor(rng: np.random.Generator, m: int, networks: int, bias: bool, output_bias: bool) -> int:
    """How many of so many random networks have the signs of XOR."""
    corners = np.array([[1, 1], [-1, -1], [1, -1], [-1, 1]], np.float32)
    wanted, found = np.array([True, True, False, False]), 0
    for outputs in _draws(rng, corners, m, networks, bias, output_bias):
        found += int(np.sum(np.all((outputs > 0) == wanted, axis=1) & np.all(outputs != 0, axis=1)))
    return found


def _draws(
    rng: np.random.Generator, points: NDArray, m: int, networks: int, bias: bool, output_bias: bool
) -> Iterator[NDArray]:
    """Outputs of random networks at the points, (chunk, points) at a time; float32, since only signs are asked for."""
    step = max(1, CHUNK // (m * len(points)))
    for start in range(0, networks, step):
        count = min(step, networks - start)
        pre = points @ rng.standard_normal((points.shape[1], count * m), np.float32)
        if bias:
            pre += rng.standard_normal(count * m, np.float32)
        np.maximum(pre, 0, out=pre)
        pre *= rng.standard_normal(count * m, np.float32)
        outputs = pre.reshape(len(points), count, m).sum(axis=2).T
        yield outputs + rng.standard_normal((count, 1), np.float32) if output_bias else outputs


def _functions(rng: np.random.Generator, size: Sizes) -> list[float]:
    """Shares of the Boolean functions that networks of 16 units with biases compute, the largest first."""
    corners = (2 * (np.arange(2**size.bits)[:, None] >> np.arange(size.bits) & 1) - 1).astype(np.float32)
    codes = [
        (outputs > 0) @ 2 ** np.arange(len(corners)) for outputs in _draws(rng, corners, 16, size.functions, True, True)
    ]
    _, counts = np.unique(np.concatenate(codes), return_counts=True)
    return sorted((counts / size.functions).tolist(), reverse=True)


STUDY = Experiment(
    id="s-zero-sample",
    claim="A fixed classifier meets uniform random labels of N points with probability K^-N; random ReLU networks "
    "without output bias compute XOR with positive probability from 4 units on (3 with hidden biases) and never with "
    "fewer.",
    refuted_by="a rate beyond the 99 % interval around K^-N, or a network with fewer units that computes XOR",
    cites=(),
    locator="own",
    measure=measure,
    proved=True,
)
