"""Docstrings are plain text with names in backticks; here they become what Sphinx reads.

Mathematics such as |x|, a * b and x_ stands for itself, and what is indented, outside of the sections, keeps its lines.
"""

import re
from typing import Any

_SECTION = re.compile(r"^(Args|Attributes|Returns|Raises|Yields|Warns|Source|Families):$")
_JOINED = r"\ "  # between markup and a letter that belongs to the same word


def plain(lines: list[str]) -> list[str]:
    """The lines of a docstring, with markup where plain text would be taken for something else.

    Args:
        lines: dedented, as autodoc hands them out.
    """
    done: list[str] = []
    section = example = formula = False
    for line in lines:
        blank, indented = not line.strip(), line.startswith("  ")
        section = bool(_SECTION.match(line)) or (section and (blank or line.startswith(" ")))
        example = line.lstrip().startswith(">>>") or (example and not blank)
        if indented and not section and not example and not formula:
            done += ["::", ""] if not done or not done[-1] else ["", "::", ""]
            formula = True
        elif formula and not indented and not blank:
            done += [""] if done[-1] else []
            formula = False
        done.append(line if example or formula else _escaped(line))
    return done


def _escaped(line: str) -> str:
    """What is not in backticks stands for itself; a name in backticks may end in an s of its own."""
    parts = re.split(r"(`+[^`]*`+)", line)
    parts[::2] = [re.sub(r"(?<=\w)_(?!\w)|[\\*|]", r"\\\g<0>", part) for part in parts[::2]]
    for place in range(1, len(parts), 2):
        before, after = parts[place - 1][-1:].isalnum(), parts[place + 1][:1].isalnum()
        parts[place] = f"{_JOINED if before else ''}{parts[place]}{_JOINED if after else ''}"
    return "".join(parts)


def _process(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    lines[:] = plain(lines)


def _skip(app: Any, what: str, name: str, obj: Any, skip: bool, options: Any) -> bool | None:
    """A field of a named tuple is told by its class, not as "alias for field number 0"."""
    return True if type(obj).__name__ in ("_tuplegetter", "member_descriptor") else None


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", _process, priority=400)  # before napoleon
    app.connect("autodoc-skip-member", _skip)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
