"""What a ladder would cost, before it is climbed.  Formulas only; nothing is run."""

from typing import Any

from overparam.widths._spec import WidthSpec, search_from

_LM_CHUNK, _GD_CHUNK = 32, 8  # starts, and trials, that run together
_ATTEMPTS = 6  # at confirming a width: three from each side


def estimate(n: int, d: int, spec: WidthSpec, *, constant_labels: bool = False) -> dict[str, Any]:
    """Operations and memory of the searches at their full budgets: at most so much; early stops make it less.

    Levenberg-Marquardt, an iteration of one start: two n x n products over k neurons, one over d, one Cholesky factor.
    Gradient descent, a step of one network of k neurons: three products of k x (d+1) x n.  Trials are those of the
    doubling, the exploration, both confirmations, and those that choose a step size at each width; k is at most 4n.

    Args:
        n, d: samples and dimension.
        spec: the budget.
        constant_labels: all labels are equal, so that the search ends at width 0.
    Raises:
        InputError: the budget means nothing.
    """
    filled = spec.filled()
    counting = -(-(n - 1) // (d + 1))
    lowest = search_from(counting, spec, constant_labels=constant_labels)
    q, r = divmod(n, d + 1)
    pairs = 0 if n == 1 else 1 if q == 0 else 2 * q - 1 + min(2, r)
    suffices = 0 if constant_labels else min(pairs, n - 2) if n >= 5 else pairs
    widest = max(lowest, spec.widest if spec.widest is not None else suffices - 1)
    trained = range(max(1, lowest), 1 if constant_labels else widest + 1)
    iterations = sum(n * n * (4 * k + d + 1) + n**3 / 3 for k in trained)
    exceptional = sum(n * n * (4 * k + d + 1) + n**3 / 3 for k in range(1, lowest + 1))  # see the ladder's widths
    lm = spec.starts * filled.lm_steps * max(iterations, exceptional)
    doublings = (4 * n // max(1, counting)).bit_length() + 1
    explored = -(-filled.gd_trials // _GD_CHUNK)
    tuned = doublings + explored + _ATTEMPTS
    trials = (_GD_CHUNK * (doublings + tuned) + 3 * filled.gd_trials) if spec.gd else 0
    gd = trials * filled.gd_steps * 6 * n * (d + 1) * 4 * n
    memory = max(
        _LM_CHUNK * (3 * n * n + 6 * n * max(1, widest)) if trained else 0,
        _GD_CHUNK * 3 * n * 4 * n if spec.gd else 0,
    )
    return {
        "samples": n,
        "dimension": d,
        "widths_searched": f"{lowest} to {widest}",
        "levenberg_marquardt_flop": f"{lm:.1e}",
        "gradient_descent_flop": f"{gd:.1e}",
        "gradient_descent_trials": trials,
        "memory_megabytes": round((memory + n * d) * 8 / 1e6, 1),
    }
