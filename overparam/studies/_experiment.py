"""How a study that measures comes to its verdict: one rule for all of them.

A study states a claim and, before it runs, what would refute it.  Its measurement depends on a size and a root seed.
What holds is called by the study's own word; what fails is measured again from a second root seed, and only if it fails
there too is the claim REFUTED.  A proved theorem is never refuted by floats, nor any claim outside its hypotheses: that
leaves it INCONCLUSIVE.
"""

import dataclasses
import math
import pathlib
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

import numpy as np

from overparam.records import Claim, Link, Plot, Table, Verdict, Width
from overparam.studies._instances import Size

ROOTS = (0, 1)


class Setting(NamedTuple):
    """What a measurement may depend on."""

    size: Size
    root: int  # root seed of everything random
    folder: pathlib.Path  # for certificates and tables; not yet made


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
        certified: the checker accepted files in the setting's folder, and they show the claim; where the word is
            SCOPED they show the narrower statement.
        plots: what a person would rather look at.
        tables: numbers side by side, such as measured and published.
    """

    holds: bool | None
    words: str
    instances: int
    links: tuple[Link, ...] = ()
    width: Width | None = None
    vacuous: str = ""
    certified: bool = False
    plots: tuple[Plot, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclasses.dataclass(frozen=True)
class Experiment:
    """One study: called with an output folder and a size it measures, and returns a claim with its verdict.

    Attributes:
        id: slug of the theorem, as `overparam verify --list` prints it.
        claim: the sentence judged, with its hypotheses; for SCOPED the narrower one that holds.
        refuted_by: what would have to be seen, as a noun; against a theorem it would show an error, not refute it.
        cites: keys of the bibliography; empty for the project's own statements.
        locator: where in the source (theorem number), or "own" and the page under docs/.
        measure: the measurement; its keyword arguments are the mechanism that tests break.
        proved: whether the statement tested is a theorem, so that floats cannot refute it.
        word: verdict where it holds.
        roots: root seeds, the second for what failed with the first.
    """

    id: str
    claim: str
    refuted_by: str
    cites: tuple[str, ...]
    locator: str
    measure: Callable[[Setting], Finding]
    proved: bool
    word: Literal[Verdict.CONSISTENT, Verdict.SCOPED, Verdict.ESTIMATED] = Verdict.CONSISTENT
    roots: tuple[int, int] = ROOTS

    def __call__(self, out: pathlib.Path, size: Size) -> Claim:
        """Measure and judge; certificates, if there are any, go to out/claims/<id>."""
        folder = out / "claims" / self.id
        first, others = self.measure(Setting(size, self.roots[0], folder)), []
        if not isinstance(first, Finding):
            raise TypeError(f"it must hand back an overparam.Finding(holds, words, instances), not {first!r}")
        if first.holds is False and not self.proved and _tested(first):
            others = [self.measure(Setting(size, self.roots[1], folder / "second"))]
        verdict = self._verdict(first, others)
        return Claim(
            id=self.id,
            verdict=verdict,
            claim=self.claim,
            evidence=" ".join(_told(first, others, proved=self.proved)),
            instances=sum(finding.instances for finding in [first, *others]),
            certificate=f"claims/{self.id}" if first.certified and verdict in (Verdict.CERTIFIED, self.word) else None,
            refuted_by=self.expectation,
            cites=self.cites,
            locator=self.locator,
            width=first.width and dataclasses.replace(first.width, asked=_finite(first.width.asked)),
            links=tuple(
                dataclasses.replace(link, bound=_finite(link.bound), observed=_finite(link.observed))
                for link in first.links
            ),
            plots=tuple(map(_drawable, first.plots)),
            tables=tuple(map(_printable, first.tables)),
            roots=self.roots[: 1 + len(others)],
        )

    @property
    def expectation(self) -> str:
        """What would refute the claim or, of a theorem, show an error; a sentence."""
        return f"{'Would show an error' if self.proved else 'Refuted by'}: {self.refuted_by.rstrip('.')}."

    def _verdict(self, first: Finding, others: list[Finding]) -> Verdict:
        if first.holds is None:
            return Verdict.INCONCLUSIVE
        if not first.holds:
            return (
                Verdict.REFUTED
                if any(again.holds is False and _tested(again) for again in others)
                else Verdict.INCONCLUSIVE
            )
        if not _tested(first):
            return Verdict.VACUOUS
        return Verdict.CERTIFIED if first.certified and self.word is not Verdict.SCOPED else self.word


def _told(first: Finding, others: list[Finding], *, proved: bool) -> Iterator[str]:
    """Sentences of the evidence."""
    yield first.words
    if first.width is not None and first.width.asked is not None:
        asked = f"The theorem asks for width {first.width.asked:.2g} (constants: {first.width.constants})"
        short = first.width.asked > first.width.had
        yield f"{asked}; here {first.width.had}{f', a factor {first.width.asked / first.width.had:.2g} less' * short}."
        if short:
            yield "So its hypotheses are not met, and only its mechanism was measured."
    if first.vacuous:
        yield f"Nothing is tested here: {first.vacuous.rstrip('.')}."
    compared = [link for link in first.links if not math.isnan(link.slack)]
    if first.width is not None and len(compared) > 1:
        loosest, tightest = max(compared, key=_slack), min(compared, key=_slack)
        ends = f"Loosest of its chain: {loosest.lemma} ({_factor(loosest)}); tightest: {tightest.lemma}"
        yield f"{ends} ({_factor(tightest)})."
    if first.holds is False and not _tested(first):
        yield "This was found outside the theorem's hypotheses, so it does not contradict the theorem."
    elif first.holds is False and proved:
        yield "What failed is a theorem, a rare event or a program: floats cannot refute the theorem."
    for again in others:
        ended = "failed again" if again.holds is False else "did not fail"
        where = "" if _tested(again) else ", outside the hypotheses"
        yield f"From a second root seed it {ended}{where}: {again.words}"


def _tested(finding: Finding) -> bool:
    """Whether the hypotheses are met, so that a failure would speak against the claim."""
    width = finding.width
    return not finding.vacuous and (width is None or (width.asked is not None and width.asked <= width.had))


def _slack(link: Link) -> float:
    return link.slack


def _factor(link: Link) -> str:
    if not link.holds:
        return f"fails by a factor {1 / link.slack:.2g}" if link.slack > 0 else "fails"
    return "nothing to bound" if math.isinf(link.slack) else f"room for a factor {link.slack:.2g}"


def _finite(number: float | None) -> float | None:
    """JSON has neither infinity nor NaN: None, which meets no inequality."""
    return number if number is not None and math.isfinite(number) else None


def _drawable(plot: Plot) -> Plot:
    def ends(values: tuple[float | None, ...]) -> tuple[float | None, ...]:
        return tuple(None if value is None else _finite(float(value)) for value in values)

    series = tuple(
        dataclasses.replace(one, x=tuple(map(float, one.x)), y=ends(one.y), low=ends(one.low), high=ends(one.high))
        for one in plot.series
    )
    return dataclasses.replace(plot, series=series)


def _printable(table: Table) -> Table:
    def cell(value: str | int | float | None) -> str | int | float | None:
        return _finite(float(value)) if isinstance(value, (float, np.floating)) else value

    return dataclasses.replace(table, rows=tuple(tuple(map(cell, row)) for row in table.rows))
