"""Every import of a source tree, read with `ast`: at the top, inside functions, and by constant name."""

import ast
import functools
import pathlib
from collections.abc import Iterator
from typing import NamedTuple

ROOT = pathlib.Path(__file__).parents[2]


class Import(NamedTuple):
    """One import statement; `names` are the dotted names it may bring in, most specific first."""

    file: str
    line: int
    package: str  # dotted name of the importing module
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.names[0]}"


def module_name(path: pathlib.Path, root: pathlib.Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(text: str, *, file: str, module: str, is_package: bool) -> Iterator[Import]:
    """Imports in one file; relative ones are made absolute."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, node.lineno, module, (alias.name,))
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = module.split(".")[: len(module.split(".")) - node.level + is_package]
                base = ".".join([*above, *([base] if base else [])])
            for alias in node.names:
                yield Import(file, node.lineno, module, (f"{base}.{alias.name}", base))
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = ast.unparse(node.func)
            if called.split(".")[-1] in ("import_module", "__import__") and isinstance(node.args[0].value, str):
                yield Import(file, node.lineno, module, (node.args[0].value,))


@functools.cache
def imports_in(package: str) -> list[Import]:
    found = []
    for path in sorted((ROOT / package).rglob("*.py")):
        file, module = str(path.relative_to(ROOT)), module_name(path, ROOT)
        found += imports_of(path.read_text(), file=file, module=module, is_package=path.name == "__init__.py")
    return found


def rooms_in(package: str) -> list[str]:
    """Top-level rooms and files of a package, by name."""
    inside = (ROOT / package).iterdir()
    return sorted(p.stem for p in inside if p.suffix == ".py" or (p.is_dir() and any(p.glob("*.py"))))
