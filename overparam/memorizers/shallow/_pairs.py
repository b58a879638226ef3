"""Any real labels of n points in general position: 2q - 1 + min(2, r) ReLU neurons, n = q(dim + 1) + r.

Sort the points by <u, x> and cut them into blocks of dim + 1, the last of r.  A_j is affine with the labels of block j,
beta_j the middle of the gap before it, g_j = A_j - A_(j-1).  Then
    f = A_1 + sum_(j>=2) [ relu(M_j (<u, x> - beta_j) + g_j) - relu(M_j (<u, x> - beta_j)) ]
equals A_l on block l once M_j is large: before beta_j both terms vanish, behind it they differ by g_j.  On the data A_1
is relu(A_1 + S) - S, one neuron and the bias.  A last block of one point needs a single neuron.
"""

import itertools
from collections.abc import Sequence
from fractions import Fraction

from overparam.exact import Cloud, ExactData, Form, exponent_above, interpolate_affine, power_of_two_above
from overparam.memorizers._built import Built, Options, along, combined, named_rows, refusal, shifted, two_layer
from overparam.memorizers._direction import Ordering, best_separating


def build_pairs(data: ExactData, _: Options) -> Built:
    """The construction on distinct points; needs only that the labels of its own blocks are affine on them.

    Raises:
        InputError: for every direction tried some block is affinely dependent and its labels are not affine.
    """
    if data.n_samples == 1:
        return two_layer([], data.labels[0], data.dim, "one point: the constant network")
    starts = list(range(data.dim + 1, data.n_samples, data.dim + 1))
    failed = ""
    for ordering in best_separating(data, starts)[: None if starts else 1]:  # one block is the same in every order
        blocks = cut(data, ordering, starts)
        forms = []
        for block in blocks:
            form = interpolate_affine(block.points, block.labels)
            if form is None:
                failed = failed or f"points {named_rows(block, range(block.n_samples))}"
                break
            forms.append(form)
        else:
            neurons, c = assemble(data, ordering, starts, forms)
            note = f"{len(blocks)} blocks of at most {data.dim + 1} points along {list(ordering.direction)}"
            return two_layer(neurons, c, data.dim, note)
    raise refusal(
        "pairs",
        f"the block of {failed} is affinely dependent and its labels are not those of an affine function, and other "
        "directions met such blocks as well, so the points are not in general position",
        '"greedy" (fits its blocks to the data) or "distinct" (any distinct points)',
    )


def cut(data: ExactData, ordering: Ordering, starts: Sequence[int]) -> list[ExactData]:
    """The blocks between consecutive starts."""
    edges = [0, *starts, data.n_samples]
    return [data.take(ordering.order[a:b]) for a, b in itertools.pairwise(edges)]


def assemble(
    data: ExactData, ordering: Ordering, starts: Sequence[int], forms: Sequence[Form], *, thrifty: bool = False
) -> tuple[list[tuple[Fraction, Form]], Fraction]:
    """Neurons and output bias of the network that equals forms[j] on block j.

    Args:
        data: distinct points.
        ordering: separates the blocks.
        starts: position of the first point of every block but the first.
        forms: one affine function a block.
        thrifty: save neurons where these data allow: the first if A_1 is constant, the second of a pair if g_j alone
            already vanishes on one side.  Otherwise the width is that of the formula.
    """
    cloud = Cloud(data.points)
    first = forms[0]
    if thrifty and not any(first[:-1]):
        neurons, c = [], first[-1]
    else:
        lift = -min(cloud.values(first))
        lift = power_of_two_above(lift) if lift > 0 else Fraction(0)
        neurons, c = [(Fraction(1), shifted(first, lift))], -lift
    for j, start in enumerate(starts, start=1):
        step = combined(forms[j], Fraction(-1), forms[j - 1])
        edge = along(ordering.direction, (ordering.z[start - 1] + ordering.z[start]) / 2)
        if start == data.n_samples - 1:  # one point is left: a single neuron reaches it
            last = data.points[ordering.order[start]]
            residual = _value(step, last)
            slope = residual / _value(edge, last)
            neurons.append((Fraction(1 if slope >= 0 else -1), tuple(abs(slope) * t for t in edge)))
            continue
        signed = _one_neuron(cloud, ordering, start, step) if thrifty else None
        if signed:
            neurons.append((signed, tuple(signed * t for t in step)))
            continue
        steepness = _steepness(cloud, edge, step)
        steep = tuple(steepness * t for t in edge)
        neurons += [(Fraction(1), combined(steep, Fraction(1), step)), (Fraction(-1), steep)]
    return neurons, c


def _value(form: Form, point: Sequence[Fraction]) -> Fraction:
    value = form[-1]
    for w, x in zip(form[:-1], point, strict=True):
        value += w * x
    return value


def _steepness(cloud: Cloud, edge: Form, step: Form) -> Fraction:
    """The least power of two M with M edge + step <= 0 at the points before the edge, >= 0 behind; 0 if M = 0 does."""
    numerators = cloud.numerators([edge, step])
    exponents = [
        exponent_above(abs(g) * numerators.form_scales[0], abs(t) * numerators.form_scales[1])
        for t, g in zip(*numerators.rows, strict=True)
        if g and (g > 0) != (t > 0)
    ]
    return Fraction(2) ** max(exponents) if exponents else Fraction(0)


def _one_neuron(cloud: Cloud, ordering: Ordering, start: int, step: Form) -> Fraction | None:
    """The sign s for which s relu(s step) is 0 before `start` and step behind, if there is one."""
    values = cloud.numerators([step]).rows[0]
    before, behind = ([values[i] for i in ordering.order[part]] for part in (slice(0, start), slice(start, None)))
    for sign in (1, -1):
        if all(sign * t <= 0 for t in before) and all(sign * t >= 0 for t in behind):
            return Fraction(sign)
    return None
