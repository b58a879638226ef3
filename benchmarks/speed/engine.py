"""How close does training many small networks come to their matrix products alone, and how far ahead of its peers?

Full-batch gradient descent and Adam on two-layer ReLU networks with both biases, float32, the same steps from the same
weights, in turns:

    overparam           `training.train_seeds` as a user calls it: weights drawn, every run checked each 100 steps
    two products        a compiled loop of the two matrix products of a step and nothing else
    two, filled         the same with the points' columns filled up with zeros, as overparam fills them
    textbook            vmap(grad) of relu(X @ W) @ a + c, with optax
    one at a time       a compiled loop for each network, gradients of `networks.apply` by jax.grad, with optax
    torch               torch.compile of the batched network, autograd, torch.optim, if it is installed
    scikit-learn        a loop of MLPRegressor, if it is installed; a few networks, scaled up

Then: every width from 4 to 1024 against one network at a time; networks of many widths in one program against networks
of their mean width; two host devices on two cores against one on one, and against two processes, which share nothing
but the machine.

Times are those of the processor, so that other work on the machine counts little; two devices are timed by the clock.
"""

import functools
import itertools
import os
import pathlib
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from benchmarks import timing
from benchmarks.speed import _engine_peers as peers

CELLS = [(64, 8, 16, 64, 2000), (256, 16, 32, 64, 300), (1024, 32, 64, 64, 100)]  # n_samples, dim, width, seeds, steps
WIDTHS = [(256, 16, width, 32, 100) for width in (4, 16, 64, 256, 1024)]
MIXED = [(64, 8, 16, 63, 2000), (256, 16, 32, 60, 300)]  # the width is the mean
SMALLEST = [(8, 2, 4, 4, 100)]
LATER = "--one-device-run"  # how a process of two devices is told what to do


def problem_of(n, d, k, seeds, optimizer, steps):
    """The networks that `train_seeds` starts from, and a step size with a short way, on which rounding stays small."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    from overparam.keys import Purpose, key_for
    from overparam.networks import initialize

    rng = np.random.default_rng(0)
    points, labels = (jnp.asarray(rng.normal(size=shape), "float32") for shape in ((n, d), (n,)))
    root = jax.random.key(0)
    draw = jax.vmap(lambda seed: initialize(key_for(root, Purpose.INIT, seed), "ntk", width=k, dim=d, dtype="float32"))
    params = draw(jnp.arange(seeds))
    step_size = (0.1 / n if optimizer == "gd" else 0.01) / steps
    return peers.Problem(points, labels, *params, optimizer=optimizer, step_size=step_size, steps=steps)


def ours(problem, width, wanted="params"):
    """All networks by one call of `train_seeds`; returns their hidden weights or one number for each."""
    import jax

    from overparam.training import train_seeds

    def run():
        run = train_seeds(
            problem.points, problem.labels, jax.random.key(0), problem.networks, width=width, law="ntk",
            step_size=problem.step_size, optimizer=problem.optimizer, max_steps=problem.steps, tolerance=1e-30,
            chunk=problem.networks, dtype="float32",
        )  # fmt: skip
        return run.params.u if wanted == "params" else run.residual_norm

    return run


def cell(n, d, k, seeds, steps, optimizer, repeats, some):
    """All contenders at one size."""
    import numpy as np

    from overparam.training._programs import group_size
    from overparam.training._together import whole_tiles

    problem, group = problem_of(n, d, k, seeds, optimizer, steps), group_size(seeds, n * k * 4)
    makers = {
        "overparam": lambda p: ours(p, k),
        "two products": lambda p: peers.products_alone(p, group, d + 1),
        "two, filled": lambda p: peers.products_alone(p, group, whole_tiles(d + 1, np.float32)),
        "textbook": peers.textbook,
        "one at a time": peers.one_at_a_time,
        "torch": peers.torch_compiled,
        "scikit-learn": lambda p: peers.scikit_learn(p, some),
    }
    contenders, absent = {}, []
    for name, make in makers.items():
        try:
            contenders[name] = make(problem)
        except ImportError:
            absent.append(name)
    results, first, times = timing.take_turns(contenders, repeats, clock=time.process_time)
    if "scikit-learn" in times:
        times["scikit-learn"] = [t * seeds / some for t in times["scikit-learn"]]
    moved = float(np.abs(np.asarray(results["textbook"] - problem.u)).max())
    same = [name for name in ("overparam", "one at a time", "torch") if name in results]
    gap = max(float(np.abs(np.asarray(results[name]) - np.asarray(results["textbook"])).max()) for name in same)
    # Adam divides by roots of squares, so that where a gradient nearly vanishes rounding decides the first steps
    assert gap <= (1e-3 if optimizer == "gd" else 0.1) * moved, f"disagreement {gap} after moving {moved}"
    return {
        "kind": "cell",
        "sizes": {"n_samples": n, "dim": d, "width": k, "seeds": seeds, "steps": steps},
        "optimizer": optimizer,
        "absent": absent,
        "moved": moved,
        "greatest_disagreement": gap,
        **compared(times, first, seeds * steps),
    }


def compared(times, first, network_steps):
    """Rates, and how many times faster `overparam` is than each, in the same turn."""
    return {
        "first_call_s": first,
        "times": {name: timing.summary(seconds) for name, seconds in times.items()},
        "network_steps_per_s": {name: network_steps / statistics.median(seconds) for name, seconds in times.items()},
        "times_faster_than": {
            name: timing.ratio(seconds, times["overparam"]) for name, seconds in times.items() if name != "overparam"
        },
    }


def one_width(n, d, k, seeds, steps, repeats):
    problem = problem_of(n, d, k, seeds, "gd", steps)
    contenders = {
        "overparam": ours(problem, k),
        "one at a time": peers.one_at_a_time(problem),
    }
    _, first, times = timing.take_turns(contenders, repeats, clock=time.process_time)
    sizes = {"n_samples": n, "dim": d, "width": k, "seeds": seeds, "steps": steps}
    return {"kind": "width", "sizes": sizes, "optimizer": "gd", **compared(times, first, seeds * steps)}


def mixed(n, d, k, seeds, steps, optimizer, repeats):
    """Widths 4, 8, ..., 2 k - 4 in one program, against all of width k; the programs that each compiled."""
    import numpy as np

    from overparam.training import compilations

    problem = problem_of(n, d, k, seeds, optimizer, steps)
    several = np.resize(np.arange(4, 2 * k, 4), seeds)
    before = compilations().get("advance_descent", 0)
    contenders = {
        "overparam": ours(problem, several, "residual_norm"),
        "one width": ours(problem, k, "residual_norm"),
    }
    _, first, times = timing.take_turns(contenders, repeats, clock=time.process_time)
    sizes = {"n_samples": n, "dim": d, "width": k, "seeds": seeds, "steps": steps}
    return {
        "kind": "mixed",
        "sizes": sizes,
        "optimizer": optimizer,
        "widths": sorted(set(several.tolist())),
        "mean_width": float(several.mean()),
        "compilations_of_both": compilations()["advance_descent"] - before,
        **compared(times, first, seeds * steps),
    }


def devices(n, d, k, seeds, steps, repeats):
    """Two host devices on two cores against one on one, and against two processes of one core each, in turns.

    Every worker is a process that waits for its turn; a turn is twice `seeds` networks, and is timed by the clock.
    """
    contenders = {"overparam": [2], "one device": [1], "two processes": [1, 1]}
    workers = {}
    for name, counts in contenders.items():
        workers[name] = []
        for count in counts:
            core = len(workers[name])  # the first one this worker may use
            flags = f"--xla_force_host_platform_device_count={count}"
            shape = ",".join(map(str, (n, d, k, seeds, steps, 2 // len(counts))))
            workers[name].append(
                subprocess.Popen(
                    [sys.executable, __file__, LATER, shape],
                    env=os.environ | {"XLA_FLAGS": flags, "ENGINE_CORES": f"{core},{count}"},
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                )
            )  # fmt: skip

    def turn(name):
        for worker in workers[name]:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        return max(float(worker.stdout.readline()) for worker in workers[name])

    try:
        first = {name: turn(name) for name in contenders}
        times = {name: [] for name in contenders}
        for _ in range(2 * repeats):
            for name in contenders:
                times[name].append(turn(name))
    finally:
        for worker in itertools.chain(*workers.values()):
            worker.kill()
            worker.wait()
    sizes = {"n_samples": n, "dim": d, "width": k, "seeds": seeds, "steps": steps}
    return {"kind": "devices", "sizes": sizes, "optimizer": "gd", **compared(times, first, 2 * seeds * steps)}


def later(shape):
    """In a process of its own: `chunks` times `seeds` networks on all its devices, each time a line comes in."""
    first, count = map(int, os.environ["ENGINE_CORES"].split(","))
    if hasattr(os, "sched_setaffinity"):
        usable = range(os.cpu_count() or 1)
        os.sched_setaffinity(0, list(usable)[first : first + count])
    import jax

    from overparam.training import train_seeds

    n, d, k, seeds, steps, chunks = map(int, shape.split(","))
    problem = problem_of(n, d, k, seeds, "gd", steps)
    assert len(jax.local_devices()) == count
    for _ in sys.stdin:
        start = time.perf_counter()
        train_seeds(
            problem.points, problem.labels, jax.random.key(0), chunks * seeds, width=k, law="ntk",
            step_size=problem.step_size, max_steps=steps, tolerance=1e-30, chunk=seeds, dtype="float32",
            keep_params=False,
        )  # fmt: skip
        print(time.perf_counter() - start, flush=True)


def main(argv=None):
    options = timing.arguments(__doc__, argv)
    import optax

    repeats, small = options.repeats, options.smallest
    versions = {"optax": optax.__version__}
    for package in ("torch", "sklearn"):
        try:
            versions[package] = __import__(package).__version__
        except ImportError:
            print(f"{package} is not installed, so it is left out", file=sys.stderr)
    cells, widths, many = (SMALLEST, SMALLEST, SMALLEST) if small else (CELLS, WIDTHS, MIXED)
    jobs = {
        "cells": [
            functools.partial(cell, *size, name, repeats, 1 if small else 2)
            for size in cells for name in ("gd", "adam")
        ],
        "widths": [functools.partial(one_width, *size, repeats) for size in widths],
        "mixed": [functools.partial(mixed, *size, name, repeats) for size in many for name in ("gd", "adam")],
        "devices": [functools.partial(devices, *size, repeats) for size in cells],
    }  # fmt: skip
    cases = []
    for name, group in jobs.items():
        for job in group:
            cases.append(job())
            rates = {who: round(rate) for who, rate in cases[-1]["network_steps_per_s"].items()}
            print(name, cases[-1]["sizes"], cases[-1]["optimizer"], rates, file=sys.stderr, flush=True)
    record = {"question": __doc__.splitlines()[0], "dtype": "float32", "cases": cases}
    timing.finish(record | timing.surroundings(**versions), options.out)


if __name__ == "__main__":
    if sys.argv[1:2] == [LATER]:
        later(sys.argv[2])
    else:
        main()
