"""At n of the order of d k the tangent kernel's spectrum is a free convolution of Marchenko and Pastur's with one law.

Statement (benigni2025): X (n x d) and W (k x d) with independent standard entries, k / d and n / (d k) fixed.  The
spectrum of the first-layer kernel A = (X X^T / d) o (S S^T / k), S = slope(X W^T / sqrt(d)), converges to the free
multiplicative convolution of the Marchenko-Pastur law of ratio n / (d k) with a law that the slope determines.

That law, derived here for step slopes: A = F F^T / (d k) with independent rows x (x) s(x), so it is the spectrum of
the covariance of x (x) s. Expand s_r = c_0 + c_1 <w_r, x> + rest, the rest of variance t, for the step c_0^2 = 1/4,
c_1^2 = 1 / (2 pi), t = 1/4 - c_1^2. The rest contributes t I; the linear part is a quadratic form in x, whose
covariance acts on k x d matrices V as c_1^2 (W W^T V + W V^T W): on singular vectors p_i, q_j of W (values s_i) it is
symmetric in (i, j), so each pair has the eigenvalues c_1^2 (s_i^2 + s_j^2) and 0. All else is of small rank or norm;
of it the d directions x (x) 1, of size c_0^2 k, are kept here as a mass 1 / k, since d of n eigenvalues are many at
sizes one can compute. So the law has mass (1 - 1/k) on t + c_1^2 (s_i^2 + s_j^2), half of all pairs; t, the other
half; and, for k < d, where the spare right vectors have no partner, t + c_1^2 s_i^2. As k grows it turns into t + a
Marchenko-Pastur law of ratio 2 n / d^2, the limit kernel's. Its lower edge predicts the least eigenvalue that lazy
training sees.

Measured: the distance of distribution functions, with rows as they are and with rows scaled to norm sqrt(d).  Allowed
are 1 / d and 3 / d, fixed beforehand on a heuristic: directions of the mean are d of order d^2 eigenvalues, and row
norms add theirs, of variance 2 / d.
"""

import math

import numpy as np

from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.convergence._free_convolution import distribution, lower_edge, square_laws

_LINEAR = 1 / (2 * math.pi)  # c_1^2
_ATOMS = 12  # quantiles of s^2; the law has their pairs
_SIZES: dict[Size, tuple[tuple[int, int, int], ...]] = {
    "ci": ((24, 24, 288), (30, 15, 112)),
    "laptop": ((40, 40, 400), (40, 40, 800), (40, 80, 1600), (60, 30, 900), (60, 60, 1800)),
    "paper": ((60, 60, 2000), (100, 100, 5000), (140, 140, 9800), (100, 200, 10_000)),
}


def measure(setting: Setting, *, linear: float = _LINEAR) -> Finding:
    """Spectra against the law with c_1^2 = `linear` and t = 1/4 - linear; 0 is the bare Marchenko-Pastur law."""
    rng = np.random.default_rng([setting.root, 19])
    told, links, holds = [], [], True
    for d, k, n in _SIZES[setting.size]:
        points, weights = rng.normal(size=(n, d)), rng.normal(size=(k, d))
        slopes = (points @ weights.T > 0).astype(np.float64)
        units = points / np.linalg.norm(points, axis=1, keepdims=True)
        both = slopes @ slopes.T / k
        scaled, plain = (np.linalg.eigvalsh((rows @ rows.T) * both) for rows in (units, points / math.sqrt(d)))
        atoms, masses = population_law(d, k, linear)
        ratio = n / (d * k)
        far, near = distance(plain, atoms, masses, ratio), distance(scaled, atoms, masses, ratio)
        edge = lower_edge(atoms, masses, ratio)
        inner = units @ units.T  # no two random rows are nearly parallel, so arccosine is accurate enough
        limit_kernel = inner * (math.pi - np.arccos(np.clip(inner, -1, 1))) / (2 * math.pi)
        limit = float(np.linalg.eigvalsh(limit_kernel)[0]) * (1 - math.sqrt(ratio)) ** 2
        name = f"d = {d}, k = {k}, n = {n}"
        links += [
            Link(f"distance of distribution functions, norms equal, {name}", 1 / d, near),
            Link(f"the same, independent entries, {name}", 3 / d, far),
        ]
        holds = None if math.isnan(near + far) else holds
        told.append(
            f"{name}: distances {near:.3f} and {far:.3f}, least eigenvalue {scaled[0]:.4f} and {plain[0]:.4f}, lower "
            f"edge {edge:.4f}, lambda_0 (1 - sqrt(n / (k d)))^2 {limit:.4f}"
        )
    words = (
        f"One draw each, step slopes, norms equal and as drawn: {'; '.join(told)}.  The edge is a limit: what floats "
        "see at these sizes may lie on either side of it."
    )
    if holds is not None:
        holds = all(link.holds for link in links)
    return Finding(holds, words.replace("  ", " "), len(told), tuple(links))


def population_law(d: int, k: int, linear: float = _LINEAR) -> tuple[np.ndarray, np.ndarray]:
    """Atoms and masses of the law above, positive, masses of sum 1."""
    squares = square_laws(k / d, _ATOMS)
    rest, few = 0.25 - linear, min(k, d)
    i, j = np.triu_indices(_ATOMS)
    pairs, often = rest + linear * (squares[i] + squares[j]), np.where(i == j, 1, 2) / _ATOMS**2
    spare = rest + linear * squares if k < d else np.full(_ATOMS, rest)
    atoms = np.concatenate([pairs, np.full(1, rest), spare, np.full(1, k / 4 + 0.25)])
    share = few**2 / (d * k)
    parts = [share / 2 * often, np.full(1, share / 2), np.full(_ATOMS, (1 - share) / _ATOMS)]
    return atoms, np.concatenate([np.concatenate(parts) * (1 - 1 / k), np.full(1, 1 / k)])


def distance(spectrum: np.ndarray, atoms: np.ndarray, masses: np.ndarray, ratio: float) -> float:
    """Largest difference of the two distribution functions over the bulk, from 0 to 1.5 times the 0.9-quantile."""
    grid = np.linspace(0.0, 1.5 * float(np.quantile(spectrum, 0.9)), 200)
    counted = np.searchsorted(spectrum, grid, side="right") / len(spectrum)
    return float(np.max(np.abs(distribution(atoms, masses, ratio, grid, 1e-3 * grid[-1]) - counted)))


STUDY = Experiment(
    id="ntk-spectrum",
    claim="For step slopes, in the draws of this study, the spectrum of the first-layer tangent kernel at n of the "
    "order of d k is, within 1 / d in distribution function for rows of equal norm and 3 / d for independent "
    "entries, the free multiplicative convolution of the Marchenko-Pastur law of ratio n / (d k) with the law "
    "derived from the singular values of the weights.",
    refuted_by="distribution functions further apart than 1 / d (rows of equal norm) or 3 / d (independent entries)",
    cites=("benigni2025",),
    locator="limiting law; its population law derived here",
    measure=measure,
    proved=False,
)
