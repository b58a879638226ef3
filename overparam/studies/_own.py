"""Studies of a user's own: a function becomes a study by a decorator, and a file of them is verified by its path."""

import hashlib
import importlib.util
import pathlib
import re
import sys
from collections.abc import Callable
from typing import Literal

from overparam.errors import InputError
from overparam.records import Verdict
from overparam.studies._experiment import Experiment, Finding, Setting

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def study(
    id: str,
    *,
    claim: str,
    refuted_by: str,
    cites: tuple[str, ...] = (),
    locator: str = "own",
    proved: bool = False,
    word: Literal[Verdict.CONSISTENT, Verdict.SCOPED, Verdict.ESTIMATED] = Verdict.CONSISTENT,
) -> Callable[[Callable[[Setting], Finding]], Experiment]:
    """Make a function from a `Setting` (size, root seed, folder) to a `Finding` a study with a verdict.

    `overparam verify FILE.py` runs all the studies of a file; the rules are those of every other study: what fails is
    measured again from a second root seed, and floats never refute what is `proved`.

    Args:
        id: words in lower case, joined by hyphens; certificates go to claims/<id>.
        claim: the sentence judged, with its hypotheses.
        refuted_by: what would have to be seen, as a noun, stated beforehand.
        cites: keys of the bibliography, see `overparam cite`.
        locator: where in the source.
        proved: whether the statement is a theorem.
        word: the verdict where it holds.
    Raises:
        InputError: an id that is no such name, or a claim that nothing could refute.

    >>> @study("sum-of-odd-numbers", claim="1 + 3 + .. + (2n - 1) = n^2.", refuted_by="another sum", proved=True)
    ... def odd(setting):
    ...     n = {"ci": 10, "laptop": 1000, "paper": 1000}[setting.size]
    ...     sums = [sum(range(1, 2 * k, 2)) == k * k for k in range(1, n)]
    ...     return Finding(all(sums), f"All {len(sums)} sums are squares.", len(sums))
    >>> odd(pathlib.Path("out"), "ci").verdict.value
    'CONSISTENT'
    """
    if not _SLUG.fullmatch(id):
        raise InputError(f"the id of a study must be lower-case words joined by hyphens, such as my-lemma, not {id!r}")
    for name, text in (("claim", claim), ("refuted_by", refuted_by)):
        if not text.strip():
            raise InputError(f"{name} of study {id} is empty: say what is claimed, and what would speak against it")

    def made(measure: Callable[[Setting], Finding]) -> Experiment:
        return Experiment(id, claim, refuted_by, cites, locator, measure, proved, word)

    return made


def studies_in(path: pathlib.Path) -> dict[str, Experiment]:
    """The studies of a Python file, by id, in the order in which it defines them.

    The file is run, as `python FILE` would: verify only files that you trust.

    Raises:
        InputError: no such file, it fails, or there is no study in it.
    """
    if not path.is_file():
        raise InputError(f"{path} is not a file; give the path of a Python file with studies, or the name of a study")
    # a name of its own, so that two files called study.py do not stand in each other's way
    name = f"overparam_own_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path} is no Python file: its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise InputError(f"{path} cannot be run: {type(error).__name__}: {error}") from error
    found = {value.id: value for value in vars(module).values() if isinstance(value, Experiment)}
    if not found:
        raise InputError(f"{path} holds no study: put @overparam.study(..) before a function of a setting")
    return found
