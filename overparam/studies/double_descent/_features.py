"""Random-features regression on the sphere: draws, fits over many widths or sample sizes, errors on new inputs."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from overparam.studies.double_descent._least_squares import fitted

Phi = Literal["relu", "tanh"]


def sphere(rng: np.random.Generator, count: int, dim: int) -> NDArray[np.float64]:
    """(count, dim), uniform on the sphere of radius sqrt(dim)."""
    points = rng.normal(size=(count, dim))
    return points * (dim**0.5 / np.linalg.norm(points, axis=1, keepdims=True))


def features(points: NDArray, weights: NDArray, phi: Phi = "relu") -> NDArray[np.float64]:
    """(points, weights): phi(<w_j, x> / sqrt(d))."""
    inner = points @ weights.T / points.shape[1] ** 0.5
    return np.tanh(inner) if phi == "tanh" else np.maximum(inner, 0)


def excess(
    rng: np.random.Generator,
    *,
    dim: int,
    cells: tuple[tuple[int, int], ...],
    noise: float,
    n_test: int,
    phi: Phi = "relu",
    ridge: float = 0.0,
) -> NDArray[np.float64]:
    """Excess risk of one draw of inputs, weights, unit signal and noise, for (n samples, N features) cells.

    Smaller cells use the first samples and features of the larger.

    Args:
        dim: d.
        cells: pairs (n, N).
        noise: tau^2.
        n_test: new inputs, on which the clean linear target is compared.
        phi: activation.
        ridge: beside Phi'Phi/n.
    Returns:
        (cells,).
    """
    n_most, width_most = (max(cell[i] for cell in cells) for i in range(2))
    weights, train, test = (sphere(rng, count, dim) for count in (width_most, n_most, n_test))
    beta = rng.normal(size=dim)
    beta /= np.linalg.norm(beta)
    labels = train @ beta + noise**0.5 * rng.normal(size=n_most)
    at_train, at_test = features(train, weights, phi), features(test, weights, phi)
    out = np.empty(len(cells))
    for i, (n, width) in enumerate(cells):
        found = fitted(at_train[:n, :width], labels[:n, None], ridge=ridge)[:, 0]
        out[i] = ((at_test[:, :width] @ found - test @ beta) ** 2).mean()
    return out
