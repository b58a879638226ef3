"""What a referee needs: every certificate decided again, the sources, and one archive with checker and files."""

import io
import json
import pathlib
import shlex
import zipfile
from typing import Any

import proofs_check
from overparam.errors import InputError
from overparam.report._reading import read_folder, record_files
from overparam.report._references import references, source
from overparam.report._verified import decided, verified

_EXIT = {"accepted": 0, "rejected": 10, "undecided": 11, "malformed": 12}
_SEVERITY = ("malformed", "rejected", "undecided", "accepted")  # the checker's own order
_OBJECTS = ("dataset", "network", "matrix")
_MOST_LINES = 60
_EPOCH = (1980, 1, 1, 0, 0, 0)  # archives of the same files are the same bytes


def certificate_folders(folder: pathlib.Path) -> list[pathlib.Path]:
    """Every folder below that holds a statement or a witness, sorted; one of the two alone is a damaged certificate.

    Raises:
        InputError: there is none.
    """
    _require_folder(folder)
    found = sorted({path.parent for name in ("statement.json", "witness.json") for path in folder.rglob(name)})
    if not found:
        raise InputError(
            f"there is no certificate (a folder with statement.json and witness.json) in {folder}; name an output "
            "folder of `overparam width`, `memorize`, `certify` or `verify`"
        )
    return found


def _require_folder(folder: pathlib.Path) -> None:
    if not folder.is_dir():
        raise InputError(
            f"{folder} is not a folder; name an output folder of `overparam width`, `memorize`, `certify` or `verify`"
        )


def recheck(folder: pathlib.Path) -> list[dict[str, Any]]:
    """One row a certificate: its folder, the checker's answer, its sentence, its exit code.

    Raises:
        InputError: there is no certificate.
    """
    return [_row(path, folder) for path in certificate_folders(folder)]


def _row(path: pathlib.Path, folder: pathlib.Path) -> dict[str, Any]:
    status, sentence = decided(path)
    return {
        "certificate": path.relative_to(folder).as_posix(),
        "status": status,
        "sentence": sentence,
        "exit_code": _EXIT[status],
    }


def worst(rows: list[dict[str, Any]]) -> int:
    """The checker's exit code for all rows together: malformed before rejected before undecided."""
    given = {row["status"] for row in rows}
    return next((_EXIT[status] for status in _SEVERITY if status in given), 0)


def recheck_text(rows: list[dict[str, Any]]) -> str:
    """A line a certificate, those that were not accepted alone where there are many, with the reasons; and a count."""
    bad = [row for row in rows if row["exit_code"]]
    names = {name: name if name.isprintable() else ascii(name) for name in (row["certificate"] for row in rows)}
    told = rows if len(rows) <= _MOST_LINES else bad
    lines = [f"{row['status']:<9}  {names[row['certificate']]}" for row in told]
    lines += [f"\n{names[row['certificate']]}: {row['sentence']}" for row in bad]
    return "\n".join([*lines, f"\n{len(rows) - len(bad)} of {len(rows)} certificates accepted"])


def citations(folder: pathlib.Path) -> dict[str, str]:
    """BibTeX by key, sorted: of the theorems on the ladders, behind the claims, and named by the certificates.

    Raises:
        InputError: nothing in the folder rests on a source.
    """
    _require_folder(folder)
    found = {entry.key: entry.bibtex for entry in references(read_folder(folder))}
    for statement in folder.rglob("statement.json"):
        if (entry := source(_theorem(statement))) is not None:
            found[entry.key] = entry.bibtex
    if not found:
        raise InputError(
            f"nothing in {folder} rests on a source: there is no ladder, no claim and no certificate of a theorem; "
            "name an output folder of `overparam width`, `memorize` or `verify`"
        )
    return dict(sorted(found.items()))


def _theorem(statement: pathlib.Path) -> object:
    """The theorem that a statement names; None if it names none or cannot be read, which `recheck` would say."""
    theorem = _said(statement, "theorem")
    return theorem if isinstance(theorem, str) else None


def _named(folder: pathlib.Path) -> list[pathlib.Path]:
    """The files that an accepted certificate names by their hashes, found as the checker finds them."""
    statement = folder / "statement.json"
    of = _said(statement, "of")
    named = {_said(statement, kind) for kind in _OBJECTS}
    named |= {of.get(kind) for kind in _OBJECTS} if isinstance(of, dict) else set()
    names = sorted(f"{digest}.json" for digest in named if isinstance(digest, str))
    return [folder / name if (folder / name).is_file() else folder.parent / name for name in names]


def _said(statement: pathlib.Path, field: str) -> object:
    if not statement.is_file():  # a pipe or a device would be waited for
        return None
    try:
        content = json.loads(statement.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return content.get(field) if isinstance(content, dict) else None


def _text(name: str) -> str:
    """A path as text, what is no text of it as escapes."""
    return name.encode(errors="backslashreplace").decode()


_README = """Certificates of {n} statements, and the checker that decides them.

    python -I -S proofs_check check {first}

needs Python 3.11 or newer and nothing else. Exit codes: 0 accepted, 10 rejected, 11 undecided, 12 malformed.
Each folder holds statement.json (what is claimed) and witness.json (what makes it easy to check); the data set, and any
network or matrix that is spoken of, lies in it or beside it, named by the SHA-256 of its bytes. All of them:

{commands}

records/ holds what the program wrote about this run. The checker knows nothing of it: what these files call certified
was compared with the certificates when this archive was made, and everything else in them is measured or assumed.
"""


def bundle(folder: pathlib.Path) -> tuple[bytes, int]:
    """A zip archive of every certificate below `folder`, the records, the checker, and a README with the command.

    Returns:
        the archive, the same bytes for the same files, and how many files it holds.
    Raises:
        InputError: there is no certificate, the checker does not accept one of them, or a record says something else
            of one than it does.
    """
    folders = certificate_folders(folder)
    if bad := [row for row in recheck(folder) if row["exit_code"]]:
        raise InputError(
            f"{len(bad)} of {len(folders)} certificates in {folder} are not accepted, so there is nothing to send to a "
            f"referee yet; the first is {bad[0]['certificate']}: {bad[0]['sentence']} See `overparam recheck`"
        )
    read = read_folder(folder)
    if doubts := verified(read, folder).missing[len(read.missing) :]:
        raise InputError(
            f"{len(doubts)} records in {folder} do not say what their certificates say, so there is nothing to send to "
            f"a referee yet; the first: {doubts[0]}. Run the command that made the record again"
        )
    home = folder.resolve()
    home = home.parent if home in {path.resolve() for path in folders} else home  # the data set may lie beside it
    members = _checker()
    for path in map(pathlib.Path.resolve, folders):
        for file in (path / "statement.json", path / "witness.json", *_named(path)):
            members[_text(file.relative_to(home).as_posix())] = file.read_bytes()
    members |= {f"records/{path.name}": path.read_bytes() for path in record_files(folder)}
    names = [shlex.quote(_text(path.resolve().relative_to(home).as_posix())) for path in folders]
    commands = "\n".join(f"    python -I -S proofs_check check {name}" for name in names)
    members["README.txt"] = _README.format(n=len(names), first=names[0], commands=commands).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(members):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, members[name])
    return packed.getvalue(), len(members)


def _checker() -> dict[str, bytes]:
    """The checker's source and bibliography."""
    home = pathlib.Path(proofs_check.__file__).parent
    files = sorted(path for path in home.rglob("*") if path.suffix in {".py", ".bib"})
    return {f"proofs_check/{path.relative_to(home).as_posix()}": path.read_bytes() for path in files}
