"""Sweeps: one specification file, thousands of seeds in every cell, and a folder that survives any kill.

`read_spec` reads a TOML file into a frozen `SweepSpec`, and `cells` lists what it asks for: every combination of data,
network and protocol.  `run` computes what its folder lacks, so that starting, resuming and topping up are one call;
`work` is one shard of it, the function that executors on other machines are handed.  The folder is the truth: no
server, no lock, no database.  Rows are deterministic and files appear whole or not at all, so two processes on one
folder do no harm, and a process that dies loses at most the shard it was working on.

Everything here is observed, never certified.  Only this room imports pyarrow.
"""

from overparam._doors import door

__getattr__, __all__ = door(
    __name__,
    spec="Cell SweepSpec cells",
    read="parse_spec read_spec spec_text",
    tasks="Task plan",
    work="work",
    run="Summary run",
    table="sweep_rows",
    agreement="is_sweep",
    state="CellState sweep_state",
    recheck="Rechecked recheck_sweep",
    sbatch="sbatch_script",
    dask="DaskExecutor load_dask",
    submitit="SubmititExecutor",
)
