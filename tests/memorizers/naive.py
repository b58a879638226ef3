"""Plain rational evaluation of layered and residual networks, and what the checker's theorems say of their widths."""

from fractions import Fraction

from overparam.exact import LayeredNetwork, fraction_of
from overparam.memorizers import memorize
from proofs_check import THEOREMS
from proofs_check.reading import dataset_from_bytes
from tests.certificates.spelling import dataset


def affine(layer, z):
    return [b + sum((w * t for w, t in zip(row, z, strict=True)), Fraction(0)) for row, b in zip(*layer, strict=True)]


def output(network, x):
    """Layer by layer, with the stream of a residual network kept as it is."""
    z = [fraction_of(t) for t in x]
    if isinstance(network, LayeredNetwork):
        for layer in network.layers[:-1]:
            z = [max(t, Fraction(0)) for t in affine(layer, z)]
        return affine(network.layers[-1], z)[0]
    h = affine(network.inner, z)
    for block in network.blocks:
        units = [max(t, Fraction(0)) for t in affine((block.weights, block.bias), h)]
        h = [
            t + sum((v * u for v, u in zip(row, units, strict=True)), Fraction(0))
            for t, row in zip(h, block.outer, strict=True)
        ]
    return affine(network.outer, h)[0]


def check(construction, points, labels, **options):
    """Memorize; the network meets every label, belongs to its family, and its widths are the theorem's."""
    memorizer = memorize(points, labels, construction, **options)
    network = memorizer.network
    exact = {tuple(map(fraction_of, x)): fraction_of(y) for x, y in zip(points, labels, strict=True)}
    assert [output(network, x) for x in exact] == list(exact.values())
    if not memorizer.output_bias:
        assert (network.layers[-1] if isinstance(network, LayeredNetwork) else network.outer).bias == (0,)
    if memorizer.theorem is not None:
        theorem = THEOREMS[memorizer.theorem]
        assert theorem.allows(network.widths, dataset_from_bytes(dataset(list(exact), list(exact.values()))))
        assert theorem.residual == (not isinstance(network, LayeredNetwork))
        assert (theorem.hidden_bias, theorem.output_bias) == (memorizer.hidden_bias, memorizer.output_bias)
    return memorizer
