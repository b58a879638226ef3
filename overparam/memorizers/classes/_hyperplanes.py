"""A few hyperplanes that tell all points apart: each splits a largest class of points not yet told apart."""

from fractions import Fraction

import numpy as np

from overparam.exact import Cloud, ExactData, Form, shortest

_SEED = 20210614  # any number; fixed, so that the construction is a function of its data
_TRIED = 12  # random hyperplanes to choose from, each time
_SIZE = 2**10  # entries of their directions; larger where these do not split a class


def separating(data: ExactData) -> tuple[list[Form], list[int]]:
    """Affine forms, never 0 at a point, and each point's code: bit j says that form j is positive there.

    At most n - 1 forms; near 2 log2(n) for points that are not nearly on a line.  Of the random ones the one is taken
    that leaves the fewest pairs together.
    """
    cloud, rng = Cloud(data.points), np.random.default_rng(_SEED)
    forms: list[Form] = []
    codes = [0] * data.n_samples
    while True:
        classes = _classes(codes)
        if len(classes) == data.n_samples:
            return forms, codes
        largest = max(classes, key=len)
        found: list[tuple[int, Form, list[int]]] = []
        size = _SIZE
        while not found:
            for direction in rng.integers(-size, size, endpoint=True, size=(_TRIED, data.dim)):
                z = cloud.values((*(Fraction(int(w)) for w in direction), Fraction(0)))
                cut = _middle(sorted({z[i] for i in largest}))
                if cut is not None:
                    cut = _off_all(cut, z)
                    side = [int(value > cut) for value in z]
                    form = shortest((*(Fraction(int(w)) for w in direction), -cut))
                    found.append((_together(classes, side), form, side))
            size *= _SIZE
        _, form, side = min(found, key=lambda entry: entry[0])
        codes = [code | bit << len(forms) for code, bit in zip(codes, side, strict=True)]
        forms.append(form)


def _classes(codes: list[int]) -> list[list[int]]:
    classes: dict[int, list[int]] = {}
    for i, code in enumerate(codes):
        classes.setdefault(code, []).append(i)
    return list(classes.values())


def _middle(values: list[Fraction]) -> Fraction | None:
    """A number in the middle of two neighbours in the middle; None for a single value."""
    half = len(values) // 2
    return (values[half - 1] + values[half]) / 2 if half else None


def _off_all(cut: Fraction, values: list[Fraction]) -> Fraction:
    """The cut, moved up between two values if it meets one; whom it parts stays parted."""
    if cut not in values:
        return cut
    return (cut + min(value for value in values if value > cut)) / 2


def _together(classes: list[list[int]], side: list[int]) -> int:
    """Pairs of one class on the same side."""
    above = [sum(side[i] for i in members) for members in classes]
    return sum(a * (a - 1) + (len(m) - a) * (len(m) - a - 1) for a, m in zip(above, classes, strict=True)) // 2
