"""Random ReLU features: n neurons of random directions, their output weights solved for exactly; no output bias.

The first layer is drawn before the labels are looked at.  Any n distinct points have n independent features: along a
direction that separates them, those whose knots lie in the n gaps before the points.  So as long as the rank is below
n, a draw of direction and gap raises it with probability at least 1/n times that of a separating direction, and the
draws come to an end (theorem entry random-features).
"""

from fractions import Fraction

import numpy as np

from overparam.exact import Cloud, ExactData, Form, leading_columns, solve
from overparam.memorizers._built import Built, Options, refusal, two_layer

_BITS = 7  # of a direction's entries in the first round, with 4 more in each further one
_ROUNDS = 12  # of draws, each as many as all before


def build_features(data: ExactData, options: Options) -> Built:
    """Random features until n are independent, or `width` of them; a neuron whose output weight is 0 is left out.

    Raises:
        InputError: the labels are not a combination of so few features.
    """
    n = data.n_samples
    rng = np.random.default_rng(options.seed)
    forms: list[Form] = []
    rows: list[list[Fraction]] = []
    kept: list[int] = []
    for round_ in range(_ROUNDS):
        count, size = options.width or max(len(forms), n), 2 ** (_BITS + 4 * round_) - 1
        directions = rng.integers(-size, size, endpoint=True, size=(count, data.dim))
        new = _drawn(data, directions, rng.integers(n, size=count))
        forms += new[0]
        rows += new[1]
        kept = leading_columns([list(row) for row in zip(*rows, strict=True)])
        if len(kept) == n or options.width:
            break
    if len(kept) < n and not options.width:
        raise RuntimeError("random features of distinct points did not reach full rank")  # probability below 2^-1000
    output = solve([list(row) for row in zip(*rows, strict=True)], data.labels)
    if output is None:
        why = f"{len(forms)} random features have rank {len(kept)} at these {n} points, and the labels are outside"
        raise refusal("features", why, "a larger width, another seed, or none (it draws until the rank is full)")
    neurons = [(v, form) for v, form in zip(output, forms, strict=True) if v]
    note = f"{len(forms)} random features drawn, of rank {len(kept)}"
    return Built(
        two_layer(neurons, Fraction(0), data.dim, note).network,
        (note,),
        numbers={"features drawn": len(forms), "rank": len(kept)},
    )


def _drawn(data: ExactData, directions: np.ndarray, places: np.ndarray) -> tuple[list[Form], list[list[Fraction]]]:
    """Forms along these directions with their zero in the gap before the given place in the order, and their relus."""
    normals = [tuple(Fraction(int(w)) for w in row) for row in directions]
    numerators = Cloud(data.points).numerators([(*normal, Fraction(0)) for normal in normals])
    forms, features = [], []
    for j, (normal, place) in enumerate(zip(normals, places.tolist(), strict=True)):
        z = [numerators.value(j, i) for i in range(data.n_samples)]
        order = sorted(z)
        knot = (order[place - 1] + order[place]) / 2 if place else 2 * order[0] - order[-1] - (order[0] == order[-1])
        forms.append((*normal, -knot))
        features.append([max(t - knot, Fraction(0)) for t in z])
    return forms, features
