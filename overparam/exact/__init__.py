"""Rational arithmetic for producers: numbers, networks and linear systems without rounding; no JAX.

Numbers that leave this room are Python integers and `Fraction`s.  Inside, rows are scaled to integers and handed to
python-flint, which no other room imports.  An affine function `x -> <w, x> + b` is a `Form`, (w_1, .., w_d, b).
"""

from overparam._doors import door

__getattr__, __all__ = door(
    __name__,
    numbers="exponent_above float_of fraction_of number_spelled power_of_two_above root_above spell",
    data="ExactData exact_data exact_points merge_duplicates",
    affine="Cloud Form clear_row shortest",
    network="ExactNetwork forward",
    line="ascending line_outputs shared_slopes",
    limbs="Forward forward_floats",
    solve="hyperplane_through interpolate_affine solve",
    layers="ExactLayer LayersForward exact_layers forward_layers",
    layered="AnyNetwork RATIONAL SMOOTH Block LayeredNetwork ResidualNetwork evaluate",
    rank="leading_columns",
    balls="Enclosed enclosures",
    ball_systems="NearParts bends_little fit_output_layer near_parts",
    ball_newton="newton_steps",
    ball_fits="Fit arctanh fit_sums",
    relations="exact_rank row_relation",
)
