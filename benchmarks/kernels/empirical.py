"""How much faster are tangent kernels of given networks here than by the textbook Jacobian, and by neural-tangents?

Kernels of all pairs of samples, float32, summed over outputs:

    overparam             `empirical_kernel(apply, params, points, traced=True)` as a user calls it
    product alone         a product of matrices of 1024 columns, the ceiling of the matrix-multiply rate
    textbook              `jax.jacrev` in all parameters, each leaf times its transpose
    neural-tangents structured, neural-tangents contraction
                          its own, in an environment of its own: `make bench-peers`; absent: skipped and named

The slow ones (textbook and contraction) get two turns.  Networks: one hidden layer, three hidden layers, and two
convolutions with a dense readout of 10 outputs.
"""

import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from benchmarks import timing
from benchmarks.kernels import analytic
from benchmarks.kernels.peers.networks import network

SIZES = [("mlp-100-1024-1", 1000), ("mlp-100-512-512-512-1", 1000), ("conv-8-32", 1000)]
SMALLEST = [("mlp-8-64-1", 40), ("conv-4-4", 40)]
SLOW_TURNS = 2


class Peer(analytic.Peer):
    """neural-tangents' empirical kernels in a process of their own."""

    def __init__(self, python, **request):
        worker = pathlib.Path(__file__).parent / "peers" / "neural_tangents_empirical_worker.py"
        self.process = subprocess.Popen([python, str(worker)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.about = self.ask(json.dumps(request))


def measure(name, n, repeats):
    import jax
    import jax.numpy as jnp
    import numpy as np

    from overparam.ntk import costs, empirical_kernel, layers_found

    apply, params, points = network(name, n, "float32")
    options = {"traced": True, "dtype": "float32"}

    @jax.jit
    def textbook(params, points):
        def rows(leaf):
            outputs = leaf.shape[1]
            return jnp.reshape(leaf, (n, outputs * (leaf.size // (n * outputs))))

        jacobian = jax.vmap(jax.jacrev(lambda p, x: apply(p, x[None])[0]), in_axes=(None, 0))(params, points)
        blocks = [rows(leaf) for leaf in jax.tree.leaves(jacobian)]
        return sum(jnp.matmul(block, block.T, precision="highest") for block in blocks)

    square = jax.random.normal(jax.random.key(0), (n, 1024), "float32")
    product = jax.jit(lambda rows: jnp.matmul(rows, rows.T, precision="highest"))
    peer = Peer(analytic.peers_python(), network=name, n=n, dtype="float32") if analytic.peers_python() else None
    mine, theirs = empirical_kernel(apply, params, points, **options), textbook(params, points)
    gap = float(jnp.max(jnp.abs(mine - theirs)) / jnp.max(jnp.abs(theirs)))
    assert gap <= 1e-4, f"the contenders disagree by {gap}"
    if peer:
        other = np.max(np.abs(np.asarray(mine[:4, :4]) - peer.about.pop("entries"))) / float(jnp.max(jnp.abs(theirs)))
        assert other <= 1e-4, f"{analytic.PEER} disagrees by {other}"
    del mine, theirs

    ours = {"overparam": lambda: empirical_kernel(apply, params, points, **options)}
    quick = ours | {"product alone": lambda: product(square)}
    slow = ours | {"textbook": lambda: textbook(params, points)}
    if peer:
        quick[f"{analytic.PEER} structured"] = lambda: peer.ask("structured") and None
        slow[f"{analytic.PEER} contraction"] = lambda: peer.ask("contraction") and None
    found, faster = {}, {}
    for contenders, turns in ((quick, repeats), (slow, min(repeats, SLOW_TURNS))):
        times = timing.take_turns(contenders, turns)[2]
        faster |= {who: timing.ratio(times[who], times["overparam"]) for who in times if who != "overparam"}
        found = {who: timing.summary(seconds) for who, seconds in times.items()} | found
    if peer:
        peer.close()
    faster.pop("product alone")
    cost = costs(apply, params, points, **options)["structured"]
    rate = n * n * 1024 / found["product alone"]["median_s"]
    return {
        "network": name,
        "n_samples": n,
        "dtype": "float32",
        "layers": layers_found(apply, params, points, **options),
        "greatest_disagreement": gap,
        "times": found,
        "times_faster": faster,
        "ceiling": {
            "gflops_of_product": 2 * rate / 1e9,
            "multiply_adds": cost.multiply_adds,
            "share_of_product_rate": cost.multiply_adds / rate / found["overparam"]["median_s"],
        },
        "peer": peer.about if peer else f"{analytic.PEER} is absent: make bench-peers",
    }


def main(argv=None):
    options = timing.arguments(__doc__, argv)
    cases = [measure(*size, options.repeats) for size in (SMALLEST if options.smallest else SIZES)]
    timing.finish({"question": __doc__.splitlines()[0], "cases": cases} | timing.surroundings(), options.out)


if __name__ == "__main__":
    main()
