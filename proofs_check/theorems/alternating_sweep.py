"""Points that hyperplanes can sweep in m groups: any real labels are taken by m ReLU neurons.

Network: x -> c + sum_j v_j relu(<u_j, x> + b_j).  A sweep is a partition into affinely independent groups G_1, .., G_m
with affine functions h_i that are 0 on G_i, negative on all earlier groups and positive on all later ones.
Quantifier: every data set, with the number m of its shortest sweep.  That number is not computed here; `allows` grants
what these sweeps give, the least of
    n, for any distinct points (single points in the order of a direction);
    1, for n <= d + 1 affinely independent points (one group);
    ceil(n/2), for points of the plane in strictly convex position (chords between two arcs);
    ceil(n/d), for points (a_1 t, .., a_d t^d) of a moment curve, whether d is odd (d consecutive points) or even (d - 1
    points from one end and one from the other).
Hypothesis: distinct points.
Proof: the project's own, docs/theory/sweep.md.
"""

import functools

from proofs_check.answers import Status
from proofs_check.curves import in_convex_position, on_moment_curve
from proofs_check.position import affine_general_position, points_distinct
from proofs_check.reading import Dataset
from proofs_check.theorems._entry import Quantifier, Side, Theorem


@functools.lru_cache(maxsize=32)
def groups(dataset: Dataset) -> int | None:
    """The least number of groups of a sweep that is known of these points; None if two are equal.

    Raises:
        OverBudget: there are too many points, or their numbers are too long.
    """
    n, d = dataset.n_samples, dataset.dim
    if points_distinct(dataset).status is not Status.ACCEPTED:
        return None
    if n <= d + 1 and affine_general_position(dataset).status is Status.ACCEPTED:
        return 1
    if on_moment_curve(dataset).status is Status.ACCEPTED:
        return -(-n // d)
    return -(-n // 2) if d == 2 and in_convex_position(dataset) else n


def allows(widths: tuple[int, ...], dataset: Dataset) -> bool:
    """At most as many neurons in one layer as groups.

    Raises:
        OverBudget: there are too many points, or their numbers are too long.
    """
    known = groups(dataset) if len(widths) == 1 else None
    return known is not None and widths[0] <= known


THEOREM = Theorem(
    key="alternating-sweep",
    title="the alternating sweep",
    statement="If hyperplanes can sweep n points in m groups, each affinely independent, then any real labels are "
    "taken by a network of m ReLU neurons with an output bias; m = n for any distinct points, m = ceil(n/2) for points "
    "of the plane in strictly convex position, and m = ceil(n/d) on a moment curve.",
    cite=None,
    locator="docs/theory/sweep.md",
    family="one hidden ReLU layer, hidden biases, output bias",
    activations=("relu",),
    hidden_bias=True,
    output_bias=True,
    quantifier=Quantifier.EVERY_DATASET,
    side=Side.UPPER,
    explicit_constants=True,
    hypotheses=(points_distinct,),
    width=None,
    proof="docs/theory/sweep.md",
    allows=allows,
)
