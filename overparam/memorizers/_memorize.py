"""The one way in: a construction by name, its data made exact before, what it claims checked exactly behind."""

import dataclasses
import importlib
import math
from collections import Counter
from fractions import Fraction
from typing import Any

from overparam.errors import InputError
from overparam.exact import RATIONAL, SMOOTH, ExactData, evaluate, exact_data, exponent_above, merge_duplicates
from overparam.memorizers._built import DEFAULT_EPS, Built, Options
from overparam.memorizers._catalogue import CATALOGUE, Claim, Construction, Entry, construction_called
from overparam.memorizers._memorizer import Memorizer
from overparam.memorizers._needs import unmet
from overparam.memorizers.classes._labels import label_grid

MOST_LAYERS, MOST_UNITS = 10**4, 10**6  # that an option may ask for: more takes hours or gigabytes
_MANY_CLASSES = 20  # bits of a class from which its codes are worth a warning


def memorize(points: Any, labels: Any, construction: Construction = "pairs", **options: Any) -> Memorizer:
    """A network with rational weights that takes these labels at these points, as exactly as the construction claims.

    Args:
        points: (n_samples, dim) finite floats, integers or fractions; taken exactly.  Repeated points count once.
        labels: (n_samples,) of the same.
        construction: one of `CONSTRUCTIONS`; `CATALOGUE[construction].words` says what it builds.
        options: fields of `Options` that this construction takes (`CATALOGUE[construction].takes`).
    Raises:
        InputError: unusable data, equal points with different labels, an option that the construction does not take, or
            data outside its reach; the message names the points or labels and the construction to use instead.

    >>> found = memorize([[0], [1], [2]], [0, 1, 0], "zhang")
    >>> found.claim, found.sizes.neurons
    ('exact', 3)
    """
    entry = CATALOGUE[construction_called(construction)]
    chosen = _options(construction, entry, options)
    given = exact_data(points, labels)
    data = merge_duplicates(given)
    for need in entry.needs:
        if refused := unmet(construction, need, data):
            raise refused
    scales = _column_scales(data) if entry.rescale else [Fraction(1)] * data.dim
    file, function = entry.build.split(":")
    build = getattr(importlib.import_module(f"overparam.memorizers.{file}"), function)
    often = max(Counter(given.points).values())
    if entry.claim == "fits" and often > 1:
        chosen = dataclasses.replace(chosen, eps=_share_of_distinct(chosen.eps, given, data, often))
    try:
        built: Built = build(_rescaled(data, scales), chosen)
    except (OverflowError, FloatingPointError):
        raise InputError(
            f"the {construction} construction computes in floats, and these points, labels or options are beyond their "
            "range; multiply points or labels by a power of two first"
        ) from None
    built = dataclasses.replace(built, network=built.network.with_inputs_divided(scales))
    claim = built.claim or entry.claim
    if claim == "fits":  # of all samples, repeated ones too
        built = dataclasses.replace(built, tolerance=built.tolerance * often)
    _check(construction, claim, built, given)
    merged = given.n_samples - data.n_samples
    notes = (*built.notes, *([f"{merged} repeated points counted once"] if merged else []))
    if file.startswith("classes.") and (bits := label_grid(data.labels).bits) > _MANY_CLASSES:
        notes = (*notes, f"the labels lie on a grid of about 2^{bits} classes: floats cannot hold codes that long")
    return Memorizer(
        name=construction,
        network=built.network,
        theorem=entry.theorem,
        claim=claim,
        tolerance=built.tolerance,
        free=built.free,
        hidden_bias=entry.hidden_bias,
        output_bias=entry.output_bias,
        notes=notes,
        numbers=built.numbers,
        data=given,
        shared_direction=entry.shared_direction,
    )


def _options(construction: str, entry: Entry, given: dict[str, Any]) -> Options:
    taken = ", ".join(entry.takes) or "no options"
    for name, value in given.items():
        if name not in entry.takes:
            raise InputError(f"the {construction} construction takes {taken}; got {name}={value!r}")
    for name, most in (("depth", MOST_LAYERS), ("width", MOST_UNITS), ("seed", 2**63 - 1)):
        _whole(name, given.get(name), least=0 if name == "seed" else 1, most=most)
    if "eps" in given and given["eps"] is not None:
        eps = given["eps"]
        if isinstance(eps, bool) or not isinstance(eps, (int, float, Fraction)) or not 0 < eps < math.inf:
            raise InputError(f"eps must be a positive finite number; got {eps!r}")
    if given.get("activation") not in (None, *RATIONAL, *SMOOTH):
        raise InputError(f"activation must be one of {', '.join((*RATIONAL, *SMOOTH))}; got {given['activation']!r}")
    return Options(**given)


def _whole(name: str, value: Any, *, least: int, most: int) -> None:
    """Refuse what is no integer in range.

    Raises:
        InputError: names the option, the range and the value.
    """
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most):
        raise InputError(f"{name} must be an integer from {least} to {most}; got {value!r}")


def _share_of_distinct(eps: float | Fraction | None, given: ExactData, data: ExactData, often: int) -> Fraction:
    """The share of the distinct points alone that keeps all samples within eps, no point repeated more often."""
    ours, theirs = (sum((y * y for y in one.labels), Fraction(0)) for one in (data, given))
    share = Fraction(DEFAULT_EPS if eps is None else eps)
    return share * theirs / (often * ours) if ours else share


def _check(construction: str, claim: Claim, built: Built, data: ExactData) -> None:
    """Confirm the claims that rational arithmetic decides; smooth networks are left to the checker's balls."""
    if claim not in ("exact", "fits", "within") or built.network.activation not in ("relu", "threshold"):
        return
    outputs = evaluate(built.network, data.points)
    if claim == "exact":
        kept = outputs == list(data.labels)
    else:
        errors = [abs(f - y) for f, y in zip(outputs, data.labels, strict=True)]
        kept = built.tolerance >= (sum(e * e for e in errors) if claim == "fits" else max(errors))
    if not kept:
        raise RuntimeError(f"the {construction} construction missed a label: a bug of overparam, please report it")


def _column_scales(data: ExactData) -> list[Fraction]:
    """Powers of two near the ranges of the coordinates, so that one direction suits coordinates of any size."""
    ranges = [max(column) - min(column) for column in zip(*data.points, strict=True)]
    return [Fraction(2) ** exponent_above(r.numerator, r.denominator) if r else Fraction(1) for r in ranges]


def _rescaled(data: ExactData, scales: list[Fraction]) -> ExactData:
    points = tuple(tuple(x / scale for x, scale in zip(point, scales, strict=True)) for point in data.points)
    return ExactData(points, data.labels, data.rows)
