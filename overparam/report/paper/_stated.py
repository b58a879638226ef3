"""Numbers that the checker's sentence states, read out of it: what a paper may call certified is what was accepted."""

import re
from fractions import Fraction
from typing import NamedTuple

from overparam.report._singles import Kernel
from overparam.report.paper._numbers import Toward, rational

_NUMBER = r"(-?\d+(?:/\d+|\*2\^-?\d+)?)"
_NEURONS = re.compile(r"\bexactly (\d+(?: \+ \d+)*)(?: \([^)]*\))? \w+ neurons?\b")
_BOUNDS: tuple[tuple[str, Toward, str, str], ...] = (
    ("tolerance", "up", "bound on each error |output - label|", rf"differs from the label by at most {_NUMBER} at "),
    ("squared errors", "up", "bound on the sum of squared errors", rf"squared errors .* sum to at most {_NUMBER}\."),
    ("distance", "up", "bound on how far an exact network lies", rf", by at most {_NUMBER} in Euclidean norm"),
    ("at least", "down", "least eigenvalue, lower bound", rf"^The least eigenvalue of .* is at least {_NUMBER}[ .]"),
    ("at most", "up", "least eigenvalue, upper bound", rf"^The least eigenvalue of .* (?:and|is) at most {_NUMBER}\."),
    ("margin", "down", "margin, least label times output", rf"whose output is at least {_NUMBER} at each point with "),
    ("step", "nearest", "step size", rf"gradient descent with step {_NUMBER} on "),
    ("rank", "nearest", "rank", rf", has rank {_NUMBER}: its rows"),
)


class Stated(NamedTuple):
    """One number of a sentence."""

    key: str  # also its name in a record, where the record repeats it
    value: str  # as the sentence spells it
    toward: Toward  # the side on which it stays true when it is rounded
    means: str


def stated(sentence: str) -> list[Stated]:
    """The bounds of a sentence; of numbers too long to be spelled out there it has none.

    >>> [(one.key, one.value) for one in stated("one whose output differs from the label by at most 3/1024 at each")]
    [('tolerance', '3/1024')]
    """
    return [
        Stated(key, match[1], toward, means)
        for key, toward, means, pattern in _BOUNDS
        if (match := re.search(pattern, sentence))
    ]


def neurons_stated(sentence: str) -> int | None:
    """How many hidden neurons the networks have that a sentence speaks of; None if it says no number.

    >>> neurons_stated("networks with 2 hidden layers of exactly 8 + 1 tanh neurons, with hidden biases")
    9
    """
    match = _NEURONS.search(sentence)
    return None if match is None else sum(map(int, match[1].split(" + ")))


def eigenvalue_ends(kernel: Kernel) -> tuple[float | None, float | None]:
    """The ends that a record certifies of a kernel's least eigenvalue, those only that follow from the sentence."""
    bounds = {one.key: rational(one.value) for one in stated(kernel.certified["accepted"])}
    low, high = kernel.certified["at_least"], kernel.certified["at_most"]
    least, most = bounds.get("at least"), bounds.get("at most")
    return (
        low if low is not None and least is not None and Fraction(low) <= least else None,
        high if high is not None and most is not None and Fraction(high) >= most else None,
    )
