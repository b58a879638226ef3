"""Labelled point sets: generators, real data that ships with scikit-learn, users' files; and what is true of them.

A `DataSpec` names a data set, in Python as on the command line; `load` makes it a `Dataset` of float64 arrays or
refuses with a sentence that says what to change; `describe` lists what is known about it, each finding exact or marked
one-sided.  NumPy only: reading data touches no device.  Random data come from `numpy.random.default_rng(seed)`, points
first, then labels, so the points do not depend on the kind of labels.  Rows are counted from 0 throughout.
"""

from overparam._doors import door

__getattr__, __all__ = door(
    __name__,
    spec="DataSpec validate",
    load="load",
    dataset="Dataset from_arrays without_repeats",
    finding="Finding",
    findings="describe",
    predicates="consistent_labels distinct_points",
    position="affine_general_position",
    metric="least_squared_distance squared_norm_range",
)
