"""The directive `room`: what a room of the package says of itself, then each name on its door with its docstring.

Rooms load on first use, so autodoc's own listing of a module would find none of their names.
"""

import importlib
import inspect
import typing
from types import ModuleType
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

SHOWN = 100  # letters of a constant that are shown beside its name


def reference(module: str, names: list[str]) -> str:
    """The directives of autodoc, one a name.

    What the package itself offers is entered into the index by the room where it lives.
    """
    told = []
    again = "   :no-index:\n" if module == "overparam" else ""
    for name in names:
        value = getattr(importlib.import_module(module), name)
        if inspect.isclass(value):
            told.append(f".. autoclass:: {module}.{name}\n   :members:\n{again}")
        elif callable(value) and typing.get_origin(value) is None:  # an alias of a type can be called, too
            told.append(f".. autofunction:: {module}.{name}\n{again}")
        else:
            text = repr(value).replace("typing.", "")
            told.append(f".. py:data:: {module}.{name}\n" + f"   :value: {text}\n" * (len(text) <= SHOWN))
    return "\n".join(told)


def public(module: ModuleType) -> list[str]:
    """The names on the module's door; without one, what it defines itself."""
    if hasattr(module, "__all__"):
        return [name for name in module.__all__ if not name.startswith("__")]
    own = (name for name, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__)
    return [name for name in own if not name.startswith("_")]


class Room(SphinxDirective):
    """`room` with the dotted name of a module."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The module's docstring, and the reference of its public names."""
        module = importlib.import_module(self.arguments[0])
        directives = reference(module.__name__, public(module))
        text = f"{inspect.getdoc(module)}\n\n```{{eval-rst}}\n{directives}\n```\n"
        return self.parse_text_to_nodes(text)


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_directive("room", Room)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
