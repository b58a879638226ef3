"""Rooms that load on first use, so that `--help` and the checker's commands never wait for JAX (PEP 562)."""

import importlib
from collections.abc import Callable
from typing import Any


def door(room: str, **files: str) -> tuple[Callable[[str], Any], list[str]]:
    """`__getattr__` and `__all__` of a room whose public names live in its underscore files.

    Args:
        room: the room's `__name__`.
        files: file (without its leading underscore, or "folder._file") -> its public names, separated by spaces.
    """
    home = {name: file for file, names in files.items() for name in names.split()}

    def __getattr__(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        file = home[name] if "." in home[name] else f"_{home[name]}"
        return getattr(importlib.import_module(f"{room}.{file}"), name)

    return __getattr__, sorted(home)
