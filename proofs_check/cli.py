"""The commands state, check, compare, bounds and cite.

Exit codes: 0 accepted, 10 rejected, 11 undecided, 12 malformed, 64 the command itself was wrong.  Of several answers
the command reports the worst: malformed, then rejected, then undecided.
"""

import argparse
import io
import json
import os
import re
import sys
from collections.abc import Iterable
from fractions import Fraction
from typing import Any, NoReturn

from proofs_check.answers import Malformed, OverBudget, Status
from proofs_check.claims import KINDS
from proofs_check.exact import quoted
from proofs_check.layers import RATIONAL, SMOOTH

ACCEPTED, REJECTED, UNDECIDED, MALFORMED, USAGE = 0, 10, 11, 12, 64

_CODES = {"accepted": ACCEPTED, "rejected": REJECTED, "undecided": UNDECIDED, "malformed": MALFORMED}
_SEVERITY = ("malformed", "rejected", "undecided", "accepted")
_NOT_FIELDS = ("run", "kind", "dataset", "out")
_FRACTION = re.compile(r"[0-9]{1,1000}(/0*[1-9][0-9]{0,999})?")


class Parser(argparse.ArgumentParser):
    """An argument parser whose refusals exit with 64: Python keeps 2 for itself."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and the message, and leave."""
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # paths need not be text
    options = _parser().parse_args(arguments)
    return options.run(options)


def _parser() -> Parser:
    parser = Parser(prog="proofs_check", description="Decide certificates exactly; see docs/certificates.md.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    state = commands.add_parser("state", help="write the statement of a certificate")
    state.add_argument("kind", metavar="KIND", help="what kind of statement: " + ", ".join(KINDS))
    state.add_argument("dataset", metavar="DATASET", nargs="?", help="data set file, named by its SHA-256")
    for flag, described in _FLAGS.items():
        options: dict[str, Any] = {"default": argparse.SUPPRESS, **described}
        state.add_argument(flag, **options)
    state.add_argument("--out", metavar="FILE", help="write here instead of printing")
    state.set_defaults(run=_state)

    check = commands.add_parser("check", help="decide certificates")
    check.add_argument("folders", nargs="+", metavar="FOLDER", help="statement.json and witness.json, or such folders")
    check.add_argument("--json", action="store_true", help="print a list of objects")
    check.add_argument("--lines", action="store_true", help="also print which of the checker's files were needed")
    check.set_defaults(run=_check)

    compare = commands.add_parser("compare", help="hold certified widths against every theorem")
    compare.add_argument("folders", nargs="+", metavar="FOLDER")
    compare.add_argument("--json", action="store_true", help="print a list of objects")
    compare.set_defaults(run=_compare)

    bounds = commands.add_parser("bounds", help="evaluate every theorem on a data set")
    bounds.add_argument("dataset", metavar="DATASET", help="data set file, named by its SHA-256")
    bounds.add_argument("--json", action="store_true", help="print a list of objects")
    bounds.set_defaults(run=_bounds)

    cite = commands.add_parser("cite", help="print BibTeX entries")
    cite.add_argument("keys", nargs="+", metavar="KEY", help="a theorem or a key of references.bib")
    cite.set_defaults(run=_cite)
    return parser


def _count(text: str) -> int:
    if not re.fullmatch(r"0|[1-9][0-9]{0,8}", text):
        raise argparse.ArgumentTypeError(f"{quoted(text)} is not an integer from 0 to 999999999")
    return int(text)


def _fraction(text: str) -> Fraction:
    if not _FRACTION.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{quoted(text)} is not a fraction such as 0 or 1/1000")
    return Fraction(text)


def _listed(path: str) -> Any:
    try:
        with open(path, encoding="utf-8") as stream:
            return json.load(stream)
    except (OSError, ValueError, RecursionError) as error:
        raise argparse.ArgumentTypeError(f"{quoted(path)} is no file with a JSON list ({error})") from None


_FLAGS: dict[str, dict[str, Any]] = {
    "--width": {"dest": "widths", "type": _count, "nargs": "+", "metavar": "K", "help": "neurons of each layer"},
    "--activation": {"choices": RATIONAL + SMOOTH, "help": "relu is the default"},
    "--no-hidden-bias": {"dest": "hidden_bias", "action": "store_false", "help": "all hidden biases are 0"},
    "--no-output-bias": {"dest": "output_bias", "action": "store_false", "help": "the output bias is 0"},
    "--tolerance": {"type": _fraction, "metavar": "P/Q", "help": "interpolates(-residual): largest error allowed"},
    "--theorem": {"metavar": "SLUG", "help": "interpolates(-residual): also that this theorem promises the widths"},
    "--stream": {"type": _count, "metavar": "M", "help": "interpolates-residual: numbers that go from block to block"},
    "--input": {"type": _count, "nargs": "+", "metavar": "N", "help": "parameter-count: height, width, channels"},
    "--layers": {"type": _listed, "metavar": "FILE", "help": "parameter-count: the layers, a JSON list"},
    "--trainable": {"type": _count, "metavar": "N", "help": "parameter-count: how many are learned"},
    "--statistics": {"type": _count, "metavar": "N", "help": "parameter-count: running means and variances"},
    "--degree": {"type": _count, "metavar": "M", "help": "not-polynomial: of the polynomials"},
    "--margin": {"type": _fraction, "metavar": "P/Q", "help": "separates: how far on the label's side"},
    "--network": {"metavar": "FILE", "help": "network file, named by its SHA-256"},
    "--matrix": {"metavar": "FILE", "help": "matrix file, named by its SHA-256"},
    "--gram": {"choices": ("given", "relu-limit", "network"), "help": "least-eigenvalue, full-row-rank: what matrix"},
    "--free": {"type": _count, "nargs": "+", "metavar": "LAYER", "help": "the layers that may move, from 0"},
    "--at-least": {"type": _fraction, "metavar": "P/Q", "help": "least-eigenvalue: lower bound"},
    "--at-most": {"type": _fraction, "metavar": "P/Q", "help": "least-eigenvalue, fits: upper bound"},
    "--distance": {"type": _fraction, "metavar": "P/Q", "help": "interpolates-near: how far the parameters move"},
    "--step": {"type": _fraction, "metavar": "P/Q", "help": "exact-lazy: of gradient descent"},
    "--property": {"choices": ("distinct", "affine", "linear"), "help": "position: what the points are"},
}


def _state(options: argparse.Namespace) -> int:
    from proofs_check.stating import state

    fields = {name: value for name, value in vars(options).items() if name not in _NOT_FIELDS}
    try:
        data = state(options.kind, options.dataset, **fields)
        if options.out is None:
            sys.stdout.write(data.decode())
        else:
            with open(options.out, "wb") as stream:
                stream.write(data)
    except Malformed as error:
        return _refuse(MALFORMED, f"malformed: {error}")
    except OverBudget as error:
        return _refuse(UNDECIDED, f"undecided: {error}")
    except (ValueError, OSError) as error:
        return _refuse(USAGE, str(error))
    return ACCEPTED


def _check(options: argparse.Namespace) -> int:
    from proofs_check.checking import check

    answers = []
    for folder in _certificates(options.folders):
        try:
            answer = check(folder)
            row = {"folder": folder, "answer": answer.status.value, "sentence": answer.sentence}
            if answer.status is not Status.ACCEPTED:
                row["reason"] = answer.reason
        except Malformed as error:
            row = {"folder": folder, "answer": "malformed", "sentence": f"Malformed: {error}.", "reason": str(error)}
        answers.append(row)
        if not options.json:
            print(f"{row['answer']}: {_shown(folder)}\n  {row['sentence']}")
    if options.json:
        print(json.dumps(answers, indent=1))
    if options.lines:
        print("\n".join(_lines()), file=sys.stderr if options.json else sys.stdout)
    return _worst(str(row["answer"]) for row in answers)


def _compare(options: argparse.Namespace) -> int:
    from proofs_check.comparing import CONTRADICTS, compare

    rows, text = compare(_certificates(options.folders))
    print(json.dumps(rows, indent=1) if options.json else text)
    return REJECTED if any(row["word"] == CONTRADICTS for row in rows) else _worst(str(row["answer"]) for row in rows)


def _bounds(options: argparse.Namespace) -> int:
    from proofs_check.bounding import bounds

    try:
        rows, text = bounds(options.dataset)
    except Malformed as error:
        return _refuse(MALFORMED, f"malformed: {error}")
    except OverBudget as error:
        return _refuse(UNDECIDED, f"undecided: {error}")
    print(json.dumps(rows, indent=1) if options.json else text)
    return ACCEPTED


def _cite(options: argparse.Namespace) -> int:
    from proofs_check.citations import bibtex

    try:
        entries = dict.fromkeys(bibtex(key) for key in options.keys)  # two theorems of one paper: one entry
    except KeyError as error:
        return _refuse(USAGE, str(error.args[0]))
    print("\n\n".join(entries))
    return ACCEPTED


def _certificates(folders: Iterable[str]) -> list[str]:
    """The folders themselves; one without a statement stands for all certificates below it, in the order of names."""
    found = []
    for folder in folders:
        below = [] if os.path.lexists(os.path.join(folder, "statement.json")) else _below(folder)
        found += below or [folder]
    return found


def _below(folder: str) -> list[str]:
    """Folders below that hold a statement or a witness, whatever kind of file that is; a link is not followed."""
    found, waiting = [], [folder]
    while waiting:  # not os.walk, which recurses
        place = waiting.pop()
        try:
            with os.scandir(place) as scanned:
                entries = sorted(scanned, key=lambda entry: entry.name)
        except OSError:
            found += [place] if place != folder else []  # what cannot be looked into is not passed over
            continue
        if {"statement.json", "witness.json"} & {entry.name for entry in entries}:
            found.append(place)
        waiting += [
            entry.path
            for entry in entries
            if entry.is_dir(follow_symlinks=False) and entry.name not in ("statement.json", "witness.json")
        ]
    return sorted(found)


def _shown(path: str) -> str:
    """A path on one line of its own."""
    return path if path.isprintable() else ascii(path)


def _worst(answers: Iterable[str]) -> int:
    given = set(answers)
    return next((_CODES[word] for word in _SEVERITY if word in given), ACCEPTED)


def _lines() -> list[str]:
    """Each file of the checker that has been loaded, with its number of lines."""
    loaded = [module for name, module in sys.modules.items() if name.split(".")[0] == "proofs_check"]
    counts = {}
    for file in sorted(str(module.__file__) for module in loaded if getattr(module, "__file__", None)):
        with open(file, encoding="utf-8") as stream:
            counts[os.path.relpath(file, _root())] = sum(1 for _ in stream)
    return [f"{count:6} {name}" for name, count in counts.items()] + [f"{sum(counts.values()):6} in all"]


def _root() -> str:
    return os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def _refuse(code: int, message: str) -> int:
    print(message, file=sys.stderr)
    return code
