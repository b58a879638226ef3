"""Commands about sweeps: run, status."""

import contextlib
import dataclasses
import os
import pathlib
import re
import sys
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

import tyro

from overparam.cli._output import COMMON, Common, show, teller
from overparam.errors import InputError
from overparam.records import EXIT_OK, EXIT_OPEN, EXIT_REFUTED

Spec = Annotated[pathlib.Path, tyro.conf.Positional]
_MOST_LINES = 60


@dataclasses.dataclass(frozen=True)
class RunSweep:
    """Train what a specification file asks for and the folder --out lacks: start, resume and top up are one command.

    Exit codes: 0 everything is there; 6 done, but some cells failed, for the reasons in DIR/failures; 64 refused,
    nothing done; 75 interrupted or out of disk, with everything finished kept.
    """

    spec: Spec
    """The specification, a TOML file."""
    shard: str = "0/1"
    """i/N: this machine's part of the work, 0 <= i < N, such as 0/8; the parts are disjoint."""
    workers: int | None = None
    """Processes on this machine; the command itself works if not given."""
    threads: int | None = None
    """Processors of each process, part of the experiment; all of them if not given. Many small networks are trained
    fastest by one process a processor."""
    dask: str | None = None
    """Address of a dask scheduler, whose workers then do the work, or the .json file that it wrote."""
    device: Literal["auto", "cpu", "gpu", "tpu"] = "auto"
    """Where to compute."""
    mixed: bool = False
    """Let this folder hold rows of different programs and machines, which need not agree bit by bit."""
    common: Common = COMMON

    def run(self) -> int:
        from overparam.sweeps import read_spec, run

        out = self.common.out
        if out is None:
            raise InputError("overparam run keeps its rows in a folder, and goes on there next time: name it by --out")
        spec, part = read_spec(self.spec), _part(self.shard)
        if self.device == "cpu":  # before JAX looks for accelerators, here and in the workers
            os.environ["JAX_PLATFORMS"] = "cpu"
        with teller() as tell, _executor(self.workers, self.threads, self.dask, tell) as executor:
            from overparam.cli._signals import finishing

            with finishing(at_once=executor is not None) as check:
                summary = run(
                    spec, out, executor=executor, part=part, device=self.device, mixed=self.mixed, tell=tell,
                    note=_note, check=check,
                )  # fmt: skip
        record = dataclasses.asdict(summary) | {"exit_code": summary.exit_code}
        show(self.common, record, _summary_text(record, out), None)
        if summary.stopped is not None:
            print(
                f"overparam: {summary.stopped}; finished shards are whole, mend this and run the same command again",
                file=sys.stderr,
            )
        return summary.exit_code


@dataclasses.dataclass(frozen=True)
class Status:
    """How far a sweep has come: rows and outcomes of every cell, and what failed."""

    folder: Annotated[pathlib.Path, tyro.conf.Positional]
    """Folder of `overparam run`."""
    common: Common = COMMON

    def run(self) -> int:
        from overparam.sweeps import sweep_state

        states = sweep_state(self.folder)
        rows = [dataclasses.asdict(state) | {"complete": state.complete} for state in states]
        show(self.common, rows, _status_text(rows), "status.json")
        return EXIT_OK


def recheck_again(folder: pathlib.Path, sample: int | None, common: Common) -> int:
    """Compute shards of a sweep again, tell, and return the exit code."""
    from overparam.sweeps import recheck_sweep

    if sample is not None and sample < 1:
        raise InputError(f"--sample must be at least 1, not {sample}; --all computes every shard again")
    with teller() as tell:
        found = recheck_sweep(folder, sample=sample, tell=tell)
    if not found:
        raise InputError(f"{folder} has no shards yet; compute some with `overparam run`")
    rows = [dataclasses.asdict(one) | {"exit_code": one.exit_code} for one in found]
    show(common, rows, _recheck_text(rows), "recheck.json")
    codes = {row["exit_code"] for row in rows}
    return next((code for code in (EXIT_REFUTED, EXIT_OPEN) if code in codes), EXIT_OK)


@contextlib.contextmanager
def _executor(workers: int | None, threads: int | None, dask: str | None, tell: Callable[[str], None]) -> Iterator[Any]:
    """A scheduler, a pool of processes, or None after binding this one to its processors."""
    from overparam.sweeps._executors import SpawnPool, processors

    if dask is not None:
        if workers is not None or threads is not None:
            raise InputError(
                "--dask leaves processes and processors to `dask worker`; leave --workers and --threads out"
            )
        from overparam.cli._clusters import dask_executor

        with dask_executor(dask, tell) as executor:
            yield executor
        return
    if workers is not None:
        pool = SpawnPool(workers, threads)
        try:
            yield pool
        finally:
            pool.close()
        return
    if threads is None:
        yield None
        return
    mine = processors(threads)
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, mine)  # before JAX starts its threads
    try:
        yield None
    finally:
        os.sched_setaffinity(0, before)


def _note(text: str) -> None:
    print(f"overparam: {text}", file=sys.stderr, flush=True)


def _part(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"([0-9]{1,18})/([0-9]{1,18})", text)
    if match is None:
        raise InputError(f"--shard must be i/N, such as 0/8 for the first of eight parts, not {text!r}")
    return int(match[1]), int(match[2])


def _recheck_text(rows: list[dict[str, Any]]) -> str:
    lines = []
    for row in rows:
        elsewhere = "" if row["same_environment"] else " (written by another program or machine)"
        lines.append(
            f"{row['answer']:<10} {row['cell']} seeds {row['first']} to {row['first'] + row['count'] - 1}{elsewhere}"
        )
        lines += [f"    seed {seed}: {', '.join(names)}" for seed, names in list(row["differences"].items())[:5]]
    equal = sum(row["answer"] == "equal" for row in rows)
    return "\n".join([*lines, f"{equal} of {len(rows)} shards equal bit for bit"])


def _summary_text(record: dict[str, Any], out: pathlib.Path) -> str:
    lines = [
        f"{record['cells']} cells; {record['before']} shards were there, {record['computed']} computed "
        f"({record['rows']} rows, {record['compilations']} compilations), {record['missing']} missing"
    ]
    lines += [f"moved to {out / 'quarantine' / name}: not whole" for name in record["quarantined"]]
    lines += [f"failed: {name}: {why}" for name, why in record["failures"].items()]
    return "\n".join([*lines, f"rows: {out / 'shards'}; next: overparam status {out}, overparam report {out}"])


def _status_text(rows: list[dict[str, Any]]) -> str:
    """A line a cell, the first incomplete ones first if there are many."""
    from overparam.report._text import plain

    complete = sum(row["complete"] for row in rows)
    done, wanted = sum(row["rows"] for row in rows), sum(row["wanted"] for row in rows)
    shown = rows if len(rows) <= _MOST_LINES else sorted(rows, key=lambda row: row["complete"])[:_MOST_LINES]
    lines = []
    for row in shown:
        where = " ".join(f"{axis}={value}" for axis, value in row["coordinates"].items())
        how = ", ".join(f"{count} {name}" for name, count in row["outcomes"].items()) or "nothing yet"
        failure = f"; FAILED: {plain(row['failure'])}" if row["failure"] else ""
        lines.append(f"{row['cell']}  {row['rows']:>7} of {row['wanted']:<7} {where}  {how}{failure}".rstrip())
    if len(shown) < len(rows):
        lines.append(f".. and {len(rows) - len(shown)} more cells; all of them with --json")
    word = "complete" if complete == len(rows) else "PARTIAL"
    return "\n".join([*lines, f"{word}: {complete} of {len(rows)} cells, {done} of {wanted} rows"])
