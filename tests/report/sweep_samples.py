"""A sweep as a folder of `overparam run` would give it, without a run."""

import dataclasses
import math

from overparam.report._sweep_folder import Sweep
from overparam.report._sweeps import cell_rows
from overparam.sweeps import CellState, SweepSpec, cells
from overparam.sweeps._spec import axes, coordinate

SEEDS = 64


def threshold(n, d):
    """Of the made-up law: a power of n and d."""
    return 0.6 * n / d**0.5


def sweep(*, rows=SEEDS, censored=0, **tables):
    """Seeds of a cell fit as if the width were judged on a steep curve around `threshold`."""
    tables = {"data": {"n": [10, 20, 40], "d": 4}, "model": {"width": [1, 2, 4, 8, 16, 32]}} | tables
    spec = SweepSpec(seeds=SEEDS, chunk=32, shard=32, **tables)
    listed = cells(spec)
    columns = axes(listed)
    states = []
    for cell in listed:
        here = cell.model.width / threshold(cell.data.n or 40, cell.data.d or 5)
        fits = round(rows / (1 + math.exp(-6 * math.log(here))))
        outcomes = {"fitted": fits, "max_steps": min(censored, rows - fits)}
        outcomes["stuck"] = rows - sum(outcomes.values())
        place = {axis: coordinate(cell, axis) for axis in columns}
        states.append(CellState(cell.id, place, SEEDS, rows, outcomes, 0, None))
    return Sweep(
        name="sample",
        rows=cell_rows(states),
        axes=columns,
        settings=dataclasses.asdict(spec),
        spec="",
        failures=[],
        quarantined=[],
        damaged=[],
        environments={},
    )
