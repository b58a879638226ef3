"""Pairs of neurons on a residual stream, in the place of Yun, Sra and Jadbabaie 2019, Theorem 4.1.

The stream is (x, s).  The map into it already sets s = A_1(x), the affine function of the first block of points, which
costs no neuron; every later block of `pairs` adds its two neurons to s and leaves x alone, in residual blocks of any
size: 2 ceil(n / (dim + 1)) - 2 hidden nodes, one less if the last block is one point.  The output is s.
"""

from fractions import Fraction

from overparam.exact import Block, ExactData, ExactLayer, Form, ResidualNetwork, interpolate_affine
from overparam.memorizers._built import Built, Options, named_rows, refusal
from overparam.memorizers._direction import best_separating
from overparam.memorizers.shallow._pairs import assemble, cut

_WIDTH = 2


def build_pairs_stream(data: ExactData, options: Options) -> Built:
    """Residual blocks of `options.width` nodes; needs that the labels are affine on each of its blocks of points.

    Raises:
        InputError: for every direction tried some block is affinely dependent and its labels are not affine.
    """
    width = _WIDTH if options.width is None else options.width
    first, neurons, note = _pairs(data)
    d = data.dim
    zero, one = Fraction(0), Fraction(1)
    identity = [tuple(one if j == k else zero for k in range(d)) for j in range(d)]
    inner = ExactLayer((*identity, first[:-1]), (*(zero,) * d, first[-1]))
    nodes = neurons or [(zero, (zero,) * (d + 1))]
    blocks = tuple(_block(nodes[start : start + width], d) for start in range(0, len(nodes), width))
    outer = ExactLayer(((*(zero,) * d, one),), (zero,))
    return Built(ResidualNetwork(inner, blocks, outer), (note,), numbers={"hidden nodes": len(neurons)})


def _pairs(data: ExactData) -> tuple[Form, list[tuple[Fraction, Form]], str]:
    """The affine function of the first block, the neurons of the others, and what was done."""
    starts = list(range(data.dim + 1, data.n_samples, data.dim + 1))
    failed = ""
    for ordering in best_separating(data, starts)[: None if starts else 1]:
        blocks = cut(data, ordering, starts)
        forms: list[Form] = []
        for block in blocks:
            form = interpolate_affine(block.points, block.labels)
            if form is None:
                failed = failed or f"points {named_rows(block, range(block.n_samples))}"
                break
            forms.append(form)
        else:
            neurons, _ = assemble(data, ordering, starts, forms)
            note = f"{len(blocks)} blocks of at most {data.dim + 1} points along {list(ordering.direction)}"
            return forms[0], neurons[1:], note  # the first neuron is that of forms[0]
    raise refusal(
        "yun-resnet",
        f"the block of {failed} is affinely dependent and its labels are not those of an affine function, and other "
        "directions met such blocks as well, so the points are not in general position",
        '"yun-deep" or "greedy" (any distinct points)',
    )


def _block(nodes: list[tuple[Fraction, Form]], dim: int) -> Block:
    """The nodes read x and write s."""
    zero = Fraction(0)
    idle = (zero,) * len(nodes)
    return Block(
        weights=tuple((*form[:-1], zero) for _, form in nodes),
        bias=tuple(form[-1] for _, form in nodes),
        outer=(*(idle for _ in range(dim)), tuple(v for v, _ in nodes)),
    )
