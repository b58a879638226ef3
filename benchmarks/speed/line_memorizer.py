"""How much faster is the construction of Zhang et al. by sorting than by a dense triangular solve?

Gaussian points and labels, n neurons on one direction, float64, one core; built and run at all n points:

    overparam            `line_network` and `line_apply`: a sort, differences, sums from the left
    dense                the n x n matrix of all neurons at all points, a triangular solve, a product with the matrix
    solve, matrix given  the triangular solve alone, its matrix made and paid for before

With `--large` also n = 10^5, 10^6 and 10^7, each in a process of its own whose greatest memory is recorded, and the
exact network at n = 10^5: built, written down and accepted by the checker.
"""

import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # before NumPy is loaded

from benchmarks import timing

SIZES = [(1000, 2), (10_000, 2)]
SMALLEST = [(50, 2)]
LARGE = (10**5, 10**6, 10**7)
EXACT = 10**5


def drawn(n, d):
    import numpy as np

    rng = np.random.default_rng(0)
    return rng.normal(size=(n, d)), rng.normal(size=n)


def measure(n, d, repeats):
    import numpy as np
    from scipy.linalg import solve_triangular

    from overparam.memorizers import line_apply, line_network

    points, labels = drawn(n, d)
    given = line_network(points, labels)
    z = points @ given.direction
    order = np.argsort(z)

    def matrix():
        return np.maximum(z[order][:, None] - given.knots, 0)

    def dense():
        outputs = matrix()
        weights = solve_triangular(outputs, labels[order], lower=True, check_finite=False)
        return outputs @ weights

    ready = np.asfortranarray(matrix())
    results, first, times = timing.take_turns(
        {
            "overparam": lambda: line_apply(line_network(points, labels), points),
            "dense": dense,
            "solve, matrix given": lambda: solve_triangular(ready, labels[order], lower=True, check_finite=False),
        },
        repeats,
    )
    span = np.ptp(labels)
    errors = {
        "overparam": float(np.abs(results["overparam"] - labels).max() / span),
        "dense": float(np.abs(results["dense"] - labels[order]).max() / span),
    }
    assert max(errors.values()) < 1e-6
    return {
        "sizes": {"n_samples": n, "dim": d, "width": n},
        "first_call_s": first,
        "times": {name: timing.summary(seconds) for name, seconds in times.items()},
        "times_faster": {
            name: timing.ratio(seconds, times["overparam"]) for name, seconds in times.items() if name != "overparam"
        },
        "relative_errors": errors,
    }


def alone(n):
    """One large size, in this process: seconds, error, greatest memory."""
    import numpy as np

    from overparam.memorizers import line_apply, line_network

    points, labels = drawn(n, 2)
    start = time.perf_counter()
    network = line_network(points, labels)
    built = time.perf_counter()
    outputs = line_apply(network, points)
    done = time.perf_counter()
    outputs -= labels
    return {
        "n_samples": n,
        "dim": 2,
        "build_s": built - start,
        "run_s": done - built,
        "relative_error": float(max(outputs.max(), -outputs.min()) / np.ptp(labels)),
        "peak_gib": peak_gib(),
    }


def peak_gib():
    """The greatest memory of this process; what the system calls ru_maxrss would count its parent's too."""
    status = pathlib.Path("/proc/self/status")
    if not status.exists():
        return None
    words = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM")).split()
    return int(words[1]) / 2**20


def exact(n):
    """The exact network, from floats to an accepted certificate."""
    from overparam.data import from_arrays
    from overparam.memorizers import memorize
    from overparam.widths import certify

    data = from_arrays(*drawn(n, 2))
    clocks = [(time.perf_counter(), time.process_time())]
    memorizer = memorize(data.points, data.labels, "zhang")
    clocks.append((time.perf_counter(), time.process_time()))
    with tempfile.TemporaryDirectory() as folder:
        certify(memorizer, data, pathlib.Path(folder) / "certificate")
    clocks.append((time.perf_counter(), time.process_time()))
    (build, build_cpu), (written, written_cpu) = (
        [late - early for early, late in zip(*pair, strict=True)] for pair in itertools.pairwise(clocks)
    )
    return {
        "n_samples": n,
        "dim": 2,
        "memorize_s": build,
        "certify_s": written,
        "memorize_processor_s": build_cpu,
        "certify_processor_s": written_cpu,
    }


def main(argv=None):
    given = list(sys.argv[1:] if argv is None else argv)
    if given[:1] == ["--one"]:
        print(json.dumps(alone(int(given[1]))))
        return
    options = timing.arguments(__doc__, [word for word in given if word != "--large"])
    import numpy
    import scipy

    record = {"question": __doc__.splitlines()[0], "dtype": "float64"}
    if "--large" in given:
        runs = [
            subprocess.run([sys.executable, __file__, "--one", str(n)], capture_output=True, text=True, check=True)
            for n in LARGE
        ]
        record |= {"large": [json.loads(run.stdout) for run in runs], "exact": exact(EXACT)}
    record["cases"] = [measure(*size, options.repeats) for size in (SMALLEST if options.smallest else SIZES)]
    packages = {"numpy": numpy.__version__, "scipy": scipy.__version__}
    timing.finish(record | timing.surroundings(**packages), options.out)


if __name__ == "__main__":
    main()
