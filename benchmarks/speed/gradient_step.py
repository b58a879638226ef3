"""How much faster is a full-batch gradient step of many networks here than the textbook `vmap` of `jax.grad`?

Every contender takes the same steps, from the same weights, on the same two-layer ReLU networks with both biases, in
one compiled loop:

    textbook            vmap(grad) of relu(X @ W) @ a + c, samples as rows; the bias is a constant column of X
    textbook, bias      the same with relu(X @ W + b), which happens to make XLA pick another layout
    neurons as rows     vmap(grad) of `networks.apply`, v @ relu(u @ X.T + b): the layout alone
    overparam           vmap of `training.descend`, gradients written out, with its checks before and after the loop
"""

import functools
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from benchmarks import timing

STEPS = 100
SIZES = [(64, 8, 16, 64), (256, 16, 32, 64), (1024, 32, 64, 64)]  # n_samples, dim, width, seeds
SMALLEST = [(8, 2, 4, 3)]


def measure(n, d, k, seeds, repeats):
    import jax
    import jax.numpy as jnp
    import numpy as np

    from overparam.networks import Params, apply
    from overparam.training import descend, optimizer

    step_size = 0.01 / n  # far from instability, where rounding would grow
    rng = np.random.default_rng(0)
    points, labels = (jnp.asarray(rng.normal(size=shape), "float32") for shape in ((n, d), (n,)))
    u, b, v = (
        rng.normal(size=(seeds, *shape)) * (2 / fan) ** 0.5 for shape, fan in (((k, d), d), ((k,), d), ((k,), k))
    )
    params = Params(*(jnp.asarray(leaf, "float32") for leaf in (u, b, v, np.zeros(seeds))))
    wide = jnp.concatenate([points, jnp.ones((n, 1), "float32")], axis=1)

    def squares(outputs):
        return jnp.sum((outputs - labels) ** 2) / 2

    def loop(loss):
        gradient = jax.vmap(jax.grad(loss))

        def step(_, weights):
            return jax.tree.map(lambda w, g: w - step_size * g, weights, gradient(weights))

        return jax.jit(lambda weights: jax.lax.fori_loop(0, STEPS, step, weights))

    def ours(params):
        chosen = optimizer("gd", step_size)
        run = functools.partial(descend, optimizer=chosen, max_steps=STEPS, tolerance=0.0, check_every=STEPS)
        return jax.vmap(lambda params: run(points, labels, params).params)(params)

    textbook = loop(lambda w: squares(jax.nn.relu(wide @ w[0]) @ w[1] + w[2]))
    with_bias = loop(lambda w: squares(jax.nn.relu(points @ w[0] + w[1]) @ w[2] + w[3]))
    rows = loop(lambda params: squares(apply(params, points)))
    ours = jax.jit(ours)
    columns = jnp.swapaxes(params.u, 1, 2)
    stacked = jnp.concatenate([columns, params.b[:, None, :]], axis=1)
    results, first, times = timing.take_turns(
        {
            "textbook": lambda: textbook((stacked, params.v, params.c)),
            "textbook, bias": lambda: with_bias((columns, params.b, params.v, params.c)),
            "neurons as rows": lambda: rows(params),
            "overparam": lambda: ours(params),
        },
        repeats,
    )
    ends = [
        (results["textbook"][0][:, :-1], results["textbook"][1]),
        (results["textbook, bias"][0], results["textbook, bias"][2]),
        *((jnp.swapaxes(results[name].u, 1, 2), results[name].v) for name in ("neurons as rows", "overparam")),
    ]
    moved = float(jnp.max(jnp.abs(ends[0][0] - columns)))
    gap = max(float(jnp.max(jnp.abs(a - b))) for end in ends[1:] for a, b in zip(end, ends[0], strict=True))
    assert gap <= 1e-3 * moved, f"the contenders disagree by {gap} after moving {moved}"
    return {
        "sizes": {"n_samples": n, "dim": d, "width": k, "seeds": seeds, "steps": STEPS},
        "moved": moved,
        "greatest_disagreement": gap,
        "first_call_s": first,
        "times": {name: timing.summary(seconds) for name, seconds in times.items()},
        "network_steps_per_s": {
            name: seeds * STEPS / timing.summary(seconds)["median_s"] for name, seconds in times.items()
        },
        "times_faster_than_textbook": {
            name: timing.ratio(times["textbook"], seconds) for name, seconds in times.items() if name != "textbook"
        },
    }


def main(argv=None):
    options = timing.arguments(__doc__, argv)
    import optax

    cases = [measure(*size, options.repeats) for size in (SMALLEST if options.smallest else SIZES)]
    record = {"question": __doc__.splitlines()[0], "dtype": "float32", "cases": cases}
    timing.finish(record | timing.surroundings(optax=optax.__version__), options.out)


if __name__ == "__main__":
    main()
