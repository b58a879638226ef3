"""Many least-squares fits at once: least norm or ridge, without a cutoff, which would remove the peak at p = n."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def fitted(designs: NDArray, targets: NDArray, *, ridge: float = 0.0, cutoff: float = 0.0) -> NDArray[np.float64]:
    """Coefficients of least norm, or (X'X/n + ridge)^-1 X'y/n.

    The smaller Gram matrix is solved: its condition is that of X squared, which costs digits only next to p = n.

    Args:
        designs: (..., n, p).
        targets: (..., n, k), k right sides each.
        ridge: of the normal equations divided by n.
        cutoff: singular values below this share of the largest are dropped; 0 in every measurement, above in controls.
    Returns:
        (..., p, k).
    """
    n, p = designs.shape[-2:]
    if cutoff:
        u, s, vt = np.linalg.svd(designs, full_matrices=False)
        inverse = np.where(s > cutoff * s[..., :1], 1 / s, 0.0)
        return np.swapaxes(vt, -1, -2) @ (inverse[..., None] * (np.swapaxes(u, -1, -2) @ targets))
    transposed = np.swapaxes(designs, -1, -2)
    if p <= n:
        return np.linalg.solve(transposed @ designs + n * ridge * np.eye(p), transposed @ targets)
    return transposed @ np.linalg.solve(designs @ transposed + n * ridge * np.eye(n), targets)


def chunks(trials: int, numbers: int, *, most: int = 2**23) -> Iterator[int]:
    """Sizes of blocks of trials of `numbers` floats each, so that a block stays below 64 MiB."""
    size = max(1, most // numbers)
    for start in range(0, trials, size):
        yield min(size, trials - start)
