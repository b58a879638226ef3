"""Gradient descent on least squares with blocks of features of different speed, run for many noise vectors at once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.generalization import descent_risk


class Blocks(NamedTuple):
    """Features in blocks: how many, their eigenvalue v of X'X/n, and beta_i^2; samples, noise, step size."""

    counts: tuple[int, ...]
    speeds: tuple[float, ...]
    signals: tuple[float, ...]
    n: int
    noise: float
    step_size: float

    @property
    def eigenvalues(self) -> NDArray[np.float64]:
        """(p,)."""
        return np.repeat(np.asarray(self.speeds), self.counts)

    @property
    def beta(self) -> NDArray[np.float64]:
        """(p,)."""
        return np.sqrt(np.repeat(np.asarray(self.signals), self.counts))


# noise is learned in the second block long after the signal of the first and long before that of the third
THREE_SPEEDS = Blocks((5, 60, 5), (4.0, 1.0, 1e-3), (0.15, 0.0, 400.0), n=100, noise=4.0, step_size=0.2)


def fixed_design(rng: np.random.Generator, blocks: Blocks) -> NDArray[np.float64]:
    """(n, p) with X'X/n = diag(v): orthonormal columns, scaled."""
    columns = np.linalg.qr(rng.normal(size=(blocks.n, len(blocks.beta))))[0]
    return columns * np.sqrt(blocks.n * blocks.eigenvalues)


def errors_along(
    designs: NDArray, targets: NDArray, blocks: Blocks, times: tuple[int, ...], *, step_size: float | None = None
) -> NDArray[np.float64]:
    """Excess sum_i v_i (beta_i - b_i(t))^2 at given steps of gradient descent on |y - X b|^2 / (2n) from 0.

    A step is an affine map of b, the same at every time, so that long runs are composed: the map of t steps, applied
    twice, is that of 2t.

    Args:
        designs: (n, p).
        targets: (n, k).
        blocks: for v, beta and the step size.
        times: increasing.
        step_size: another one.
    Returns:
        (k, times).
    """
    eta = blocks.step_size if step_size is None else step_size
    p = designs.shape[1]
    matrix = np.eye(p) - eta / len(designs) * designs.T @ designs
    shift = eta / len(designs) * designs.T @ targets
    at, now, out = np.zeros(shift.shape), 0, []
    powers = [(matrix, shift)]
    for time in times:
        for bit, digit in enumerate(reversed(bin(time - now)[2:])):
            while len(powers) <= bit:
                last, moved = powers[-1]
                powers.append((last @ last, last @ moved + moved))
            if digit == "1":
                at = powers[bit][0] @ at + powers[bit][1]
        now = time
        out.append(blocks.eigenvalues @ (at - blocks.beta[:, None]) ** 2)
    return np.stack(out, axis=-1)


def expected(blocks: Blocks, times: NDArray, *, noise: float | None = None) -> NDArray[np.float64]:
    """The formula's excess."""
    return descent_risk(
        blocks.eigenvalues,
        blocks.beta,
        times,
        step_size=blocks.step_size,
        n_samples=blocks.n,
        noise=blocks.noise if noise is None else noise,
    ).excess


def turns(curve: NDArray) -> tuple[int, ...]:
    """Indices of the interior local extrema, which alternate; a constant stretch has none."""
    steps = np.sign(np.diff(curve))
    moving = np.flatnonzero(steps)
    changed = np.flatnonzero(np.diff(steps[moving]))
    return tuple(int(moving[i + 1]) for i in changed)
