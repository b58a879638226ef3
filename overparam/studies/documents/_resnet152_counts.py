"""ResNet-152 does not have "over 60,200,000" parameters, and ImageNet not 1,280 images in each class.

As published, with batch normalization and no biases in the convolutions, it has 60,192,808 trainable parameters,
slightly fewer than the sentence says; the 151,424 running means and variances are stored but not learned.  With biases
in the convolutions, as one widely used library builds it, there are 60,268,520, and 60,419,944 numbers stored.  The
training set has 1,281,167 images: 1,280 in each of 1,000 classes would make 1,280,000.  (The classes have 732 to 1,300;
this is the organizers' count, and was not recounted here.)

Counted by the library from the layers' shapes, and again by the checker from files.
"""

from fractions import Fraction

from overparam.networks import ARCHITECTURES, ILSVRC_CLASSES, ILSVRC_IMAGES, bottleneck_resnet
from overparam.records import Table, Verdict
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies.documents._counted import recount

SAID, SAID_PER_CLASS = 60_200_000, 1_280
BLOCKS = (3, 8, 36, 3)


def measure(setting: Setting, *, blocks: tuple[int, int, int, int] = BLOCKS, images: int = ILSVRC_IMAGES) -> Finding:
    """Both counts; with other numbers of `blocks` it is another network, with `images` another training set."""
    published = ARCHITECTURES["ResNet-152"], ARCHITECTURES["ResNet-152, biases"]
    found = [
        recount(
            setting.folder / ("with-biases" if bias else "published"),
            bottleneck_resnet(blocks, conv_bias=bias),
            network.shape,
            network.trainable,
            network.statistics,
        )
        for network, bias in zip(published, (False, True), strict=True)
    ]
    plain, biased = (one.counted for one in found)
    counted = all(
        one.counted[:2] == (network.trainable, network.statistics)
        for one, network in zip(found, published, strict=True)
    )
    accepted, mean = all(one.accepted for one in found), Fraction(images, ILSVRC_CLASSES)
    holds = counted and accepted and plain.trainable < SAID < biased.trainable and mean != SAID_PER_CLASS
    return Finding(
        holds=holds,
        words=f"ResNet-152 has {plain.trainable:,} trainable parameters and {plain.statistics:,} running statistics, "
        f"{abs(SAID - plain.trainable):,} {'fewer' if plain.trainable < SAID else 'more'} than the sentence's "
        f"{SAID:,}; with biases in its convolutions {biased.trainable:,}, and {biased.trainable + biased.statistics:,} "
        f"numbers in all. The checker {'accepted' if accepted else 'did not accept'} both published counts for these "
        f"layers. {images:,} images are {float(mean):,.3f} in a class on average, so classes of exactly "
        f"{SAID_PER_CLASS:,} {'are impossible' if mean != SAID_PER_CLASS else 'are possible'}. How many images each "
        "class has was not counted here.",
        instances=2,
        certified=holds,
        links=(
            Link("trainable parameters without biases in the convolutions", SAID, plain.trainable),
            Link("trainable parameters with them", SAID, biased.trainable, "at least"),
        ),
        tables=(
            Table(
                "Numbers of ResNet-152",
                ("variant", "trainable", "published", "running statistics", "stored in all"),
                tuple(
                    (name, c.trainable, network.trainable, c.statistics, c.trainable + c.statistics)
                    for name, c, network in zip(
                        ("as published", "biases in the convolutions"), (plain, biased), published, strict=True
                    )
                ),
            ),
        ),
    )


STUDY = Experiment(
    id="s-resnet152-counts",
    claim="ResNet-152 as published has 60,192,808 trainable parameters, slightly fewer than the 60,200,000 that the "
    "sentence puts it above; only with biases in its convolutions it has more, 60,268,520. Its training set has "
    "1,281,167 images, 1,281.2 a class on average, so 1,280 in each is an idealization.",
    refuted_by="another count, by the library or by the checker, or a training set that 1,280 images a class make up",
    cites=("he2016deep",),
    locator="table 1",
    measure=measure,
    proved=False,
    word=Verdict.SCOPED,
)
