"""How much faster is the tangent kernel of an infinitely wide ReLU network here than by the textbook formula in JAX?

All pairs of unit vectors:

    textbook            arccos of the clipped cosine, sine and both recursions, fused by XLA
    neural-tangents     its stax kernel, in an environment of its own: `make bench-peers`; absent: skipped and named
    overparam           `dense_kernel(4).only("ntk", points)` as a user calls it
    overparam, both     `dense_kernel(4)(points)`, NNGP and NTK
    product alone       X X^T, the ceiling of the matrix-multiply rate
    result alone        a matrix of that size filled with a number, the ceiling of the bandwidth
"""

import json
import math
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from benchmarks import timing

SIZES = [(8000, 100, 4, "float32"), (8000, 100, 4, "float64")]  # n_samples, dim, depth
SMALLEST = [(200, 20, 2, "float32"), (200, 20, 2, "float64")]
PEER = "neural-tangents"


class Peer:
    """neural-tangents in a process of its own, answering in turn."""

    def __init__(self, python, **request):
        worker = pathlib.Path(__file__).parent / "peers" / "neural_tangents_worker.py"
        self.process = subprocess.Popen([python, str(worker)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.about = self.ask(json.dumps(request))

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def run(self):
        self.ask("go")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def peers_python():
    """The interpreter of the peers' environment, or None."""
    path = os.environ.get("OVERPARAM_PEERS", str(timing.ROOT / ".venv-peers" / "bin" / "python"))
    return path if pathlib.Path(path).is_file() else None


def _dropped(call):
    """The call, waited for, without its result, which would keep its memory."""

    def run():
        import jax

        jax.block_until_ready(call())

    return run


def measure(n, d, depth, dtype, repeats):
    import jax
    import jax.numpy as jnp
    import numpy as np

    from overparam.ntk import dense_kernel
    from overparam.ntk.analytic._network import _symmetric

    points = np.random.default_rng(0).normal(size=(n, d))
    points = jnp.asarray((points / np.linalg.norm(points, axis=1)[:, None]).astype(dtype))
    kernel = dense_kernel(depth)

    @jax.jit
    def textbook(points):
        nngp = 2 * jnp.matmul(points, points.T, precision="highest") / d
        norms = jnp.sqrt(jnp.diagonal(nngp))
        norms, ntk = norms[:, None] * norms[None, :], nngp
        for _ in range(depth):
            angle = jnp.arccos(jnp.clip(nngp / norms, -1, 1))
            nngp = norms * (jnp.sin(angle) + (math.pi - angle) * jnp.cos(angle)) / math.pi
            ntk = nngp + (math.pi - angle) / math.pi * ntk
        return ntk

    product = jax.jit(lambda points: jnp.matmul(points, points.T, precision="highest"))
    filled = jax.jit(lambda number: jnp.full((n, n), number))
    peer = Peer(peers_python(), n=n, dim=d, depth=depth, dtype=dtype) if peers_python() else None
    close = {"float32": 2e-3, "float64": 1e-6}[dtype]  # what arccos costs the others near the diagonal
    mine, theirs = kernel.only("ntk", points, dtype=dtype), textbook(points)
    gap = float(jnp.max(jnp.abs(mine - theirs)) / jnp.max(theirs))
    assert gap <= close, f"the contenders disagree by {gap}"
    if peer:
        other = np.max(np.abs(np.asarray(mine[:4, :4]) - peer.about.pop("entries"))) / float(jnp.max(theirs))
        assert other <= close, f"{PEER} disagrees by {other}"
    del mine, theirs

    contenders = {
        "textbook": lambda: textbook(points),
        "overparam": lambda: kernel.only("ntk", points, dtype=dtype),
        "overparam, both": lambda: kernel(points, dtype=dtype),
        "product alone": lambda: product(points),
        "result alone": lambda: filled(points[0, 0]),
    } | ({PEER: peer.run} if peer else {})
    first, times = timing.take_turns({name: _dropped(call) for name, call in contenders.items()}, repeats)[1:]
    if peer:
        peer.close()
    memory = _symmetric.lower(kernel.recipe(d), ("ntk",), points).compile().memory_analysis()
    size = n * n * points.dtype.itemsize
    medians = {name: timing.summary(seconds)["median_s"] for name, seconds in times.items()}
    return {
        "sizes": {"n_samples": n, "dim": d, "depth": depth},
        "dtype": dtype,
        "kernel": kernel.words,
        "greatest_disagreement": gap,
        "first_call_s": first,
        "times": {name: timing.summary(seconds) for name, seconds in times.items()},
        "times_faster": {
            name: timing.ratio(times[name], times["overparam"]) for name in ("textbook", PEER) if name in times
        },
        "memory_of_result": (memory.temp_size_in_bytes + size) / size,
        "ceilings": {
            "gflops_of_product": 2 * n * n * d / medians["product alone"] / 1e9,
            "gb_per_s_of_result": size / medians["result alone"] / 1e9,
            "share_of_both": (medians["product alone"] / 2 + medians["result alone"]) / medians["overparam"],
        },
        "peer": peer.about if peer else f"{PEER} is absent: make bench-peers",
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
