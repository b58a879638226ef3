"""The limit tangent kernel of unit vectors whose lines are theta apart has least eigenvalue >= c theta / sqrt(ln n).

Statement (song2026, any dimension, no position assumed): for n >= 2 unit vectors of projective separation theta > 0,

    lambda_0 = least eigenvalue of H, H_ij = <x_i, x_j> (pi - angle) / (2 pi),    lambda_0 >= c theta / sqrt(ln n).

With c = 0.03 it is proved here.  H = sum_q h_q G^q entrywise, G the Gram matrix, h_1 = 1/4 and h_(2j+2) =
C(2j, j) / (4^j (2j + 1) 2 pi), all others 0.  Each entrywise power is positive semidefinite and by Gershgorin at least
1 - (n - 1) cos(theta)^q; so for every even N

    lambda_0 >= (1 - (n - 1) cos(theta)^N) sum_(q >= N) h_q >= (1 - (n - 1) cos(theta)^N) t / sqrt(N - 1),

t = 1 / (sqrt(2) pi^(3/2)), since C(2j, j) / 4^j >= 1 / sqrt(pi (j + 1/2)) and a decreasing summand is at least its
integral over the unit interval after it: sum_(j >= J) (j + 1/2)^(-3/2) >= 2 (J + 1/2)^(-1/2), J + 1/2 = (N - 1) / 2.
Take the least even N >= L = ln(2 (n - 1)) / (-ln cos theta): the first factor is at least 1/2, N - 1 <= L + 1, and L <=
2 ln(2 (n - 1)) / theta^2, so lambda_0 sqrt(ln n) / theta >= (t / 2) sqrt(ln n / (2 ln(2 (n - 1)) + theta^2)), which for
integers n >= 4 increases with n, decreases with theta, and is 0.0304 at n = 4, theta = pi / 2. For n = 2, 3 it exceeds
0.03 where theta <= 1.2, and beyond that N = 2, whose sum is 1/4, gives 0.1.

Measured: lambda_0 of five families at halving angles, each lower bound accepted by the checker.  From above
lambda_0 <= 1/2 - max |H_ij| (interlacing), which for a pair at a small angle is theta / (2 pi): so in a fixed
configuration with one pair closing the logarithm of lambda_0 has slope 1, up to O(theta).
"""

import math
from fractions import Fraction

import numpy as np

from overparam.certificates import WitnessError
from overparam.data import from_arrays
from overparam.ntk import first_layer_gram
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.convergence._separated import FAMILIES, least_angle, separated
from overparam.widths import LimitGram, NotAccepted, prove_least_eigenvalue

CONSTANT = 0.03
_TAIL = 1 / (math.sqrt(2) * math.pi**1.5)
_SLOPE = 0.1  # the slope is 1 + O(theta), the angles compared at most 1/8 (ci), 1/128 (laptop): 1 + 1.5 theta passes
_SIZES: dict[Size, dict[str, int]] = {
    "ci": {"n_samples": 12, "dim": 5, "halvings": 4},
    "laptop": {"n_samples": 48, "dim": 20, "halvings": 6},
    "paper": {"n_samples": 300, "dim": 120, "halvings": 8},
}


def measure(setting: Setting, *, constant: float = CONSTANT, projective: bool = True) -> Finding:
    """Least eigenvalues at halving angles; with `projective` off, half of the close pairs are antipodal at angle 0."""
    size = _SIZES[setting.size]
    n, dim = size["n_samples"], size["dim"]
    rng = np.random.default_rng([setting.root, n, dim])
    largest = min(0.25, 3 / n)
    ratios, hadamard, pair, failures, closing = [], [], [], [], []
    for family in FAMILIES:
        seed = int(rng.integers(2**31))
        for j in range(size["halvings"]):
            points = separated(family, n, dim, largest * 2.0**-j, np.random.default_rng(seed))
            theta = least_angle(points)
            if not projective:
                points = _with_antipodes(points)
            gram = np.asarray(first_layer_gram(points))
            value = float(np.linalg.eigvalsh(gram)[0])
            ratios.append((value * math.sqrt(math.log(n)) / theta, family))
            hadamard.append(value / hadamard_bound(n, theta))
            pair.append(value / (0.5 - float(np.max(np.abs(gram - np.diag(np.diag(gram)))))))
            closing += [(math.log(theta), math.log(max(value, 1e-300)))] if family == "close pairs" else []
            # the separation is known to floats, its claim is a millionth stronger
            asked = Fraction(constant * theta / math.sqrt(math.log(n)) * (1 + 1e-6)).limit_denominator(2**40)
            try:
                folder = setting.folder / f"{family.replace(' ', '-')}-{j}"
                data = from_arrays(points, np.zeros(n), name=family)
                prove_least_eigenvalue(LimitGram(data), folder, at_least=asked, upper=False)
            except (WitnessError, NotAccepted) as error:
                failures.append(f"{family} at {theta:.3g}: {error}")
    worst, where = min(ratios)
    slope = float(np.polyfit(*np.array(closing[-3:]).T, 1)[0])
    links = (
        Link("lambda_0 over the Hadamard-power bound, least of all data", 1.0, min(hadamard), "at least"),
        Link("lambda_0 over the closest pair's eigenvalue, largest of all data", 1 + 1e-9, max(pair)),
        Link("lambda_0 sqrt(ln n) / theta, least of all data", constant, worst, "at least"),
    )
    # a bound that the checker refuses, or a slope that is off, contradicts no theorem
    holds = (
        False if not all(link.holds for link in links) else None if failures or not abs(slope - 1) <= _SLOPE else True
    )
    words = (
        f"{len(ratios)} sets of n = {n} unit vectors ({', '.join(FAMILIES)}) in dimension {dim}, angles from "
        f"{largest:.3g} by halves; {len(ratios) - len(failures)} bounds {constant} theta / sqrt(ln n) accepted by the "
        f"checker; lambda_0 sqrt(ln n) / theta is least, {worst:.3g}, for the family {where}; of close pairs the slope "
        f"of log lambda_0 in log theta is {slope:.4f} over the three smallest angles (1 within {_SLOPE} asked). "
        f"theta, the least angle between lines, and the numbers in the files, {constant} theta / sqrt(ln n), are "
        "computed in floating point, not by the checker, with a millionth to spare; unit vectors are such up to "
        "rounding."
    )
    return Finding(holds, " ".join([words, *failures[:1]]), len(ratios), links, certified=not failures)


def hadamard_bound(n_samples: int, angle: float) -> float:
    """The best of (1 - (n - 1) cos(angle)^N) t / sqrt(N - 1) over even N, see above; tried on a grid of ratio 1.05."""
    # beyond 40 ln(n + 1) / angle^2 the first factor is 1 to rounding
    steps = math.ceil(math.log(40 * math.log(n_samples + 1) / angle**2) / math.log(1.05)) + 1
    powers = np.unique(2 * np.ceil(1.05 ** np.arange(max(steps, 1)) / 2))
    near = 1 - (n_samples - 1) * np.exp(powers * math.log(max(math.cos(angle), 1e-300)))
    return float(np.max(near * _TAIL / np.sqrt(powers - 1)))


def _with_antipodes(points: np.ndarray) -> np.ndarray:
    """The first half of the points and their negatives: at every angle from each other, and parallel."""
    half = points[: len(points) // 2]
    return np.concatenate([half, -half])


STUDY = Experiment(
    id="worst-case-eigenvalue",
    claim="On each data set in claims/worst-case-eigenvalue the least eigenvalue of the limit kernel <x, x'> (pi - "
    f"angle) / (2 pi) is at least the number in its file: {CONSTANT} theta / sqrt(ln n) as floats give it, for n unit "
    "vectors whose lines are theta apart or more.",
    refuted_by=f"a least eigenvalue below {CONSTANT} theta / sqrt(ln n) or below the bound by Hadamard powers, or one "
    "above that of its closest pair",
    cites=("song2026",),
    locator="lower bound, with a constant proved here",
    measure=measure,
    proved=True,
)
