"""The matrices that statements are about, named by files; and the factors that witnesses send."""

import dataclasses
from fractions import Fraction
from typing import Any

from proofs_check.answers import Malformed
from proofs_check.budget import Budget
from proofs_check.enclosures import Enclosure, of_fractions
from proofs_check.files import Files
from proofs_check.gram import Factor, relu_limit, tangent_kernel
from proofs_check.layers import Family, Network, family_of
from proofs_check.network import foreign_to
from proofs_check.reading import Dataset, hash_of, integers_of, number_of
from proofs_check.strict import as_boolean, as_integer, as_list, as_object, as_text, require_keys

_KEYS = {
    "given": {"gram", "matrix"},
    "relu-limit": {"dataset", "gram", "hidden_bias"},
    "network": {"dataset", "family", "free", "gram", "network"},
}


@dataclasses.dataclass(frozen=True)
class Given:
    """The matrix in a file."""

    matrix: str

    def __str__(self) -> str:
        return f"the matrix with SHA-256 {self.matrix}"


@dataclasses.dataclass(frozen=True)
class Limit:
    """The tangent kernel of an infinitely wide first relu layer."""

    dataset: str
    hidden_bias: bool

    def __str__(self) -> str:
        point = "a point followed by 1" if self.hidden_bias else "a point"
        return (
            f"the matrix <z, z'> (pi - angle(z, z')) / (2 pi), each of z, z' {point} of the data set with SHA-256 "
            f"{self.dataset},"
        )


@dataclasses.dataclass(frozen=True)
class Tangent:
    """A network at the points of a data set, with the parameters of some layers free."""

    dataset: str
    family: Family
    free: tuple[int, ...]
    network: str

    @property
    def jacobian(self) -> str:
        """In words: the derivatives of the outputs."""
        layers = ("layers " if len(self.free) > 1 else "layer ") + ", ".join(map(str, self.free))
        relu = ", taking relu'(0) = 0," if self.family.activation == "relu" else ""
        return (
            f"the derivatives of the outputs{relu} in the parameters of {layers} (from 0), for the network with "
            f"SHA-256 {self.network} ({self.family}) on the data set with SHA-256 {self.dataset},"
        )

    def __str__(self) -> str:
        return f"the matrix J J^T, J {self.jacobian}"

    def member(self, files: Files) -> tuple[Network, Dataset, str | None]:
        """The network and the data set, and why the network is not in the family."""
        dataset, net = files.dataset(self.dataset), files.network(self.network)
        reason = foreign_to(net, self.family, dataset)
        return net, dataset, reason and f"the network is not in the stated family: {reason}"


def object_of(value: Any, grams: tuple[str, ...], activations: tuple[str, ...]) -> Any:
    """The matrix that `of` names: a Given, a Limit or a Tangent, if `grams` has its word.

    Raises:
        Malformed: it names none of these grams.
    """
    fields = as_object(value, "of")
    gram = as_text(fields.get("gram", ""), "the gram")
    if gram not in grams:
        raise Malformed(f"the key gram of such a statement must be one of {', '.join(grams)}")
    require_keys(fields, _KEYS[gram], "of")
    if gram == "given":
        return Given(hash_of(fields["matrix"], "the matrix"))
    if gram == "network":
        return tangent_of(fields, activations)
    return Limit(hash_of(fields["dataset"], "the data set"), as_boolean(fields["hidden_bias"], "hidden_bias"))


def tangent_of(fields: dict[str, Any], activations: tuple[str, ...], free: tuple[int, ...] | None = None) -> Tangent:
    """The network, data set and free layers that an object or a statement names.

    Raises:
        Malformed: they are not spelled as the format asks.
    """
    family = family_of(fields["family"], activations)
    if free is None:
        free = tuple(as_integer(layer, "each free layer") for layer in as_list(fields["free"], "the free layers"))
    if not free or list(free) != sorted(set(free)) or free[-1] > len(family.widths):
        raise Malformed(
            "the free layers must be increasing numbers, at least one, from 0 to the number of the output layer, "
            f"{len(family.widths)}"
        )
    dataset = hash_of(fields["dataset"], "the data set")
    return Tangent(dataset, family, free, hash_of(fields["network"], "the network"))


def enclosure_of(thing: Given | Limit | Tangent, files: Files, bits: int, budget: Budget) -> Enclosure | str:
    """The symmetric matrix in units of 2^-bits, or why it is none.

    Raises:
        Malformed: a file is missing or is not what it should be.
        OverBudget: the numbers are too long.
    """
    if isinstance(thing, Given):
        rows = files.matrix(thing.matrix).rows
        n = len(rows)
        if len(rows[0]) != n or any(rows[i][j] != rows[j][i] for i in range(n) for j in range(i)):
            return "the matrix is not symmetric"
        return of_fractions([list(row) for row in rows], bits, budget)
    if isinstance(thing, Limit):
        return relu_limit(files.dataset(thing.dataset).points, thing.hidden_bias, bits, budget)
    net, dataset, reason = thing.member(files)
    return reason or tangent_kernel(net, thing.family, dataset.points, thing.free, bits, budget)


def factor_of(value: Any, what: str, budget: Budget) -> Factor:
    """A lower triangular matrix.

    Raises:
        Malformed: it is none.
        OverBudget: its numbers are too long to be read within the budget.
    """
    fields = as_object(value, what)
    require_keys(fields, {"rows", "unit"}, what)
    exponent = unit_of(fields["unit"], what, budget)
    rows = [integers_of(row, f"row {i} of {what}", budget) for i, row in enumerate(as_list(fields["rows"], what))]
    if any(len(row) != i + 1 for i, row in enumerate(rows)):
        raise Malformed(f"row i of {what}, counting from 0, must have i + 1 integers")
    return Factor(exponent, rows)


def shortly(number: Fraction, up: bool) -> str:
    """A bound as a sentence shows it: of a long number 24 bits, rounded to the side where the sentence stays true."""
    above, below = number.as_integer_ratio()
    if above.bit_length() + below.bit_length() <= 200:
        return str(number)
    exponent = above.bit_length() - below.bit_length() - 24
    above, below = (above << max(-exponent, 0), below << max(exponent, 0))
    return f"{-(-above // below) if up else above // below}*2^{exponent}"


def unit_of(value: Any, what: str, budget: Budget) -> int:
    """The exponent of a power of two.

    Raises:
        Malformed: it is none.
    """
    unit = number_of(value, f"the unit of {what}", budget)
    if unit <= 0 or unit.numerator & (unit.numerator - 1) or unit.denominator & (unit.denominator - 1):
        raise Malformed(f"the unit of {what} must be a power of two")
    return unit.numerator.bit_length() - unit.denominator.bit_length()
