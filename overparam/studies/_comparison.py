"""Every construction on the same data, at growing sizes: certificates, sizes of the weights, what floats keep."""

import dataclasses
import hashlib
import json
import math
import operator
import pathlib
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import proofs_check
from overparam.certificates import dataset_bytes, dataset_sha256
from overparam.data import Dataset, without_repeats
from overparam.errors import InputError
from overparam.exact import evaluate, exact_data, float_of
from overparam.files import write_atomically
from overparam.memorizers import CATALOGUE, Construction, Entry, Memorizer, float_error, memorize
from overparam.records import FORMAT, Word, as_json, by_newer_program, stamped
from overparam.widths import NotAccepted, certify, folder_of, versions

SURVIVES = Fraction(1, 1000)  # the largest error in floats, as a share of the labels' range, that still counts as a fit
_HALVINGS = 3


@dataclasses.dataclass(frozen=True)
class Row:
    """One construction on the first n distinct points.

    Attributes:
        construction: its name.
        group: the folder it lives in: which kind of network.
        n: distinct points.
        word: certified, observed (a float run only), undecided (built, but the checker could not decide), vacuous (it
            does not apply to these data).
        claim: what the construction claims, in the catalogue's words; None where nothing was built.
        tolerance: the error that the claim allows, 0 for exact ones.
        theorem: slug of the theorem that promises the size.
        promised: whether the hidden widths, and the nonzero numbers where the theorem counts them, are within what the
            checker's own formula allows; None where the theorem has none.
        sizes: of the network, see `overparam.memorizers.Sizes`.
        numbers: quantities of the construction.
        survives: dtype -> whether the network, rounded, still takes the labels (if it "fits": its own exact outputs) up
            to SURVIVES of the labels' range.
        says: the checker's sentence, or why there is no certificate.
        certificate: folder relative to the output folder.
    """

    construction: str
    group: str
    n: int
    word: Word
    claim: str | None
    tolerance: float | None
    theorem: str | None
    promised: bool | None
    sizes: dict[str, Any] | None
    numbers: dict[str, Any]
    survives: dict[str, bool]
    says: str
    certificate: str | None


def default_sizes(n: int) -> tuple[int, ...]:
    """The number n and its halves, down to an eighth.

    >>> default_sizes(40)
    (5, 10, 20, 40)
    """
    return tuple(sorted({max(n >> k, 1) for k in range(_HALVINGS + 1)}))


def compare_memorizers(
    data: Dataset,
    out: pathlib.Path,
    name: str,
    *,
    at: Sequence[int] = (),
    constructions: Sequence[Construction] = tuple(CATALOGUE),
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Build, measure and certify constructions on the first n distinct points, for each n in `at`.

    The record is written to out/name after each row, so a run that was stopped goes on where it was.

    Args:
        data: labelled points; repeated ones count once.
        out: the output folder; certificates go to its `certificates/`.
        name: of the record's file.
        at: numbers of points, each at most that of distinct points; n and its halves if empty.
        constructions: which ones.
        tell: is told what is being built.
    Returns:
        the record: data, at, rows, counting bounds, the sizes up to which each construction survives floats, versions.
    Raises:
        InputError: a size is out of range, or a newer program wrote the record that is there.
    """
    if isinstance(constructions, str) or not set(constructions) <= set(CATALOGUE):
        raise InputError(f"constructions must be a list of names of the catalogue; got {constructions!r}")
    distinct = without_repeats(data)
    n_distinct = len(distinct.labels)
    try:
        sizes = tuple(sorted({operator.index(n) for n in at})) or default_sizes(n_distinct)
    except TypeError:
        raise InputError(f"--at must be integers; got {at!r}") from None
    if sizes[0] < 1 or sizes[-1] > n_distinct:
        raise InputError(f"--at must be between 1 and {n_distinct}, the number of distinct points; got {list(sizes)}")
    record: dict[str, Any] = {
        "format": FORMAT,
        "data": {
            "name": data.name,
            "n": n_distinct,
            "d": distinct.points.shape[1],
            "sha256": dataset_sha256(distinct.points, distinct.labels),
            "notes": list(distinct.notes),
        },
        "at": list(sizes),
        "constructions": list(constructions),
        "counting": [_counting(n, distinct.points.shape[1]) for n in sizes],
        "versions": versions(),
        "rows": [],
    }
    done = _earlier(out, name, record)
    total = len(sizes) * len(constructions)
    for n in sizes:
        front = distinct._replace(points=distinct.points[:n], labels=distinct.labels[:n])
        for construction in constructions:
            tell(f"{construction}, n = {n}: {len(record['rows'])} of {total}")
            row = done.get((construction, n))
            if row is None:
                row = json.loads(as_json(_row(construction, front, out)))
                row["seal"] = _seal(row)
            record["rows"].append(row)
            record["complete"] = len(record["rows"]) == total
            record["survival"] = [_survival(c, record["rows"]) for c in constructions]
            write_atomically(out / name, as_json(record))
    return record


def _counting(n: int, dim: int) -> dict[str, int]:
    """What counting says of n points: numbers and bits that almost all real, or all binary, labellings need."""
    return {"n": n, "neurons": proofs_check.THEOREMS["param-count"].width(n, dim), "parameters": n, "bits": n}


def _earlier(out: pathlib.Path, name: str, record: dict[str, Any]) -> dict[tuple[str, int], dict[str, Any]]:
    """Rows of an earlier run of the same command whose certificates are still there.

    Raises:
        InputError: a newer program wrote them, and they would be lost.
    """
    try:
        before = json.loads((out / name).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if why := by_newer_program(before):
        raise InputError(f"{out / name} {why}, or take a new folder")
    try:
        before = stamped(before)
        rows = before["rows"] if all(before[key] == record[key] for key in record if key != "rows") else []
        return {(row["construction"], row["n"]): row for row in rows if _still_true(row, out)}
    except (KeyError, TypeError, AttributeError):
        return {}


def _still_true(row: dict[str, Any], out: pathlib.Path) -> bool:
    """Whether this program wrote the row, and the checker still accepts what it rests on."""
    if row.get("seal") != _seal(row) or set(row) != {"seal", *(field.name for field in dataclasses.fields(Row))}:
        return False
    if row["word"] != Word.CERTIFIED:
        return row["certificate"] is None
    try:
        answer = proofs_check.check(out / row["certificate"])
    except (proofs_check.Malformed, proofs_check.OverBudget):
        return False
    return answer.status == "accepted" and answer.sentence == row["says"]


def _seal(row: dict[str, Any]) -> str:
    """A short hash of a row: an edit, or a file cut short, is seen."""
    return hashlib.sha256(as_json({key: row[key] for key in row if key != "seal"}).encode()).hexdigest()[:16]


def _row(construction: Construction, data: Dataset, out: pathlib.Path) -> Row:
    entry, n = CATALOGUE[construction], len(data.labels)
    group = entry.build.split(".")[0]
    if n > entry.up_to:
        why = f"left out above n = {entry.up_to}, where it takes long; ask for it by name"
        return _none(construction, group, n, entry, Word.UNDECIDED, why)
    try:
        memorizer = memorize(data.points, data.labels, construction)
    except InputError as refusal:
        return _none(construction, group, n, entry, Word.VACUOUS, str(refusal))
    sizes = memorizer.sizes
    word, says, where = Word.OBSERVED, "observed in floats", None
    if memorizer.claim != "observed":
        try:
            certificate = certify(memorizer, data, folder_of(out, data) / construction)
            word, says = Word.CERTIFIED, certificate.sentence
            where = certificate.folder.relative_to(out).as_posix()
        except NotAccepted as error:
            word, says = Word.UNDECIDED, str(error)
    allowed = SURVIVES * _range(memorizer)
    errors = {"float32": sizes.float32_error, "float64": sizes.float64_error}
    if memorizer.claim == "fits":  # it misses labels by design: what rounding adds is judged
        own = dataclasses.replace(memorizer.data, labels=tuple(evaluate(memorizer.network, memorizer.data.points)))
        errors = {dtype: float_error(memorizer.network, own, dtype) for dtype in errors}
    return Row(
        construction=construction,
        group=group,
        n=n,
        word=word,
        claim=memorizer.claim,
        tolerance=_finite(memorizer.tolerance),
        theorem=memorizer.theorem,
        promised=promised(memorizer, data),
        sizes=dataclasses.asdict(sizes),
        numbers=dict(memorizer.numbers),
        survives={dtype: error is not None and Fraction(error) <= allowed for dtype, error in errors.items()},
        says=says,
        certificate=where,
    )


def _none(construction: str, group: str, n: int, entry: Entry, word: Word, why: str) -> Row:
    return Row(construction, group, n, word, None, 0.0, entry.theorem, None, None, {}, {}, why, None)


def promised(memorizer: Memorizer, data: Dataset) -> bool | None:
    """Whether a network is as small as its theorem says, by the checker's own formula; None without a formula."""
    theorem = proofs_check.THEOREMS[memorizer.theorem] if memorizer.theorem else None
    if theorem is None or not theorem.suffices:
        return None
    exact = proofs_check.dataset_from_bytes(dataset_bytes(data.points, data.labels))
    widths = memorizer.network.widths
    if not theorem.promises(widths, exact):
        return False
    nonzero = sum(map(bool, memorizer.network.numbers()))
    return theorem.nonzero is None or nonzero <= theorem.nonzero(widths, exact)


def _finite(number: Fraction) -> float | None:
    value = float_of(number)
    return value if math.isfinite(value) else None


def _range(memorizer: Memorizer) -> Fraction:
    labels = exact_data(memorizer.data, None).labels
    return max(labels) - min(labels) or max(map(abs, labels)) or Fraction(1)


def _survival(construction: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The sizes up to which each dtype keeps the labels, and the first at which it does not."""
    mine = sorted(
        (row for row in rows if row["construction"] == construction and row["survives"]), key=lambda r: r["n"]
    )
    found: dict[str, Any] = {"construction": construction}
    for dtype in ("float32", "float64"):
        lost = [row["n"] for row in mine if not row["survives"][dtype]]
        kept = [row["n"] for row in mine if row["survives"][dtype] and row["n"] < min(lost, default=row["n"] + 1)]
        found[dtype] = {"up_to": max(kept, default=None), "lost_at": min(lost, default=None)}
    return found
