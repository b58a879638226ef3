"""How much faster is the smallest eigenvalue of a tangent kernel than all of its eigenvalues?

The kernel of `dense_kernel(1)` on random unit vectors, float64, as a matrix in memory:

    eigvalsh            NumPy's, all eigenvalues by LAPACK; JAX calls the same routine and is not quicker on a processor
    subset              `scipy.linalg.eigh(subset_by_index=[0, 0])`, LAPACK's way to one of them
    overparam           `least_eigenvalue(matrix)`, with the Cholesky factorization that shows it to be the least one
    Cholesky            one factorization, LAPACK's, the unit of such costs
    product             matrix times vector, the ceiling of the bandwidth
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from benchmarks import timing

SIZES = [(8000, 100)]  # n_samples, dim
SMALLEST = [(600, 20)]
CLOSE = 1e-8  # absolute; the kernel's diagonal is 2 or so


def measure(n, d, repeats):
    import jax
    import numpy as np
    import scipy.linalg

    from overparam.ntk import dense_kernel, least_eigenvalue

    points = np.random.default_rng(0).normal(size=(n, d))
    points /= np.linalg.norm(points, axis=1)[:, None]
    kernel = dense_kernel(1)
    matrix = np.array(jax.block_until_ready(kernel.only("ntk", points)))
    vector = np.ones(n)
    contenders = {
        "eigvalsh": lambda: np.linalg.eigvalsh(matrix)[0],
        "subset": lambda: scipy.linalg.eigh(matrix, subset_by_index=[0, 0], eigvals_only=True)[0],
        "overparam": lambda: least_eigenvalue(matrix, method="shift-invert"),
        "Cholesky": lambda: scipy.linalg.lapack.dpotrf((matrix + 0.0).T, lower=1, clean=0, overwrite_a=1)[1],
        "product": lambda: matrix @ vector,
    }
    results, first, times = timing.take_turns(contenders, repeats)
    found = results["overparam"]
    gap = abs(found.value - float(results["eigvalsh"]))
    assert gap <= CLOSE, f"the contenders disagree by {gap}"
    assert found.verified, "the smallest eigenvalue was not verified"
    medians = {name: timing.summary(seconds)["median_s"] for name, seconds in times.items()}
    return {
        "sizes": {"n_samples": n, "dim": d},
        "kernel": kernel.words,
        "least_eigenvalue": found.value,
        "interval": [found.lower, found.upper],
        "residual": found.residual,
        "matvecs": found.matvecs,
        "factorizations": found.factorizations,
        "disagreement_with_eigvalsh": gap,
        "first_call_s": first,
        "times": {name: timing.summary(seconds) for name, seconds in times.items()},
        "times_faster": {name: timing.ratio(times[name], times["overparam"]) for name in ("eigvalsh", "subset")},
        "ceilings": {
            "gflops_of_cholesky": n**3 / 3 / medians["Cholesky"] / 1e9,
            "gb_per_s_of_product": 8 * n * n / medians["product"] / 1e9,
            "choleskys": medians["overparam"] / medians["Cholesky"],
        },
    }


def main(argv=None):
    options = timing.arguments(__doc__, argv)
    import jax

    jax.config.update("jax_enable_x64", True)
    cases = [measure(*size, options.repeats) for size in (SMALLEST if options.smallest else SIZES)]
    record = {"question": __doc__.splitlines()[0], "cases": cases}
    timing.finish(record | timing.surroundings(), options.out)


if __name__ == "__main__":
    main()
