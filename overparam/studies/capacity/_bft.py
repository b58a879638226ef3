"""The spectrally normalized margin bound: its complexity term tells true labels from random ones, its value nothing.

error <= share of margins below g + Otilde(|X|_F R_A / (g n)), R_A from spectral norms and distances to the initial
weights in the (2,1) norm, over the incoming weights of each unit.  Biases are folded in.

Measured on the shared networks: whether the term |X|_F R_A / (g n) is at least twice as large for random labels (the
logarithm of the ratio, by seeds), whether the median normalized margin is larger for true ones, and whether test errors
stay below the bound with all its constants.
"""

import numpy as np

from overparam.generalization import normalized_margins
from overparam.records import Plot, Series
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._rules import all_of, effect, events
from overparam.studies.capacity._nets import WIDTHS, Net, references, shared_nets, vacuity, vacuous, valid

MEASURE = "bartlett2017, from the start"
RATIO = 2.0


def measure(setting: Setting, *, swapped: bool = False, planted: float = 1.0) -> Finding:
    """Term, margins, bound; `swapped` calls true labels random, `planted` multiplies the bound."""
    shared = shared_nets(setting.size, setting.root, swapped=swapped)
    judged, curves = [], []
    for width in WIDTHS:
        true, random = (shared.nets[kind, width] for kind in ("true", "random"))
        ratios = [np.log(b.row(MEASURE).value / a.row(MEASURE).value) for a, b in zip(true, random, strict=True)]
        judged.append(effect(ratios, float(np.log(RATIO)), f"ln of the term, random over true labels, {width}"))
        margins = [[_margins(net) for net in nets] for nets in (true, random)]
        larger = [np.median(a) > np.median(b) for a, b in zip(*margins, strict=True)]
        judged.append(events(larger, f"median normalized margin larger for true labels, {width}"))
        shares = np.linspace(0.02, 0.98, 49)
        curves += [
            Series(f"{kind} labels, {width}", tuple(np.quantile(each[0], shares).tolist()), tuple(shares.tolist()))
            for kind, each in zip(("true", "random"), margins, strict=True)
        ]
    both = all_of(*judged, valid(shared, MEASURE, planted=planted))
    return Finding(
        holds=both.holds,
        words=f"{shared.words}. {both.words}.",
        instances=sum(map(len, shared.nets.values())),
        links=both.links,
        vacuous=vacuous(shared, MEASURE) if both.holds else "",
        tables=(vacuity(shared), references(shared)),
        plots=(
            Plot("Normalized margins, first seed", "margin n / (R_A |X|_F)", "share of samples below", tuple(curves)),
        ),
    )


def _margins(net: Net) -> np.ndarray:
    return normalized_margins(net.layers, net.points, net.labels, initial=net.initial)


STUDY = Experiment(
    id="b-bft",
    claim="On networks trained on images with true and with random labels, the term |X|_F R_A / (margin n) of the "
    "spectrally normalized bound is at least twice as large for random labels, normalized margins are larger for true "
    "ones, and no test error is above the bound more often than its delta allows.",
    refuted_by="a ratio below 2, smaller median margins for true labels in most seeds, or test errors above the bound",
    cites=("bartlett2017spectrally",),
    locator="Theorem 1.1, equation (1.2)",
    measure=measure,
    proved=False,
)
