"""Work on another machine: is the folder the same one there, and do refusals come home as they are.

A cluster's future gives back what `remotely` returned there.  Refusals travel as values, since some clusters turn every
exception into one of their own, and the driver must tell "this machine may not" from "this machine died".
"""

import dataclasses
import pathlib
import platform
import time
from collections.abc import Callable
from typing import Any

from overparam.errors import InputError, OverparamError
from overparam.sweeps._agreement import is_sweep
from overparam.sweeps._folder import shard_path
from overparam.sweeps._work import Done, Unwritable

PATIENCE = 60.0  # seconds after which every machine sees a new file of a network file system


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a call came to on another machine."""

    host: str
    value: Any = None
    refusal: OverparamError | Unwritable | None = None


def remotely(function: Callable[..., Any], place: str, *args: Any) -> Answer:
    """Call `function(place, *args)` on the machine that this runs on.

    Args:
        function: such as `overparam.sweeps.work`.
        place: the folder of the sweep, as the machine that hands out the work calls it.
        args: whatever else the function takes.
    """
    host = platform.node()
    try:
        if not within_patience(lambda: is_sweep(pathlib.Path(place))):
            raise InputError(
                f"the machine {host} sees no sweep in {place}; take a folder on a disk that all machines share, "
                "under one path"
            )
        return Answer(host, function(place, *args))
    except (OverparamError, Unwritable) as refusal:
        return Answer(host, refusal=refusal)


def taken(answer: Answer, place: str) -> Any:
    """The value of an answer, once this machine sees the shard, too.

    Raises:
        OverparamError: the other machine refused, or wrote its rows where this one does not see them.
        Unwritable: it could not write.
    """
    if answer.refusal is not None:
        raise answer.refusal
    value = answer.value
    if isinstance(value, Done) and value.failure is None:
        path = shard_path(pathlib.Path(place), value.task.span)
        if not within_patience(path.exists):
            raise InputError(
                f"the machine {answer.host} has written {path}, and this one does not see it; take a folder on a disk "
                "that all machines share"
            )
    return value


def within_patience(holds: Callable[[], bool]) -> bool:
    """Whether something holds now, or soon: network file systems show what is new with some delay."""
    until = time.monotonic() + PATIENCE
    while not (found := holds()) and time.monotonic() < until:
        time.sleep(0.5)
    return found
