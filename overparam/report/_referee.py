"""What a referee needs: every certificate decided again, and one archive that holds checker and files."""

import pathlib
import zipfile
from typing import Any

import proofs_check
from overparam.errors import InputError

_EXIT = {"accepted": 0, "rejected": 10, "undecided": 11}
_MALFORMED = 12
_EPOCH = (1980, 1, 1, 0, 0, 0)  # archives of the same files are the same bytes


def certificate_folders(folder: pathlib.Path) -> list[pathlib.Path]:
    """Every folder below that holds a statement, sorted.

    Raises:
        InputError: there is none.
    """
    if not folder.is_dir():
        raise InputError(
            f"{folder} is not a folder; name an output folder of `overparam width`, `memorize` or `verify`"
        )
    found = sorted(path.parent for path in folder.rglob("statement.json"))
    if not found:
        raise InputError(f"there is no certificate (a folder with statement.json) in {folder}")
    return found


def recheck(folder: pathlib.Path) -> list[dict[str, Any]]:
    """One row a certificate: its folder, the checker's answer, its sentence, its exit code."""
    return [_row(path, folder) for path in certificate_folders(folder)]


def _row(path: pathlib.Path, folder: pathlib.Path) -> dict[str, Any]:
    name = path.relative_to(folder).as_posix()
    try:
        answer = proofs_check.check(path)
    except proofs_check.Malformed as error:
        return {"certificate": name, "status": "malformed", "sentence": str(error), "exit_code": _MALFORMED}
    return {
        "certificate": name,
        "status": answer.status,
        "sentence": answer.sentence,
        "exit_code": _EXIT[answer.status],
    }


def recheck_text(rows: list[dict[str, Any]]) -> str:
    """A line a certificate, and a count; reasons for those that were not accepted."""
    bad = [row for row in rows if row["exit_code"]]
    lines = [f"{row['status']:<9}  {row['certificate']}" for row in rows]
    lines += [f"\n{row['certificate']}: {row['sentence']}" for row in bad]
    return "\n".join([*lines, f"\n{len(rows) - len(bad)} of {len(rows)} certificates accepted"])


_README = """Certificates of {n} statements, and the checker that decides them.

    python -I -S proofs_check check {first}

needs Python 3.11 or newer and nothing else. Exit codes: 0 accepted, 10 rejected, 11 undecided, 12 malformed.
Each folder holds statement.json (what is claimed) and witness.json (the network); the data set lies beside them,
named by the SHA-256 of its bytes. All of them:

{commands}
"""


def bundle(folder: pathlib.Path, out: pathlib.Path) -> tuple[pathlib.Path, int]:
    """Write out/bundle.zip: every certificate below `folder`, the checker's source, a README with the command.

    Returns:
        the archive and how many files it holds.
    """
    folders = certificate_folders(folder)
    checker = pathlib.Path(proofs_check.__file__).parent
    members: dict[str, bytes] = {}
    for path in sorted(checker.rglob("*")):
        if path.suffix in {".py", ".bib"}:
            members[f"proofs_check/{path.relative_to(checker).as_posix()}"] = path.read_bytes()
    for path in folders:
        datasets = [p for home in (path, path.parent) for p in home.glob("*.json") if len(p.stem) == 64]
        for file in (path / "statement.json", path / "witness.json", *datasets):
            if file.is_file():
                members[file.relative_to(folder).as_posix()] = file.read_bytes()
    names = [path.relative_to(folder).as_posix() for path in folders]
    commands = "\n".join(f"    python -I -S proofs_check check {name}" for name in names)
    members["README.txt"] = _README.format(n=len(names), first=names[0], commands=commands).encode()
    out.mkdir(parents=True, exist_ok=True)
    archive = out / "bundle.zip"
    draft = out / ".bundle.zip.draft"
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as packed:
            for name in sorted(members):
                entry = zipfile.ZipInfo(name, _EPOCH)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                packed.writestr(entry, members[name])
        draft.replace(archive)
    finally:
        draft.unlink(missing_ok=True)
    return archive, len(members)
