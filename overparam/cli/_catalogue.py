"""The page of all theorems and claims, from the claims of a run."""

import json
import pathlib

from overparam.errors import InputError
from overparam.records import by_newer_program


def catalogue_of(folder: str, slug: str | None) -> str:
    """Markdown, as docs/theorems.md holds it.

    Raises:
        InputError: a slug beside it, or a folder without readable claims.
    """
    from overparam.report import catalogue
    from overparam.report._reading import claims_of

    if slug is not None:
        raise InputError(f"--catalogue prints all theorems; leave out {slug!r}")
    path = pathlib.Path(folder) / "claims.json"
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
        claims = claims_of(written)
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(
            f"--catalogue must be an output folder of overparam verify, with a claims.json, but {path} cannot be read "
            f"({str(error).splitlines()[0]})"
        ) from None
    for part in (written, *(written if isinstance(written, list) else ())):
        if why := by_newer_program(part):
            raise InputError(f"{path} {why}")
    return catalogue({str(claim["id"]): str(claim["verdict"]) for claim in claims})
