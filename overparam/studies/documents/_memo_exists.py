"""A large enough network interpolates any finite data with distinct inputs; equal inputs with two labels, none does.

Two constructions: n neurons on one direction, 2 n + d weights (Zhang et al.), and 4 ceil(n/d) neurons for points in
general position (Bubeck et al.).  Where inputs repeat with different labels no function takes them all: whatever the
network, its mean squared error is at least the variance of the labels among equal inputs, and the network that
memorizes their means has no more.

Measured: both constructions on drawn points with real, random class and random sign labels, each network accepted by
the exact checker; the checker's word that no wide network takes two labels at one point; in exact rational arithmetic,
the error of the network of means; and in float64, at larger n with random class labels, the largest error over the
largest label, with the largest weight.
"""

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import proofs_check
from overparam.certificates import dataset_bytes, proof_bytes
from overparam.data import from_arrays
from overparam.errors import OverparamError
from overparam.exact import evaluate
from overparam.memorizers import line_apply, line_network, memorize
from overparam.records import Table
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.widths import NotAccepted, certify, deposit

RESIDUAL = 1e-8  # of float64 at large n, relative to the largest label
CONSTRUCTIONS = ("zhang", "bubeck")
CLASSES = 10


class Sizes(NamedTuple):
    """Data sets (n, d) that are certified, and (n, d) that are built in floats."""

    certified: tuple[tuple[int, int], ...]
    floats: tuple[int, int]


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(((1, 3), (30, 40), (60, 5)), (2000, 20)),
    "laptop": Sizes(((1, 3), (30, 40), (60, 5), (150, 10), (200, 50)), (5000, 50)),
    "paper": Sizes(((1, 3), (30, 40), (60, 5), (150, 10), (200, 50)), (50_000, 3072)),
}


def measure(setting: Setting, *, repeated: bool = False) -> Finding:
    """Certificates and errors; `repeated` gives the first input twice, with another label."""
    size = _SIZES[setting.size]
    rows, failures, tried = [], [], 0
    for n, d in size.certified:
        rng = np.random.default_rng([setting.root, n, d])
        points = rng.normal(size=(n, d))
        laws = {
            "real": rng.normal(size=n),
            "classes": rng.integers(CLASSES, size=n).astype(float),
            "signs": rng.choice([-1.0, 1.0], size=n),
        }
        if repeated:
            points = np.concatenate([points, points[:1]])
            laws = {law: np.append(labels, labels[0] + 1) for law, labels in laws.items()}
        for law, labels in laws.items():
            for name in CONSTRUCTIONS:
                tried += 1
                try:
                    made = memorize(points, labels, name)
                    certify(made, from_arrays(points, labels), setting.folder / f"{name}-n{n}-d{d}-{law}")
                except OverparamError as error:
                    failures.append(f"{name}, n = {n}, d = {d}, {law}: {error}")
                    continue
                neurons = sum(made.network.widths)
                # a direction that all neurons share is written once
                raw = 2 * neurons + d if made.shared_direction else (d + 2) * neurons
                rows.append((name, law, n, d, neurons, raw, float(max(map(abs, made.network.numbers())))))
    ruled_out = _no_network(setting)
    floor, error = _floor(np.random.default_rng([setting.root, 9]))
    n, d = size.floats
    rng = np.random.default_rng([setting.root, 10])
    points, labels = rng.random((n, d)), rng.integers(CLASSES, size=n).astype(float)
    network = line_network(points, labels)
    off = float(np.max(np.abs(line_apply(network, points) - labels)) / np.max(np.abs(labels)))
    heaviest = float(np.max(np.abs(network.weights)))
    certified = not failures and ruled_out
    told = f"; not certified: {'; '.join(failures[:2])}" if failures else ""
    return Finding(
        holds=certified and floor == error and off <= RESIDUAL,
        words=f"The checker accepted {len(rows)} of {tried} memorizers of random points with real, class and sign "
        f"labels{told}; weights were counted by the program, not by the checker. It "
        f"{'accepted' if ruled_out else 'did not accept'} that no network of 1,000 neurons takes two labels at one "
        f"point; where inputs repeat, the network of means has the error {float(error):.6g}, in exact rational "
        f"arithmetic {'equal' if floor == error else 'unequal'} to the variance among equal inputs. In float64 n = {n} "
        f"uniform inputs of dimension {d} with random classes are met to {off:.1e} by {2 * n + d} weights, the largest "
        f"{heaviest:.1e}. Memorizing says nothing of new inputs.",
        instances=tried + 2,
        links=(Link("largest error in float64 over the largest label", RESIDUAL, off),),
        certified=certified,
        tables=(
            Table(
                "Memorizers that the checker accepted",
                ("construction", "labels", "n", "d", "neurons", "weights", "largest weight"),
                tuple(rows),
            ),
        ),
    )


def _no_network(setting: Setting) -> bool:
    """The checker's word that 1,000 neurons do not take two labels at one point of a line."""
    content = dataset_bytes(np.array([[0.0], [1.0], [1.0], [2.0]]), np.array([0.0, 1.0, -1.0, 0.0]))
    try:
        deposit(
            setting.folder / "two-labels",
            statement=lambda paths: proofs_check.state("impossible", paths[0], widths=[1000], activation="relu"),
            witness=lambda: proof_bytes({"method": "line"}, {}),
            beside=[content],
        )
    except NotAccepted:
        return False
    return True


def _floor(rng: np.random.Generator) -> tuple[Fraction, Fraction]:
    """Variance of labels among equal inputs, and the mean squared error of the network of their means."""
    distinct: NDArray = rng.normal(size=(6, 3))
    which = np.concatenate([np.arange(6), rng.integers(6, size=14)])
    labels = [Fraction(y) for y in rng.normal(size=20).tolist()]
    means = []
    for i in range(6):
        own = [y for y, j in zip(labels, which, strict=True) if j == i]
        means.append(sum(own, Fraction(0)) / len(own))
    within = sum(((y - means[i]) ** 2 for y, i in zip(labels, which, strict=True)), Fraction(0)) / 20
    outputs = evaluate(memorize(distinct, means, "zhang").network, distinct[which])
    error = sum(((f - y) ** 2 for f, y in zip(outputs, labels, strict=True)), Fraction(0)) / 20
    return within, error


STUDY = Experiment(
    id="s-memo-exists",
    claim="On each set of n random points in claims/s-memo-exists a ReLU network of n neurons, and one of 4 ceil(n/d), "
    "takes every label exactly; on the data set two-labels there, where one input has two labels, none of 1,000 "
    "neurons does.",
    refuted_by="data with distinct inputs that a construction misses",
    cites=("zhang2017", "bubeck2020"),
    locator="Theorem 1 of zhang2017; the theorem on 4 ceil(n/d) neurons of bubeck2020",
    measure=measure,
    proved=True,
)
