"""Multipliers that prove a large total weight, in floats: what they prove is computed exactly elsewhere.

The least total weight of an exact fit is the largest <l, y> over multipliers l with |sum_i l_i relu(<w, z_i>)| <= 1 for
all |w| <= 1.  Linear programs take finitely many w; the worst w of their solution joins them, until none is worse.
"""

import numpy as np
import scipy.optimize
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_ROUNDS = 25
_LOOKED_AT = 96  # cells a round, those of the longest sums
_CLOSE = 1e-6  # relative distance at which the programs stop
_ADDED = 32  # of the worst w, a round


def sides(cell: int, n: int) -> Floats:
    """1 on the positive side of the cell, -1 on the other, (n,)."""
    return np.array([1.0 if cell >> i & 1 else -1.0 for i in range(n)])


def inward(z: Floats, cell: int) -> Floats:
    """Normals m_i with <m_i, w> >= 0 on the cell, (n_samples, n_inputs)."""
    return sides(cell, len(z))[:, None] * z


def gathered(z: Floats, l: Floats, cell: int) -> Floats:
    """The sum of l_i z_i over the cell's positive side, (n_inputs,)."""
    return ((sides(cell, len(z)) > 0) * l) @ z


def nonnegative_push(normals: Floats, g: Floats) -> Floats:
    """Factors m >= 0 that make |g + sum m_i normals_i| least, (n_samples,): then it is the supremum of <w, g>."""
    size = float(np.linalg.norm(g))
    if not size > 0:
        return np.zeros(len(normals))
    try:
        return scipy.optimize.nnls(normals.T, -g / size)[0] * size
    except RuntimeError:  # no convergence: no push is allowed too
        return np.zeros(len(normals))


def worst_directions(z: Floats, l: Floats, cells: list[int]) -> tuple[float, list[Floats]]:
    """At least the supremum S(l), and vectors |v| v with |sum_i l_i relu(<v, z_i>)| = |v|, as large as were found."""
    positive = np.array([sides(cell, len(z)) > 0 for cell in cells]).reshape(len(cells), len(z))
    sums = (positive * l) @ z
    norms = np.linalg.norm(sums, axis=1)
    order = np.argsort(-norms, kind="stable")
    least, found = 0.0, []
    for k in order[:_LOOKED_AT]:
        if norms[k] < least:
            return least, found
        normals = inward(z, cells[k])
        for sign in (1, -1):
            found.append(sign * sums[k] + nonnegative_push(normals, sign * sums[k]) @ normals)
            least = max(least, float(np.linalg.norm(found[-1])))
    return max([least, *norms[order[_LOOKED_AT:][:1]]]), found


def best_multiplier(z: Floats, y: Floats, loss: float, cells: list[int]) -> Floats:
    """A multiplier of a large quotient (<l, y> - loss |l| |y|) / S(l), the largest for loss 0 where the rounds suffice.

    Args:
        z: (n_samples, n_inputs) rows.
        y: (n_samples,) labels, not all 0.
        loss: root of the share of the squared labels that may be missed.
        cells: all cells of the rows.
    """
    if not z.any():
        return y
    n = len(y)
    tried = [w / np.linalg.norm(w) for w in (*z, *-z) if w.any()]
    cuts = [y / np.linalg.norm(y)]  # |l| >= <c, l>
    best, found = 0.0, y
    for _ in range(_ROUNDS):
        values = np.maximum(np.array(tried) @ z.T, 0)
        zero, one = np.zeros((2 * len(tried), 1)), np.ones((len(cuts), 1))
        matrix = np.block([[np.concatenate([values, -values]), zero], [np.array(cuts), -one]])
        program = scipy.optimize.linprog(
            np.append(-y, loss * np.linalg.norm(y)),
            A_ub=matrix,
            b_ub=np.concatenate([np.ones(len(zero)), np.zeros(len(cuts))]),
            bounds=[(-1e6, 1e6)] * n + [(0, None)],
        )
        if program.status != 0:
            break
        l = program.x[:n]
        supremum, worst = worst_directions(z, l, cells)
        if not supremum > 0:
            break
        quotient = (float(l @ y) - loss * float(np.linalg.norm(l) * np.linalg.norm(y))) / supremum
        if quotient > best:
            best, found = quotient, l
        if best >= -program.fun * (1 - _CLOSE):
            break
        worst.sort(key=lambda w: -float(np.linalg.norm(w)))
        tried += [w / np.linalg.norm(w) for w in worst[:_ADDED] if np.linalg.norm(w) > 1]
        cuts.append(l / (np.linalg.norm(l) or 1.0))
    return found
