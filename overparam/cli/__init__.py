"""The command line.

Nothing heavy is imported before a command runs; `theorems`, `cite` and `--help` never import JAX.
"""

import io
import os
import sys
from typing import Any, NoReturn

import tyro

from overparam import __version__
from overparam.cli._commands import COMMANDS
from overparam.errors import OverparamError
from overparam.records import EXIT_INTERRUPTED, EXIT_OK, EXIT_REFUSED

_ABOUT = (
    "Verify theorems about overparameterized neural networks; print numbers that a referee can re-check. "
    "`overparam --version` prints the version."
)


def script() -> NoReturn:
    """The installed command: run, and leave with the exit code.

    After an interruption JAX may still be computing, and taking its threads down can crash; every file is whole, so the
    process ends at once.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # file names need not be text
    code = main()
    if code == EXIT_INTERRUPTED:
        os._exit(code)
    sys.exit(code)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code.

    Refused input and refused flags exit with 64 and one sentence; a traceback is a bug of ours.
    """
    if (sys.argv[1:] if arguments is None else arguments) == ["--version"]:
        print(f"overparam {__version__}")
        return EXIT_OK
    try:
        command: Any = tyro.extras.subcommand_cli_from_dict(
            COMMANDS, prog="overparam", args=arguments, description=_ABOUT
        )
        return command.run()
    except OverparamError as error:
        print(f"overparam: {error}", file=sys.stderr)
        return EXIT_REFUSED
    except SystemExit as stop:
        return EXIT_REFUSED if stop.code == 2 else int(stop.code or 0)
    except KeyboardInterrupt:
        print("overparam: interrupted; finished files are whole, run the same command again", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK
    except OSError as error:  # a full disk, a folder without permission
        where = f" {error.filename}" if error.filename else ""
        print(f"overparam: cannot use{where}: {error.strerror or error}; finished files are whole", file=sys.stderr)
        return EXIT_REFUSED
