"""Certificates of the kind `interpolates-residual`: residual networks by hand."""

from fractions import Fraction as F

from tests.certificates.spelling import (
    certificate,
    claim,
    dataset,
    folder,
    number,
    numbers,
    proof,
    sha,
    statement,
    witness,
)

HAT = dataset([[0], [1], [2]], [0, 1, 0])
SQUARE = dataset([[0, 0], [1, 0], [0, 1], [1, 1]], [0, 1, 1, 0])
THIRDS = dataset([[F(1, 3)], [F(2, 5)], [F(5, 7)]], [F(1, 3), F(7, 15), F(4, 21)])
STAIRS = dataset([[0], [F(1, 3)], [F(2, 3)]], [0, F(1, 3), F(11, 3)])


def rows(values):
    return [numbers(row) for row in values]


def block(weights, bias, outer, **changes):
    return {"bias": numbers(bias), "outer": rows(outer), "weights": rows(weights)} | changes


def network(first, a, blocks, w, c=0, **changes):
    """Rows of A, a, blocks (rows of U, s, rows of V), w, c."""
    parts = {
        "input": {"bias": numbers(a), "weights": rows(first)},
        "blocks": [block(*each) if isinstance(each, tuple) else each for each in blocks],
        "output": {"bias": [number(c)], "weights": rows([w])},
    }
    return proof(**(parts | changes))


def residual(data, net, widths, stream=1, *, activation="relu", hidden=True, output=True, tolerance=F(0), **changes):
    family = {"activation": activation, "hidden_bias": hidden, "output_bias": output, "widths": list(widths)}
    fields = {"dataset": sha(data), "family": family, "stream": stream, "theorem": None, "tolerance": tolerance}
    return certificate(claim("interpolates-residual", **(fields | changes)), net, data)


PEAK = ([[1]], [-1], [[-2]])  # x - 2 relu(x - 1): 0, 1, 0 at 0, 1, 2
HAT_NET = network([[1]], [0], [PEAK], [1])
# the stream is (2 x - 1/3, 3); h = 2 x - 1/3 - 3 relu(h - 7/15) and then - relu(h - 1/3)/5 .. with all scales at work
LONG = network(
    [[2], [0]],
    [F(-1, 3), 3],
    [([[1, 0], [0, F(1, 3)]], [F(-7, 15), F(-1, 2)], [[F(-5, 3), F(2, 9)], [F(1, 4), 0]]),
     ([[F(1, 2), F(-1, 7)]], [F(3, 11)], [[F(1, 5)], [-1]])],
    [1, F(1, 6)],
    F(2, 7),
)  # fmt: skip


def long_values(x):
    """LONG, written out."""
    h, g = 2 * x - F(1, 3), F(3)
    first, second = max(h - F(7, 15), F(0)), max(g / 3 - F(1, 2), F(0))
    h, g = h - F(5, 3) * first + F(2, 9) * second, g + first / 4
    third = max(h / 2 - g / 7 + F(3, 11), F(0))
    h, g = h + third / 5, g - third
    return h + g / 6 + F(2, 7)


LONG_DATA = dataset(
    [[F(1, 3)], [F(2, 5)], [F(5, 7)], [-2]], [long_values(x) for x in (F(1, 3), F(2, 5), F(5, 7), F(-2))]
)
# xor: h = (x, y), z = relu(x + y - 1), x + y - 2 z
XOR = network([[1, 0], [0, 1]], [0, 0], [([[1, 1]], [-1], [[-2], [0]])], [1, 1])
# steps at 1/3 and at 2/3 of the stream x, which the first step moves: x + step(x - 1/3), then 2 step(h - 5/3)
STEP = network([[1]], [0], [([[1]], [-1], [[1]])], [1])  # x + step(x - 1)
STEPS = network([[1]], [0], [([[1]], [F(-2, 3)], [[1]]), ([[3]], [-5], [[2]])], [1])
NO_BIAS = network([[1], [-1]], [0, 0], [([[1, 0], [0, 1]], [0, 0], [[-1, 0], [0, 1]])], [1, F(1, 2)])
NO_BIAS_DATA = dataset([[-2], [0], [1]], [0, 0, F(-1, 2)])  # x -> (x - relu(x)) + (relu(-x) - x) / 2
AFFINE = dataset([[0], [3]], [1, 7])
IDLE = ([[0]], [0], [[0]])
TWO_BLOCKS = network([[1]], [0], [PEAK, IDLE], [1])
LONGER = dataset([[0], [1], [2], [3]], [0, 1, 0, -1])
SHIFTED = network([[1]], [-1], [([[1]], [0], [[-2]])], [1], 1)  # the same hat with a = -1, c = 1

CASES = [
    ("accepted", "interpolates-residual", "a stream of dimension 1 and one block of exactly 1 ReLU",
     residual(HAT, HAT_NET, (1,))),
    ("accepted", "interpolates-residual-shifted", "equals the label exactly", residual(HAT, SHIFTED, (1,))),
    ("accepted", "interpolates-residual-plane", "a stream of dimension 2", residual(SQUARE, XOR, (1,), 2)),
    ("accepted", "interpolates-residual-long", "2 blocks of exactly 2 + 1 ReLU neurons",
     residual(LONG_DATA, LONG, (2, 1), 2)),
    ("accepted", "interpolates-residual-steps", "2 blocks of exactly 1 + 1 threshold neurons",
     residual(STAIRS, STEPS, (1, 1), activation="threshold", output=False)),
    ("accepted", "interpolates-residual-step", "one block of exactly 1 threshold neuron,",
     residual(dataset([[0], [1]], [0, 2]), STEP, (1,), activation="threshold")),
    ("accepted", "interpolates-residual-no-bias", "without hidden biases, without an output bias",
     residual(NO_BIAS_DATA, NO_BIAS, (2,), 2, hidden=False, output=False)),
    ("accepted", "interpolates-residual-affine", "one block of exactly 0 ReLU neurons",
     residual(AFFINE, network([[1]], [0], [([], [], [[]])], [2], 1), (0,))),
    ("accepted", "interpolates-residual-tolerance", "differs from the label by at most 1/4",
     residual(HAT, network([[1]], [0], [PEAK], [1], F(1, 4)), (1,), tolerance=F(1, 4))),
    ("rejected", "interpolates-residual-off", "misses the label of sample 0",
     residual(HAT, network([[1]], [0], [PEAK], [1], F(1, 4) + F(1, 2**60)), (1,), tolerance=F(1, 4))),
    ("rejected", "interpolates-residual-last", "misses the label of sample 2",
     residual(HAT, network([[1]], [0], [([[1]], [-1], [[F(-7, 3)]])], [1]), (1,))),
    ("rejected", "interpolates-residual-relu", "misses the label of sample 2",
     residual(STAIRS, STEPS, (1, 1), output=False)),
    ("rejected", "interpolates-residual-stream", "its stream has dimension 1, not 2", residual(HAT, HAT_NET, (1,), 2)),
    ("rejected", "interpolates-residual-widths", "its blocks have other widths", residual(HAT, HAT_NET, (1, 1))),
    ("rejected", "interpolates-residual-no-blocks", "its blocks have other widths",
     residual(AFFINE, network([[1]], [0], [], [2], 1), (0,))),
    ("rejected", "interpolates-residual-input-bias", "a nonzero bias before the output",
     residual(HAT, SHIFTED, (1,), hidden=False)),
    ("rejected", "interpolates-residual-block-bias", "a nonzero bias before the output",
     residual(HAT, HAT_NET, (1,), hidden=False)),
    ("rejected", "interpolates-residual-output-bias", "a nonzero output bias",
     residual(HAT, SHIFTED, (1,), output=False)),
    ("rejected", "interpolates-residual-coordinates", "it reads 1 coordinates", residual(SQUARE, HAT_NET, (1,))),
    ("rejected", "interpolates-residual-theorem", "the stated family is not that of zhang2017-thm1",
     residual(HAT, HAT_NET, (1,), output=False, theorem="zhang2017-thm1")),
    # n = q (d + 1) + r points: 2 q - 2 + min(2, r) nodes in all
    ("accepted", "interpolates-residual-promised", "(the stream was not compared) are within those that",
     residual(LONGER, TWO_BLOCKS, (1, 1), output=False, theorem="yun2019-resnet")),
    ("rejected", "interpolates-residual-more-than-promised", "the widths are not within those that yun2019-resnet",
     residual(HAT, TWO_BLOCKS, (1, 1), output=False, theorem="yun2019-resnet")),
    ("rejected", "interpolates-of-residual-theorem", "the stated family is not that of yun2019-resnet",
     folder(HAT, statement(HAT, [2], output=False, theorem="yun2019-resnet"),
            witness(([[1], [1]], [0, -1]), ([[1, -2]], [0])))),
    ("malformed", "interpolates-residual-no-stream", "the stream must have at least one number",
     residual(HAT, HAT_NET, (1,), 0)),
    ("malformed", "interpolates-residual-negative", "must not be negative",
     residual(HAT, HAT_NET, (1,), tolerance=F(-1))),
    ("malformed", "interpolates-residual-tanh", 'the activation must be "relu" or "threshold"',
     residual(HAT, HAT_NET, (1,), activation="tanh")),
    ("malformed", "interpolates-residual-input-rows", "the weights of the input must be 1 rows of 1 numbers",
     residual(HAT, network([[1], [1]], [0], [PEAK], [1]), (1,))),
    ("malformed", "interpolates-residual-ragged", "the weights of the input must be 2 rows of 1 numbers",
     residual(HAT, network([[1], [1, 2]], [0, 0], [([[1, 0]], [0], [[1], [1]])], [1, 1]), (1,), 2)),
    ("malformed", "interpolates-residual-weights", "the weights of block 0 must be 1 rows of 1 numbers",
     residual(HAT, network([[1]], [0], [([[1, 1]], [0], [[1]])], [1]), (1,))),
    ("malformed", "interpolates-residual-outer", "the outer weights of block 0 must be 1 rows of 1 numbers",
     residual(HAT, network([[1]], [0], [([[1]], [0], [[1], [1]])], [1]), (1,))),
    ("malformed", "interpolates-residual-functional", "the weights of the output must be 1 rows of 1 numbers",
     residual(HAT, network([[1]], [0], [PEAK], [1, 1]), (1,))),
    ("malformed", "interpolates-residual-constants", "the bias of the output must be 1 rows of 1 numbers",
     residual(HAT, network([[1]], [0], [PEAK], [1], output={"bias": numbers([0, 0]), "weights": rows([[1]])}), (1,))),
    ("malformed", "interpolates-residual-key", "block 0 lacks the key 'outer'",
     residual(HAT, network([[1]], [0], [{"bias": [], "weights": []}], [1]), (1,))),
    ("undecided", "interpolates-residual-deep", "would exceed the checker's budget",
     residual(HAT, network([[1]], [0], [([["1*2^1048576"]], [F(1, 3)], [["1*2^1048576"]])] * 16, [1]), (1,) * 16)),
]  # fmt: skip
