"""Commands about the output folder of an earlier command: recheck, cite, bundle, report."""

import dataclasses
import pathlib
from typing import Annotated

import tyro

from overparam.cli._output import COMMON, Common, show, usable
from overparam.errors import InputError
from overparam.records import EXIT_OK, write_atomically

Folder = Annotated[pathlib.Path, tyro.conf.Positional]


@dataclasses.dataclass(frozen=True)
class Recheck:
    """Let the checker decide every certificate below a folder again; in a sweep's folder, compute shards again.

    Exit codes: those of the checker; for a sweep 0 if every bit is the same, 3 if not, 5 if not and the rows were
    computed on another machine or by another program.
    """

    folder: Folder
    """Output folder of an earlier command."""
    sample: int = 3
    """Sweeps: how many shards to compute again."""
    all: bool = False
    """Sweeps: compute every shard again."""
    common: Common = COMMON

    def run(self) -> int:
        from overparam.report import recheck, recheck_text, worst
        from overparam.sweeps import is_sweep

        if is_sweep(self.folder):
            from overparam.cli._sweep import recheck_again

            return recheck_again(self.folder, None if self.all else self.sample, self.common)
        rows = recheck(self.folder)
        show(self.common, rows, recheck_text(rows), "recheck.json")
        return worst(rows)


@dataclasses.dataclass(frozen=True)
class Cite:
    """Print the BibTeX of every source that the results in a folder rest on."""

    folder: Folder
    """Output folder of an earlier command."""
    common: Common = COMMON

    def run(self) -> int:
        from overparam.report import citations

        entries = citations(self.folder)
        show(self.common, entries, "\n\n".join(entries.values()) + "\n", "refs.json")
        return EXIT_OK


@dataclasses.dataclass(frozen=True)
class Bundle:
    """Pack certificates, checker and the command to re-check them into one archive for a referee."""

    folder: Folder
    """Output folder of an earlier command."""
    common: Common = COMMON

    def run(self) -> int:
        from overparam.report import bundle

        content, members = bundle(self.folder)
        out = self.common.out or self.folder
        usable(out)
        path = out / "bundle.zip"
        write_atomically(path, content)
        show(self.common, {"bundle": str(path), "files": members}, f"{path}: {members} files\n", None)
        return EXIT_OK


@dataclasses.dataclass(frozen=True)
class Report:
    """Write report, figures, tables and references for the results in a folder, complete or not.

    In the folder of a sweep: the table sweep.csv, one line a cell.
    """

    folder: Folder
    """Output folder of an earlier command."""
    common: Common = COMMON

    def run(self) -> int:
        from overparam.report import write_report
        from overparam.sweeps import is_sweep

        if is_sweep(self.folder):
            from overparam.report import sweep_text, write_sweep_table

            path, rows = write_sweep_table(self.folder)
            show(self.common, {"table": str(path), "cells": rows}, sweep_text(path, rows), None)
            return EXIT_OK
        if not self.folder.is_dir():
            raise InputError(f"{self.folder} is not a folder of results; make one with `overparam width --out`")
        usable(self.folder)
        path = write_report(self.folder)
        show(self.common, {"report": str(path)}, f"{path}\n", "report.json")
        return EXIT_OK
