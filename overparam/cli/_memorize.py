"""What `overparam memorize` does: one construction, or all of them compared."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from overparam.cli._output import Output, at_hand, enable_float64, file_name, kept, show, teller
from overparam.data import Dataset
from overparam.records import FORMAT


def one(data: Dataset, construction: str, options: dict[str, Any], common: Output) -> None:
    """Build and certify one construction.

    Raises:
        InputError: it does not apply to these data, or does not take an option.
        NotAccepted: the checker did not accept it.
    """
    from overparam.certificates import dataset_sha256
    from overparam.cli._texts import memorizer_text
    from overparam.memorizers import memorize
    from overparam.widths import certify, folder_of, versions

    enable_float64()
    memorizer = memorize(data.points, data.labels, construction=construction, **options)
    with kept(common) as out:
        says, where = "observed in floats: nothing to certify", None
        if memorizer.claim != "observed":
            certificate = certify(memorizer, data, folder_of(out, data) / construction)
            says, where = certificate.sentence, certificate.folder.relative_to(out).as_posix()
        sha256 = dataset_sha256(data.points, data.labels)
        n, dim = data.points.shape
        row: dict[str, Any] = {
            "format": FORMAT,
            "construction": construction,
            "data": {"name": data.name, "n": n, "d": dim, "sha256": sha256, "notes": list(data.notes)},
            "claim": memorizer.claim,
            "theorem": memorizer.theorem,
            "accepted": says,
            "notes": list(memorizer.notes),
            "numbers": dict(memorizer.numbers),
            "sizes": dataclasses.asdict(memorizer.sizes),
            "certificate": where,
            "versions": versions(),
        }
        (printed,) = at_hand([row], common, absolute=True)
        (told,) = at_hand([row], common, absolute=False)
        name = f"memorize-{construction}-{file_name(data.name, sha256)}.json"
        show(common, row, memorizer_text(told), name, printed=printed)


def compare_all(data: Dataset, at: Sequence[int], common: Output, *, report: bool) -> None:
    """All constructions on growing parts of the data: table, figure, LaTeX table, certificates.

    Raises:
        InputError: a size is out of range.
    """
    from overparam.certificates import dataset_sha256
    from overparam.cli._texts import KEEP
    from overparam.report import memorizers_text, write_report
    from overparam.studies import compare_memorizers

    enable_float64()
    name = f"memorizers-{file_name(data.name, dataset_sha256(data.points, data.labels))}.json"
    with kept(common) as out, teller() as tell:
        record = compare_memorizers(data, out, name, at=at, tell=tell)
        where = KEEP if common.out is None else ""
        if common.out is not None and report:
            where = f"report: {write_report(out)}"
        printed = record | {"rows": at_hand(record["rows"], common, absolute=True)}
        show(common, printed, f"{memorizers_text(record)}{where}\n", None)


def list_constructions(common: Output) -> None:
    """The catalogue: what each construction builds, what it claims, which theorem promises the size."""
    from overparam.memorizers import CATALOGUE

    rows = [{"construction": name} | entry._asdict() for name, entry in CATALOGUE.items()]
    flags: dict[str, str] = {"seed": "init-seed"}
    wide, long = max(map(len, CATALOGUE)), max(len(entry.theorem or "") for entry in CATALOGUE.values())
    lines = [f"{'construction':<{wide}}  {'claim':<8}  {'theorem':<{long}}  network"]
    for name, entry in CATALOGUE.items():
        options = f" (--{', --'.join(flags.get(o) or o for o in entry.takes)})" if entry.takes else ""
        lines.append(f"{name:<{wide}}  {entry.claim:<8}  {entry.theorem or '':<{long}}  {entry.words}{options}")
    lines += [
        "",
        "exact: every label is met.  fits: the squared errors sum to at most a share --eps (0.1) of the labels'.",
        "within: no error is above --eps (2^-20) times the largest label.  near: a network that meets every label lies",
        "within a stated distance of the float network.  docs/constructions.md says more.",
    ]
    show(common, rows, "\n".join(lines), None)
