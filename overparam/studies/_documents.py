"""The five documents that the project grew from: each checkable sentence, and the studies that decide it.

Sentences are given in this project's words.  Where one is too broad, the study that decides it is SCOPED and states the
narrower sentence that holds.
"""

from typing import NamedTuple


class Sentence(NamedTuple):
    """One sentence of a document.

    Attributes:
        document: its number, see `DOCUMENTS`.
        number: in the order in which the document comes to it.
        says: what it claims, in this project's words.
        studies: ids of the studies that decide it.
    """

    document: str
    number: int
    says: str
    studies: tuple[str, ...]

    @property
    def name(self) -> str:
        """Such as "000.3", by which claims refer to it."""
        return f"{self.document}.{self.number}"


DOCUMENTS = {  # number -> the question it asks; a discussion, an abstract, a lecture, a question, a post
    "000": "Can a network be trained with fewer samples than weights? (000_d6ca7101dc7b5662)",
    "001": "Why do networks generalize that can fit random labels? (001_245434d8b3c9b121)",
    "002": "How far is the width that gradient descent needs from the width that suffices? (002_1eca0fc442d1b30c)",
    "003": "Why are the refitted weights different and the predictions the same? (003_2d6664468d385d31)",
    "004": "What of the curse of dimensionality? (004_2e9ce1a732c79309)",
}

_SAID: dict[str, tuple[tuple[str, str], ...]] = {
    "000": (
        ("a polynomial of degree 4 has a line of equally good fits to 4 points", "s-poly-line"),
        ("such an exact fit does nonsensical things elsewhere", "s-poly-nonsense"),
        ("a penalty on the squares of the coefficients makes the best fit unique", "s-l2-unique"),
        ("and so it does for neural networks", "s-l2-net-not-unique"),
        ("even a network that saw no sample can be right on all of them", "s-zero-sample"),
        ("AlexNet has 60 million parameters and was trained on 1.2 million images", "s-alexnet-counts"),
        ("images have many inputs, and these are highly correlated", "s-image-input-dims"),
        ("one network shatters the data and generalizes, unlike traditional methods", "s-memorize-and-generalize"),
        ("zero training error does not imply generalization; the optimizer's choice matters", "s-bad-minima"),
        ("dropout keeps a network from relying on all of its nodes", "s-dropout-robust"),
        ("dropout lowers the degrees of freedom, below the number of samples", "s-dropout-df"),
        ("dropout has little effect on what a network can memorize", "s-dropout-overstated"),
        ("a million random labels can be fitted", "z-imagenet"),
    ),
    "001": (
        ("networks trained by stochastic gradient methods fit a random labelling", "z-random-labels"),
        ("they fit it even where the images are replaced by noise", "z-random-inputs"),
        ("a network of depth two with more parameters than samples can express any labelling", "z-expressivity"),
        ("training on random labels takes longer by a small constant factor only", "z-time-factor"),
        ("randomizing labels changes nothing but the data", "z-label-only"),
        ("explicit regularization is neither necessary nor sufficient for generalization", "z-explicit-reg"),
        ("VC dimension cannot explain it", "b-vc"),
        ("Rademacher complexity cannot explain it", "z-rademacher"),
        ("uniform stability cannot explain it", "z-stability"),
        ("generalization degrades steadily as labels are corrupted", "z-corruption-curve"),
        ("early stopping and batch normalization help, but are not the reason", "z-early-stopping z-batchnorm"),
        ("linear models fitted exactly by kernels generalize too", "z-kernel-interp"),
        ("stochastic gradient descent from zero finds the interpolant of least norm", "z-sgd-minnorm"),
        ("all global minima of a linear model have the same curvature", "z-curvature"),
        ("the least norm does not predict generalization across representations", "z-norm-not-predictive"),
        ("networks learn in an order: true, shuffled and random images before random labels", "z-order"),
    ),
    "002": (
        ("a large enough network interpolates any data with distinct inputs", "s-memo-exists"),
        ("at least n parameters are needed to memorize n arbitrary labels", "s-params-ge-n"),
        ("about 4 n / d neurons suffice in general position", "s-baum"),
        ("hand-made memorizers are delicate and will not be found by gradient methods", "s-baum-not-found"),
        ("gradient descent needs n d neurons, the information limit is n neurons", "s-gd-width"),
        ("one hidden layer is universal if and only if its activation is no polynomial", "s-uat-iff"),
        ("Gaussian inputs lie in a thin shell", "s-gauss-shell"),
        ("separated inputs make memorization easier", "s-separation-helps"),
        ("a network should be large enough to reach zero loss without effort", "s-wide-is-easy"),
        ("interpolating noisy labels can still generalize", "d-benign d-deteq z-corruption-curve"),
        ("the classical tradeoff has its optimum between too few and too many parameters", "d-bhx-gauss d-rff-mnist"),
        ("results of 2019 may end the hope that infinite width explains it", "l-gmmm l-ys l-kernel-nwidth"),
        ("norms and margins, not counts, measure capacity", "b-bartlett98 b-bft b-grs b-nbs"),
    ),
    "003": (
        ("the regression network of 40 inputs has 2,052,948 parameters and 13,000 samples", "s-param-count"),
        ("training with far more parameters than samples succeeds", "s-fit-succeeds"),
        ("refitting gives the same validation loss and very different weights", "s-refit-differs"),
        ("the parameters cannot be determined uniquely from fewer observations", "s-not-unique g-cooper"),
        ("those of a physical model can", "s-identifiable-contrast"),
        ("deep networks avoid overfitting only with the necessary precautions", "s-overparam-ok"),
    ),
    "004": (
        ("ResNet-152 has over 60,200,000 parameters, and 1,280 images a class", "s-resnet152-counts"),
        ("classical theory says that such a model should never be able to learn", "s-classical-says-no"),
        ("universal approximation holds for networks of a single layer only", "s-uat-deep"),
        ("an image of 224 by 224 pixels has 150,528 inputs", "s-image-input-dims"),
        ("neural networks do not care about the curse of dimensionality", "s-curse l-barron l-poggio"),
    ),
}  # fmt: skip

SENTENCES: tuple[Sentence, ...] = tuple(
    Sentence(document, number, says, tuple(studies.split()))
    for document, said in _SAID.items()
    for number, (says, studies) in enumerate(said, 1)
)


def sentences_of(study: str) -> tuple[str, ...]:
    """Names of the sentences that a study decides.

    >>> sentences_of("s-image-input-dims")
    ('000.7', '004.4')
    """
    return tuple(sentence.name for sentence in SENTENCES if study in sentence.studies)


def tagged() -> tuple[str, ...]:
    """The studies of all sentences, in the order of the documents, each once."""
    return tuple(dict.fromkeys(study for sentence in SENTENCES for study in sentence.studies))
