"""Runs in the peers' environment (`make bench-peers`): empirical kernels of neural-tangents, one line of JSON each.

First line: {"network": , "n": , "dtype": , "folder": }; the answer holds versions and a few entries of the kernel.
Each later line "contraction" or "structured" computes it again and is answered when it is there.
"""

import json
import os
import pathlib
import sys
import types

# this part of it wants TensorFlow, and nothing here uses it
sys.modules["neural_tangents.experimental"] = types.ModuleType("neural_tangents.experimental")
sys.path.insert(0, str(pathlib.Path(__file__).parent))


def main():
    request = json.loads(sys.stdin.readline())
    os.environ["JAX_PLATFORMS"] = "cpu"
    import jax
    import neural_tangents as nt
    import numpy as np
    from networks import network

    # where this release looks for them; that JAX no longer shows them there
    jax.interpreters.ad.source_info_util = sys.modules["jax._src.source_info_util"]
    jax.interpreters.ad.config = jax.config

    apply, params, points = network(request["network"], request["n"], request["dtype"])
    outputs = apply(params, points[:1]).shape[1]
    ways = {
        "contraction": nt.NtkImplementation.JACOBIAN_CONTRACTION,
        "structured": nt.NtkImplementation.STRUCTURED_DERIVATIVES,
    }

    def compiled(way):
        # it takes the mean over outputs, and its functions take params last
        kernel = nt.empirical_ntk_fn(apply, trace_axes=(-1,), vmap_axes=0, implementation=way)
        return jax.jit(lambda points, params: kernel(points, None, params))

    kernels = {name: compiled(way) for name, way in ways.items()}
    gram = kernels["structured"](points, params) * outputs
    answer = {"jax": jax.__version__, "neural-tangents": nt.__version__}
    print(json.dumps(answer | {"entries": np.asarray(gram)[:4, :4].tolist()}), flush=True)
    del gram
    for line in sys.stdin:
        jax.block_until_ready(kernels[line.strip()](points, params))
        print("{}", flush=True)


if __name__ == "__main__":
    main()
