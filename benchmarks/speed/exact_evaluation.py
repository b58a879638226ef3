"""How long does the exact value of a float64 network take, next to integer matrices of python-flint?

Every contender gets the same two-layer ReLU network and the same points and returns the exact value at each:

    python-flint      everything scaled to integers, two products of `fmpz_mat`, max(t, 0) between them
    overparam         `exact.forward_floats`: a float product decides the signs, float products of limbs add up exactly
    checker           `proofs_check.network.values`, plain Python: a row of integers packed into one long integer
    flint rationals   sums of products of `fmpq`, one after the other
    Fractions         the same with Python's fractions, as the tests' second checker does it

The last two see only the first points and their times are scaled up.  python-flint, the checker and the loops start
from fractions, as files hold them, and overparam from the floats that training leaves.
"""

import math
import os
import pathlib
import sys
from fractions import Fraction

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # before NumPy is loaded

from benchmarks import timing

SIZES = [(200, 10, 50, 20), (1000, 10, 500, 5), (1000, 100, 500, 2)]  # n_samples, dim, width, points of the loops
SMALLEST = [(12, 2, 4, 3)]


def cleared(row):
    scale = math.lcm(*(x.denominator for x in row))
    return [x.numerator * (scale // x.denominator) for x in row], scale


def flint_matrices(hidden, v, c, points):
    from flint import fmpz_mat

    units, unit_scales = zip(*map(cleared, hidden), strict=True)
    rows, point_scales = zip(*(cleared((*x, Fraction(1))) for x in points), strict=True)
    sums = (fmpz_mat(units) * fmpz_mat(rows).transpose()).tolist()
    outer, scale = cleared([weight / unit for weight, unit in zip(v, unit_scales, strict=True)])
    positive = fmpz_mat([[t if t > 0 else 0 for t in unit] for unit in sums])
    totals = (fmpz_mat([outer]) * positive).entries()
    return [Fraction(int(t), scale * e) + c for t, e in zip(totals, point_scales, strict=True)]


def loops(hidden, v, c, points, number):
    units = [[number(w) for w in row] for row in hidden]
    outer, constant, one, zero = [number(w) for w in v], number(c), number(Fraction(1)), number(Fraction(0))
    values = []
    for point in points:
        x = [*map(number, point), one]
        total = constant
        for row, weight in zip(units, outer, strict=True):
            t = sum((w * a for w, a in zip(row, x, strict=True)), zero)
            if t > 0:
                total += weight * t
        values.append(total)
    return values


def measure(n, d, k, few, repeats):
    import numpy as np
    from flint import fmpq

    from overparam.exact import forward_floats
    from proofs_check.budget import Budget
    from proofs_check.layers import Layer, Network
    from proofs_check.network import values

    rng = np.random.default_rng(0)
    u, b, v, c, x = (rng.normal(size=shape) for shape in ((k, d), k, k, (), (n, d)))
    points = tuple(tuple(map(Fraction, row)) for row in x.tolist())
    rows = tuple(tuple(map(Fraction, row)) for row in u.tolist())
    bias, outer, constant = tuple(map(Fraction, b.tolist())), tuple(map(Fraction, v.tolist())), Fraction(c.item())
    hidden = [(*row, offset) for row, offset in zip(rows, bias, strict=True)]
    network = Network((Layer(rows, bias), Layer((outer,), (constant,))))
    budget = Budget(10**12)
    values(network, "relu", points, budget)
    results, first, times = timing.take_turns(
        {
            "python-flint": lambda: flint_matrices(hidden, outer, constant, points),
            "overparam": lambda: forward_floats(u, b, v, c, x).outputs,
            "checker": lambda: values(network, "relu", points, Budget(10**12)),
            "flint rationals": lambda: loops(
                hidden, outer, constant, points[:few], lambda q: fmpq(q.numerator, q.denominator)
            ),
            "Fractions": lambda: loops(hidden, outer, constant, points[:few], Fraction),
        },
        repeats,
    )
    exact = results["python-flint"]
    assert results["overparam"] == exact
    assert [Fraction(*pair) for pair in results["checker"]] == exact
    assert results["Fractions"] == exact[:few]
    assert [Fraction(int(q.p), int(q.q)) for q in results["flint rationals"]] == exact[:few]
    for name in ("flint rationals", "Fractions"):
        times[name] = [seconds * n / few for seconds in times[name]]
    return {
        "sizes": {"n_samples": n, "dim": d, "width": k, "points_of_the_loops": few},
        "first_call_s": first,
        "times": {name: timing.summary(seconds) for name, seconds in times.items()},
        "times_of_python_flint": {
            name: timing.ratio(seconds, times["python-flint"])
            for name, seconds in times.items()
            if name != "python-flint"
        },
        "checker_budget_units": 10**12 - budget.work,
    }


def main(argv=None):
    options = timing.arguments(__doc__, argv)
    import flint
    import numpy

    cases = [measure(*size, options.repeats) for size in (SMALLEST if options.smallest else SIZES)]
    record = {"question": __doc__.splitlines()[0], "dtype": "float64", "cases": cases}
    packages = {"python-flint": flint.__version__, "numpy": numpy.__version__}
    timing.finish(record | timing.surroundings(**packages), options.out)


if __name__ == "__main__":
    main()
