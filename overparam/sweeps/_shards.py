"""Shard files: Parquet with a typed schema, and a checksum that can be checked without reading Parquet.

The file's metadata hold one JSON text under the key "overparam": format, cell, first seed, count, environment,
number of rows of each outcome, settings, and "sha256": that of the whole file with these 64 digits written as zeros.
"""

import hashlib
import io
import json
import pathlib
from collections import Counter
from typing import Any, get_args

import pyarrow as pa
import pyarrow.parquet as pq

from overparam.sweeps._fields import fields_of
from overparam.sweeps._folder import Span, shard_path
from overparam.sweeps._header import KEY, PLACEHOLDER, checked
from overparam.sweeps._spec import FORMAT, Cell, coordinate

ROW = pa.schema(
    [
        pa.field("cell", pa.string(), nullable=False),
        pa.field("seed", pa.int64(), nullable=False),
        pa.field("data_seed", pa.int64(), nullable=False),
        pa.field("outcome", pa.string(), nullable=False),  # fitted, max_steps (censored), diverged, stuck
        pa.field("n_steps", pa.int64(), nullable=False),
        pa.field("residual_norm", pa.float64(), nullable=False),
        pa.field("gradient_norm", pa.float64(), nullable=False),
        pa.field("label_norm", pa.float64(), nullable=False),
        pa.field("params_sha256", pa.string(), nullable=False),
        pa.field("residual64", pa.float64()),  # of float32 successes, computed again in float64
        pa.field("confirmed", pa.bool_()),  # whether that residual counts as fitted, too
    ]
)
_ARROW = {int: pa.int64(), float: pa.float64(), bool: pa.bool_(), str: pa.string()}


def shard_bytes(rows: pa.Table, span: Span, cell: Cell, axes: tuple[str, ...], environment: str) -> bytes:
    """The file of these rows: the same rows, settings and environment give the same bytes."""
    table = with_axes(rows, cell, axes)
    header = {
        "format": FORMAT,
        "cell": span.cell,
        "first": span.first,
        "count": span.count,
        "environment": environment,
        **counted(rows),
        "settings": cell.settings(),
        "sha256": PLACEHOLDER,
    }
    sink = io.BytesIO()
    # Without Arrow's own copy of the schema, which would repeat everything in base64.
    with pq.ParquetWriter(sink, table.schema, store_schema=False) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({KEY: json.dumps(header)})
    content = sink.getvalue()
    at = content.rindex(PLACEHOLDER.encode())
    return content[:at] + hashlib.sha256(content).hexdigest().encode() + content[at + len(PLACEHOLDER) :]


def counted(rows: pa.Table) -> dict[str, Any]:
    """Rows by outcome, and how many successes float64 did not confirm."""
    outcomes = Counter(rows["outcome"].to_pylist())
    return {"outcomes": dict(sorted(outcomes.items())), "unconfirmed": rows["confirmed"].to_pylist().count(False)}


def with_axes(rows: pa.Table, cell: Cell, axes: tuple[str, ...]) -> pa.Table:
    """The rows with the settings `axes` of their cell as columns after the first."""
    for at, axis in enumerate(axes, start=1):
        value, kind = coordinate(cell, axis), _arrow_type(axis)
        value = ",".join(value) if isinstance(value, tuple) else value
        rows = rows.add_column(at, pa.field(axis, kind), pa.array([value] * len(rows), kind))
    return rows


def read_rows(folder: pathlib.Path, span: Span) -> pa.Table | None:
    """The rows of one shard without the columns of its axes; None if the file is not whole."""
    try:
        content = shard_path(folder, span).read_bytes()
    except IsADirectoryError:
        return None
    if checked(content, span) is None:
        return None
    try:
        return pq.read_table(pa.BufferReader(content), columns=ROW.names).cast(ROW)
    except (pa.ArrowException, ValueError):  # another program's file with a checksum of its own
        return None


def _arrow_type(axis: str) -> pa.DataType:
    table, field = axis.split(".")
    hint: Any = fields_of(table)[field]
    kinds = [kind for kind in get_args(hint) if kind in _ARROW] or [hint]
    return _ARROW.get(kinds[0], pa.string())
