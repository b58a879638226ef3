"""Does the least width of gradient descent on anisotropic data go by the dimension or by the effective dimension?

Points are Gaussian with variance i^-s in coordinate i = 1, .., d, effective dimension d_eff = tr(S)^2 / tr(S^2), scaled
to mean square length 1; labels are standard normal.  Counting parameters asks for n / d neurons whatever the spectrum;
the kernel's conditioning, and the least width with it, may ask for n / d_eff.  Beside each spectrum stand isotropic
points of the same dimension d, and of the dimension d_eff rounded.

Estimated, jointly with confidence 95 %: w* of each law, the least width from which a coupled network of output scale 16
fits within the budget with probability at least 1/2; from a spectrum to isotropic points of the same n, how far w* has
gone from that of dimension d (share 0) to that of dimension d_eff (share 1), on a logarithmic scale; and the exponents
of n and d_eff in a power law.  A w* confirmed below that of dimension d, or above that of dimension
d_eff, refutes that the two dimensions are the ends between which the spectrum decides.
"""

import math
from typing import NamedTuple

from overparam.data import DataSpec
from overparam.records import Plot, Verdict
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies.frontier._coupled import Protocol, Trials
from overparam.studies.frontier._estimates import below, estimated, pictured, spoken
from overparam.studies.frontier._laws import Law
from overparam.widths import Cell, CellThreshold, power_law, rounded

SCALE = 16.0


class Sizes(NamedTuple):
    """Numbers of points, dimension, exponents of the spectrum, most pairs, trials of each stage."""

    samples: tuple[int, ...]
    d: int
    exponents: tuple[float, ...]
    most: int
    explore: int
    confirm: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes((12,), 12, (1.0,), 20, 40, 96),
    "laptop": Sizes((16, 48), 12, (1.0,), 40, 40, 120),
    "paper": Sizes((32, 64, 128), 32, (0.5, 1.0, 1.5), 256, 64, 200),
}


def measure(setting: Setting, *, drawn: float | None = None) -> Finding:
    """Thresholds of spectra and of isotropic points; `drawn` is an exponent drawn in place of the named ones."""
    size = _SIZES[setting.size]
    protocol = Protocol(most=size.most)
    cells: list[Cell] = []

    def add(n: int, d: int, s: float, real: float | None = None) -> int:
        named = Law(DataSpec(data="anisotropic", n=n, d=d, exponent=s))
        law = named if real is None else Law(DataSpec(data="anisotropic", n=n, d=d, exponent=real))
        run = Trials(setting.root, law, protocol, scale=SCALE)
        cells.append(Cell({"n": n, "d_eff": named.effective}, range(1, size.most + 1), run))
        return len(cells) - 1

    places: list[tuple[int, float, int, int, int]] = []
    for n in size.samples:
        whole = add(n, size.d, 0.0)
        for s in size.exponents:
            bent = add(n, size.d, s, drawn)
            places.append((n, s, whole, bent, add(n, max(2, round(cells[bent].at["d_eff"])), 0.0)))
    grid = estimated(cells, explore=size.explore, confirm=size.confirm)
    told, outside, decided = [], False, True
    for n, s, *at in places:
        whole, bent, reduced = (grid.cells[i] for i in at)
        outside |= below(bent, whole) or below(reduced, bent)
        decided &= None not in (bent.low, bent.high, whole.low, reduced.high)
        effective = bent.at["d_eff"]
        told.append(
            f"n = {n}, variances i^-{s:g}, d_eff = {effective:.3g}: {spoken(bent)}; dimension {size.d}: "
            f"{spoken(whole)}; dimension {round(effective)}: {spoken(reduced)}; share {_share(whole, bent, reduced)}"
        )
    law = power_law(grid) if len(size.samples) > 1 else power_law(grid, ["d_eff"])
    return Finding(
        holds=False if outside else True if decided else None,
        words=f"Coupled networks of output scale {SCALE:g}, {protocol.words}; least width w* in neurons, two for a "
        f"pair: {'; '.join(told)}. Of pairs: {law.sentence} {grid.sentence}",
        instances=grid.trials,
        plots=(
            Plot(
                "Thresholds against the effective dimension",
                "effective dimension",
                "hidden neurons",
                tuple(
                    pictured(f"n = {n}", [cell.at["d_eff"] for cell in mine], mine)
                    for n in size.samples
                    if (mine := [cell for cell in grid.cells if cell.at["n"] == n])
                ),
                log_x=True,
                log_y=True,
            ),
        ),
    )


def _share(whole: CellThreshold, bent: CellThreshold, reduced: CellThreshold) -> str:
    """Interval of log(w / w_d) / log(w_deff / w_d) that follows from the three intervals."""
    if None in (whole.low, whole.high, bent.low, bent.high, reduced.low, reduced.high) or not below(whole, reduced):
        return "not settled, since the two ends are not told apart"
    corners = [
        math.log(w / a) / math.log(b / a)
        for w in (bent.low, bent.high)
        for a in (whole.low, whole.high)
        for b in (reduced.low, reduced.high)
        if w and a and b
    ]
    return rounded((min(corners), max(corners)))


STUDY = Experiment(
    id="anisotropy-frontier",
    claim="For the laws and budgets of this study the least width from which gradient descent on a coupled ReLU "
    "network fits with probability at least 1/2 lies in the intervals printed, jointly with confidence 95 % if that "
    "probability does not fall with the width; and for no spectrum is it confirmed to be below that of isotropic "
    "points of the same dimension, or above that of isotropic points of its effective dimension.",
    refuted_by="a spectrum whose interval lies below that of the same dimension, or above that of its effective one",
    cites=(),
    locator="own, docs/theory/training.md; open question",
    measure=measure,
    proved=False,
    word=Verdict.ESTIMATED,
)
