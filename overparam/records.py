"""Words for results, one set everywhere, and the records that carry them.  No mathematics, no JAX."""

import dataclasses
import enum
import json
import math
from typing import Any, Literal


class Word(enum.StrEnum):
    """What stands behind one rung of a ladder."""

    THEOREM = "theorem"  # a formula whose hypotheses were checked on these data
    CERTIFIED = "certified"  # the exact checker accepted the files
    OBSERVED = "observed"  # a float run showed it
    NOT_FOUND = "not_found"  # a search failed, which proves nothing
    IMPOSSIBLE = "impossible"  # an exact infeasibility proof
    UNDECIDED = "undecided"  # the hypotheses could not be decided within the budget
    VACUOUS = "vacuous"  # the hypotheses fail, or the bound says nothing here


class Side(enum.StrEnum):
    """From where a rung bounds the minimal width; a threshold is about an algorithm, not about existence."""

    LOWER = "lower"
    UPPER = "upper"
    EXACT = "exact"
    THRESHOLD = "threshold"


class Verdict(enum.StrEnum):
    """The verdict on one claim."""

    CERTIFIED = "CERTIFIED"
    CONSISTENT = "CONSISTENT"
    ESTIMATED = "ESTIMATED"
    SCOPED = "SCOPED"
    REFUTED = "REFUTED"
    INCONCLUSIVE = "INCONCLUSIVE"
    VACUOUS = "VACUOUS"


EXIT_OK, EXIT_REFUTED, EXIT_OPEN, EXIT_REFUSED, EXIT_INTERRUPTED = 0, 3, 5, 64, 75
EXIT_PARTIAL = 6  # done, but some cells of a sweep failed; records say why


def exit_code(verdicts: list[Verdict], *, strict: bool = False) -> int:
    """3 if any claim is refuted; with `strict`, 5 if any stayed open; else 0."""
    if Verdict.REFUTED in verdicts:
        return EXIT_REFUTED
    still_open = {Verdict.INCONCLUSIVE, Verdict.VACUOUS} & set(verdicts)
    return EXIT_OPEN if strict and still_open else EXIT_OK


@dataclasses.dataclass(frozen=True)
class Rung:
    """One rung of the ladder of widths of one data set."""

    rung: str  # counting, exact, rank, found, gd, pairs, greedy, distinct, bubeck-4ceil, ceil-4n-d, zhang, baum, ntk
    family: str  # the networks counted, in words
    side: Side
    width: int | None  # hidden neurons; None where the rung has no number
    interval: tuple[int, int | None] | None  # for thresholds; an open upper end is None
    word: Word
    quantifier: str  # for which data or labels the rung holds
    theorem: str | None  # slug of the theorem entry
    starts: int | None  # random starts at each width, where a search was run
    budget: str | None  # what the search was allowed, in words
    certificate: str | None  # folder that `proofs_check check` accepts, relative to the output folder


@dataclasses.dataclass(frozen=True)
class Link:
    """One inequality of a theorem's chain, at the sizes at hand."""

    lemma: str  # what is compared, in words
    bound: float | None  # what the lemma promises or asks for
    observed: float | None  # what was measured; None if it was no finite number
    kind: Literal["at most", "at least"] = "at most"  # observed is to be at most, or at least, the bound

    @property
    def holds(self) -> bool:
        """Whether the inequality is met; what is no number meets nothing."""
        if self.bound is None or self.observed is None:
            return False
        return self.observed <= self.bound if self.kind == "at most" else self.observed >= self.bound

    @property
    def slack(self) -> float:
        """By what factor the inequality could be tightened: >= 1 where it holds, inf where nothing is left to bound."""
        if self.bound is None or self.observed is None:
            return math.nan
        above, below = (self.bound, self.observed) if self.kind == "at most" else (self.observed, self.bound)
        if math.isnan(above) or math.isnan(below):
            return math.nan
        return above / below if below > 0 else math.inf


@dataclasses.dataclass(frozen=True)
class Width:
    """What a width theorem asks for on the data at hand."""

    asked: float | None  # neurons; None if beyond every float
    had: int  # neurons of the networks that were drawn or trained
    constants: str = "explicit"  # or which constants, hidden in the source, were set to 1


@dataclasses.dataclass(frozen=True)
class Series:
    """One curve or cloud of points of a plot; None where there is no finite number."""

    label: str
    x: tuple[float, ...]
    y: tuple[float | None, ...]
    low: tuple[float | None, ...] = ()  # ends of bars, if there are any
    high: tuple[float | None, ...] = ()
    kind: Literal["measured", "formula", "bound", "published"] = "measured"
    joined: bool = True  # of what was measured: whether points next to each other belong together, as on a curve
    spread: str = ""  # what the bars are, such as "95 % interval of the mean": a figure with bars says it

    def __post_init__(self) -> None:
        if self.low and not self.spread:
            raise ValueError(f"the curve {self.label!r} has bars: say with `spread` what they are, such as 'quartiles'")


@dataclasses.dataclass(frozen=True)
class Plot:
    """What of a claim a person would rather look at than read."""

    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    log_x: bool = False
    log_y: bool = False
    marks: tuple[tuple[float, str], ...] = ()  # abscissae worth a vertical line, such as p = n, each with a word


@dataclasses.dataclass(frozen=True)
class Table:
    """Numbers of a claim side by side, such as measured and published."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | float | None, ...], ...]  # None: not measured, or nothing published


@dataclasses.dataclass(frozen=True)
class Claim:
    """The verdict on one statement."""

    id: str
    verdict: Verdict
    claim: str  # the statement that the verdict is about
    evidence: str  # what was checked, on how many instances, and what it does not show
    instances: int
    certificate: str | None  # folder that holds the certificates, relative to the output folder
    topic: str = ""  # under which the report lists it
    refuted_by: str = ""  # what would have refuted it, stated beforehand; for theorems, what would show an error
    cites: tuple[str, ...] = ()  # keys of the bibliography, besides the theorem of that id
    locator: str = ""  # where in the source
    width: Width | None = None
    links: tuple[Link, ...] = ()
    plots: tuple[Plot, ...] = ()
    tables: tuple[Table, ...] = ()
    sentences: tuple[str, ...] = ()  # of the documents that the project grew from, see `studies.SENTENCES`
    roots: tuple[int, ...] = ()  # root seeds of the measurements: one, or two where the first did not hold


FORMAT = 1  # of the files in JSON that a command leaves in its output folder; one that states none is of format 1


def stamped(record: dict[str, Any]) -> dict[str, Any]:
    """The record with the format that it is written in, by which an older program knows to leave it alone."""
    return {"format": FORMAT} | record


def by_newer_program(record: object) -> str | None:
    """Why a parsed file, or a row of one, is not read: a newer program wrote it; None if it can be read.

    >>> by_newer_program({"format": 2})
    'is of format 2, by a newer overparam (this one reads format 1); update this one to read it'
    >>> by_newer_program({"rungs": []})
    """
    stated = record.get("format") if isinstance(record, dict) else None
    if stated is not None and type(stated) is not int:
        return f"states the format {str(stated)[:40]!r}, which is none (this overparam reads format {FORMAT})"
    if stated is None or stated <= FORMAT:
        return None
    return f"is of format {stated}, by a newer overparam (this one reads format {FORMAT}); update this one to read it"


def as_json(value: Any) -> str:
    """Canonical text of a record: sorted keys, no NaN or infinity, a final newline."""
    plain = dataclasses.asdict(value) if dataclasses.is_dataclass(value) and not isinstance(value, type) else value
    return json.dumps(plain, sort_keys=True, indent=1, allow_nan=False, ensure_ascii=False) + "\n"
