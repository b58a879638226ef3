"""CSV with a header: fields are decimal numbers, read as the nearest float64; one column may hold the labels."""

import array
import csv
import io
import math
import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.arrays import read_bytes
from overparam.data._classes import select_classes, select_rows
from overparam.data._spec import DataSpec
from overparam.errors import InputError

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_SPECIAL = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)


class _Table(NamedTuple):
    names: list[str]
    features: NDArray[np.float64]
    labels: list[str]
    lines: list[int]  # the line of the file on which each row ends


def read_csv(spec: DataSpec) -> tuple[NDArray[np.float64], NDArray[np.float64] | None, tuple[str, ...]]:
    """Points (n, d), the labels of `spec.label_column` (n,) if the spec needs them, and notes.

    A label column of numbers is taken as it is.  One of text holds classes: two of them become -1 and +1 in sorted
    order, more need `classes` or `one_vs_rest`, which also turn numbers into classes, compared as they are spelled.

    Raises:
        InputError: the file is not such a table; the sentence names the line and the column.
    """
    table = _table(_text(spec.data), spec)
    source = f"source: {len(table.lines)} rows of a CSV file, fields read as the nearest float64"
    numeric = not spec.by_class
    if spec.label_column is None or (numeric and spec.label_kind in ("gaussian", "signs")):
        return table.features[select_rows(len(table.lines), spec)], None, (source,)
    if numeric and any(_NUMBER.fullmatch(text) or _SPECIAL.fullmatch(text) for text in table.labels):
        values = [_number(t, spec, line, spec.label_column) for t, line in zip(table.labels, table.lines, strict=True)]
        rows = select_rows(len(values), spec)
        return table.features[rows], np.array(values)[rows], (source,)
    for text, line in zip(table.labels, table.lines, strict=True):
        if not text:
            raise InputError(f"{spec.data}, line {line}: the label in column {spec.label_column!r} is missing")
    chosen = select_classes(table.labels, sorted(set(table.labels)), spec)
    return table.features[chosen.rows], chosen.labels, (source, *chosen.notes)


def _text(path: str) -> str:
    content = read_bytes(path)
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(f"{path} is UTF-16 text; save it as UTF-8")
    if content[:4] == b"PK\x03\x04":
        raise InputError(f"{path} is a zip archive or a spreadsheet, not CSV text; export it as CSV, or name it .npz")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    if "\0" in text:
        raise InputError(f"{path} is not text: it holds a NUL character at position {text.index(chr(0))}")
    return text


def _table(text: str, spec: DataSpec) -> _Table:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        label_at = _check_header(header, spec)
        width = len(header)
        numbers, labels, lines, blank = array.array("d"), [], [], 0
        for row in reader:
            line = reader.line_num
            if not row:
                blank = blank or line
                continue
            if blank:
                raise InputError(f"{spec.data}, line {blank}: a blank line inside the table; remove it")
            if len(row) != width:
                raise InputError(f"{spec.data}, line {line}: {len(row)} fields, but the header has {width}")
            for k, field in enumerate(row):
                if k == label_at:
                    labels.append(field.strip())
                else:
                    numbers.append(_number(field.strip(), spec, line, header[k]))
            lines.append(line)
    except csv.Error as error:
        raise InputError(f"{spec.data}, line {reader.line_num}: not comma-separated values ({error})") from None
    if not lines:
        raise InputError(f"{spec.data} holds a header and no rows")
    n_features = width - (label_at is not None)
    features = np.frombuffer(numbers, dtype=np.float64).reshape(len(lines), n_features)
    return _Table(header, features, labels, lines)


def _check_header(header: list[str], spec: DataSpec) -> int | None:
    """The position of the label column."""
    if not any(header):
        raise InputError(f"{spec.data} must begin with a header that names the columns; its first line is blank")
    if all(_NUMBER.fullmatch(name) for name in header):
        raise InputError(f"{spec.data} must begin with a header that names the columns; its first line is all numbers")
    seen: set[str] = set()
    for k, name in enumerate(header):
        if not name:
            raise InputError(f"{spec.data}: column {k + 1} of {len(header)} has no name in the header")
        if name in seen:
            raise InputError(f"{spec.data}: two columns are named {name!r}; rename one")
        seen.add(name)
    if spec.label_column is None:
        return None
    wanted = spec.label_column.strip()
    if wanted not in header:
        shown = ", ".join(map(repr, header[:20])) + (f" and {len(header) - 20} more" if len(header) > 20 else "")
        comma = "; fields are separated by commas" if len(header) == 1 and re.search(r"[;\t|]", header[0]) else ""
        raise InputError(f"{spec.data} has no column {wanted!r}; its columns are {shown}{comma}")
    if len(header) == 1:
        raise InputError(f"{spec.data} has no column beside the labels, so its points would have dimension 0")
    return header.index(wanted)


def _number(text: str, spec: DataSpec, line: int, column: str) -> float:
    where = f"{spec.data}, line {line}, column {column!r}"
    if not _NUMBER.fullmatch(text):
        shown = text if len(text) <= 40 else text[:37] + "..."
        if not text:
            raise InputError(f"{where}: the field is empty; drop or fill such rows")
        if _SPECIAL.fullmatch(text):
            raise InputError(f"{where}: {shown!r}; every number must be finite, so drop or fill such rows")
        raise InputError(f"{where}: {shown!r} is not a decimal number such as -1.5 or 2e-3")
    value = float(text)
    if math.isinf(value):
        raise InputError(f"{where}: {text[:40]!r} is beyond the largest float64, about 1.8e308")
    return value
