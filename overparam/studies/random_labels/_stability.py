"""Uniform stability is the same for true and for random labels, and on-average stability is the gap itself.

Uniform stability is a supremum over data sets, so labels cannot enter: for (1/n) sum loss + lam ||w||^2 with a convex
loss that is L-Lipschitz in the output and ||x|| <= kappa, leaving out a sample changes no loss by more than
kappa^2 L^2 / (2 lam n), and replacing one by no more than twice that, whatever the labels: no label enters the formula,
so that it is one number for both is read off, not measured.  The squared loss below is not Lipschitz, so the bound does
not speak of it.

What does see the labels is the loss at z_i after z_i is replaced by a fresh z', and for every learner

    E [risk(A(S)) - training loss(A(S))] = E [loss(A(S^i), z_i) - loss(A(S), z_i)],

since (S^i, z_i) and (S, z') have one law.  Tested for ridge regression with the squared loss, whose risk is known in
closed form here: the difference of the two sides, draw by draw, has mean 0, known to 5 % of the gap (2 % at the larger
sizes); and the gaps of true and random labels differ.  The right side is averaged over some samples i.
"""

from typing import NamedTuple

import numpy as np

from overparam.records import Link, Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import LEVEL, TOLERANCE, against, all_of, means

LAM = 0.1  # of lam ||w||^2
NOISE = 0.25  # variance of the labels' noise; the rest of a label has variance 1
REPLACED = 10  # samples that are replaced, one at a time


class Sizes(NamedTuple):
    """Samples, dimension, draws."""

    n: int
    d: int
    draws: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(50, 20, 2500),
    "laptop": Sizes(100, 40, 20_000),
    "paper": Sizes(100, 40, 20_000),
}


class Gaps(NamedTuple):
    """Both sides of the identity, a number a draw."""

    gap: np.ndarray
    replaced: np.ndarray


def measure(setting: Setting, *, signal: bool = True, same_point: bool = False) -> Finding:
    """Both sides under both kinds of labels; with `same_point` a wrong side: the loss at z' instead of at z_i."""
    size = _SIZES[setting.size]
    kinds = {"true": signal, "random": False}
    seen = {
        kind: _gaps(np.random.default_rng([setting.root, place, 80]), size, signal=has, same_point=same_point)
        for place, (kind, has) in enumerate(kinds.items())
    }
    judged, rows = [], []
    for kind, (gap, replaced) in seen.items():
        middle = gap.mean()
        judged.append(
            against(
                (replaced - gap + middle)[:, None], [middle], TOLERANCE["exact"][setting.size],
                names=(f"{kind} labels: replace-one against the gap",),
            )
        )  # fmt: skip
        rows.append((kind, float(middle), float(replaced.mean()), _uniform(size)))
    apart = means((seen["random"].gap - seen["true"].gap)[:, None])
    differ = Link("gap on random labels minus gap on true ones, lower end", 0.0, float((apart.mean - apart.half)[0]),
                  "at least")  # fmt: skip
    found = all_of(*judged)
    holds = found.holds if found.holds is not True or differ.holds else None
    return Finding(
        holds=holds,
        words=f"Ridge regression, n = {size.n}, d = {size.d}, penalty {LAM} ||w||^2: {found.words}; the gaps differ "
        f"by {apart.mean[0]:.3g} +- {apart.half[0]:.2g} (level {1 - LEVEL:.0%}). For losses that are L-Lipschitz in "
        f"the output, which the squared loss measured here is not, uniform stability is at most "
        f"{_uniform(size):.3g} L^2, a formula without labels.",
        instances=2 * size.draws,
        links=(*found.links, differ),
        tables=(
            Table(
                "Means over the draws",
                ("labels", "risk minus training loss", "replace-one", "uniform stability, L = 1"),
                tuple(rows),
            ),
        ),
    )


def _uniform(size: Sizes) -> float:
    """kappa^2 / (2 lam n), for points of norm sqrt(d): whatever the labels."""
    return size.d / (2 * LAM * size.n)


def _gaps(rng: np.random.Generator, size: Sizes, *, signal: bool, same_point: bool) -> Gaps:
    """Points are uniform on the sphere of radius sqrt(d); labels are w.x + noise with ||w|| = 1, or noise alone."""
    n, d, draws = size
    gaps, replaced = [], []
    for start in range(0, draws, 500):
        count = min(500, draws - start)
        points = rng.normal(size=(count, n + 1, d))  # the last one is the fresh one
        points *= d**0.5 / np.linalg.norm(points, axis=2, keepdims=True)
        target = rng.normal(size=(count, d))
        target *= signal / np.linalg.norm(target, axis=1, keepdims=True)
        spread = NOISE if signal else 1 + NOISE
        labels = np.einsum("cnd,cd->cn", points, target) + spread**0.5 * rng.normal(size=(count, n + 1))
        weights = _ridge(points[:, :n], labels[:, :n])
        losses = (np.einsum("cnd,cd->cn", points, weights) - labels) ** 2
        # E x x' is the identity
        gaps.append(((weights - target) ** 2).sum(axis=1) + spread - losses[:, :n].mean(axis=1))
        total = np.zeros(count)
        for i in range(REPLACED):
            rows = np.array([*(j for j in range(n) if j != i), n])
            changed = _ridge(points[:, rows], labels[:, rows])
            where = n if same_point else i
            after = (np.einsum("cd,cd->c", points[:, where], changed) - labels[:, where]) ** 2
            total += after - losses[:, i]
        replaced.append(total / REPLACED)
    return Gaps(np.concatenate(gaps), np.concatenate(replaced))


def _ridge(points: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Minimizers of (1/n) sum (y - w.x)^2 + LAM ||w||^2; (draws, d)."""
    n, d = points.shape[1:]
    gram = np.einsum("cnd,cne->cde", points, points) / n + LAM * np.eye(d)
    return np.linalg.solve(gram, np.einsum("cnd,cn->cd", points, labels)[..., None] / n)[..., 0]


STUDY = Experiment(
    id="z-stability",
    claim="On-average replace-one stability equals the expected generalization gap, and differs between true and "
    "random labels, for ridge regression with the squared loss; the bound on uniform stability, which is for convex "
    "Lipschitz losses, has no label in its formula and so cannot differ.",
    refuted_by="two sides of the identity that differ beyond chance",
    cites=("zhang2017", "bousquet2002stability"),
    locator="section 2.2; bousquet2002stability, Theorem 22",
    measure=measure,
    proved=True,
)
