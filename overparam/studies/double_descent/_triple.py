"""Triple descent: as samples grow, risk peaks at n = d, where noise is fitted linearly, and at n = N.

The limit of random-features regression is evaluated on a grid of psi2 = n/d at psi1 = N/d = 10 and noise five times the
signal: for tanh, nearly linear (zeta^2 = 13.4), it has a local maximum near psi2 = 1, for ReLU (zeta^2 = 2.75) a
shoulder only.  The first peak needs noise and a large zeta: the table says where it is, and where there is none.  Also
drawn: simulations at finite d, which are not judged.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from overparam.generalization import activation_constants, random_features_risk
from overparam.records import Link, Plot, Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._series import formula, medians
from overparam.studies.double_descent._descents import turns
from overparam.studies.double_descent._features import Phi, excess

PLACE = (0.7, 1.6)  # of the linear peak, in psi2
PRINTED = ((1.084, 5e-4), (7.71, 5e-3))  # its place and height at N = 10 d, noise 5; half units of the last digits
_GRID = np.geomspace(0.1, 9.8, 2_000)


class Sizes(NamedTuple):
    """d of the simulation, draws, sample sizes in units of d."""

    dim: int
    trials: int
    ratios: tuple[float, ...]


_LARGE = Sizes(100, 20, (0.2, 0.5, 0.8, 1.0, 1.3, 2.0, 3.0, 5.0, 7.0, 9.0, 10.0, 11.0, 14.0, 20.0))
_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(30, 10, (0.2, 0.5, 0.8, 1.0, 1.3, 2.0, 3.0, 5.0, 7.0, 9.0, 10.0, 11.0, 14.0, 20.0)),
    "laptop": _LARGE,
    "paper": _LARGE,
}


def measure(setting: Setting, *, noise: float = 5.0, linear: Phi = "tanh") -> Finding:
    """Peaks at noise tau^2 = `noise` F_1^2, the linear one for the activation `linear`."""
    size, psi1 = _SIZES[setting.size], 10.0
    peaks = {name: _peak(psi1, name, noise) for name in ("tanh", "relu")}
    first = peaks[linear]
    values = {name: _excess(psi1, np.array([9.5, 10.5]), name, noise) for name in ("tanh", "relu")}
    links = (
        Link("place n/d of the linear peak, at least", PLACE[0], first[0] if first else float("nan"), "at least"),
        Link("place n/d of the linear peak, at most", PLACE[1], first[0] if first else float("nan")),
        Link(
            "risk at n = 0.95 N against the linear peak",
            first[1] if first else float("nan"),
            float(values[linear][0]),
            "at least",
        ),
        *(
            Link(f"{name} of the linear peak, off its printed value", half, abs(found - printed))
            for name, (printed, half), found in zip(
                ("place", "height"), PRINTED, first or (float("nan"),) * 2, strict=True
            )
        ),
        Link("local maxima of the ReLU curve below n = N", 0.0, float(peaks["relu"] is not None)),
    )
    rows = []
    for ratio in (0.3, 0.5, 1.0, 2.0, 5.0):
        for other in (6.0, 10.0, 20.0):
            found = _peak(other, "tanh", ratio)
            rows.append((ratio, other, found[0] if found else None, found[1] if found else None))
    every = np.concatenate([_GRID, np.geomspace(10.2, 40, 200)])
    plots = []
    for index, name in enumerate(("tanh", "relu")):
        rng = np.random.default_rng([setting.root, index])
        cells = tuple((round(ratio * size.dim), round(psi1 * size.dim)) for ratio in size.ratios)
        trials = np.array(
            [excess(rng, dim=size.dim, cells=cells, noise=noise, n_test=300, phi=name) for _ in range(size.trials)]
        )
        plots.append(
            Plot(
                f"{'Triple descent' if name == 'tanh' else 'A shoulder instead of a peak'}: {name}, N = 10 d, noise "
                f"{noise:g} times the signal",
                "samples n / d",
                "excess risk",
                (
                    formula("limit", every, _excess(psi1, every, name, noise)),
                    medians(f"d = {size.dim}, {size.trials} draws", size.ratios, trials),
                ),
                log_x=True,
                log_y=True,
                marks=((1.0, "n = d"), (psi1, "n = N")),
            )
        )
    said = f"a local maximum of {first[1]:.3g} at n/d = {first[0]:.4g}" if first else "no local maximum below n = N"
    constants = {name: activation_constants(name).zeta_squared for name in ("tanh", "relu")}
    return Finding(
        holds=all(link.holds for link in links),
        words=f"N = 10 d, noise {noise:g} times the signal: the limit for {linear} (zeta^2 = {constants[linear]:.3g}) "
        f"has {said}, and {values[linear][0]:.3g} and {values[linear][1]:.3g} at n/d = 9.5 and 10.5; ReLU (zeta^2 = "
        f"{constants['relu']:.3g}) has {'a' if peaks['relu'] else 'no'} local maximum below n = N. The formula was "
        f"evaluated; simulations at d = {size.dim} are drawn beside it and not judged.",
        instances=2,
        links=links,
        plots=tuple(plots),
        tables=(
            Table("Linear peak of tanh", ("noise / signal", "N/d", "place n/d", "excess at the peak"), tuple(rows)),
        ),
    )


def _excess(psi1: float, psi2: NDArray, phi: Literal["tanh", "relu"], noise: float) -> NDArray[np.float64]:
    return random_features_risk(psi1, psi2, phi, noise=noise).excess


def _peak(psi1: float, phi: Literal["tanh", "relu"], noise: float) -> tuple[float, float] | None:
    """Place and height of the first local maximum well below n = N."""
    grid = _GRID * psi1 / 10
    curve = _excess(psi1, grid, phi, noise)
    highest = [i for i in turns(curve) if curve[i] > curve[i - 1]]
    if not highest:
        return None
    i = highest[0]
    top = optimize.minimize_scalar(
        lambda at: -float(_excess(psi1, np.array([at]), phi, noise)[0]),
        bounds=(grid[max(i - 2, 0)], grid[min(i + 2, len(grid) - 1)]),
        method="bounded",
        options={"xatol": 1e-6},
    )
    return float(top.x), -float(top.fun)


STUDY = Experiment(
    id="d-triple",
    claim="At N = 10 d and noise five times the signal the limiting risk of ridgeless random-features regression as a "
    "function of n/d has two peaks for tanh, one near n = d (at 1.084, height 7.71) and one at n = N, while ReLU has "
    "the second only.",
    refuted_by="no local maximum for tanh with n/d in [0.7, 1.6], one off the printed place or height, or one for ReLU "
    "below n = N",
    cites=("dascoli2020triple",),
    locator="the analytic curves of random features; evaluated by the formula of mei2022generalization",
    measure=measure,
    proved=False,
)
