"""AlexNet has about 60 million parameters and was trained on 1.2 million images: how many parameters, exactly.

The network has two towers: two groups in its second, fourth and fifth convolution.  Layer by layer that makes 34,944 +
307,456 + 885,120 + 663,936 + 442,624 + 37,752,832 + 16,781,312 + 4,097,000 = 60,965,224 parameters; with one group,
62,378,344.  This is arithmetic on the layers that the paper describes; the paper itself says 60 million.  According to
its organizers, who are quoted, the training set of ILSVRC-2012 has n = 1,281,167 images of K = 1,000 classes.  So there
are 47.6 parameters for each image, but fewer than the n K numbers that the outputs on these images are, and the labels,
which hold at most n log2 K bits, come to a fifth of a bit for each parameter.

Counted by the library from the layers' shapes, and again by the checker from files.  Nothing certifies the number of
images.
"""

import math

from overparam.networks import ARCHITECTURES, ILSVRC_CLASSES, ILSVRC_IMAGES, alexnet, steps
from overparam.records import Table
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies.documents._counted import recount

# by hand from the layers' shapes; the paper says 60 million in all
LAYERS = (34_944, 307_456, 885_120, 663_936, 442_624, 37_752_832, 16_781_312, 4_097_000)


def measure(setting: Setting, *, groups: int = 2, images: int = ILSVRC_IMAGES) -> Finding:
    """Counts of both networks; the first has another number of `groups`, and `images` are another number of them."""
    two, one = ARCHITECTURES["AlexNet, two groups"], ARCHITECTURES["AlexNet, one group"]
    layers = alexnet(groups)
    first = recount(setting.folder / "two-groups", layers, two.shape, two.trainable)
    second = recount(setting.folder / "one-group", one.layers, one.shape, one.trainable)
    counted = tuple(step.counted.trainable for step in steps(layers, two.shape) if step.counted.trainable)
    p, outputs, bits = first.counted.trainable, images * ILSVRC_CLASSES, images * math.log2(ILSVRC_CLASSES)
    right = (counted, p, second.counted.trainable) == (LAYERS, two.trainable, one.trainable)
    holds = right and images < p < outputs
    accepted = first.accepted and second.accepted
    narrow = ARCHITECTURES["AlexNet, narrow"]
    rows = [(f"layer {i}", has, said) for i, (has, said) in enumerate(zip(counted, LAYERS, strict=False), 1)]
    rows += [("in all", p, two.trainable), ("with one group", second.counted.trainable, one.trainable)]
    return Finding(
        holds=holds,
        words=f"AlexNet with {groups} groups has {p:,} parameters, {p / images:.1f} for each of {images:,} images, and "
        f"with one group {second.counted.trainable:,}; the checker "
        f"{'accepted' if accepted else 'did not accept'} both counts, own arithmetic where the paper says "
        f"60 million, for these layers. The outputs on all "
        f"images are {outputs / p:.1f} times as many numbers as the parameters, and the labels hold at most "
        f"{bits / 1e6:.2f} million bits, {bits / p:.2f} for each parameter. Another network of that name, narrower and "
        f"without groups, has {narrow.trainable:,}. The number of images is the organizers' and was not counted here.",
        instances=2,
        links=(
            Link("parameters against images", images, p, "at least"),
            Link("parameters against outputs on all images", outputs, p),
        ),
        certified=holds and accepted,
        tables=(Table("Parameters of AlexNet", ("part", "by the library", "by hand"), tuple(rows)),),
    )


STUDY = Experiment(
    id="s-alexnet-counts",
    claim="The layers of AlexNet have exactly 60,965,224 parameters with its two groups, by own arithmetic where the "
    "paper says 60 million, and 62,378,344 with one group. If ILSVRC-2012 has 1,281,167 training images, a number that "
    "is quoted from its organizers and not certified, these are 47.6 for each, but fewer than the images' 1,000 "
    "outputs each.",
    refuted_by="another count, by the library or by the checker, or a number of parameters that is not between those "
    "of images and of outputs",
    cites=("krizhevsky2012imagenet",),
    locator="sections 2 and 3.5",
    measure=measure,
    proved=False,
)
