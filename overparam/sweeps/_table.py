"""All rows of a sweep's folder as one table."""

import pathlib

import pyarrow as pa

from overparam.sweeps._agreement import spec_of
from overparam.sweeps._folder import Span, listed
from overparam.sweeps._shards import ROW, read_rows, with_axes
from overparam.sweeps._spec import axes, cells
from overparam.sweeps._state import without_overlap


def sweep_rows(folder: str | pathlib.Path) -> pa.Table:
    """Every row once, by cell in the order of the specification, then by seed; the cells' settings as columns.

    Shards that are not whole are left out; `overparam run` computes them again.

    Raises:
        InputError: it is not the folder of a sweep.
    """
    home = pathlib.Path(folder)
    all_cells = cells(spec_of(home))
    columns = tuple(axes(all_cells))
    spans: dict[str, list[Span]] = {}
    for span in listed(home):
        spans.setdefault(span.cell, []).append(span)
    tables = [with_axes(ROW.empty_table(), all_cells[0], columns)]
    for cell in all_cells:
        whole = {span: rows for span in spans.get(cell.id, []) if (rows := read_rows(home, span)) is not None}
        for span, skipped in without_overlap(list(whole)):
            tables.append(with_axes(whole[span].slice(skipped), cell, columns))
    return pa.concat_tables(tables)
