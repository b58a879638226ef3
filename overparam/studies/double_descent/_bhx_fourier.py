"""Weak Fourier features: random rows and columns of a unitary matrix, noise-free.

Two laws of the matrix: the discrete Fourier matrix, of prime size so that no minor is singular, for which the formula
is a limit (a finite size adds 1 to 3 %); and the Haar law, for which it is exact at every size.  Each draw is averaged
over the isotropic signal exactly: |beta - betahat|^2 is then a trace of the chosen minor.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.generalization import fourier_features_error
from overparam.records import Plot
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import TOLERANCE, against, all_of
from overparam.studies._series import formula, measured
from overparam.studies.double_descent._least_squares import chunks

LIMIT = 0.05  # tolerance for the Fourier matrix


class Law(NamedTuple):
    """D, n, draws, and numbers p of features that are judged or drawn only."""

    dim: int
    n: int
    trials: int
    judged: tuple[int, ...]
    shown: tuple[int, ...]


_LARGE = (
    Law(1009, 300, 40, (50, 100, 150, 200, 400, 500, 600, 700, 800, 900, 1000), (250, 350)),
    Law(60, 20, 4_000, (5, 10, 35, 45, 55), (15, 25)),
)
_SIZES: dict[Size, tuple[Law, Law]] = {
    "ci": (
        Law(101, 30, 300, (10, 20, 60, 75, 90), (24, 36, 45, 100)),
        Law(30, 10, 2_000, (2, 5, 18, 20, 25, 28), (7, 14)),
    ),
    "laptop": _LARGE,
    "paper": _LARGE,
}


def measure(setting: Setting, *, planted: Literal["", "n/p", "real"] = "", same_rows: bool = False) -> Finding:
    """Errors by p.

    `planted` puts n/p for n/D, or the mean of a real orthogonal matrix; `same_rows` takes rows and columns in order
    instead of at random.
    """
    fourier, haar = _SIZES[setting.size]
    plots, rules = [], []
    for index, (name, law) in enumerate((("discrete Fourier", fourier), ("Haar", haar))):
        grid = tuple(sorted(law.judged + law.shown))
        rng = np.random.default_rng([setting.root, index])
        trials = _errors(rng, law, grid, name, same_rows)
        at = [grid.index(p) for p in law.judged]
        limit = name == "discrete Fourier"
        rules.append(
            against(
                trials[:, at],
                _formula(law, np.asarray(law.judged), planted),
                LIMIT if limit else TOLERANCE["exact"][setting.size],
                limit=limit,
                names=tuple(f"{name}, p = {p}" for p in law.judged),
            )
        )
        every = np.arange(law.dim + 1)
        plots.append(
            Plot(
                f"{name} matrix, D = {law.dim}, n = {law.n}",
                "features p",
                "E |beta - betahat|^2",
                (
                    formula("expectation", every, _formula(law, every, planted)),
                    measured(f"{law.trials} draws", grid, trials, gap=law.n),
                ),
                log_y=True,
                marks=((float(law.n), "p = n"),),
            )
        )
    judged = all_of(*rules)
    return Finding(
        holds=judged.holds,
        words=f"D = {fourier.dim} and n = {fourier.n} (Fourier), D = {haar.dim} and n = {haar.n} (Haar), averaged over "
        f"isotropic signals exactly: {judged.words}.",
        instances=sum(law.trials * len(law.judged) for law in (fourier, haar)),
        links=judged.links,
        plots=tuple(plots),
    )


def _errors(
    rng: np.random.Generator, law: Law, grid: tuple[int, ...], name: str, same_rows: bool
) -> NDArray[np.float64]:
    """(trials, grid): the mean of |beta - betahat|^2 over beta, each draw's columns nested over p.

    With A the n x p minor, B its left-out columns and AA* + BB* = I, it is (D - p) / D for what is left out, (p - n)+ /
    D for what least norm loses, and (tr pinv(A)* pinv(A) - min(n, p)) / D for what B mixes in.
    """
    out = []
    for count in chunks(law.trials, 2 * law.n * law.dim):
        if name == "Haar":
            normal = rng.normal(size=(2, count, law.dim, law.n))
            rows = np.swapaxes(np.linalg.qr(normal[0] + 1j * normal[1])[0].conj(), -1, -2)
        else:
            frequency, column = (
                np.tile(np.arange(law.dim), (count, 1))
                if same_rows
                else rng.permuted(np.tile(np.arange(law.dim), (count, 1)), axis=1)
                for _ in range(2)
            )
            unit = np.exp(-2j * np.pi * np.arange(law.dim) / law.dim) / law.dim**0.5
            rows = unit[frequency[:, : law.n, None] * column[:, None, :] % law.dim]
        block = np.empty((count, len(grid)))
        for i, p in enumerate(grid):
            minor = rows[..., :p]
            turned = np.swapaxes(minor, -1, -2).conj()
            gram = turned @ minor if p <= law.n else minor @ turned
            mixed = np.trace(np.linalg.inv(gram), axis1=-2, axis2=-1).real - min(p, law.n)
            block[:, i] = (law.dim - p + max(p - law.n, 0) + mixed) / law.dim
        out.append(block)
    return np.concatenate(out)


def _formula(law: Law, p: NDArray, planted: str) -> NDArray[np.float64]:
    right = fourier_features_error(law.n, p, law.dim)
    beyond = p > law.n
    far = np.where(beyond, p, np.inf)
    if planted == "n/p":
        return np.where(beyond, 1 - law.n / far * (2 - (law.dim - law.n) / (far - law.n)), right)
    if planted == "real":  # E tr (AA')^-1 = n (D - n - 1) / (p - n - 1)
        mixed = law.n * ((law.dim - law.n - 1) / np.maximum(far - law.n - 1, 1) - 1)
        return np.where(beyond, (law.dim - law.n + mixed) / law.dim, right)
    return right


STUDY = Experiment(
    id="d-bhx-fourier",
    claim="With p random columns and n random rows of a D x D unitary matrix, no noise and an isotropic signal with "
    "E |beta|^2 = 1, least norm has E |beta - betahat|^2 = 1 - p/D + (p/D) (D - n) / (n - p) for p < n and 1 - n/D + "
    "(n/D) (D - p) / (p - n) for p > n: exactly for Haar matrices, in the limit of large D for the Fourier matrix.",
    refuted_by="a mean error further from the formula than the rule for exact values (Haar) or for limits (5 %) allows",
    cites=("belkin2020two",),
    locator="second model; the exact statement for Haar matrices is the project's own",
    measure=measure,
    proved=True,
)
