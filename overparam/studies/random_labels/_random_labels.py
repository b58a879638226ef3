"""Networks fit labels that are drawn at random, with nothing else changed, and then know nothing of the test set.

Measured: the share of training images classified as their random labels say after the last epoch, and the accuracy on
true test labels, for each network of the size; beside them the same networks on true labels, at the ci size five seeds
of them.  A network that fits no seed gets three times the epochs before that counts against the claim.

Test accuracies vary over seeds more than binomial numbers: test images of one kind share one accidental label.
"""

from overparam.records import Plot, Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._rules import all_of, chance, events
from overparam.studies.random_labels import _published
from overparam.studies.random_labels._runs import CHANCE_SEEDS, SEEDS, absent, broken, curve, entries, percent, trained


def measure(
    setting: Setting, *, share: float = 1.0, width: int | None = None, step_size: float | None = None
) -> Finding:
    """Fits and test accuracies; `share` of the labels are random, by the claim all."""
    if missing := absent(setting):
        return missing
    n_seeds, judged, rows, curves = CHANCE_SEEDS[setting.size], [], [], []
    for name, task in entries(setting.size):
        wrong = broken(task.under(share=share), width=width, step_size=step_size)
        ran = trained(setting.root, wrong, n_seeds)
        if not ran.fitted().any():
            ran = trained(setting.root, wrong.under(epochs=3 * wrong.how.epochs), n_seeds)
        plain = trained(setting.root, task, SEEDS[setting.size])
        classes = task.net.n_classes
        test = ran.test_accuracy[:, -1]
        judged.append(all_of(events(ran.fitted(), f"{name} fits 99 % of the labels"), chance(test, classes)))
        published = _published.RANDOM.get(name, (None, None))
        known = _published.TRUE.get((name, False), (None, None))
        rows += [
            (name, "random", percent(ran.accuracy[:, -1]), published[0], percent(test), published[1]),
            (name, "true", percent(plain.accuracy[:, -1]), known[0], percent(plain.test_accuracy[:, -1]), known[1]),
        ]
        curves += [curve(ran, f"{name}, random labels"), curve(plain, f"{name}, true labels")]
    found = all_of(*judged)
    return Finding(
        holds=found.holds,
        words=f"Random labels on {ran.name}, {ran.labels.shape[1]} training images: {found.words}. This shows the "
        "capacity of these networks and this protocol, not how they come to generalize on true labels.",
        instances=n_seeds * len(judged),
        links=found.links,
        plots=(Plot("Training accuracy", "epoch", "training accuracy", tuple(curves)),),
        tables=(
            Table(
                "Accuracy in % (published: CIFAR-10, Table 1)",
                ("network", "labels", "train", "train, published", "test", "test, published"),
                tuple(rows),
            ),
        ),
    )


STUDY = Experiment(
    id="z-random-labels",
    claim="With network, optimizer and hyperparameters unchanged, training on labels drawn uniformly at random reaches "
    "a training accuracy of 99 % or more on more than half of the seeds, and the mean test accuracy is chance.",
    refuted_by="a network that fits no seed within three times the epochs, or a mean test accuracy whose interval lies "
    "outside 1/K +- 0.05",
    cites=("zhang2017",),
    locator="section 2, Table 1 and Fig. 1a",
    measure=measure,
    proved=False,
)
