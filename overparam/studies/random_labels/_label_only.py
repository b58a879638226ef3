"""Randomizing the labels changes the labels and nothing else, and yet the generalization gap jumps.

Measured: a hash of all that training is given beside the labels (network, protocol, preprocessed images, initial
weights) under both conditions, and the gap between training and test accuracy, seed by seed.  A measure that is
computed from the hashed things alone is therefore the same number for two gaps that are 30 points or more apart.
"""

from overparam.records import Link, Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._rules import all_of, effect
from overparam.studies.random_labels import _published
from overparam.studies.random_labels._runs import SEEDS, absent, broken, entries, percent, trained

LEAST = 0.3  # of accuracy


def measure(setting: Setting, *, share: float = 1.0, step_size: float | None = None) -> Finding:
    """Hashes and gaps; `step_size` is for the run on random labels only, which then is another configuration."""
    if missing := absent(setting):
        return missing
    n_seeds = SEEDS[setting.size]
    judged, rows, alike = [], [], 0
    chosen = entries(setting.size)
    for name, task in chosen:
        plain = trained(setting.root, task, n_seeds)
        ran = trained(setting.root, broken(task.under(share=share), step_size=step_size), n_seeds)
        alike += plain.fingerprint == ran.fingerprint
        gaps = [one.accuracy[:, -1] - one.test_accuracy[:, -1] for one in (plain, ran)]
        judged.append(effect(gaps[1] - gaps[0], LEAST, f"{name}: gap on random labels minus gap on true labels"))
        printed = [_published.TRUE.get((name, False)), _published.RANDOM.get(name)]
        rows += [
            (name, labels, percent(gap), None if numbers is None else round(numbers[0] - numbers[1], 2))
            for labels, gap, numbers in zip(("true", "random"), gaps, printed, strict=True)
        ]
    found = all_of(*judged)
    same = Link("networks whose configuration differs between the two conditions", 0.0, float(len(chosen) - alike))
    return Finding(
        holds=found.holds if same.holds else False,
        words=f"On {plain.name}, {plain.labels.shape[1]} images: hashes of network, protocol, images and initial "
        f"weights agree for {alike} of {len(chosen)} networks; {found.words}.",
        instances=2 * n_seeds * len(chosen),
        links=(same, *found.links),
        tables=(
            Table(
                "Training minus test accuracy in points (published: CIFAR-10, Table 1)",
                ("network", "labels", "gap", "gap, published"),
                tuple(rows),
            ),
        ),
    )


STUDY = Experiment(
    id="z-label-only",
    claim="Training on random labels differs from training on true ones in nothing but the labels, bit for bit, so "
    "that whatever is computed from network, optimizer, hyperparameters and inputs is equal, while the gap between "
    "training and test accuracy is larger by 30 points or more.",
    refuted_by="a configuration that differs, or a difference of the gaps below 30 points",
    cites=("zhang2017",),
    locator="section 1, the paragraph on randomization; Table 1",
    measure=measure,
    proved=False,
)
