"""How much faster is a full-batch gradient step of many networks here than the textbook `vmap` of `jax.grad`?

Every contender takes the same steps, from the same weights, on the same two-layer ReLU networks with both biases, in
compiled loops:

    textbook            vmap(grad) of relu(X @ W) @ a + c, samples as rows; the bias is a constant column of X
    textbook, bias      the same with relu(X @ W + b), which happens to make XLA pick another layout
    neurons as rows     vmap(grad) of `networks.apply`, v @ relu(u @ X.T + b): the layout alone
    overparam           `training.train_seeds` as a user calls it: gradients written out, as many networks at a time as
                        stay in cache, a check of every run each 100 steps, weights drawn and handed back
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from benchmarks import timing

SIZES = [(64, 8, 16, 64, 2000), (256, 16, 32, 64, 300), (1024, 32, 64, 64, 100)]  # n_samples, dim, width, seeds, steps
SMALLEST = [(8, 2, 4, 3, 100)]


def measure(n, d, k, seeds, steps, repeats):
    import jax
    import jax.numpy as jnp
    import numpy as np

    from overparam.keys import Purpose, key_for
    from overparam.networks import apply, initialize
    from overparam.training import train_seeds

    step_size = 0.1 / (n * steps)  # a short way, on which rounding does not grow
    rng = np.random.default_rng(0)
    points, labels = (jnp.asarray(rng.normal(size=shape), "float32") for shape in ((n, d), (n,)))
    root = jax.random.key(0)
    draw = jax.vmap(lambda seed: initialize(key_for(root, Purpose.INIT, seed), "ntk", width=k, dim=d, dtype="float32"))
    params = draw(jnp.arange(seeds))
    wide = jnp.concatenate([points, jnp.ones((n, 1), "float32")], axis=1)

    def squares(outputs):
        return jnp.sum((outputs - labels) ** 2) / 2

    def loop(loss):
        gradient = jax.vmap(jax.grad(loss))

        def step(_, weights):
            return jax.tree.map(lambda w, g: w - step_size * g, weights, gradient(weights))

        return jax.jit(lambda weights: jax.lax.fori_loop(0, steps, step, weights))

    def ours():
        return train_seeds(
            points, labels, root, seeds, width=k, law="ntk", step_size=step_size, max_steps=steps, tolerance=1e-30,
            chunk=seeds, dtype="float32",
        ).params  # fmt: skip

    textbook = loop(lambda w: squares(jax.nn.relu(wide @ w[0]) @ w[1] + w[2]))
    with_bias = loop(lambda w: squares(jax.nn.relu(points @ w[0] + w[1]) @ w[2] + w[3]))
    rows = loop(lambda params: squares(apply(params, points)))
    columns = jnp.swapaxes(params.u, 1, 2)
    stacked = jnp.concatenate([columns, params.b[:, None, :]], axis=1)
    results, first, times = timing.take_turns(
        {
            "textbook": lambda: textbook((stacked, params.v, params.c)),
            "textbook, bias": lambda: with_bias((columns, params.b, params.v, params.c)),
            "neurons as rows": lambda: rows(params),
            "overparam": ours,
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
        "sizes": {"n_samples": n, "dim": d, "width": k, "seeds": seeds, "steps": steps},
        "moved": moved,
        "greatest_disagreement": gap,
        "first_call_s": first,
        "times": {name: timing.summary(seconds) for name, seconds in times.items()},
        "network_steps_per_s": {
            name: seeds * steps / timing.summary(seconds)["median_s"] for name, seconds in times.items()
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
