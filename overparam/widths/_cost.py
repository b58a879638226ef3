"""What a ladder would cost, before it is climbed.  Formulas only; nothing is run."""

from typing import Any

from overparam.widths._spec import WidthSpec

_CHUNK = 32


def estimate(n: int, d: int, spec: WidthSpec) -> dict[str, Any]:
    """Operations and memory of the searches at their full budgets; early stops make it less.

    Levenberg-Marquardt, an iteration of one start: two n x n products over k neurons, one over d, one Cholesky factor.
    Gradient descent, a step of one network: three products of k x (d+1) x n.

    Args:
        n, d: samples and dimension.
        spec: the budget.
    """
    filled = spec.filled()
    lowest = -(-(n - 1) // (d + 1))
    q, r = divmod(n, d + 1)
    pairs = 0 if n == 1 else 1 if q == 0 else 2 * q - 1 + min(2, r)
    widest = max(lowest, spec.widest if spec.widest is not None else pairs - 1)
    iteration = n * n * (d + 1) + sum(4 * n * n * k for k in range(lowest, widest + 1)) / max(1, widest - lowest + 1)
    lm = spec.starts * filled.lm_steps * (widest - lowest + 1) * (iteration + n**3 / 3)
    trials = (64 + 2 * filled.gd_trials) if spec.gd else 0
    gd = trials * filled.gd_steps * 6 * n * (d + 1) * max(1, pairs)
    return {
        "samples": n,
        "dimension": d,
        "widths_searched": f"{lowest} to {widest}",
        "levenberg_marquardt_flop": f"{lm:.1e}",
        "gradient_descent_flop": f"{gd:.1e}",
        "gradient_descent_trials": trials,
        "memory_megabytes": round((_CHUNK * (3 * n * n + 6 * n * max(1, widest)) * 8 + n * d * 8) / 1e6, 1),
    }
