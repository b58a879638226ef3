"""The rank threshold: how many randomly drawn neurons give the lazy limit of gradient descent an interpolator."""

import pathlib

import jax

from overparam.certificates import rank_threshold
from overparam.data import Dataset
from overparam.exact import exact_layers, forward_layers
from overparam.keys import Purpose, key_for
from overparam.records import Rung, Side, Word
from overparam.widths._deposit import NotAccepted
from overparam.widths._prove import NetworkGram, prove_full_row_rank

FAMILY = "ReLU, 1 hidden layer, hidden biases, output bias, neurons in equal pairs at the start"
_MOST = 500  # samples; the elimination has n^3 / 3 products


def rank_rung(distinct: Dataset, data: Dataset, folder: pathlib.Path, out: pathlib.Path, root: jax.Array) -> Rung:
    """The least k for which the first k neurons of one draw have a first-layer Jacobian of full row rank.

    Then gradient descent from these k neurons, each taken twice with opposite output weights of large enough size,
    interpolates any labels of these points: the rung shows the width 2k.  Its word is theorem.  The certificate holds
    the rank of k neurons and no more; that 2k suffice is docs/theory/lazy.md, and its other hypothesis, that no neuron
    of the draw is exactly zero at a point, is checked here in fractions.

    Args:
        distinct: the distinct points.
        data: the data as given, to which the certificate belongs if no point is repeated.
        folder: certificates of these data.
        out: output folder.
        root: typed key of initializations.
    """
    n = len(distinct.labels)
    most = 2 * n + 16  # in dimension 1 a draw has few patterns, so some n distinct ones may need more: not found then
    budget = f"one draw of at most {most} neurons"
    if n > _MOST:
        return _rung(None, Word.UNDECIDED, f"not tried for more than {_MOST} points", None)
    found = rank_threshold(distinct.points, key_for(root, Purpose.INIT, 0), most=most)
    if found.width is None:
        return _rung(None, Word.NOT_FOUND, budget, None)
    if (forward_layers(exact_layers(found.layers), distinct.points).signs[0] == 0).any():
        return _rung(None, Word.UNDECIDED, "a neuron of the draw is exactly zero at a point", None)
    place = folder if len(distinct.labels) == len(data.labels) else folder / "without-repeats"
    try:
        prove_full_row_rank(NetworkGram(found.layers, distinct, [0]), place / "rank")
    except NotAccepted as refusal:
        return _rung(None, Word.UNDECIDED, str(refusal), None)
    budget = (
        f"rests on a certified full rank at {found.width} neurons of one draw, each taken twice with opposite output "
        "weights; docs/theory/lazy.md, for large enough output scale"
    )
    return _rung(2 * found.width, Word.THEOREM, budget, (place / "rank").relative_to(out).as_posix())


def _rung(width: int | None, word: Word, budget: str, certificate: str | None) -> Rung:
    return Rung(
        rung="rank",
        family=FAMILY,
        side=Side.UPPER,
        width=width,
        interval=None,
        word=word,
        quantifier="these points, any labels, large output scale",
        theorem=None,
        starts=None,
        budget=budget,
        certificate=certificate,
    )
