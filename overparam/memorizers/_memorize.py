"""The one way in: a construction by name, its data made exact before, its network checked exactly behind."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Literal, NamedTuple, get_args

from overparam.errors import InputError
from overparam.exact import ExactData, ExactNetwork, Form, evaluate, exact_data, exponent_above, merge_duplicates
from overparam.memorizers._bubeck import build_bubeck
from overparam.memorizers._built import Built
from overparam.memorizers._distinct import build_distinct
from overparam.memorizers._greedy import build_greedy
from overparam.memorizers._memorizer import Memorizer
from overparam.memorizers._pairs import build_pairs
from overparam.memorizers._threshold import build_threshold
from overparam.memorizers._zhang import build_zhang

Construction = Literal["pairs", "greedy", "zhang", "bubeck", "baum", "sakurai", "distinct"]
CONSTRUCTIONS: tuple[Construction, ...] = get_args(Construction)


class _Entry(NamedTuple):
    build: Callable[[ExactData], Built]
    theorem: str | None
    activation: Literal["relu", "threshold"] = "relu"
    output_bias: bool = True


_TABLE = {
    "pairs": _Entry(build_pairs, "pairs-2n-over-d-plus-1"),
    "greedy": _Entry(build_greedy, None),
    "zhang": _Entry(build_zhang, "zhang2017-thm1", output_bias=False),
    "bubeck": _Entry(build_bubeck, "bubeck2020-relu-baum", output_bias=False),
    "baum": _Entry(lambda data: build_threshold(data, "baum"), "baum1988-threshold", "threshold"),
    "sakurai": _Entry(lambda data: build_threshold(data, "sakurai"), "sakurai1992-threshold", "threshold"),
    "distinct": _Entry(build_distinct, "relu-distinct-worst-case"),
}


def memorize(points: Any, labels: Any, construction: Construction = "pairs") -> Memorizer:
    """A rational two-layer network with exactly these labels at these points.

    Args:
        points: (n_samples, dim) finite floats, integers or fractions; taken exactly.  Repeated points count once.
        labels: (n_samples,) of the same.
        construction:
            "pairs": 2q - 1 + min(2, r) ReLU neurons, n = q(dim + 1) + r, where its blocks are in general position.
            "greedy": the same with blocks fitted to the data; any distinct points, at most n - 1 neurons (n >= 2).
            "zhang": n ReLU neurons, no output bias; any distinct points.
            "bubeck": 4 ceil(n / dim) ReLU neurons, no output bias; points in general position.
            "baum", "sakurai": at most ceil(n / dim), ceil((n - 1) / dim) threshold units; general position, two label
                values; the two names are one network under two bounds.
            "distinct": at most n - 2 ReLU neurons (n >= 5); any distinct points.
    Raises:
        InputError: unusable data, equal points with different labels, or data outside the construction's reach; the
            message names the points and the construction to use instead.
    """
    if construction not in _TABLE:
        raise InputError(f"construction must be one of {', '.join(CONSTRUCTIONS)}; got {construction!r}")
    entry = _TABLE[construction]
    given = exact_data(points, labels)
    data = merge_duplicates(given)
    scales = _column_scales(data)
    built = entry.build(_rescaled(data, scales))
    neurons = [(v, _unscaled(form, scales)) for v, form in built.neurons]
    network = ExactNetwork.from_forms(entry.activation, neurons, built.c, data.dim)
    if evaluate(network, data.points) != list(data.labels):
        raise RuntimeError(f"the {construction} construction missed a label: a bug of overparam, please report it")
    merged = given.n_samples - data.n_samples
    notes = (*built.notes, *([f"{merged} repeated points counted once"] if merged else []))
    return Memorizer(
        construction, network, entry.theorem, True, entry.output_bias, notes, given, construction == "zhang"
    )


def _column_scales(data: ExactData) -> list[Fraction]:
    """Powers of two near the ranges of the coordinates, so that one direction suits coordinates of any size."""
    ranges = [max(column) - min(column) for column in zip(*data.points, strict=True)]
    return [Fraction(2) ** exponent_above(r.numerator, r.denominator) if r else Fraction(1) for r in ranges]


def _rescaled(data: ExactData, scales: list[Fraction]) -> ExactData:
    points = tuple(tuple(x / scale for x, scale in zip(point, scales, strict=True)) for point in data.points)
    return ExactData(points, data.labels, data.rows)


def _unscaled(form: Form, scales: list[Fraction]) -> Form:
    return (*(w / scale for w, scale in zip(form, scales, strict=False)), form[-1])
