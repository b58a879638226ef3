"""How many equal networks: permutations, for odd activations signs, for ReLU positive scales, and nothing more obvious.

Permuting the m_l neurons of each hidden layer gives prod_l m_l! vectors of weights of one function; with tanh each
neuron may also change the sign of its incoming and outgoing weights, another factor 2^(m_l); with ReLU it may instead
be scaled by c > 0 and its outgoing weights by 1 / c, a continuous orbit of dimension sum_l m_l.  A change of sign is no
symmetry of ReLU.

Decided in exact arithmetic for ReLU networks with rational weights, whose outputs have to be equal, not close; in
float64 for tanh.  The counts are integers, and for small networks all transformations are listed: they give as many
different vectors.  Networks with normalized layers have further symmetries, which are not counted here.
"""

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.exact import exact_layers, forward_layers
from overparam.records import Link, Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size

CLOSE = 1e-6  # relative, of outputs in float64
CHANGED = 1e-3  # relative: what is no symmetry changes outputs by this at least
_STEPS = 2**12  # of the rational weights

Layers = list[tuple[NDArray, NDArray]]  # weights (units, inputs) and biases, float64 or Fraction


class Sizes(NamedTuple):
    """Inputs and units of the hidden layers, points, random transformations."""

    widths: tuple[int, ...]
    points: int
    networks: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes((5, 12, 10, 8), 20, 20),
    "laptop": Sizes((20, 64, 64, 64), 100, 50),
    "paper": Sizes((20, 64, 64, 64), 100, 50),
}


def equal_networks(widths: Sequence[int], *, odd: bool) -> int:
    """How many weight vectors the permutations, and for odd activations the signs, make of a generic one.

    >>> equal_networks([3], odd=True), equal_networks([2, 2], odd=False)
    (48, 4)
    """
    return math.prod(math.factorial(m) * (2**m if odd else 1) for m in widths)


def transformed(layers: Layers, orders: Sequence[NDArray], factors: Sequence[NDArray]) -> Layers:
    """Neurons of hidden layer l permuted by orders[l], their incoming weights multiplied, outgoing ones divided."""
    out = [(w.copy(), b.copy()) for w, b in layers]
    for i, (order, factor) in enumerate(zip(orders, factors, strict=True)):
        w, b = out[i]
        out[i] = ((w * factor[:, None])[order], (b * factor)[order])
        after, c = out[i + 1]
        out[i + 1] = ((after / factor[None, :])[:, order], c)
    return out


def tanh_outputs(layers: Layers, points: NDArray) -> NDArray:
    """Outputs of the tanh network, float64."""
    values = points
    for i, (w, b) in enumerate(layers):
        values = values @ w.T + b
        if i < len(layers) - 1:
            values = np.tanh(values)
    return values[:, 0]


def measure(setting: Setting, *, signs: bool = False) -> Finding:
    """Exact and float outputs after random symmetries; `signs` counts changes of sign among those of ReLU."""
    size = _SIZES[setting.size]
    hidden = size.widths[1:]
    same, worst, flipped = 0, 0.0, []
    for seed in range(size.networks):
        rng = np.random.default_rng([setting.root, seed])
        layers, points = _drawn(rng, (*size.widths, 1)), rng.integers(-64, 65, size=(size.points, size.widths[0])) / 64
        orders = [rng.permutation(m) for m in hidden]
        exact = [(_fractions(w), _fractions(b)) for w, b in layers]
        wanted = forward_layers(exact_layers(exact), points).outputs
        scales = [np.array([Fraction(int(a), int(b)) for a, b in rng.integers(1, 30, size=(m, 2))]) for m in hidden]
        flips = [_fractions(rng.choice([-1.0, 1.0], size=m)) for m in hidden]
        flips[0][0] = Fraction(-1)
        turned = forward_layers(exact_layers(transformed(exact, orders, flips)), points).outputs
        moved = forward_layers(exact_layers(transformed(exact, orders, scales)), points).outputs
        same += (turned if signs else moved) == wanted
        scale = max(abs(value) for value in wanted) or Fraction(1)
        flipped.append(float(max(abs(a - b) for a, b in zip(turned, wanted, strict=True)) / scale))
        before = tanh_outputs(layers, points)
        own = [np.asarray(flip, float) for flip in flips]
        after = tanh_outputs(transformed(layers, orders, own), points)
        worst = max(worst, float(np.max(np.abs(after - before)) / np.max(np.abs(before))))
    listed, distinct = _listed(setting.root)
    counts = [(w, equal_networks(w, odd=False), equal_networks(w, odd=True)) for w in ((3,), (512,), hidden)]
    return Finding(
        holds=bool(same == size.networks and worst <= CLOSE and min(flipped) >= CHANGED and listed == distinct == 48),
        words=f"{size.networks} networks of widths {'-'.join(map(str, (*size.widths, 1)))}, random permutations of all "
        f"hidden layers: with positive rational scales the ReLU outputs at {size.points} points are "
        f"{'equal exactly' if not signs else 'to be equal with changes of sign'} in {same}; tanh outputs after changes "
        f"of sign differ by {worst:.1e} at most; ReLU outputs after changes of sign by {min(flipped):.2g} at least "
        f"(relative). All {listed} transformations of a tanh network of width 3 give {distinct} different vectors. "
        f"log10 512! = {math.log10(math.factorial(512)):.1f}.",
        instances=2 * size.networks + listed,
        links=(
            Link("networks whose exact ReLU outputs a symmetry keeps", float(size.networks), float(same), "at least"),
            Link("change of tanh outputs by permutations and signs, relative", CLOSE, worst),
            Link("change of ReLU outputs by signs, relative, least", CHANGED, min(flipped), "at least"),
            Link("different vectors among the transformations of width 3", 48.0, float(distinct), "at least"),
        ),
        tables=(
            Table(
                "How many equal networks (log10)",
                ("hidden widths", "permutations", "with signs (odd activations)", "dimension of the ReLU orbit"),
                tuple(("-".join(map(str, w)), math.log10(a), math.log10(b), sum(w)) for w, a, b in counts),
            ),
        ),
    )


def _drawn(rng: np.random.Generator, sizes: Sequence[int]) -> Layers:
    """Weights of about N(0, 2 / inputs), biases of about N(0, 1): multiples of 2^-12, so that floats are exact."""

    def rounded(values: NDArray) -> NDArray:
        return np.rint(values * _STEPS) / _STEPS

    return [
        (rounded(rng.normal(size=(m, n)) * (2 / n) ** 0.5), rounded(rng.normal(size=m)))
        for n, m in itertools.pairwise(sizes)
    ]


def _fractions(values: NDArray) -> NDArray:
    return np.vectorize(Fraction, otypes=[object])(values)


def _listed(root: int) -> tuple[int, int]:
    """Transformations of a tanh network of width 3 that keep its outputs, and how many vectors they give."""
    rng = np.random.default_rng([root, 3])
    layers, points = _drawn(rng, (2, 3, 1)), rng.normal(size=(5, 2))
    wanted, kept, vectors = tanh_outputs(layers, points), 0, set()
    for order in itertools.permutations(range(3)):
        for signs in itertools.product((-1.0, 1.0), repeat=3):
            made = transformed(layers, [np.array(order)], [np.array(signs)])
            kept += bool(np.allclose(tanh_outputs(made, points), wanted, rtol=0, atol=CLOSE * np.max(np.abs(wanted))))
            vectors.add(tuple(np.concatenate([np.ravel(part) for layer in made for part in layer]).tolist()))
    return kept, len(vectors)


STUDY = Experiment(
    id="g-symmetries",
    claim="A generic network of hidden widths m_l is one of prod m_l! equal ones by permutations, times 2^(sum m_l) if "
    "the activation is odd; a ReLU network has instead a continuous orbit of dimension sum m_l by positive scales, and "
    "changes of sign change its outputs.",
    refuted_by="a permutation or positive scale that changes an exact output, or a change of sign that does not",
    cites=(),
    locator="folklore; own",
    measure=measure,
    proved=True,
)
