"""The VC dimension of ReLU networks grows with their size and depth, and bounds through it say nothing about them.

VCdim <= L + Lbar W log2(4 e R log2(2 e R)) from above.  From below: where the features of n points at fixed hidden
weights, with a constant, form a matrix of rank n, output weights alone give these points every labelling, so that the
points are shattered and VCdim >= n; random hidden weights do that for as many points as there are units, and one more.

Measured: that rank, with every one of 20 random sign patterns fitted besides; the bound beside it; and on the shared
networks the gap that the growth function allows, beside measured errors, with the number of samples from which the
bound would be below a guess.
"""

from typing import NamedTuple

import numpy as np

from overparam.generalization import samples_needed, vc_dimension_bound
from overparam.records import Plot, Series, Table
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import all_of
from overparam.studies.capacity._nets import WIDTHS, shared_nets, vacuity, vacuous, valid

PATTERNS = 20
QUOTED = (  # sizes and the bound as this project's theory prints it
    ((2352, 512, 1), 3.9e7),
    ((2352, 512, 512, 512, 1), 1.2e8),
    ((784, 600, 1), 1.5e7),
    ((196, 256, 1), 1.5e6),
)


class Sizes(NamedTuple):
    """Inputs, and the hidden widths whose shattered sets are shown."""

    dim: int
    widths: tuple[int, ...]


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(20, (16, 64, 256)),
    "laptop": Sizes(196, (64, 256, 1024)),
    "paper": Sizes(784, (256, 1024, 2048)),
}


def measure(setting: Setting, *, planted: float = 1.0) -> Finding:
    """Shattered sets and gaps; `planted` multiplies the bound on the dimension, and that on the error."""
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root, 6])
    links, shattered = [], []
    for width in size.widths:
        points = rng.normal(size=(width + 1, size.dim))
        hidden = np.maximum(points @ rng.normal(size=(size.dim, width)) + rng.normal(size=width), 0)
        features = np.concatenate([hidden, np.ones((width + 1, 1))], axis=1)
        spectrum = np.linalg.svd(features, compute_uv=False)
        full = bool(spectrum[-1] > len(points) * np.finfo(float).eps * spectrum[0])
        signs = rng.choice([-1.0, 1.0], size=(width + 1, PATTERNS))
        fitted = int((signs * (features @ np.linalg.solve(features, signs)) > 0).all(axis=0).sum()) if full else 0
        shattered.append(len(points) if full and fitted == PATTERNS else 0)
        bound = planted * vc_dimension_bound((size.dim, width, 1))
        links.append(Link(f"points shattered by {size.dim}-{width}-1, against the bound", bound, float(shattered[-1])))
    found = all(shattered)
    shared = shared_nets(setting.size, setting.root)
    judged = all_of(valid(shared, "vc", planted=planted))
    holds = None if not found else bool(judged.holds and all(link.holds for link in links))
    dims = [
        shared.nets["true", width][0].row("vc").value * len(shared.nets["true", width][0].labels) for width in WIDTHS
    ]
    needed = [samples_needed(v, 0.5) for v in dims]
    return Finding(
        holds=holds,
        words=f"Random hidden weights shatter {', '.join(map(str, shattered))} points in {size.dim} dimensions with "
        f"{', '.join(map(str, size.widths))} units: the feature matrix has full rank, and {PATTERNS} of {PATTERNS} "
        f"random sign patterns are fitted. {shared.words}. {judged.words}. One output of these networks has VC "
        f"dimension at most {dims[0]:.2g} (narrow) and {dims[1]:.2g} (wide); the gap is below 1/2 from "
        f"{needed[0]:.2g} and {needed[1]:.2g} samples on.",
        instances=len(size.widths) + sum(map(len, shared.nets.values())),
        links=(*links, *judged.links),
        vacuous=vacuous(shared, "vc") if holds else "",
        tables=(_quoted(), vacuity(shared)),
        plots=(
            Plot(
                f"VC dimension of {size.dim}-m-1",
                "hidden units m",
                "points",
                (
                    Series("shattered", tuple(map(float, size.widths)), tuple(map(float, shattered))),
                    Series(
                        "upper bound",
                        tuple(map(float, size.widths)),
                        tuple(vc_dimension_bound((size.dim, m, 1)) for m in size.widths),
                        kind="bound",
                    ),
                ),
                log_x=True,
                log_y=True,
            ),
        ),
    )  # fmt: skip


def _quoted() -> Table:
    rows = tuple(
        ("-".join(map(str, sizes)), vc_dimension_bound(sizes), quoted, samples_needed(vc_dimension_bound(sizes), 0.5))
        for sizes, quoted in QUOTED
    )
    columns = ("network", "VC dimension at most", "as quoted", "samples for a gap of 1/2")
    return Table("The bound on the VC dimension of networks of these documents", columns, rows)


STUDY = Experiment(
    id="b-vc",
    claim="The VC dimension of a layered ReLU network is at most L + Lbar W log2(4 e R log2(2 e R)), and the bound on "
    "the generalization gap that follows from it holds on trained networks.",
    refuted_by="a shattered set larger than the bound, or test errors above the bound on the error",
    cites=("bartlett2019",),
    locator="Theorem 7",
    measure=measure,
    proved=True,
)
