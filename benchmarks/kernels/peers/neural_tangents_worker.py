"""Runs in the peers' environment (`make bench-peers`): kernels of neural-tangents, one line of JSON in, one out.

First line: {"n": , "dim": , "depth": , "dtype": }; the answer holds versions and a few entries of the tangent kernel.
Each later line "go" computes it again and is answered when it is there.
"""

import functools
import json
import os
import sys
import types

# this part of it wants TensorFlow, and nothing here uses it
sys.modules["neural_tangents.experimental"] = types.ModuleType("neural_tangents.experimental")


def main():
    request = json.loads(sys.stdin.readline())
    os.environ["JAX_PLATFORMS"] = "cpu"
    import jax
    import numpy as np

    jax.config.update("jax_enable_x64", request["dtype"] == "float64")
    import neural_tangents as nt
    from neural_tangents import stax

    dense = functools.partial(stax.Dense, 1, W_std=2**0.5)
    hidden = [layer for _ in range(request["depth"]) for layer in (dense(), stax.Relu())]
    kernel = jax.jit(functools.partial(stax.serial(*hidden, dense())[2], x2=None, get="ntk"))
    points = np.random.default_rng(0).normal(size=(request["n"], request["dim"]))
    points = jax.numpy.asarray((points / np.linalg.norm(points, axis=1)[:, None]).astype(request["dtype"]))
    gram = jax.block_until_ready(kernel(points))
    answer = {"jax": jax.__version__, "neural-tangents": nt.__version__}
    print(json.dumps(answer | {"entries": np.asarray(gram)[:4, :4].tolist()}), flush=True)
    del gram
    for _ in sys.stdin:
        jax.block_until_ready(kernel(points))
        print("{}", flush=True)


if __name__ == "__main__":
    main()
