"""How many programs were compiled, counted where JAX traces them: a function runs in Python once a program."""

import collections

_TRACES: collections.Counter[str] = collections.Counter()


def traced(name: str) -> None:
    """Count one program; to be called in the body of a function under `jax.jit`."""
    _TRACES[name] += 1


def compilations() -> dict[str, int]:
    """How often each program of this room was traced in this process, hence compiled.

    A program is compiled again for another shape or another static option, such as the number of devices; never for
    another seed, step size, budget or tolerance.  To count a call, take the difference.
    """
    return dict(_TRACES)
