"""The commands: each is a frozen dataclass, its fields are the flags, `run` returns the exit code."""

import dataclasses
import json
import sys
from typing import Annotated, Literal

import tyro

from overparam.cli._catalogue import catalogue_of
from overparam.cli._folders import Bundle, Cite, Recheck, Report
from overparam.cli._kernel import KernelOf
from overparam.cli._output import (
    COMMON,
    Common,
    at_hand,
    certificates_in,
    earlier_claims,
    enable_float64,
    file_name,
    kept,
    show,
    teller,
)
from overparam.cli._prove import Certify, Prove
from overparam.cli._sbatch import Sbatch
from overparam.cli._sweep import RunSweep, Status
from overparam.data._spec import DataSpec
from overparam.errors import InputError
from overparam.files import write_atomically
from overparam.memorizers._catalogue import construction_called
from overparam.records import EXIT_OK, EXIT_REFUSED, Verdict, as_json, exit_code, stamped
from overparam.widths._spec import WidthSpec, validate

_ALL = (
    "all claims: six to twenty minutes on two cores; groups of claims, which --list names, or --tag documents take less"
)
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
    catalogue: str | None = None
    """An output folder of `overparam verify`: print the page of all theorems and claims, with the verdicts of that run,
    as Markdown."""
    common: Common = COMMON

    def run(self) -> int:
        if self.catalogue is not None:
            print(catalogue_of(self.catalogue, self.id), end="")
            return EXIT_OK
        from overparam.cli._texts import theorem_records, theorem_text

        records = theorem_records(self.id)
        show(self.common, records, theorem_text(records, whole=self.id is not None), "theorems.json")
        return EXIT_OK


@dataclasses.dataclass(frozen=True)
class Verify:
    """Judge claims: each ends in one of seven verdicts, with its evidence."""

    ids: Annotated[tuple[str, ...], tyro.conf.Positional] = ()
    """Claims, groups of them (`--list` names both), or Python files with studies of your own; all that overparam has
    if none is given."""
    tag: Literal["documents"] | None = None
    """documents: the claims of the five documents that the project grew from, with one table by document and
    sentence."""
    all: bool = False
    """Every claim that overparam has, beside the ones that are named."""
    size: Literal["ci", "laptop", "paper"] = "ci"
    """How many and how large the data sets are."""
    strict: bool = False
    """Exit with 5 if any claim stays INCONCLUSIVE or VACUOUS."""
    list: bool = False
    """Print what can be verified, each claim with what would refute it and its source, and stop."""
    report: bool = True
    """With --out, also write the report."""
    common: Common = COMMON

    def run(self) -> int:
        from overparam.report import claims_text, documents_text, tally, write_report
        from overparam.studies import GROUPS, listing, verify
        from overparam.widths import versions

        ids = (*self.ids, *GROUPS) if self.all else self.ids
        if self.list:
            from overparam.cli._texts import studies_text

            rows = listing(ids, tag=self.tag)
            show(self.common, rows, studies_text(rows), None)
            return EXIT_OK
        enable_float64()
        if not ids and self.tag is None and self.size == "ci":
            print(_ALL, file=sys.stderr)
        with kept(self.common) as out, teller() as tell:
            claims, rows = [], []
            before = earlier_claims(out)
            run = {"size": self.size, **versions()}
            for claim in verify(ids, out, self.size, tag=self.tag):
                tell(f"{claim.id}: {claim.verdict}")
                claims.append(claim)
                given = dataclasses.asdict(claim) | {"run": run}
                given["certificates"] = certificates_in(out, claim.certificate)
                rows += json.loads(as_json([stamped(given)]))
                if self.common.out is not None:  # what was judged outlasts an interruption, and the next call
                    judged = {row["id"] for row in rows}
                    kept_rows = [row for row in before if row.get("id") not in judged]
                    write_atomically(out / "claims.json", as_json([*kept_rows, *rows]))
            if self.common.out is not None and self.report:
                write_report(out)
            printed = at_hand(rows, self.common, absolute=True)
            counts = ", ".join(f"{n} {verdict}" for verdict, n in tally(rows))
            where = f"report: {out / 'report.html'}" if self.common.out is not None and self.report else ""
            told = f"{claims_text(at_hand(rows, self.common, absolute=False))}\n{documents_text(rows)}"
            told += f"{len(rows)} claim{'' if len(rows) == 1 else 's'}: {counts}\n{where}"
            show(self.common, printed, told, None)
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
        from overparam.data import load, without_repeats
        from overparam.report import ladder_text, write_report
        from overparam.widths import climb, constant_labels, estimate

        validate(self.budget, self.data)
        data = load(self.data)
        if self.dry_run:
            distinct = without_repeats(data)
            cost = estimate(*distinct.points.shape, self.budget, constant_labels=constant_labels(distinct))
            show(self.common, cost, cost_text(cost), "cost.json")
            return EXIT_OK
        enable_float64()
        with kept(self.common) as out, teller() as tell:
            ladder = stamped(json.loads(as_json(climb(data, self.data, self.budget, out, tell=tell))))
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
    """Build one construction, published or the project's own, on these data and certify it; or compare all of them."""

    data: Data
    construction: Annotated[str, tyro.conf.arg(metavar="NAME")] = "pairs"
    """Which one; `overparam memorize --list` says what each builds and which theorem it proves. all: every one that
    applies, on the first n points for growing n, with a table and a figure of weights, bits and sizes."""
    at: tuple[int, ...] = ()
    """With all: the numbers of points; n and its halves, down to an eighth, if not given."""
    depth: int | None = None
    """Hidden layers or blocks, for constructions that leave it open."""
    eps: float | None = None
    """Error allowed, for constructions that fit up to an error."""
    activation: Literal["relu", "threshold", "tanh", "erf", "gelu"] | None = None
    """Of the hidden units, for constructions that leave it open."""
    width: int | None = None
    """Of a hidden layer, for constructions that leave it open."""
    init_seed: int | None = None
    """Of the directions or features that some constructions draw."""
    list: bool = False
    """Print the constructions and stop."""
    report: bool = True
    """With all and --out, also write the report."""
    common: Common = COMMON

    def run(self) -> int:
        from overparam.cli._memorize import compare_all, list_constructions, one
        from overparam.data import load

        options = {"depth": self.depth, "eps": self.eps, "activation": self.activation, "width": self.width}
        chosen = {name: value for name, value in (options | {"seed": self.init_seed}).items() if value is not None}
        if self.list:
            list_constructions(self.common)
            return EXIT_OK
        construction = "all" if self.construction == "all" else construction_called(self.construction)
        if construction == "all":
            if chosen:
                raise InputError(f"--construction all takes no option of a construction; got {', '.join(chosen)}")
            compare_all(load(self.data), self.at, self.common, report=self.report)
        else:
            if self.at:
                raise InputError("--at belongs to --construction all; for one construction use --n or --samples")
            one(load(self.data), construction, chosen, self.common)
        return EXIT_OK


COMMANDS = {
    "doctor": Doctor,
    "theorems": Theorems,
    "verify": Verify,
    "width": Width,
    "memorize": Memorize,
    "kernel": KernelOf,
    "certify": Certify,
    "prove": Prove,
    "run": RunSweep,
    "status": Status,
    "sbatch": Sbatch,
    "recheck": Recheck,
    "cite": Cite,
    "bundle": Bundle,
    "report": Report,
}
