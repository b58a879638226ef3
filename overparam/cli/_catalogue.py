"""The page of all theorems and claims, from the claims of a run."""

import json
import pathlib

from overparam.errors import InputError


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
        claims = claims_of(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(
            f"--catalogue must be an output folder of overparam verify, with a claims.json, but {path} cannot be read "
            f"({str(error).splitlines()[0]})"
        ) from None
    return catalogue({str(claim["id"]): str(claim["verdict"]) for claim in claims})
