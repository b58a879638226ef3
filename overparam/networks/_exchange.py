"""Networks of other libraries: an NPZ file of plain arrays is how a trained network enters and leaves.

Names accepted, so that a user exports without renaming:
    ours           u (width, dim), b (width,), v (width,), c ()
    torch          NAME.weight (out, in), NAME.bias (out,) for two linear layers, in either order of names
    flax           NAME.kernel (in, out), NAME.bias (out,) for two dense layers; `/` may stand for `.`
Which of two layers comes first is read from the shapes: the output layer has one unit.
"""

import pathlib
import re
from collections.abc import Mapping

import numpy as np

from overparam.arrays import exact_float64, read_arrays
from overparam.errors import InputError
from overparam.networks._two_layer import Params

_HOW = (
    "give arrays u (width, dim), b (width,), v (width,), c (); or NAME.weight and NAME.bias of two torch Linear "
    "layers; or NAME.kernel and NAME.bias of two flax Dense layers"
)


def save_network(path: str | pathlib.Path, params: Params) -> None:
    """Write one network's params to an NPZ file that `load_network` and `overparam certify` read."""
    np.savez(path, u=np.asarray(params.u), b=np.asarray(params.b), v=np.asarray(params.v), c=np.asarray(params.c))


def load_network(path: str | pathlib.Path) -> Params:
    """Params, as float64 NumPy arrays, of a two-layer network with one output stored in an NPZ file.

    A missing bias is zero.  float16, bfloat16-as-float32, float32 and integers are widened without rounding.

    Raises:
        InputError: the file is not an NPZ of plain arrays, or the arrays do not form such a network.
    """
    read = read_arrays(str(path), advice=_HOW, choose=lambda names: names)
    wide = {name.replace("/", "."): exact_float64(array, f"array {name!r} of {path}") for name, array in read.items()}
    if {"u", "v"} <= wide.keys():
        width = wide["u"].shape[0] if wide["u"].ndim == 2 else -1
        return _checked(wide["u"], wide.get("b", np.zeros(max(width, 0))), wide["v"], wide.get("c", np.zeros(())), path)
    return _from_layers(wide, path)


def _from_layers(arrays: Mapping[str, np.ndarray], path: object) -> Params:
    layers = {}
    for name, array in arrays.items():
        if match := re.fullmatch(r"(?:(.*)\.)?(weight|kernel)", name):
            matrix = array if match[2] == "weight" else array.T
            bias = arrays.get(f"{match[1]}.bias" if match[1] else "bias", np.zeros(matrix.shape[:1]))
            layers[name] = (matrix, bias)
    pairs = [
        (one, two)
        for first, one in layers.items()
        for second, two in layers.items()
        if first != second and one[0].ndim == two[0].ndim == 2 and two[0].shape == (1, one[0].shape[0])
    ]
    if len(layers) != 2 or not pairs:
        shapes = {name: array.shape for name, array in arrays.items()}
        raise InputError(f"{path} holds {shapes}, which is no two-layer network with one output; {_HOW}")
    (u, b), (v, c) = pairs[0] if len(pairs) == 1 else min(pairs, key=lambda pair: list(layers.values()).index(pair[0]))
    return _checked(u, b, v[0], c.reshape(()) if c.size == 1 else c, path)


def _checked(u: np.ndarray, b: np.ndarray, v: np.ndarray, c: np.ndarray, path: object) -> Params:
    c = c.reshape(()) if c.size == 1 else c
    v = v.reshape(-1) if v.ndim == 2 and 1 in v.shape else v
    if u.ndim != 2 or u.shape[1] < 1 or b.shape != u.shape[:1] or v.shape != u.shape[:1] or c.shape != ():
        raise InputError(f"{path}: shapes u {u.shape}, b {b.shape}, v {v.shape}, c {c.shape} do not fit; {_HOW}")
    return Params(u, b, v, c)
