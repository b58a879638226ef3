"""Writes the certificates beside this file: `python -m tests.certificates.make`.  Its output is committed.

The number format, the files and the witnesses are made here by hand, without the checker and without `overparam`.
Each CASES entry is: answer, folder, a piece of the sentence that only the rule in question prints, files by name.
One file in `cases/` holds those of one kind; witnesses of constructions have a file of their own.
"""

import importlib
import pathlib

HERE = pathlib.Path(__file__).parent
MODULES = [
    importlib.import_module(f"tests.certificates.cases.{path.stem}") for path in sorted((HERE / "cases").glob("*.py"))
]
CASES = [case for module in MODULES if hasattr(module, "CASES") for case in module.CASES]


def write(root: pathlib.Path) -> None:
    for answer, name, _, files in CASES:
        for file, content in files.items():
            path = (root / answer / name / file).resolve()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


if __name__ == "__main__":
    write(HERE)
