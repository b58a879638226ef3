"""Laws of data for these studies, their effective dimension and separation, and how many steps a data set is given.

Budgets are in intrinsic time.  Gradient descent with a kernel whose least eigenvalue stays at least l_0 needs
eta l_0 t >= ln(|r_0| / |r|) at most.  A run may take `PATIENCE` times as long as with the kernel of infinite width,

    steps = PATIENCE ln(1 / tolerance) / (eta l_0),    eta = rate * 2 / l_max,

but at most `LONGEST`, so that a badly conditioned data set is given more steps, and what fails below that cap has
failed in ten times what is enough for infinitely many neurons.
"""

import dataclasses
import math

import numpy as np

from overparam.data import DataSpec, load

PATIENCE = 10
LONGEST = 100_000  # steps, whatever the data


@dataclasses.dataclass(frozen=True)
class Law:
    """Fresh draws of a generator of `overparam.data`, of mean square length 1."""

    spec: DataSpec

    def __call__(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        data = load(dataclasses.replace(self.spec, seed=int(rng.integers(2**31))))
        return data.points / math.sqrt(self.trace), data.labels

    @property
    def n(self) -> int:
        return self.spec.n or 0

    @property
    def spectrum(self) -> np.ndarray:
        """Of the covariance, before the points are scaled."""
        d = self.spec.d or 0
        if self.spec.data == "anisotropic":
            return np.arange(1.0, d + 1) ** -(self.spec.exponent or 0.0)
        return np.full(d, 1.0 if self.spec.data == "gaussian" else 1 / d)

    @property
    def trace(self) -> float:
        return float(self.spectrum.sum())

    @property
    def effective(self) -> float:
        """tr(S)^2 / tr(S^2)."""
        return effective_dimension(self.spectrum)


def effective_dimension(spectrum: np.ndarray) -> float:
    """tr(S)^2 / tr(S^2) of a covariance with these eigenvalues."""
    return float(spectrum.sum() ** 2 / np.square(spectrum).sum())


def separation(points: np.ndarray) -> float:
    """Least angle between two of the lines through the rows, by arctangents, which do not cancel."""
    units = points / np.linalg.norm(points, axis=1, keepdims=True)
    i, j = np.triu_indices(len(units), 1)
    apart = np.linalg.norm(units[i] - units[j], axis=1)
    along = np.linalg.norm(units[i] + units[j], axis=1)
    return float(2 * np.arctan2(np.minimum(apart, along), np.maximum(apart, along)).min())


def budget(points: np.ndarray, *, tolerance: float, rate: float) -> np.ndarray:
    """Steps for each data set of a batch, (batch,) integers; points (batch, n_samples, dim)."""
    values = np.linalg.eigvalsh(limit_kernel(points))
    condition = values[:, -1] / np.maximum(values[:, 0], np.finfo(float).tiny)
    steps = PATIENCE * math.log(1 / tolerance) * condition / (2 * rate)
    return np.ceil(np.minimum(steps, LONGEST)).astype(np.int32)


def limit_kernel(points: np.ndarray) -> np.ndarray:
    """`overparam.ntk.first_layer_gram` of each data set of a batch, without compiling a program for each shape."""
    units = points / np.linalg.norm(points, axis=-1, keepdims=True)
    apart, along = (np.linalg.norm(units[:, :, None] + sign * units[:, None], axis=-1) for sign in (-1, 1))
    return points @ points.swapaxes(1, 2) * 2 * np.arctan2(along, apart) / (2 * math.pi)
