"""What may go wrong on purpose.  Each message names the argument, what it must be, what it was, what to do next."""

import difflib
from collections.abc import Sequence


class OverparamError(Exception):
    """Base of the errors that the command line prints as one sentence instead of a traceback."""


class InputError(OverparamError, ValueError):
    """The caller's data, file or option cannot be used."""


class PrecisionError(OverparamError, ValueError):
    """JAX is running without the dtype that was asked for."""


class RepairError(OverparamError):
    """A float network could not be turned into an exact one; nothing is thereby shown impossible."""


def close_to(name: str, known: Sequence[str], *, listed_by: str = "") -> str:
    """Which names a mistyped one may mean: the three closest, else all, or the command that lists them.

    >>> close_to("vardi", ["vardi2022-sqrt", "param-count"])
    'did you mean vardi2022-sqrt?'
    """
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.6) or [one for one in known if name and name in one][:3]
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"`{listed_by}` lists them" if listed_by else f"there are {', '.join(known)}"
