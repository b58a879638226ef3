"""Sample-wise double descent: with a fixed model, more data can hurt.

Random-features regression with N features, ridgeless, and n samples that grow: the error rises towards n = N and falls
beyond.  Judged, one effect a draw: the logarithm of the error at n = N over that at n = N/2, and that at 4N/5 over that
at N/4; both sample sizes are on the rising branch, so that doubling the data, or more, makes the model worse.  Training
longer nets of other kinds on more data is not tested here; what a tuned ridge does, `d-ridge` and
`d-optimal-ridge-nets` measure.
"""

from typing import NamedTuple

import numpy as np

from overparam.generalization import random_features_risk
from overparam.records import Plot, Verdict
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import all_of, effect
from overparam.studies._series import formula, medians
from overparam.studies.double_descent._features import excess

NOISE = 0.5


class Sizes(NamedTuple):
    """d, N, draws, new inputs."""

    dim: int
    width: int
    draws: int
    n_test: int


_LARGE = Sizes(200, 400, 40, 1_000)
_SIZES: dict[Size, Sizes] = {"ci": Sizes(50, 100, 20, 400), "laptop": _LARGE, "paper": _LARGE}
_RATIOS = (0.1, 0.25, 0.5, 0.65, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 8.0)


def measure(setting: Setting, *, ridge: float = 0.0) -> Finding:
    """Error by n; a `ridge` on the fits removes the peak."""
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root])
    cells = tuple((round(ratio * size.width), size.width) for ratio in _RATIOS)
    trials = np.array(
        [
            excess(rng, dim=size.dim, cells=cells, noise=NOISE, n_test=size.n_test, ridge=ridge)
            for _ in range(size.draws)
        ]
    )
    logs = np.log(trials)
    samples = [cell[0] for cell in cells]

    def worse(many: float, few: float) -> np.ndarray:
        return logs[:, _RATIOS.index(many)] - logs[:, _RATIOS.index(few)]

    judged = all_of(
        effect(worse(1.0, 0.5), 0.0, "ln error at n = N over n = N/2"),
        effect(worse(0.8, 0.25), 0.0, "ln error at n = 4N/5 over n = N/4"),
        effect(worse(1.0, 8.0), 0.0, "ln error at n = N over n = 8N"),
    )
    every = np.geomspace(0.05, 12, 400) * size.width
    every = every[np.abs(every / size.width - 1) > 0.01]
    limit = random_features_risk(size.width / size.dim, every / size.dim, "relu", ridge=ridge, noise=NOISE).excess
    middle = np.median(trials, axis=0)
    return Finding(
        holds=judged.holds,
        words=f"ReLU features on the sphere, d = {size.dim}, N = {size.width}, noise variance {NOISE}, ridge "
        f"{ridge:g}: median excess {', '.join(f'{value:.3g}' for value in middle)} at n = "
        f"{', '.join(str(n) for n in samples)}; {judged.words}. This is one model without ridge; what a tuned ridge "
        "does is not run here but in d-ridge and d-optimal-ridge-nets.",
        instances=trials.size,
        links=judged.links,
        plots=(
            Plot(
                f"More data can hurt: N = {size.width} random features",
                "samples n",
                "excess risk",
                (formula("limit", every, limit), medians(f"{size.draws} draws", samples, trials)),
                log_x=True,
                log_y=True,
                marks=((float(size.width), "n = N"), (float(size.dim), "n = d")),
            ),
        ),
    )


STUDY = Experiment(
    id="d-samplewise",
    claim="There are models for which more data hurt: ridgeless regression on N random features has a larger error "
    "with n = N samples than with N/2, and with 4N/5 than with N/4.  That more data hurt every model at some n is not "
    "claimed.",
    refuted_by="an error at n = N that is not larger than at n = N/2 and 8N, or at 4N/5 not larger than at N/4",
    cites=("nakkiran2020deep", "mei2022generalization"),
    locator="the section on sample-wise non-monotonicity",
    measure=measure,
    proved=False,
    word=Verdict.SCOPED,
)
