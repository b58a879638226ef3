"""From a network to a folder that the checker accepts."""

import dataclasses
import pathlib
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import proofs_check
from overparam.certificates import WitnessError, dataset_bytes, dataset_sha256, witness_bytes
from overparam.data import Dataset, without_repeats
from overparam.errors import InputError
from overparam.exact import AnyNetwork, LayeredNetwork, ResidualNetwork
from overparam.memorizers import Memorizer
from overparam.widths._deposit import NotAccepted, deposit
from overparam.widths._prove import prove_near
from overparam.widths._subjects import NetworkGram

__all__ = ["Certificate", "NotAccepted", "certify", "folder_of"]

_ALLOWED = {"exact": "tolerance", "within": "tolerance", "fits": "at_most"}  # claim -> its number in the statement


@dataclasses.dataclass(frozen=True)
class Certificate:
    """An accepted certificate on disk."""

    folder: pathlib.Path
    width: int  # of the widest hidden layer
    sentence: str  # what the checker accepted, in its own words


def folder_of(out: pathlib.Path, data: Dataset) -> pathlib.Path:
    """Where the certificates of one data set live, named by the first digits of its hash."""
    return out / "certificates" / dataset_sha256(data.points, data.labels)[:12]


def certify(
    subject: Memorizer | AnyNetwork,
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
        subject: a memorizer, which says itself what is claimed, of which family, under which theorem; or a network that
            takes every label exactly.
        data: what it memorizes.
        folder: the certificate's folder; the data set file is written beside it, in its parent.
        hidden_bias: of the family of a network.
        output_bias: likewise.
        theorem: slug of an upper bound that the network's widths must also respect; a memorizer names its own.
        provenance: how the network was found; the checker ignores it.
    Raises:
        InputError: the memorizer's claim is only observed, so there is nothing to certify.
        NotAccepted: the checker rejected it, could not decide it within its budget, or refused a file as too long;
            nothing is left on disk but the data set file, and what stood in the folder before.
    """
    network, claim, tolerance = subject, "exact", Fraction(0)
    if isinstance(subject, Memorizer):
        network, claim, tolerance = subject.network, subject.claim, subject.tolerance
        hidden_bias, output_bias, theorem = subject.hidden_bias, subject.output_bias, theorem or subject.theorem
        provenance = {"construction": subject.name, **(provenance or {})}
        if claim == "near":
            return _near(subject, data, folder, provenance)
        if claim not in _ALLOWED:
            raise InputError(f"the {subject.name} construction is observed in floats; there is nothing to certify")
    kind = "fits" if claim == "fits" else "interpolates"
    asked: dict[str, Any] = {_ALLOWED[claim]: tolerance}
    if kind == "interpolates":
        asked["theorem"] = theorem
    if isinstance(network, ResidualNetwork):
        kind, asked = "interpolates-residual", asked | {"stream": network.stream}

    def statement(paths: list[pathlib.Path]) -> bytes:
        return proofs_check.state(
            kind,
            paths[0],
            widths=list(network.widths),
            activation=network.activation,
            hidden_bias=hidden_bias,
            output_bias=output_bias,
            **asked,
        )

    sentence = deposit(
        folder,
        statement=statement,
        witness=lambda: witness_bytes(network, dict(provenance or {})),
        beside=[dataset_bytes(data.points, data.labels)],
    )
    return Certificate(folder, max(network.widths), sentence)


def _near(memorizer: Memorizer, data: Dataset, folder: pathlib.Path, provenance: Mapping[str, str]) -> Certificate:
    """That an exact interpolator lies near the network, some of its layers moved."""
    network = memorizer.network
    if not isinstance(network, LayeredNetwork):
        raise InputError(f"the {memorizer.name} construction gives no layered network to move")
    start = NetworkGram(
        network.layers,
        without_repeats(data),  # a repeated point would make the kernel singular
        memorizer.free,
        activation=network.activation,
        hidden_bias=memorizer.hidden_bias,
        output_bias=memorizer.output_bias,
    )
    try:
        proof = prove_near(start, folder, provenance=provenance)
    except WitnessError as error:
        raise NotAccepted(f"there is no witness for {folder.name}: {error}") from error
    return Certificate(folder, max(network.widths), proof.sentence)
