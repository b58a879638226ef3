"""The numbers behind a figure as CSV: what is missing is empty, floats are written so that they read back."""

import csv
import io
from collections.abc import Iterable, Sequence


def table_csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """One line a row under the names of the columns.

    >>> print(table_csv(("n", "share"), [(3, 0.1), (4, None)]), end="")
    n,share
    3,0.1
    4,
    """
    stream = io.StringIO()
    lines = csv.writer(stream, lineterminator="\n")
    lines.writerow(head)
    lines.writerows([["" if cell is None else repr(cell) if isinstance(cell, float) else cell for cell in row]
                     for row in rows])  # fmt: skip
    return stream.getvalue()
