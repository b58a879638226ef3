"""Labelled point sets and images: generators, data that packages ship, users' files; and what is true of them.

A `DataSpec` names a data set, in Python as on the command line; `load` makes it a `Dataset` of float64 arrays or
refuses with a sentence that says what to change; `describe` lists what is known about it, each finding exact or marked
one-sided.  `load_images` gives images with classes, and what is done to them before a network sees them has names here
too.  NumPy only: reading data touches no device.  Random data come from `numpy.random.default_rng(seed)`, points first,
then labels, so the points do not depend on the kind of labels.  Rows are counted from 0 throughout.
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
    classed="friedman40 mixture",
    randomized="corrupted gaussian_pixels random_pixels shuffled_pixels",
    transforms="center_crop pooled whitened",
    **{
        "images._images": "Images",
        "images._load": "load_images",
        "images._folder": "paper_images",
        "images._photographs": "photograph_patches",
    },
    metric="least_squared_distance squared_norm_range",
)
