"""Commands about the output folder of an earlier command: recheck, cite, bundle, report."""

import dataclasses
import pathlib
from typing import Annotated, Any

import tyro

from overparam.cli._output import COMMON, Common, show, usable
from overparam.errors import InputError
from overparam.files import write_atomically
from overparam.records import EXIT_OK

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
    """Write report.html, figures, and what goes into a paper for the results in a folder, complete or not.

    What is missing or damaged is told in the report. For a sweep also the table sweep.csv, one line a cell.
    """

    folder: Folder
    """Output folder of an earlier command."""
    common: Common = COMMON

    def run(self) -> int:
        from overparam.report import read_folder, sweep_text, verified, write_report
        from overparam.report._text import plain

        if not self.folder.is_dir():
            raise InputError(f"{self.folder} is not a folder of results; make one with `overparam width --out`")
        if self.common.out is not None:
            raise InputError(f"report writes into the folder that it is about, {self.folder}; leave out --out")
        usable(self.folder)
        folder = verified(read_folder(self.folder), self.folder)
        path = write_report(self.folder, folder)
        record: dict[str, Any] = {"report": str(path), "missing": folder.missing}
        told = [*(f"PARTIAL: {plain(why)}" for why in folder.missing), str(path)]
        if folder.sweep is not None:
            table = self.folder / "sweep.csv"
            record |= {"table": str(table), "cells": folder.sweep.rows}
            told.append(sweep_text(table, folder.sweep.rows))
        show(self.common, record, "\n".join(told) + "\n", None)
        return EXIT_OK
