"""The commands: each is a frozen dataclass, its fields are the flags, `run` returns the exit code."""

import dataclasses
import json
from typing import Annotated, Literal

import tyro

from overparam.cli._folders import Bundle, Cite, Recheck, Report
from overparam.cli._output import COMMON, Common, at_hand, enable_float64, file_name, kept, show, teller
from overparam.cli._prove import Certify, Prove
from overparam.data._spec import DataSpec
from overparam.memorizers._catalogue import Construction
from overparam.records import EXIT_OK, EXIT_REFUSED, Verdict, as_json, exit_code, write_atomically
from overparam.widths._spec import WidthSpec, validate

Data = Annotated[DataSpec, tyro.conf.arg(name="")]
Budget = Annotated[WidthSpec, tyro.conf.arg(name="")]


@dataclasses.dataclass(frozen=True)
class Doctor:
    """Check this installation: versions, devices, float64, the path from a search to an accepted certificate."""

    common: Common = COMMON

    def run(self) -> int:
        from overparam.cli._doctor import doctor_text, examine

        findings = examine()
        show(self.common, findings, doctor_text(findings), "doctor.json")
        return EXIT_OK if all(row["ok"] for row in findings if row["needed"]) else EXIT_REFUSED


@dataclasses.dataclass(frozen=True)
class Theorems:
    """List the theorems, or print one: statement, hypotheses, bound, source."""

    id: Annotated[str | None, tyro.conf.Positional] = None
    """Slug of one theorem."""
    common: Common = COMMON

    def run(self) -> int:
        from overparam.cli._texts import theorem_records, theorem_text

        records = theorem_records(self.id)
        show(self.common, records, theorem_text(records, whole=self.id is not None), "theorems.json")
        return EXIT_OK


@dataclasses.dataclass(frozen=True)
class Verify:
    """Judge claims: each ends in one of seven verdicts, with its evidence."""

    ids: Annotated[tuple[str, ...], tyro.conf.Positional] = ()
    """Slugs of the claims; all of them if none is given."""
    size: Literal["ci", "laptop", "paper"] = "ci"
    """How many and how large the data sets are."""
    strict: bool = False
    """Exit with 5 if any claim stays INCONCLUSIVE or VACUOUS."""
    report: bool = True
    """With --out, also write the report."""
    common: Common = COMMON

    def run(self) -> int:
        from overparam.report import claims_text, write_report
        from overparam.studies import verify

        enable_float64()
        with kept(self.common) as out, teller() as tell:
            claims = []
            for claim in verify(self.ids, out, self.size):
                tell(f"{claim.id}: {claim.verdict}")
                claims.append(claim)
            rows = [dataclasses.asdict(claim) for claim in claims]
            if self.common.out is not None:
                write_atomically(out / "claims.json", as_json(rows))
                if self.report:
                    write_report(out)
            printed = at_hand(rows, self.common, absolute=True)
            show(self.common, printed, claims_text(at_hand(rows, self.common, absolute=False)), None)
        return exit_code([Verdict(claim.verdict) for claim in claims], strict=self.strict)


@dataclasses.dataclass(frozen=True)
class Width:
    """The ladder of widths of one data set: needed, sufficient, found, wanted by gradient descent."""

    data: Data
    budget: Budget
    dry_run: bool = False
    """Print what it would cost, in operations and memory, and stop."""
    report: bool = True
    """With --out, also write the report."""
    common: Common = COMMON

    def run(self) -> int:
        from overparam.cli._texts import KEEP, cost_text
        from overparam.data import load
        from overparam.report import ladder_text, write_report
        from overparam.widths import climb, constant_labels, estimate, without_repeats

        validate(self.budget, self.data)
        data = load(self.data)
        if self.dry_run:
            distinct = without_repeats(data)
            cost = estimate(*distinct.points.shape, self.budget, constant_labels=constant_labels(distinct))
            show(self.common, cost, cost_text(cost), "cost.json")
            return EXIT_OK
        enable_float64()
        with kept(self.common) as out, teller() as tell:
            ladder = json.loads(as_json(climb(data, self.data, self.budget, out, tell=tell)))
            if self.common.out is not None:
                write_atomically(out / f"ladder-{file_name(data.name, ladder['data']['sha256'])}.json", as_json(ladder))
                if self.report:
                    write_report(out)
            printed = ladder | {"rungs": at_hand(ladder["rungs"], self.common, absolute=True)}
            told = ladder | {"rungs": at_hand(ladder["rungs"], self.common, absolute=False)}
            where = f"report: {out / 'report.html'}" if self.common.out is not None and self.report else ""
            show(self.common, printed, f"{ladder_text(told)}{where if self.common.out else KEEP}", None)
        return EXIT_OK


@dataclasses.dataclass(frozen=True)
class Memorize:
    """Build one construction, published or the project's own, on these data and certify it."""

    data: Data
    construction: Construction = "pairs"
    """Which one. `overparam theorems` has what each proves: pairs-2n-over-d-plus-1, relu-distinct-worst-case,
    bubeck2020-relu-baum, zhang2017-thm1, baum1988-threshold, sakurai1992-threshold; greedy is pairs with blocks fitted
    to the data."""
    common: Common = COMMON

    def run(self) -> int:
        from overparam.cli._texts import memorizer_text
        from overparam.data import load
        from overparam.memorizers import memorize
        from overparam.widths import certify, folder_of

        enable_float64()
        data = load(self.data)
        memorizer = memorize(data.points, data.labels, construction=self.construction)
        with kept(self.common) as out:
            certificate = certify(memorizer, data, folder_of(out, data) / self.construction)
            row = {
                "construction": self.construction,
                "theorem": memorizer.theorem,
                "accepted": certificate.sentence,
                "certificate": certificate.folder.relative_to(out).as_posix(),
                "sizes": dataclasses.asdict(memorizer.sizes),
            }
            (printed,) = at_hand([row], self.common, absolute=True)
            (told,) = at_hand([row], self.common, absolute=False)
            name = f"memorize-{self.construction}.json"
            show(self.common, row, memorizer_text(told), name, printed=printed)
        return EXIT_OK


COMMANDS = {
    "doctor": Doctor,
    "theorems": Theorems,
    "verify": Verify,
    "width": Width,
    "memorize": Memorize,
    "certify": Certify,
    "prove": Prove,
    "recheck": Recheck,
    "cite": Cite,
    "bundle": Bundle,
    "report": Report,
}
