"""What is known of the loss around the parameters of a two-layer network, and whether descent is certain to converge.

The theorem, its constants and its proof stand in `_pl_star`.
"""

import math
from typing import NamedTuple

import numpy as np

from overparam.studies.landscape._both_layers import Weights


class Certificate(NamedTuple):
    """What is known at some parameters; there `flow` or `descent` at most 1 is the certificate."""

    residual: float  # |r|
    least: float  # s
    most: float  # S
    lipschitz: float  # B on the ball of radius 4 |r| / s
    margin: float  # least |<w_r, x_i>| / |x_i|; infinite for tanh

    @property
    def flow(self) -> float:
        """At most 1 if gradient flow converges from here."""
        return self._ratio(2.0)

    @property
    def descent(self) -> float:
        """At most 1 if gradient descent with a step up to `step` converges from here."""
        return self._ratio(4.0)

    @property
    def step(self) -> float:
        """The largest step that the certificate for descent allows."""
        b = self.most + 4 * self.lipschitz * self.residual / self.least
        return min(1 / b**2, 1 / (self.lipschitz * self.residual)) / 2

    def _ratio(self, radius: float) -> float:
        reach = radius * self.residual / self.least
        ratio = max(2 * self.lipschitz * reach / self.least, reach / self.margin if self.margin > 0 else math.inf)
        return ratio if math.isfinite(self.residual) else math.inf


def certificate(weights: Weights, points: np.ndarray, labels: np.ndarray, *, smooth: bool = False) -> Certificate:
    """Of a ReLU network, or of a tanh network if `smooth`."""
    w, v = np.asarray(weights.w), np.asarray(weights.v)
    pre, size, norms = points @ w.T, np.linalg.norm(points, 2), np.linalg.norm(points, axis=1)
    values = np.tanh(pre) if smooth else np.maximum(pre, 0)
    slopes = (1 - values**2 if smooth else pre > 0) * v
    hidden = (slopes[:, :, None] * points[:, None, :]).reshape(len(points), -1)
    residual = float(np.linalg.norm(values @ v - labels))
    if not math.isfinite(residual):
        return Certificate(residual, math.nan, math.nan, math.nan, math.nan)
    singular = np.linalg.svd(np.concatenate([hidden, values], axis=1), compute_uv=False)
    least, most = float(singular[-1]), float(singular[0])
    if not smooth:
        return Certificate(residual, least, most, float(size), float(np.min(np.abs(pre) / norms[:, None])))
    bent = 4 / (3 * math.sqrt(3)) * (np.max(np.abs(v)) + 4 * residual / least) * norms.max() * size
    return Certificate(residual, least, most, float(bent + math.hypot(bent, 2 * size)) / 2, math.inf)
