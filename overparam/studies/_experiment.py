"""How a study that measures comes to its verdict: one rule for all of them.

A study states a claim and, before it runs, what would refute it.  Its measurement depends on a size and a root seed.
What holds is called by the study's own word; what fails is measured again from a second root seed, and only if it fails
there too is the claim REFUTED.  A proved theorem is never refuted by floats: that leaves it INCONCLUSIVE.
"""

import dataclasses
import math
import pathlib
from collections.abc import Callable
from typing import Literal, NamedTuple

from overparam.records import Claim, Verdict, as_json, write_atomically
from overparam.studies._instances import Size

ROOTS = (0, 1)  # root seeds, the second for what failed with the first


class Setting(NamedTuple):
    """What a measurement may depend on."""

    size: Size
    root: int  # root seed of everything random
    folder: pathlib.Path  # for certificates and tables; not yet made


@dataclasses.dataclass(frozen=True)
class Link:
    """One lemma of a theorem's chain, at the width at hand.

    Attributes:
        lemma: what is compared, in words.
        bound: what the lemma promises or asks for.
        observed: what was measured.
        kind: "at most" if observed <= bound is what the lemma says, "at least" if observed >= bound.
    """

    lemma: str
    bound: float
    observed: float
    kind: Literal["at most", "at least"] = "at most"

    @property
    def holds(self) -> bool:
        """Whether the inequality is met; a number that is none meets nothing."""
        if self.kind == "at most":
            return self.observed <= self.bound
        return self.observed >= self.bound

    @property
    def slack(self) -> float:
        """By what factor the inequality could be tightened: >= 1 where it holds, inf where nothing is left to bound."""
        above, below = (self.bound, self.observed) if self.kind == "at most" else (self.observed, self.bound)
        if math.isnan(above) or math.isnan(below):
            return math.nan
        return above / below if below > 0 else math.inf

    @property
    def words(self) -> str:
        """One clause for a sentence."""
        meets = "holds" if self.holds else "fails"
        return (
            f"{self.lemma}: {self.observed:.3g} against {self.kind} {self.bound:.3g} ({meets}, factor {self.slack:.2g})"
        )


@dataclasses.dataclass(frozen=True)
class Width:
    """What a width theorem asks for on the data at hand.

    Attributes:
        asked: neurons, hidden constants set to 1 where the source hides them (then `constants` says so).
        had: neurons of the networks that were trained or drawn here.
        constants: "explicit", or which constants were set to 1.
    """

    asked: float
    had: int
    constants: str = "explicit"

    @property
    def words(self) -> str:
        """One sentence."""
        asked = f"Asks for width {self.asked:.2g} (constants: {self.constants}); here {self.had}"
        return f"{asked}, short by a factor {self.asked / self.had:.2g}." if self.asked > self.had else f"{asked}."


@dataclasses.dataclass(frozen=True)
class Finding:
    """What one measurement showed.

    Attributes:
        holds: whether what the study tests was found; None if budget, power or precision did not suffice.
        words: sentences with the figures: what was measured, on what.
        instances: data sets, networks or runs that were measured.
        links: lemmas of the theorem's chain, each tested for itself.
        width: what the theorem asks for; a width that is not reached makes the claim VACUOUS.
        vacuous: why nothing is tested, other than by width; empty if something is.
        certified: the checker accepted files in the setting's folder, and they show the claim.
    """

    holds: bool | None
    words: str
    instances: int
    links: tuple[Link, ...] = ()
    width: Width | None = None
    vacuous: str = ""
    certified: bool = False


@dataclasses.dataclass(frozen=True)
class Experiment:
    """One study: called with an output folder and a size it measures, and returns a claim with its verdict.

    Attributes:
        id: slug of the theorem, as in docs/training.md.
        claim: the sentence judged, with its hypotheses; for SCOPED the narrower one that holds.
        refuted_by: what would have to be seen, in words that complete "Refuted by ...".
        cites: keys of the bibliography; empty for the project's own statements.
        locator: where in the source (theorem number), or "own" and the page under docs/.
        measure: the measurement; its keyword arguments are the mechanism that tests break.
        proved: whether the statement tested is a theorem, so that floats cannot refute it.
        word: verdict where it holds.
    """

    id: str
    claim: str
    refuted_by: str
    cites: tuple[str, ...]
    locator: str
    measure: Callable[[Setting], Finding]
    proved: bool
    word: Literal[Verdict.CONSISTENT, Verdict.SCOPED, Verdict.ESTIMATED] = Verdict.CONSISTENT

    def __call__(self, out: pathlib.Path, size: Size) -> Claim:
        """Measure, judge, and leave what was found in claims/<id>/finding.json."""
        folder = out / "claims" / self.id
        findings = [self.measure(Setting(size, ROOTS[0], folder))]
        if findings[0].holds is False and not self.proved:
            findings.append(self.measure(Setting(size, ROOTS[1], folder / "second")))
        verdict, first = self._verdict(findings), findings[0]
        write_atomically(folder / "finding.json", as_json(_record(self, verdict, findings)))
        return Claim(
            id=self.id,
            verdict=verdict,
            claim=self.claim,
            evidence=f"{_told(findings, proved=self.proved)} Refuted by {self.refuted_by.rstrip('.')}.",
            instances=sum(finding.instances for finding in findings),
            certificate=f"claims/{self.id}" if first.certified and verdict is Verdict.CERTIFIED else None,
        )

    def _verdict(self, findings: list[Finding]) -> Verdict:
        first = findings[0]
        if first.holds is None:
            return Verdict.INCONCLUSIVE
        if not first.holds:
            again = not self.proved and findings[1].holds is False
            return Verdict.REFUTED if again else Verdict.INCONCLUSIVE
        if first.vacuous or (first.width is not None and first.width.had < first.width.asked):
            return Verdict.VACUOUS
        return Verdict.CERTIFIED if first.certified else self.word


def _told(findings: list[Finding], *, proved: bool) -> str:
    first = findings[0]
    told = [first.words]
    if first.width is not None:
        told.append(first.width.words)
    if first.vacuous:
        told.append(f"Nothing is tested here: {first.vacuous}")
    if first.links:
        compared = [link for link in first.links if not math.isnan(link.slack)]
        told.append("Of its chain: " + "; ".join(link.words for link in first.links) + ".")
        if len(compared) > 1:
            loosest, tightest = max(compared, key=_slack), min(compared, key=_slack)
            told.append(f"Loosest: {loosest.lemma}; tightest: {tightest.lemma}.")
    if first.holds is False:
        if proved:
            told.append("This contradicts a theorem, so it is an error of precision or of a program, not a refutation.")
        else:
            second = "failed again" if findings[1].holds is False else "did not fail again"
            told.append(f"From a second root seed it {second}: {findings[1].words}")
    return " ".join(told)


def _slack(link: Link) -> float:
    return link.slack


def _record(study: Experiment, verdict: Verdict, findings: list[Finding]) -> dict[str, object]:
    return {
        "id": study.id,
        "verdict": verdict.value,
        "cites": list(study.cites),
        "locator": study.locator,
        "findings": [
            {
                "holds": finding.holds,
                "words": finding.words,
                "instances": finding.instances,
                "width": None if finding.width is None else _finite(dataclasses.asdict(finding.width)),
                "links": [
                    _finite(dataclasses.asdict(link) | {"holds": link.holds, "slack": link.slack})
                    for link in finding.links
                ],
            }
            for finding in findings
        ],
    }


def _finite(values: dict[str, object]) -> dict[str, object]:
    """JSON has no infinity and no NaN: they are spelled out."""
    return {key: str(v) if isinstance(v, float) and not math.isfinite(v) else v for key, v in values.items()}
