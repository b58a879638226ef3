"""Compiled programs, which JAX keeps for the life of a process, and what they cost it."""

import pathlib

_MAPS, _MOST = pathlib.Path("/proc/self/maps"), pathlib.Path("/proc/sys/vm/max_map_count")


def spare_mappings(share: float = 0.5) -> bool:
    """Let JAX forget its compiled programs if this process nears the number of memory mappings that Linux allows.

    A program takes a handful of mappings, none is given back by itself, and a process that asks for more than
    `vm.max_map_count` (65,530 unless somebody changed it) ends with a segmentation fault.  So whoever runs many
    programs one after the other calls this between them.  Those that are needed again are compiled again, with the
    same results.

    Args:
        share: of the mappings allowed, above which programs are forgotten.
    Returns:
        Whether they were; never where /proc does not tell.

    >>> spare_mappings(share=1.0)
    False
    """
    try:
        most = int(_MOST.read_text())
        with _MAPS.open("rb") as lines:
            held = sum(1 for _ in lines)
    except (OSError, ValueError):
        return False
    if held <= share * most:
        return False
    import jax

    jax.clear_caches()
    return True
