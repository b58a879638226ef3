"""How many points share a group, and the sizes that follow: exact formulas, no data."""

from math import isqrt


def best_slots(n_samples: int, layers: int) -> int:
    """The number s of points a group for which ceil(n / s) + s * layers is least; the smallest such s.

    It is near sqrt(n / layers): there the sum is at most 2 sqrt(n layers) + layers + 1, which s * layers alone passes
    beyond 2 sqrt(n / layers) + 2.

    >>> best_slots(100, 4), best_slots(3, 50)
    (5, 1)
    """
    most = min(n_samples, 2 * isqrt(n_samples // layers) + 4)
    return min(range(1, most + 1), key=lambda s: (-(-n_samples // s) + s * layers, s))


def bounded_plan(n_samples: int, layers: int, depth: int | None) -> tuple[int, int]:
    """Points a group, and layers of selectors, for a network of about `depth` layers."""
    if depth is None:
        depth = max(4, 2 * layers * best_slots(n_samples, layers))
    return min(n_samples, max(1, depth // (2 * layers))), max(1, depth // 4)
