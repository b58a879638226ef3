"""How long does it take to prove that k neurons are not enough, next to trying every activation pattern?

Both contenders get the same data, for which k ReLU neurons are not enough, and say so:

    every pattern   one float linear program for each choice of signs and of k activation sets of affine functions: the
                    textbook procedure, without certificates; its programs go to HiGHS through SciPy
    overparam       `certificates.decide_width`: branching on patterns, with an exact certificate for every closed case
"""

import itertools
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # before NumPy is loaded

from benchmarks import timing

SIZES = [(6, 1, 3), (7, 2, 2), (8, 2, 2)]  # n_samples, dim, width
SMALLEST = [(4, 1, 1)]


def activation_sets(points):
    """All sets {i : l(x_i) > 0} of affine l, by one linear program for each subset."""
    import numpy as np
    from scipy.optimize import linprog

    z = np.c_[points, np.ones(len(points))]
    found = []
    for active in itertools.product((True, False), repeat=len(z)):
        on = np.array(active)
        rows = np.vstack([-z[on], z[~on]])
        bound = np.concatenate([-np.ones(on.sum()), np.zeros((~on).sum())])
        if on.any() and linprog(np.zeros(z.shape[1]), A_ub=rows, b_ub=bound, bounds=(None, None)).status == 0:
            found.append(on)
    return z, found


def every_pattern(points, labels, width):
    """How many programs there are, or None if one of them has a solution."""
    import numpy as np
    from scipy.optimize import linprog

    z, sets = activation_sets(points)
    n, size = z.shape
    programs = 0
    neurons = [(sign, on) for sign in (1.0, -1.0) for on in sets]
    for choice in itertools.combinations_with_replacement(neurons, width):
        equal = np.ones((n, size * width + 1))
        least = np.zeros((n * width, size * width + 1))
        for j, (sign, on) in enumerate(choice):
            place = slice(j * size, (j + 1) * size)
            equal[:, place] = sign * z * on[:, None]
            least[j * n : (j + 1) * n, place] = np.where(on, -1.0, 1.0)[:, None] * z
        programs += 1
        done = linprog(np.zeros(equal.shape[1]), A_ub=least, b_ub=np.zeros(n * width), A_eq=equal, b_eq=labels,
                       bounds=(None, None))  # fmt: skip
        if done.status == 0:
            return None
    return programs


def measure(n, d, k, repeats):
    import numpy as np

    from overparam.certificates import Outcome, decide_width

    rng = np.random.default_rng(0)
    points, labels = rng.normal(size=(n, d)), rng.normal(size=n)
    results, first, times = timing.take_turns(
        {
            "every pattern": lambda: every_pattern(points, labels, k),
            "overparam": lambda: decide_width(points, labels, k).outcome is Outcome.IMPOSSIBLE,
        },
        repeats,
    )
    assert results["overparam"] is True
    assert results["every pattern"] is not None
    return {
        "sizes": {"n_samples": n, "dim": d, "width": k},
        "programs": results["every pattern"],
        "cases_of_overparam": decide_width(points, labels, k).pruning.nodes,
        "first_call_s": first,
        "times": {name: timing.summary(seconds) for name, seconds in times.items()},
        "times_faster": timing.ratio(times["every pattern"], times["overparam"]),
    }


def main(argv=None):
    options = timing.arguments(__doc__, argv)
    import highspy
    import numpy
    import scipy

    cases = [measure(*size, options.repeats) for size in (SMALLEST if options.smallest else SIZES)]
    record = {"question": __doc__.splitlines()[0], "dtype": "float64, then exact", "cases": cases}
    packages = {"scipy": scipy.__version__, "numpy": numpy.__version__, "highs": highspy.Highs().version()}
    timing.finish(record | timing.surroundings(**packages), options.out)


if __name__ == "__main__":
    main()
