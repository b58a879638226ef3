"""Certificates about a float network exactly as it is: its largest error, or its least margin."""

import pathlib
from collections.abc import Mapping
from fractions import Fraction

import proofs_check
from overparam.certificates import dataset_bytes, witness_bytes
from overparam.data import Dataset
from overparam.errors import InputError
from overparam.exact import ExactNetwork, evaluate, exact_data, power_of_two_above
from overparam.widths._deposit import deposit
from overparam.widths._prove import Proof

_BITS = 10  # of a quoted error or margin


def prove_error(
    network: ExactNetwork, data: Dataset, folder: pathlib.Path, *, provenance: Mapping[str, str] | None = None
) -> Proof:
    """The largest error of this network on these data, rounded up to a short number.

    Args:
        network: taken as it is.
        data: points and labels.
        folder: the certificate's folder.
        provenance: where the network came from.
    Raises:
        NotAccepted: as `deposit`.
    """
    exact = exact_data(data.points, data.labels)
    worst = max(abs(f - y) for f, y in zip(evaluate(network, exact.points), exact.labels, strict=True))
    return _prove(network, data, folder, "interpolates", "tolerance", _short(worst, up=True), provenance)


def prove_margin(
    network: ExactNetwork, data: Dataset, folder: pathlib.Path, *, provenance: Mapping[str, str] | None = None
) -> Proof:
    """The least margin of this network on binary labels, rounded down to a short number.

    Raises:
        InputError: the labels are not all in {-1, 1} or all in {0, 1}, or some point has the wrong sign; says which.
        NotAccepted: as `deposit`.
    """
    exact = exact_data(data.points, data.labels)
    if not (set(exact.labels) <= {-1, 1} or set(exact.labels) <= {0, 1}):
        raise InputError("a margin needs binary labels, all in {-1, 1} or all in {0, 1}")
    signed = [f if y == 1 else -f for f, y in zip(evaluate(network, exact.points), exact.labels, strict=True)]
    least = min(signed)
    if least <= 0:
        raise InputError(
            f"the network does not have the label's sign at row {signed.index(least)}, so it has no margin"
        )
    return _prove(network, data, folder, "separates", "margin", _short(least, up=False), provenance)


def _prove(
    network: ExactNetwork,
    data: Dataset,
    folder: pathlib.Path,
    kind: str,
    name: str,
    number: Fraction,
    provenance: Mapping[str, str] | None,
) -> Proof:
    """A certificate of this kind whose witness is the network."""
    sentence = deposit(
        folder,
        statement=lambda paths: proofs_check.state(
            kind, paths[0], widths=[network.width], activation=network.activation, **{name: number}
        ),
        witness=lambda: witness_bytes(network, provenance or {}),
        beside=[dataset_bytes(data.points, data.labels)],
    )
    return Proof(folder, sentence, {name: number})


def _short(value: Fraction, *, up: bool) -> Fraction:
    """A number of ten bits that is not below (`up`), or not above, a non-negative value."""
    if value == 0:
        return value
    unit = power_of_two_above(value) / 2**_BITS
    steps = value / unit
    return (-(-steps.numerator // steps.denominator) if up else steps.numerator // steps.denominator) * unit
