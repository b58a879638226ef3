"""Whether k ReLU neurons interpolate a data set, decided by branching on activation patterns.

A case fixes some patterns.  Its relaxation, a linear program, either has no solution without label errors - then an
exact cut closes the case and all patterns in it -, or it proposes a network - then exact arithmetic confirms it -, or
the case is split at the sample and the neuron whose pattern the proposal contradicts most.  Neurons of one sign that a
case treats alike are interchangeable, so a split only says how many of them are active.  Whatever the linear programs
get wrong, the answer stays right: a cut and a network are exact, and where neither is found the answer is undecided.
"""

import dataclasses
import enum
from collections.abc import Callable
from typing import Any

import numpy as np

from overparam.certificates._files import spell_integers
from overparam.certificates._patterns import ACTIVE, INACTIVE, OPEN, Cut, Patterns
from overparam.errors import InputError
from overparam.exact import ExactData, ExactNetwork, clear_row, evaluate, exact_data

_GAP = 1e-7  # a relaxation that errs by less, of labels of size 1, may be feasible
_LARGEST = 600  # samples times neurons; the linear programs are dense and grow with its square
_RECENT = 200  # how many of the latest cuts are tried on a new case


class Outcome(enum.StrEnum):
    """What a search found about one width."""

    POSSIBLE = "possible"
    IMPOSSIBLE = "impossible"
    UNDECIDED = "undecided"


@dataclasses.dataclass
class Pruning:
    """What closed the cases of a search: counts of cases, and of the patterns (one bit a neuron and sample) in them.

    Attributes:
        nodes: cases looked at.
        affine: cases closed by linear algebra alone: the labels lie outside the span of their patterns.
        programs: cases closed by a linear program and an exact Farkas vector.
        reused: cases closed by the cut of an earlier case.
        symmetry: cases never looked at, since neurons are interchangeable.
        patterns: how many patterns each of affine, programs, reused and symmetry removed.
    """

    nodes: int = 0
    affine: int = 0
    programs: int = 0
    reused: int = 0
    symmetry: int = 0
    patterns: dict[str, int] = dataclasses.field(default_factory=lambda: dict.fromkeys(_WAYS, 0))


_WAYS = ("affine", "programs", "reused", "symmetry")


@dataclasses.dataclass(frozen=True)
class Decision:
    """The answer for one width.

    Attributes:
        width: neurons.
        outcome: possible with `network`, impossible with `proof`, or undecided with neither.
        network: an exact interpolating network with `width` neurons.
        proof: the witness fields of a statement `impossible`: method and roots.
        pruning: what the search did.
    """

    width: int
    outcome: Outcome
    network: ExactNetwork | None
    proof: dict[str, Any] | None
    pruning: Pruning


def decide_width(
    points: Any,
    labels: Any,
    width: int,
    *,
    hidden_bias: bool = True,
    output_bias: bool = True,
    max_nodes: int = 20_000,
    progress: Callable[[Pruning], None] | None = None,
) -> Decision:
    """Decide whether `width` ReLU neurons in one hidden layer interpolate.

    Args:
        points: (n_samples, dim) finite floats, integers or fractions; taken exactly.
        labels: (n_samples,) of the same.
        width: at least 0.
        hidden_bias: whether hidden biases may differ from 0.
        output_bias: whether the output bias may.
        max_nodes: cases to look at before giving up.  More than 600 samples times neurons are given up at once.
        progress: called now and then.
    Raises:
        InputError: the data are not such numbers, or `width` is negative.
    """
    if width < 0:
        raise InputError(f"width must be at least 0, got {width}")
    data = exact_data(points, labels)
    pruning = Pruning()
    if width == 0:
        return _constant(data, output_bias, pruning)
    if data.n_samples * width > _LARGEST:
        return Decision(width, Outcome.UNDECIDED, None, None, pruning)
    roots = []
    undecided = False
    for positive in range(width, -1, -1):  # networks whose neurons mostly add are the likelier ones
        signs = np.array([1] * positive + [-1] * (width - positive), dtype=int)
        search = _Search(Patterns(data, signs, hidden_bias=hidden_bias, output_bias=output_bias), signs, data)
        outcome, network = search.run(pruning, max_nodes, progress)
        if outcome is Outcome.POSSIBLE:
            return Decision(width, outcome, network, None, pruning)
        undecided |= outcome is Outcome.UNDECIDED
        roots.append({"cuts": search.cuts, "tree": " ".join(search.tree)})
    if undecided:
        return Decision(width, Outcome.UNDECIDED, None, None, pruning)
    return Decision(width, Outcome.IMPOSSIBLE, None, {"method": "branches", "roots": roots[::-1]}, pruning)


def _constant(data: ExactData, output_bias: bool, pruning: Pruning) -> Decision:
    """Width 0: one number for all labels, 0 without an output bias."""
    pruning.nodes = 1
    least, greatest = min(data.labels), max(data.labels)
    if least == greatest and (output_bias or least == 0):
        return Decision(0, Outcome.POSSIBLE, ExactNetwork("relu", (), (), (), least, data.dim), None, pruning)
    pruning.affine, pruning.patterns["affine"] = 1, 1
    outer = [0] * data.n_samples
    if output_bias:
        outer[data.labels.index(least)], outer[data.labels.index(greatest)] = 1, -1
    else:
        outer[data.labels.index(greatest if greatest > 0 else least)] = -1 if greatest > 0 else 1
    root = {"cuts": [[spell_integers([1, *outer])]], "tree": "0"}
    return Decision(0, Outcome.IMPOSSIBLE, None, {"method": "branches", "roots": [root]}, pruning)


class _Recent:
    """The latest cuts, side by side, so that all are tried on a case at once."""

    def __init__(self, n_samples: int, width: int) -> None:
        self._active = np.zeros((_RECENT, n_samples, width), bool)  # where no cut is, none closes anything
        self._inactive = np.zeros((_RECENT, n_samples, width), bool)
        self._numbers = np.full(_RECENT, -1)

    def add(self, number: int, cut: Cut) -> None:
        """Put a cut in the place of the oldest."""
        place = number % _RECENT
        self._active[place], self._inactive[place], self._numbers[place] = cut.active, cut.inactive, number

    def closing(self, case: np.ndarray) -> int | None:
        """The number of a cut that closes the case."""
        closes = np.all((self._active | (case == INACTIVE)) & (self._inactive | (case == ACTIVE)), axis=(1, 2))
        found = np.flatnonzero(closes & (self._numbers >= 0))
        return int(self._numbers[found[0]]) if len(found) else None


class _Search:
    """The tree for one choice of signs."""

    def __init__(self, patterns: Patterns, signs: np.ndarray, data: ExactData) -> None:
        self._patterns, self._signs, self._data = patterns, signs, data
        self._recent = _Recent(data.n_samples, len(signs))
        self.cuts: list[list[str]] = []
        self.tree: list[str] = []

    def run(
        self, pruning: Pruning, max_nodes: int, progress: Callable[[Pruning], None] | None
    ) -> tuple[Outcome, ExactNetwork | None]:
        """Walk the tree from its root, the first child first."""
        n, k = self._data.n_samples, len(self._signs)
        waiting = [np.full((n, k), OPEN, np.int8)]
        while waiting:
            if pruning.nodes >= max_nodes:
                return Outcome.UNDECIDED, None
            case = waiting.pop()
            pruning.nodes += 1
            if progress is not None and pruning.nodes % 500 == 0:
                progress(pruning)
            earlier = self._recent.closing(case)
            if earlier is not None:
                self._close(earlier, case, "reused", pruning)
                continue
            relaxed = self._patterns.relax(case)
            if relaxed.gap > _GAP and self._cut(case, pruning):
                continue
            worst = int(np.argmax(relaxed.open_by)) if k else 0
            if k == 0 or relaxed.open_by.flat[worst] <= _GAP:
                full = np.where(case == OPEN, np.where(relaxed.values >= 0, ACTIVE, INACTIVE), case)
                network = self._patterns.network(full)
                if network is not None and evaluate(network, self._data.points) == list(self._data.labels):
                    return Outcome.POSSIBLE, network
                if not np.any(case == OPEN):
                    if self._cut(case, pruning):
                        continue
                    return Outcome.UNDECIDED, None
                worst = int(np.argmax(case == OPEN))
            waiting += self._children(case, *divmod(worst, k), pruning)
        return Outcome.IMPOSSIBLE, None

    def _cut(self, case: np.ndarray, pruning: Pruning) -> bool:
        cut = self._patterns.cut(case)
        if cut is None or not cut.closes(case):
            return False
        number = len(self.cuts)
        cleared = map(clear_row, (cut.outer, *cut.inner))
        self.cuts.append([spell_integers([scale, *row]) for row, scale in cleared])
        self._recent.add(number, cut)
        self._close(number, case, "affine" if self._is_affine(cut, case) else "programs", pruning)
        return True

    def _is_affine(self, cut: Cut, case: np.ndarray) -> bool:
        """Whether every inner number is 0 where inactive and the outer one where active, and nothing is open."""
        signed = [[int(s) * v for v in cut.outer] for s in self._signs]
        return not np.any(case == OPEN) and all(
            cut.inner[j][i] == (signed[j][i] if case[i, j] == ACTIVE else 0) for i, j in np.ndindex(*case.shape)
        )

    def _close(self, number: int, case: np.ndarray, way: str, pruning: Pruning) -> None:
        self.tree.append(str(number))
        setattr(pruning, way, getattr(pruning, way) + 1)
        pruning.patterns[way] += 2 ** int(np.sum(case == OPEN))

    def _children(self, case: np.ndarray, sample: int, neuron: int, pruning: Pruning) -> list[np.ndarray]:
        """The cases in which the first m of the neurons like this one are active, the last of the list first."""
        self.tree.append(f"{sample}:{neuron}")
        alike = [
            j
            for j in range(len(self._signs))
            if self._signs[j] == self._signs[neuron] and np.array_equal(case[:, j], case[:, neuron])
        ]
        children = []
        for m in range(len(alike), -1, -1):
            child = case.copy()
            child[sample, alike] = INACTIVE
            child[sample, alike[:m]] = ACTIVE
            children.append(child)
        spared = 2 ** len(alike) - len(children)
        pruning.symmetry += spared
        pruning.patterns["symmetry"] += spared * 2 ** int(np.sum(children[0] == OPEN))
        return children
