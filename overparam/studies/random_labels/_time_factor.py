"""Fitting random labels takes a small factor more epochs than fitting true ones.

rho = (epochs until all random labels are fitted) / (epochs until all true labels are), paired by seed, of the network
in use without dropout.  Claimed: 1 < rho <= 10, and at a fixed ratio of weights to samples rho grows with n no faster
than logarithmically, which is tested as a slope of log rho in log n of at most 0.3 where there are five sizes or more
(above 0.5 it fails); with fewer the slope is printed and not judged.  So the width grows with n, 256 neurons for 400
images.  Logarithms are averaged; a run that did not fit leaves the answer open.
"""

from typing import NamedTuple

import numpy as np

from overparam.records import Plot, Series, Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import Judged, all_of, effect, slope
from overparam.studies._series import RANGE
from overparam.studies.random_labels._runs import SEEDS, absent, broken, entries, trained


class Sizes(NamedTuple):
    """Training images, at the paper size shares of random labels instead; epochs allowed for true and random labels."""

    grid: tuple[int, ...]
    true: int
    random: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes((200, 400), 50, 100),
    "laptop": Sizes((500, 1000, 2000, 3000, 4000), 100, 400),
    "paper": Sizes((), 0, 0),
}
MOST = 10.0
SHARES = (0.2, 0.4, 0.6, 0.8, 1.0)  # of Fig. 1b


def measure(setting: Setting, *, share: float = 1.0, slower: float = 1.0) -> Finding:
    """Ratios over the grid; `slower` divides the step size on random labels."""
    if missing := absent(setting):
        return missing
    return _published_curve(setting) if setting.size == "paper" else _over_sizes(setting, share, slower)


def _over_sizes(setting: Setting, share: float, slower: float) -> Finding:
    size = _SIZES[setting.size]
    n_seeds = SEEDS[setting.size]
    given = entries(setting.size)[0].task.under(n_test=10, record_every=1)
    logs, rows = [], []
    for n in size.grid:
        task = broken(given, width=round(0.64 * n))
        plain = trained(setting.root, task.under(n=n, epochs=size.true), n_seeds).epochs_to_fit()
        wrong = broken(task.under(n=n, epochs=size.random, share=share), step_size=task.how.step_size / slower)
        noisy = trained(setting.root, wrong, n_seeds).epochs_to_fit()
        ratio = _over(noisy, plain)
        logs.append(np.log(ratio))
        rows.append((n, _middle(plain), _middle(noisy), _middle(ratio)))
    judged = [_ratio(log, f"n = {n}") for n, log in zip(size.grid, logs, strict=True)]
    words = ""
    if np.isfinite(logs).all():
        where = np.repeat(np.log(size.grid), n_seeds)
        rate, low, high = slope(where, np.concatenate(logs))
        words = f"; slope of log rho in log n {rate:.2g} ({low:.2g} to {high:.2g})"
        if len(size.grid) >= 5:
            judged.append(_slow([np.polyfit(np.log(size.grid), one, 1)[0] for one in np.array(logs).T]))
    found = all_of(*judged)
    ratios = np.exp(np.array(logs))
    return Finding(
        holds=found.holds,
        words=f"MLP of one hidden layer, {n_seeds} seeds: {found.words}{words}.",
        instances=2 * n_seeds * len(size.grid),
        links=found.links,
        plots=(
            Plot(
                "How much longer random labels take",
                "training images",
                "epochs on random labels / epochs on true labels",
                (_series("rho", size.grid, ratios),),
                log_x=True,
            ),
        ),
        tables=(Table("Epochs to fit (geometric means)", ("n", "true labels", "random labels", "ratio"), tuple(rows)),),
    )


def _published_curve(setting: Setting) -> Finding:
    """The relative time against the share of random labels, as Fig. 1b."""
    judged, series, rows = [], [], []
    n_seeds = SEEDS[setting.size]
    for name, task in entries("paper"):
        plain = trained(setting.root, task, n_seeds).epochs_to_fit(0.99)
        ratios = []
        for share in SHARES:
            noisy = trained(setting.root, task.under(share=share), n_seeds).epochs_to_fit(0.99)
            ratios.append(_over(noisy, plain))
            rows.append((name, share, _middle(ratios[-1]), 3.5 if (name, share) == ("inception", 1.0) else None))
        judged.append(_ratio(np.log(ratios[-1]), name))
        series.append(_series(name, SHARES, np.array(ratios)))
    found = all_of(*judged)
    return Finding(
        holds=found.holds,
        words=f"CIFAR-10, epochs until 99 % of the labels are fitted: {found.words}.",
        instances=n_seeds * len(rows),
        links=found.links,
        plots=(Plot("Relative time to fit", "share of random labels", "rho", tuple(series)),),
        tables=(Table("rho (published: read off Fig. 1b)", ("network", "share", "rho", "published"), tuple(rows)),),
    )


def _over(noisy: np.ndarray, plain: np.ndarray) -> np.ndarray:
    """No number where neither fitted."""
    with np.errstate(invalid="ignore"):
        return noisy / plain


def _ratio(logs: np.ndarray, name: str) -> Judged:
    """1 < rho <= 10."""
    above = effect(logs, 0.0, f"{name}: log of rho")
    return all_of(above, effect(logs, float(np.log(MOST)), f"{name}: log of rho, upper end", kind="below"))


def _slow(slopes: list[float]) -> Judged:
    """At most 0.3, one slope a seed; only what is above 0.5 fails."""
    found, limit = (effect(slopes, most, "slope of log rho in log n", kind="below") for most in (0.3, 0.5))
    return found if found.holds else found._replace(holds=None if limit.holds is not False else False)


def _middle(values: np.ndarray) -> float | None:
    return round(float(np.exp(np.mean(np.log(values)))), 2) if np.isfinite(values).all() else None


def _series(label: str, x: tuple[float, ...], ratios: np.ndarray) -> Series:
    middle = np.exp(np.log(ratios).mean(axis=1))
    return Series(label, tuple(map(float, x)), tuple(map(float, middle)), tuple(map(float, ratios.min(axis=1))),
                  tuple(map(float, ratios.max(axis=1))), spread=RANGE)  # fmt: skip


STUDY = Experiment(
    id="z-time-factor",
    claim="Fitting random labels takes between 1 and 10 times as many epochs as fitting true labels, with the same "
    "network and protocol; where five numbers of samples or more are compared, the slope of log ratio in log n is at "
    "most 0.3.",
    refuted_by="a mean log ratio below log 1 or above log 10, or a slope of log rho in log n above 0.5",
    cites=("zhang2017",),
    locator="section 2, Fig. 1a and 1b",
    measure=measure,
    proved=False,
)
