"""From an exact network to a folder that the checker accepts."""

import dataclasses
import pathlib
import shutil
import tempfile
from collections.abc import Mapping

import proofs_check
from overparam.certificates import dataset_bytes, dataset_sha256, witness_bytes
from overparam.data import Dataset
from overparam.errors import InputError, OverparamError
from overparam.exact import ExactNetwork
from overparam.records import write_atomically


class NotAccepted(OverparamError):
    """The checker did not accept what was written for it; the message says why."""


@dataclasses.dataclass(frozen=True)
class Certificate:
    """An accepted certificate on disk."""

    folder: pathlib.Path
    width: int
    sentence: str  # what the checker accepted, in its own words


def folder_of(out: pathlib.Path, data: Dataset) -> pathlib.Path:
    """Where the certificates of one data set live, named by the first digits of its hash."""
    return out / "certificates" / dataset_sha256(data.points, data.labels)[:12]


def certify(
    network: ExactNetwork,
    data: Dataset,
    folder: pathlib.Path,
    *,
    hidden_bias: bool = True,
    output_bias: bool = True,
    theorem: str | None = None,
    provenance: Mapping[str, str] | None = None,
) -> Certificate:
    """Write data set, statement and witness, and let the checker decide.

    The statement is composed by the checker's own `state`, not by the search.  The folder appears whole or not at all.

    Args:
        folder: the certificate's folder; the data set file is written beside it, in its parent.
        theorem: slug of an upper bound that the width must also respect.
        provenance: how the network was found; the checker ignores it.
    Raises:
        NotAccepted: the checker rejected it, could not decide it within its budget, or refused a file as too long;
            nothing is left on disk but the data set file, and what stood in the folder before.
    """
    parent = folder.parent
    content = dataset_bytes(data.points, data.labels)
    dataset = parent / f"{dataset_sha256(data.points, data.labels)}.json"
    if not dataset.exists() or dataset.read_bytes() != content:
        write_atomically(dataset, content)
    parent.mkdir(parents=True, exist_ok=True)
    draft = pathlib.Path(tempfile.mkdtemp(dir=parent, prefix=f".{folder.name}."))
    try:
        try:
            statement = proofs_check.state(
                "interpolates",
                dataset,
                widths=[network.width],
                activation=network.activation,
                hidden_bias=hidden_bias,
                output_bias=output_bias,
                theorem=theorem,
            )
            witness = witness_bytes(network, dict(provenance or {}))
            write_atomically(draft / "statement.json", statement)
            write_atomically(draft / "witness.json", witness)
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
    return Certificate(folder, network.width, answer.sentence)
