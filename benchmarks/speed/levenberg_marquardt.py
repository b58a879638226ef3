"""How much faster is the dual Levenberg-Marquardt here than optimistix's, and does it find as many interpolators?

Both get the same data, the same He starts, the same budget of 500 steps and the same criterion, ||r|| <= 1e-10 ||y||
in float64, and both run all starts at once under `vmap` and `jit`.  optimistix would stop by its own test of small
changes; here it goes on until the criterion, or 500 steps, or its own test at 1e-14.  Ours may also stop because it
is stuck.  Time is that of the whole search.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from benchmarks import timing

TOLERANCE = 1e-10
SIZES = [(20, 4, 6, 16, 500), (50, 8, 8, 16, 500), (100, 10, 13, 16, 500)]  # n_samples, dim, width, starts, steps
SMALLEST = [(6, 2, 4, 2, 30)]


def measure(n, d, k, starts, steps, repeats):
    import equinox
    import jax
    import jax.numpy as jnp
    import numpy as np
    import optimistix

    from overparam.keys import Purpose, key_for
    from overparam.networks import apply, initialize
    from overparam.training import Outcome, levenberg_marquardt

    rng = np.random.default_rng(0)
    points, labels = jnp.asarray(rng.normal(size=(n, d))), jnp.asarray(rng.normal(size=n))
    root = jax.random.key(0)
    begin = jax.vmap(lambda seed: initialize(key_for(root, Purpose.INIT, seed), "he", width=k, dim=d))
    params = begin(jnp.arange(starts))
    target = TOLERANCE * float(np.linalg.norm(labels))

    class ToTheCriterion(optimistix.LevenbergMarquardt):
        def terminate(self, fn, y, args, options, state, tags):
            stop, result = super().terminate(fn, y, args, options, state, tags)
            # Before the first evaluation the stored residual is zero, which is no fit.
            fits = (jnp.linalg.norm(state.f_info.residual) <= target) & (state.num_accepted_steps > 0)
            return stop | fits, result

    solver = ToTheCriterion(rtol=1e-14, atol=1e-14)

    def residual(params, _):
        return apply(params, points) - labels

    def theirs(params):
        solution = optimistix.least_squares(residual, solver, params, max_steps=steps, throw=False)
        return solution.value, solution.stats["num_steps"]

    def ours(params):
        run = levenberg_marquardt(points, labels, params, max_steps=steps, tolerance=TOLERANCE)
        return run.params, run.n_steps, run.stopped

    theirs, ours = equinox.filter_jit(jax.vmap(theirs)), jax.jit(jax.vmap(ours))
    results, first, times = timing.take_turns(
        {"optimistix": lambda: theirs(params), "overparam": lambda: ours(params)}, repeats
    )

    def fits(weights):  # recomputed in NumPy from the weights handed back, with room for its other order of summing
        u, b, v, c = (np.asarray(leaf) for leaf in weights)
        hidden = np.maximum(np.einsum("skd,nd->skn", u, np.asarray(points)) + b[:, :, None], 0)
        errors = np.linalg.norm(np.einsum("sk,skn->sn", v, hidden) + c[:, None] - np.asarray(labels), axis=1)
        return errors <= 1.01 * target

    found = {name: fits(result[0]) for name, result in results.items()}
    claimed = np.asarray(results["overparam"][2]) == Outcome.FITTED
    assert (claimed == found["overparam"]).all(), "a claimed fit is none, or a fit went unnoticed"
    return {
        "sizes": {"n_samples": n, "dim": d, "width": k, "starts": starts, "max_steps": steps},
        "fitted": {name: int(hits.sum()) for name, hits in found.items()},
        "steps_in_all": {name: int(np.asarray(result[1]).sum()) for name, result in results.items()},
        "steps_of_the_longest": {name: int(np.asarray(result[1]).max()) for name, result in results.items()},
        "first_call_s": first,
        "times": {name: timing.summary(seconds) for name, seconds in times.items()},
        "times_faster": timing.ratio(times["optimistix"], times["overparam"]),
    }


def main(argv=None):
    options = timing.arguments(__doc__, argv)
    import jax
    import optimistix

    jax.config.update("jax_enable_x64", True)
    cases = [measure(*size, options.repeats) for size in (SMALLEST if options.smallest else SIZES)]
    record = {"question": __doc__.splitlines()[0], "dtype": "float64", "cases": cases}
    timing.finish(record | timing.surroundings(optimistix=optimistix.__version__), options.out)


if __name__ == "__main__":
    main()
