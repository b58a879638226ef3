"""Data in a frame of their own scale, and networks carried back from it.

The laws of initialization mean inputs and labels of size one.  So the search sees (x - shift) / scale, coordinate by
coordinate, and labels treated likewise; f'((x - shift) / scale) is again a network of the same family and width.
Scales are powers of two, so that only the shift rounds on the way back.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from overparam.networks import Params


class Frame(NamedTuple):
    """Shifts and scales of one data set; leading axes, if any, are the seeds."""

    shift: Float[np.ndarray, "*seeds dim"]
    scale: Float[np.ndarray, "*seeds dim"]
    label_shift: Float[np.ndarray, "*seeds"]
    label_scale: Float[np.ndarray, "*seeds"]


def standardize(
    points: Float[np.ndarray, "*seeds n_samples dim"], labels: Float[np.ndarray, "*seeds n_samples"]
) -> tuple[np.ndarray, np.ndarray, Frame]:
    """Points and labels of mean zero and deviation near one, and the frame that undoes it."""
    shift, scale = _frame(points, axis=-2)
    label_shift, label_scale = _frame(labels, axis=-1)
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        new_points = (points - np.expand_dims(shift, -2)) / np.expand_dims(scale, -2)
        new_labels = (labels - np.expand_dims(label_shift, -1)) / np.expand_dims(label_scale, -1)
    return new_points, new_labels, Frame(shift, scale, label_shift, label_scale)


def restore(params: Params, frame: Frame) -> Params:
    """Networks, as NumPy arrays, that say on the data as given what `params` say on the standardized data.

    Equal up to rounding.  Leading axes of `params` and of `frame` broadcast, so one frame serves many networks.
    """
    u, b, v, c = (np.asarray(leaf) for leaf in params)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        raw_u = u / frame.scale[..., None, :]
        return Params(
            u=raw_u,
            b=b - (raw_u * frame.shift[..., None, :]).sum(axis=-1),
            v=v * frame.label_scale[..., None],
            c=c * frame.label_scale + frame.label_shift,
        )


def _frame(values: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean, and deviation rounded to a power of two (1 where it is zero); computed without overflow."""
    largest = np.max(np.abs(values), axis=axis, keepdims=True)
    unit = np.ldexp(1.0, np.frexp(np.where(np.isfinite(largest) & (largest > 0), largest, 1.0))[1] - 1)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        small = values / unit
        mean, deviation = np.mean(small, axis=axis), np.std(small, axis=axis)
        unit = np.squeeze(unit, axis)
        scale = np.ldexp(1.0, np.round(np.log2(np.where(deviation > 0, deviation, 1.0))).astype(int)) * unit
    return np.asarray(mean * unit), np.where(deviation > 0, scale, 1.0)
