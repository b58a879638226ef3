"""The files that the pages' commands take for granted: a table of points, the same as arrays, a trained network."""

import pathlib

import jax.numpy as jnp
import numpy as np


def supply(folder: pathlib.Path) -> None:
    """points.csv with the labels in column y, points.npz with X and y, and net.npz, which fits them closely."""
    from overparam.memorizers import pairs_params
    from overparam.networks import save_network

    rng = np.random.default_rng(0)
    points, labels = rng.normal(size=(10, 3)), rng.normal(size=10)
    table = np.column_stack([points, labels])
    np.savetxt(folder / "points.csv", table, delimiter=",", header="a,b,c,y", comments="", fmt="%.17g")
    np.savez(folder / "points.npz", X=points, y=labels)
    direction = jnp.asarray([1.0, 2.0, 3.0])
    save_network(folder / "net.npz", pairs_params(jnp.asarray(points), jnp.asarray(labels), direction))
