"""From float parameters to accepted certificates about eigenvalues, ranks, networks nearby and lazy training."""

import dataclasses
import pathlib
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import proofs_check
from overparam.certificates import (
    dataset_bytes,
    eigenvalue_witness,
    lazy_witness,
    near_witness,
    position_witness_bytes,
    proof_bytes,
    spell_integers,
)
from overparam.data import Dataset
from overparam.errors import InputError
from overparam.memorizers import polynomial_obstruction
from overparam.widths._deposit import deposit
from overparam.widths._subjects import GivenMatrix, LimitGram, NetworkGram


@dataclasses.dataclass(frozen=True)
class Proof:
    """An accepted certificate on disk."""

    folder: pathlib.Path
    sentence: str  # what the checker accepted, in its own words
    numbers: Mapping[str, Fraction]  # those of the statement that were found here


def prove_least_eigenvalue(
    subject: GivenMatrix | LimitGram | NetworkGram,
    folder: pathlib.Path,
    *,
    at_least: Fraction | None = None,
    lower: bool = True,
    upper: bool = True,
    share: float = 2.0**-10,
    provenance: Mapping[str, str] | None = None,
) -> Proof:
    """The least eigenvalue of a symmetric matrix, from below and above; see `certificates.eigenvalue_witness`.

    Raises:
        WitnessError: floats do not see the bound.
        NotAccepted: as `deposit`.
    """
    made = eigenvalue_witness(subject.bounded(), at_least=at_least, lower=lower, upper=upper, share=share)
    sentence = deposit(
        folder,
        statement=lambda paths: proofs_check.state(
            "least-eigenvalue", at_least=made.at_least, at_most=made.at_most, **subject.named(paths)
        ),
        witness=lambda: proof_bytes(made.content(), provenance or {}),
        **subject.files(),
    )
    numbers = {"at_least": made.at_least, "at_most": made.at_most}
    return Proof(folder, sentence, {key: value for key, value in numbers.items() if value is not None})


def prove_full_row_rank(
    subject: GivenMatrix | NetworkGram, folder: pathlib.Path, *, provenance: Mapping[str, str] | None = None
) -> Proof:
    """That a given matrix, or the Jacobian of a relu network in its free layers, has full row rank.

    Raises:
        NotAccepted: as `deposit`; in particular, the rank is less.
    """
    sentence = deposit(
        folder,
        statement=lambda paths: proofs_check.state("full-row-rank", **subject.named(paths)),
        witness=lambda: proof_bytes({}, provenance or {}),
        **subject.files(),
    )
    return Proof(folder, sentence, {})


def prove_near(start: NetworkGram, folder: pathlib.Path, *, provenance: Mapping[str, str] | None = None) -> Proof:
    """That a network interpolating exactly is near the one given, its free layers moved.

    Raises:
        WitnessError: the residual or a margin does not allow it, says by which factor.
        NotAccepted: as `deposit`.
    """
    made = near_witness(
        start.layers,
        start.data.points,
        start.data.labels,
        activation=start.activation,
        free=start.free,
        hidden_bias=start.hidden_bias,
        output_bias=start.output_bias,
    )
    sentence = deposit(
        folder,
        statement=lambda paths: proofs_check.state("interpolates-near", distance=made.distance, **start.placed(paths)),
        witness=lambda: proof_bytes(made.content(), provenance or {}),
        **start.files(),
    )
    return Proof(folder, sentence, {"distance": made.distance})


def prove_not_polynomial(
    data: Dataset, degree: int, folder: pathlib.Path, *, provenance: Mapping[str, str] | None = None
) -> Proof:
    """That no polynomial of this total degree takes the labels, so no network of such a polynomial activation does.

    Raises:
        InputError: some such polynomial takes them, or there are too many monomials to go through.
        NotAccepted: as `deposit`.
    """
    multiplier = polynomial_obstruction(data.points, data.labels, degree)
    if multiplier is None:
        raise InputError(f"a polynomial of total degree at most {degree} takes these labels")
    sentence = deposit(
        folder,
        statement=lambda paths: proofs_check.state("not-polynomial", paths[0], degree=degree),
        witness=lambda: proof_bytes({"multiplier": spell_integers(multiplier)}, provenance or {}),
        beside=[dataset_bytes(data.points, data.labels)],
    )
    return Proof(folder, sentence, {})


def prove_position(
    data: Dataset, which: str, folder: pathlib.Path, *, provenance: Mapping[str, str] | None = None
) -> Proof:
    """That the points are distinct, or in affine or linear general position: `distinct`, `affine`, `linear`.

    Raises:
        InputError: they are to be distinct, and two are equal.
        NotAccepted: as `deposit`; in particular, they are not in that position.
    """
    sentence = deposit(
        folder,
        statement=lambda paths: proofs_check.state("position", paths[0], property=which),
        witness=lambda: position_witness_bytes(data.points, which, provenance or {}),
        beside=[dataset_bytes(data.points, data.labels)],
    )
    return Proof(folder, sentence, {})


def prove_lazy(
    layers: Any,
    data: Dataset,
    folder: pathlib.Path,
    *,
    hidden_bias: bool = True,
    output_bias: bool = True,
    provenance: Mapping[str, str] | None = None,
) -> Proof:
    """That gradient descent on the first layer, from these parameters, never leaves their cell and interpolates.

    Args:
        layers: hidden layer and output layer, for example from `certificates.coupled_network`.
        data: points and labels.
        folder: the certificate's folder.
        hidden_bias: whether the hidden biases are trained too.
        output_bias: whether the family has an output bias; it is not trained.
        provenance: where the parameters came from.
    Raises:
        WitnessError: a neuron may reach zero, says by which factor; or K is singular as far as floats can tell.
        NotAccepted: as `deposit`.
    """
    start = NetworkGram(layers, data, [0], "relu", hidden_bias, output_bias)
    made = lazy_witness(layers, data.points, data.labels, hidden_bias=hidden_bias)
    sentence = deposit(
        folder,
        statement=lambda paths: proofs_check.state(
            "exact-lazy", paths[0], network=paths[1], step=made.step, **start.family()
        ),
        witness=lambda: proof_bytes(made.content(), provenance or {}),
        **start.files(),
    )
    return Proof(folder, sentence, {"step": made.step})
