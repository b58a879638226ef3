"""Two labels on a moment curve that change C times: ceil(C / dim) threshold units and an output bias.

A unit takes up to dim consecutive changes: its form is the polynomial with a root in the middle of each of these gaps,
negative on the left of them all, so that its step is 0, 1, 0, 1, .. from root to root.  No fewer units do, since a
hyperplane meets the curve at most dim times (theorem entry kowalczyk1993-capacity).
"""

import dataclasses

from overparam.exact import Cloud, ExactData
from overparam.memorizers._built import Built, Options, named_rows, refusal, two_layer
from overparam.memorizers.shallow._curve import curve_near, with_roots

_INSTEAD = '"sakurai" (two labels, general position) or "steps" (any distinct points)'


def build_alternations(data: ExactData, _: Options) -> Built:
    """The construction on distinct points whose labels take at most two values.

    The points may miss the curve, as powers rounded to floats do, if every form keeps its sign at every point.

    Raises:
        InputError: two points have one first coordinate, or some point is too far from the curve.
    """
    curve = curve_near(data)
    if curve is None:
        why = "they are not points (a_1 t, a_2 t^2, ..) of a moment curve, with distinct t and no a_k = 0"
        raise refusal("alternations", why, _INSTEAD)
    y = [data.labels[i] for i in curve.order]
    changes = [j for j in range(1, len(y)) if y[j] != y[j - 1]]
    cloud = Cloud(data.points)
    neurons = []
    for start in range(0, len(changes), data.dim):
        taken = changes[start : start + data.dim]
        form = with_roots(curve, [(curve.t[j - 1] + curve.t[j]) / 2 for j in taken])
        form = tuple((-1) ** (len(taken) + 1) * c for c in form)
        values = cloud.numerators([form]).rows[0]
        for j, i in enumerate(curve.order):
            passed = sum(place <= j for place in taken)
            if values[i] == 0 or (values[i] > 0) != (passed % 2 == 1):
                why = f"point {named_rows(data, [i])} is too far from the moment curve t -> (a_1 t, a_2 t^2, ..)"
                raise refusal("alternations", why, _INSTEAD)
        neurons.append((y[taken[0]] - y[taken[0] - 1], form))
    note = f"{len(changes)} changes of the label along the curve, up to {data.dim} a unit"
    built = two_layer(neurons, y[0], data.dim, note, activation="threshold")
    return dataclasses.replace(built, numbers={"label changes": len(changes)})
