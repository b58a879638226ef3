"""Pairs of hidden layers of 2p - 1 and 2q neurons with pq >= n: which widths are no more than needed."""


def grid_within(first: int, second: int, n_samples: int) -> bool:
    """Whether first <= 2p - 1 and second <= 2q for some p, q with pq >= n of which neither could be less.

    The p that can be met are those with p = ceil(n/q) for q = ceil(n/p).  The larger p, the smaller q; so the least
    such p with 2p - 1 >= first decides.
    """
    p = first // 2 + 1
    if p > n_samples:
        return False
    q = -(-n_samples // p)
    if -(-n_samples // q) < p:  # a smaller p has the same q: go on to the least p with a smaller q
        if q == 1:
            return False
        p = -(-n_samples // (q - 1))
        q = -(-n_samples // p)
    return second <= 2 * q
