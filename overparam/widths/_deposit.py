"""The one way onto disk: files are drafted, the checker decides, and the folder appears whole or not at all."""

import hashlib
import pathlib
import shutil
import tempfile
from collections.abc import Callable, Sequence

import proofs_check
from overparam.errors import InputError, OverparamError
from overparam.files import write_atomically


class NotAccepted(OverparamError):
    """The checker did not accept what was written for it; the message says why."""


def deposit(
    folder: pathlib.Path,
    *,
    statement: Callable[[list[pathlib.Path]], bytes],
    witness: Callable[[], bytes],
    beside: Sequence[bytes] = (),
    inside: Sequence[bytes] = (),
) -> str:
    """Write a certificate and let the checker decide.

    Args:
        folder: the certificate's folder.
        statement: composes the statement, by the checker's own `state`, from the paths of the files named by hashes,
            in the order of `beside` and `inside`.
        witness: the witness file.
        beside: files written in the folder's parent under their hashes, to be shared; they stay whatever the answer is.
        inside: files written in the folder itself under their hashes.
    Returns:
        What the checker accepted, in its own words.
    Raises:
        NotAccepted: the checker rejected it, could not decide it within its budget, or refused a file; nothing is left
            on disk but the files beside, and what stood in the folder before.
    """
    parent = folder.parent
    shared = [parent / _name(content) for content in beside]
    for path, content in zip(shared, beside, strict=True):
        if not path.exists() or path.read_bytes() != content:
            write_atomically(path, content)
    parent.mkdir(parents=True, exist_ok=True)
    draft = pathlib.Path(tempfile.mkdtemp(dir=parent, prefix=f".{folder.name}."))
    try:
        try:
            for content in inside:
                write_atomically(draft / _name(content), content)
            paths = [*shared, *(draft / _name(content) for content in inside)]
            claim, proof = statement(paths), witness()
            write_atomically(draft / "statement.json", claim)
            write_atomically(draft / "witness.json", proof)
            answer = proofs_check.check(draft)
        except (InputError, ValueError, proofs_check.Malformed, proofs_check.OverBudget) as error:
            raise NotAccepted(f"the checker cannot be asked about {folder.name}: {error}") from error
        if answer.status != "accepted":
            raise NotAccepted(f"the checker did not accept {folder.name}: {answer.sentence}")
        draft.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return answer.sentence


def _name(content: bytes) -> str:
    return f"{hashlib.sha256(content).hexdigest()}.json"
