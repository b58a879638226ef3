"""Rungs that rest on a theorem or a construction, each with the word its evidence earns."""

import pathlib

import proofs_check
from overparam.certificates import dataset_bytes
from overparam.data import Dataset
from overparam.errors import InputError
from overparam.memorizers import Memorizer, memorize
from overparam.records import Rung, Side, Word
from overparam.widths._certify import NotAccepted, certify

RELU = "ReLU, 1 hidden layer, hidden biases, output bias"
RELU_NO_OUTPUT_BIAS = "ReLU, 1 hidden layer, hidden biases, no output bias"
THRESHOLD = "threshold, 1 hidden layer, hidden biases, linear output with bias"

CONSTRUCTIONS = {  # rung -> (construction, theorem, family)
    "pairs": ("pairs", "pairs-2n-over-d-plus-1", RELU),
    "greedy": ("greedy", None, RELU),
    "distinct": ("distinct", "relu-distinct-worst-case", RELU),
    "bubeck-4ceil": ("bubeck", "bubeck2020-relu-baum", RELU_NO_OUTPUT_BIAS),
    "zhang": ("zhang", "zhang2017-thm1", RELU_NO_OUTPUT_BIAS),
    "baum": ("baum", "baum1988-threshold", THRESHOLD),
}


def quantifier_words(theorem: proofs_check.Theorem) -> str:
    """For which data and labels a theorem holds, in words: its quantifier and its hypotheses."""
    hypotheses = [hypothesis.__name__.replace("_", " ") for hypothesis in theorem.hypotheses]
    return str(theorem.quantifier) + (f", if: {', '.join(hypotheses)}" if hypotheses else "")


def counting(n_distinct: int, dim: int) -> Rung:
    """Parameter counting: almost no labelling of these distinct points is fitted by fewer neurons."""
    theorem = proofs_check.THEOREMS["param-count"]
    return Rung(
        rung="counting",
        family=RELU,
        side=Side.LOWER,
        width=theorem.width(n_distinct, dim),
        interval=None,
        word=Word.THEOREM,
        quantifier=quantifier_words(theorem),
        theorem=theorem.key,
        starts=None,
        budget=None,
        certificate=None,
    )


def constructed(
    name: str, data: Dataset, n_distinct: int, folder: pathlib.Path, out: pathlib.Path
) -> tuple[Rung, Memorizer | None, str]:
    """Build one construction on these data and certify it.

    Args:
        name: the rung.
        data: may repeat points; `n_distinct` of them are distinct, and only those count in a formula.
        n_distinct: how many.
        folder: certificates of these data.
        out: output folder.
    Returns:
        the rung; the memorizer, or None where there is no certificate; a sentence.
    """
    construction, slug, family = CONSTRUCTIONS[name]
    theorem = proofs_check.THEOREMS[slug] if slug else None
    try:
        memorizer = memorize(data.points, data.labels, construction=construction)
    except InputError as refusal:
        rung = _rung(name, family, slug, None, Word.VACUOUS, "does not apply to these data", None)
        return rung, None, f"{name}: {refusal}"
    try:
        certificate = certify(memorizer, data, folder / name)
    except NotAccepted as refusal:
        rung = _rung(name, family, slug, None, Word.UNDECIDED, "built, but not decided by the checker", None)
        return rung, None, f"{name}: {refusal}"
    where = certificate.folder.relative_to(out).as_posix()
    # the network may be smaller than the formula says, which certifies the formula's width all the more
    width = theorem.width(n_distinct, data.points.shape[1]) if theorem else certificate.width
    rung = _rung(name, family, slug, width, Word.CERTIFIED, "these data", where)
    built = f"{name}: the checker accepted a network of {certificate.width} neurons"
    return rung, memorizer, built + (f", within the {width} of {theorem.key}" if theorem else "")


def quoted_ceil_4n_d(
    data: Dataset, n_distinct: int, pairs: Memorizer | None, folder: pathlib.Path, out: pathlib.Path
) -> Rung:
    """The bound as commonly quoted: certified through the pairs network where that was certified."""
    slug = "s-baum"
    theorem = proofs_check.THEOREMS[slug]
    width = theorem.width(n_distinct, data.points.shape[1])
    if pairs is not None:
        how = {"construction": "pairs"}
        certificate = certify(pairs.network, data, folder / "ceil-4n-d", theorem=slug, provenance=how)
        where = certificate.folder.relative_to(out).as_posix()
        return _rung("ceil-4n-d", RELU, slug, width, Word.CERTIFIED, "these data", where)
    word = {"accepted": Word.THEOREM, "undecided": Word.UNDECIDED, "rejected": Word.VACUOUS}
    try:
        exact = proofs_check.dataset_from_bytes(dataset_bytes(data.points, data.labels))
        status = theorem.holds_for(exact).status
    except proofs_check.OverBudget:
        status = proofs_check.Status.UNDECIDED
    width = None if status is proofs_check.Status.REJECTED else width
    return _rung("ceil-4n-d", RELU, slug, width, word[status], quantifier_words(theorem), None)


def _rung(name: str, family: str, theorem: str | None, width: int | None, word: Word, quantifier: str,
          certificate: str | None) -> Rung:  # fmt: skip
    return Rung(
        rung=name,
        family=family,
        side=Side.UPPER,
        width=width,
        interval=None,
        word=word,
        quantifier=quantifier,
        theorem=theorem,
        starts=None,
        budget=None,
        certificate=certificate,
    )
