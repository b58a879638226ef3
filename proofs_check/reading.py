"""Exact numbers and data sets, read from bytes; whatever docs/certificates.md does not describe is refused."""

import dataclasses
import hashlib
import json
import os
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from proofs_check.answers import Malformed
from proofs_check.budget import Budget
from proofs_check.exact import LONGEST, parse, quoted
from proofs_check.strict import as_list, as_text, document_of, read_file, require_format, require_keys

_SHA256 = re.compile(r"[0-9a-f]{64}")
_INTEGER = re.compile(r"0|-?[1-9a-f][0-9a-f]*")

Vector = tuple[Fraction, ...]


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Labelled points; two data sets are the same if their files have the same hash."""

    sha256: str
    points: tuple[Vector, ...] = dataclasses.field(compare=False, repr=False)
    labels: Vector = dataclasses.field(compare=False, repr=False)

    @property
    def n_samples(self) -> int:
        """How many points."""
        return len(self.points)

    @property
    def dim(self) -> int:
        """How many coordinates each point has."""
        return len(self.points[0])

    @property
    def size(self) -> str:
        """Both, in words: `3 points in dimension 1`."""
        return f"{self.n_samples} {'point' if self.n_samples == 1 else 'points'} in dimension {self.dim}"


def dataset_from_bytes(data: bytes, budget: Budget | None = None) -> Dataset:
    """The data set that a file with these bytes holds.

    Raises:
        Malformed: these are not the bytes of a data set file.
        OverBudget: its numbers are too long to be read within the budget.
    """
    budget = budget or Budget()
    document = document_of(data, "the data set")
    require_format(document, "overparam-dataset-1", "the data set")
    require_keys(document, {"format", "labels", "points"}, "the data set")
    labels = numbers_of(document["labels"], "the labels", budget)
    rows = as_list(document["points"], "the points")
    if not rows or len(rows) != len(labels):
        raise Malformed(
            f"a data set has as many labels as points, at least one: here {len(rows)} points and {len(labels)} labels"
        )
    points = tuple(numbers_of(row, f"point {i}", budget) for i, row in enumerate(rows))
    if not points[0] or any(len(point) != len(points[0]) for point in points):
        raise Malformed("all points have the same number of coordinates, at least one")
    refuse_other_spelling(document, data, "the data set")
    return Dataset(hashlib.sha256(data).hexdigest(), points, labels)


def read_dataset(path: str | os.PathLike[str], budget: Budget | None = None) -> Dataset:
    """The data set in a file, whose name must be the hash of its bytes and `.json`.

    Raises:
        Malformed: it is no such file.
        OverBudget: its numbers are too long to be read within the budget.
    """
    data = read_file(os.fspath(path), "the data set file")
    return named_by_hash(os.fspath(path), data, "the data set file", dataset_from_bytes, budget or Budget())


def named_by_hash(path: str, data: bytes, what: str, read: Callable[[bytes, Budget], Any], budget: Budget) -> Any:
    """What `read` makes of the bytes of a file, whose name must be their SHA-256 and `.json`.

    Raises:
        Malformed: the name is another one, or `read` refuses the bytes.
        OverBudget: their numbers are too long to be read within the budget.
    """
    name, digest = os.path.basename(path), hashlib.sha256(data).hexdigest()
    if name != f"{digest}.json":
        raise Malformed(f"{what} {quoted(name)} must be named by the SHA-256 of its bytes, {digest}.json")
    return read(data, budget)


def number_of(value: Any, what: str, budget: Budget) -> Fraction:
    """The number that a JSON string spells; see docs/certificates.md, section 3.

    Raises:
        Malformed: it spells none.
        OverBudget: it is too long to be read within the budget.
    """
    try:
        return parse(as_text(value, what), budget)
    except Malformed as error:
        raise Malformed(f"{what}: {error}") from None


def numbers_of(value: Any, what: str, budget: Budget) -> Vector:
    """The numbers that a JSON list of strings spells; raises as `number_of`."""
    return tuple(number_of(item, what, budget) for item in as_list(value, what))


def integers_of(value: Any, what: str, budget: Budget) -> list[int]:
    """Integers in one string, lowercase hexadecimal, a space between two: `"1f -3 0"`; the empty string has none.

    Raises:
        Malformed: it is no such string, or a number is longer than 2^20 bits.
        OverBudget: it is too long to be read within the budget.
    """
    text = as_text(value, what)
    count = text.count(" ") + 1 if text else 0
    budget.spend(100 * count, "reading the numbers")
    budget.hold(800 * count, "reading the numbers")  # a word, an integer, and their places in lists
    words = text.split(" ") if text else []
    for word in words:
        if not _INTEGER.fullmatch(word) or len(word.lstrip("-")) > LONGEST // 4:
            raise Malformed(f"{what} must be integers in lowercase hexadecimal, at most 2^20 bits, not {quoted(word)}")
    budget.hold(4 * sum(map(len, words)), "reading the numbers")
    return [int(word, 16) for word in words]


def hash_of(value: Any, what: str) -> str:
    """The SHA-256 by which a statement names a file.

    Raises:
        Malformed: it is none.
    """
    digest = as_text(value, f"the hash of {what}")
    if not _SHA256.fullmatch(digest):
        raise Malformed(f"{what} is named by 64 lowercase hexadecimal digits, not by {quoted(digest)}")
    return digest


def refuse_other_spelling(document: dict[str, Any], data: bytes, what: str) -> None:
    """Refuse a file named by its hash that is not in canonical form: one object has one file and one name."""
    if (json.dumps(document, sort_keys=True, separators=(",", ":")) + "\n").encode() != data:
        raise Malformed(f"{what} is not in canonical form: sorted keys, no spaces, one final newline")
