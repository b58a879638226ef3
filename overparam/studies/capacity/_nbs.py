"""The margin bound by perturbing the weights: in the right order for labels, in the wrong one for widths, and vacuous.

sqrt(B^2 L^2 h ln(L h) prod |W|_2^2 sum_l |W_l|_F^2 / |W_l|_2^2 / (g^2 n)), h the widest layer.  The proof's constants,
42 and e among them, are in the bound; the value has none.

Measured on the shared networks: the order of true and random labels for both widths, test errors against the bound
with all constants; and how the value compares with the covering bound's on the same networks.  |A|_{2,1} <=
sqrt(h) |A|_F, the inequality of power means and |X|_F <= B sqrt(n) make the covering term about zero at most this one
divided by sqrt(ln(L h)), whatever the weights.
"""

import numpy as np

from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._rules import all_of
from overparam.studies.capacity._nets import LABELS, ordered, references, shared_nets, vacuity, vacuous, valid

MEASURE = "neyshabur2018"


def measure(setting: Setting, *, swapped: bool = False, planted: float = 1.0) -> Finding:
    """Orders and bound; `swapped` calls true labels random, `planted` multiplies the bound."""
    shared = shared_nets(setting.size, setting.root, swapped=swapped)
    judged = all_of(*ordered(shared, MEASURE), valid(shared, MEASURE, planted=planted))
    values = {key: float(np.mean([net.row(MEASURE).value for net in nets])) for key, nets in shared.nets.items()}
    errors = {key: float(np.mean([net.test_error for net in nets])) for key, nets in shared.nets.items()}
    others = [(net.row("bartlett2017").value, net.row(MEASURE).value) for nets in shared.nets.values() for net in nets]
    growth = [values[kind, "wide"] / values[kind, "narrow"] for kind in LABELS]
    return Finding(
        holds=judged.holds,
        words=f"{shared.words}. {judged.words}. From narrow to wide the value grows by a factor {growth[0]:.2g} on "
        f"true labels, where the test error goes from {errors['true', 'narrow']:.3f} to {errors['true', 'wide']:.3f}. "
        f"It is {min(b / a for a, b in others):.2g} to {max(b / a for a, b in others):.2g} times that of the covering "
        "bound about zero.",
        instances=sum(map(len, shared.nets.values())),
        links=(
            *judged.links,
            Link("covering term about zero, as a share of this one", 1.0, max(a / b for a, b in others)),
        ),
        vacuous=vacuous(shared, MEASURE) if judged.holds else "",
        tables=(vacuity(shared), references(shared)),
    )


STUDY = Experiment(
    id="b-nbs",
    claim="On networks trained on images, the PAC-Bayes spectral measure is smaller for true than for random labels, "
    "narrow and wide, and no test error is above the bound more often than its delta allows.",
    refuted_by="a larger measure for true labels in most seeds, or test errors above the bound",
    cites=("neyshabur2018pac",),
    locator="Theorem 1",
    measure=measure,
    proved=False,
)
