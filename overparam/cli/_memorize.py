"""What `overparam memorize` does: one construction, or all of them compared."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from overparam.cli._output import Output, at_hand, enable_float64, file_name, kept, show, teller
from overparam.data import Dataset


def one(data: Dataset, construction: str, options: dict[str, Any], common: Output) -> None:
    """Build and certify one construction.

    Raises:
        InputError: it does not apply to these data, or does not take an option.
        NotAccepted: the checker did not accept it.
    """
    from overparam.cli._texts import memorizer_text
    from overparam.memorizers import memorize
    from overparam.widths import certify, folder_of

    enable_float64()
    memorizer = memorize(data.points, data.labels, construction=construction, **options)
    with kept(common) as out:
        says, where = "observed in floats: nothing to certify", None
        if memorizer.claim != "observed":
            certificate = certify(memorizer, data, folder_of(out, data) / construction)
            says, where = certificate.sentence, certificate.folder.relative_to(out).as_posix()
        row = {
            "construction": construction,
            "claim": memorizer.claim,
            "theorem": memorizer.theorem,
            "accepted": says,
            "notes": list(memorizer.notes),
            "numbers": memorizer.numbers,
            "sizes": dataclasses.asdict(memorizer.sizes),
            "certificate": where,
        }
        (printed,) = at_hand([row], common, absolute=True)
        (told,) = at_hand([row], common, absolute=False)
        show(common, row, memorizer_text(told), f"memorize-{construction}.json", printed=printed)


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
        where = KEEP
        if common.out is not None and report:
            where = f"report: {write_report(out)}"
        printed = record | {"rows": at_hand(record["rows"], common, absolute=True)}
        show(common, printed, f"{memorizers_text(record)}{where}\n", None)


def list_constructions(common: Output) -> None:
    """The catalogue: what each construction builds, what it claims, which theorem promises the size."""
    from overparam.memorizers import CATALOGUE

    rows = [{"construction": name} | entry._asdict() for name, entry in CATALOGUE.items()]
    wide = max(map(len, CATALOGUE))
    lines = []
    for name, entry in CATALOGUE.items():
        options = f" (options: {', '.join(entry.takes)})" if entry.takes else ""
        lines.append(f"{name:<{wide}}  {entry.claim:<8}  {entry.words}{options}")
    show(common, rows, "\n".join(lines), None)
