"""Certificates of the kind `parameter-count`: the counts are written out as sums, layer by layer."""

from tests.certificates.spelling import certificate, claim, proof


def counts(shape, layers, trainable, statistics=0, **changes):
    statement = claim("parameter-count", input=list(shape), layers=layers, trainable=trainable, statistics=statistics)
    return certificate(statement | changes, proof())


def conv(size, to, stride=1, pad="pad 0", groups=1, bias="bias"):
    return f"conv {size} to {to}, stride {stride}, {pad}, groups {groups}, {bias}"


ALEXNET = [
    conv("11x11", 96, 4), "pool 3x3, stride 2, pad 0",
    conv("5x5", 256, 1, "pad 2", 2), "pool 3x3, stride 2, pad 0",
    conv("3x3", 384, 1, "pad 1"), conv("3x3", 384, 1, "pad 1", 2), conv("3x3", 256, 1, "pad 1", 2),
    "pool 3x3, stride 2, pad 0", "flatten", "dense to 4096, bias", "dense to 4096, bias", "dense to 1000, bias",
]  # fmt: skip
TOTAL = 34_944 + 307_456 + 885_120 + 663_936 + 442_624 + 37_752_832 + 16_781_312 + 4_097_000
BLOCK = [conv("3x3", 4, 1, "pad 1", bias="no bias"), "norm, scale and shift", conv("3x3", 4, 1, "same"), "norm, plain"]
# four equal blocks of (9 * 16 + 8) + (9 * 16 + 4) parameters and 2 * 8 statistics; then 4 channels to 3
RESIDUAL = [{"layers": [{"sum": [BLOCK, []]}], "times": 4}, "mean", "dense to 3, no bias"]
WIDE = [{"concat": [[conv("1x3", 2, 2, "same")], ["pool 3x3, stride 2, pad 1"], ["pool 1x1, stride 2, pad 0"]]}]
MLP = ["dense to 512, bias", "dense to 10, bias"]


def nested(depth):
    layers = ["flatten"]
    for _ in range(depth):
        layers = [{"layers": layers, "times": 1}]
    return layers


def line(text):
    return counts((8, 8, 4), [text], 0)


CASES = [
    ("accepted", "parameter-count-alexnet", "exactly 60,965,224 trainable", counts((227, 227, 3), ALEXNET, TOTAL)),
    ("accepted", "parameter-count-residual", "64 running statistics",
     counts((8, 8, 4), RESIDUAL, 4 * (9 * 16 + 8 + 9 * 16 + 4) + 4 * 3, 4 * 2 * 2 * 4)),
    ("accepted", "parameter-count-concat", "of shape 4 x 3 x 8", counts((7, 5, 3), WIDE, 3 * 3 * 2 + 2)),
    ("accepted", "parameter-count-mlp", "the 2 layers listed", counts((2352,), MLP, 1_209_866)),
    ("accepted", "parameter-count-nothing", "exactly 0 trainable", counts((5,), [], 0)),
    ("accepted", "parameter-count-deep", "of shape 8.", counts((2, 2, 2), nested(15), 0)),
    ("rejected", "parameter-count-off", "have 60,965,224 trainable", counts((227, 227, 3), ALEXNET, TOTAL + 1)),
    ("rejected", "parameter-count-other-input", "have 49,430,888",
     counts((224, 224, 3), ALEXNET, TOTAL)),
    ("rejected", "parameter-count-statistics", "have 64 running statistics, not 0",
     counts((8, 8, 4), RESIDUAL, 4 * (9 * 16 + 8 + 9 * 16 + 4) + 4 * 3)),
    ("rejected", "parameter-count-image", "'dense to 2, bias' cannot act", line("dense to 2, bias")),
    ("rejected", "parameter-count-vector", "'mean' cannot act on the shape 5", counts((5,), ["mean"], 0)),
    ("rejected", "parameter-count-groups", "3 groups do not divide", line(conv("1x1", 6, groups=3))),
    ("rejected", "parameter-count-groups-out", "4 groups do not divide", line(conv("1x1", 6, groups=4))),
    ("rejected", "parameter-count-kernel", "larger than an image of 8", line(conv("11x1", 6, pad="pad 1"))),
    ("rejected", "parameter-count-kernel-across", "larger than an image of 8", line("pool 1x9, stride 1, pad 0")),
    ("rejected", "parameter-count-sum", "end in different shapes, 8 x 8 x 4 and 4 x 4 x 4",
     counts((8, 8, 4), [{"sum": [[], ["pool 2x2, stride 2, pad 0"]]}], 0)),
    ("rejected", "parameter-count-beside", "cannot stand side by side",
     counts((8, 8, 4), [{"concat": [[], ["pool 2x2, stride 2, pad 0"]]}], 0)),
    ("malformed", "parameter-count-line", "'dense to 2' is no layer", line("dense to 2")),
    ("malformed", "parameter-count-zero", "is no layer", line("dense to 0, bias")),
    ("malformed", "parameter-count-leading-zero", "is no layer", line("dense to 02, bias")),
    ("malformed", "parameter-count-long", "is no layer", line("dense to 1000000000, bias")),
    ("malformed", "parameter-count-spaces", "is no layer", line("dense to  2, bias")),
    ("malformed", "parameter-count-newline", "is no layer", line("mean\n")),
    ("malformed", "parameter-count-word", "'lstm 5' is no layer", line("lstm 5")),
    ("malformed", "parameter-count-number", "must be a JSON object", line(7)),
    ("malformed", "parameter-count-list", "must be a JSON list", counts((5,), "mean", 0)),
    ("malformed", "parameter-count-input", "at least 1", counts((5, 5), [], 0)),
    ("malformed", "parameter-count-input-zero", "at least 1", counts((0,), [], 0)),
    ("malformed", "parameter-count-text", "must be a JSON integer", counts((5,), [], "0")),
    ("malformed", "parameter-count-branch", "at least two branches", counts((5,), [{"sum": [[]]}], 0)),
    ("malformed", "parameter-count-object", "lacks the key 'concat'", counts((5,), [{"product": [[], []]}], 0)),
    ("malformed", "parameter-count-both", "unknown key", counts((5,), [{"sum": [[], []], "concat": [[], []]}], 0)),
    ("malformed", "parameter-count-never", "at least once", counts((5,), [{"layers": [], "times": 0}], 0)),
    ("malformed", "parameter-count-deeper", "more than 16 deep", counts((2, 2, 2), nested(16), 0)),
    ("malformed", "parameter-count-witness", "unknown key",
     certificate(claim("parameter-count", input=[5], layers=[], trainable=0, statistics=0), proof(layers=[]))),
    ("undecided", "parameter-count-often", "counting the parameters would exceed",
     counts((5,), [{"layers": [{"layers": [], "times": 10**9 - 1}], "times": 10**9 - 1}], 0)),
    ("undecided", "parameter-count-doubled", "sizes beyond 2^63",
     counts((5,), [{"layers": [{"concat": [[], []]}], "times": 10**6}], 0)),
]  # fmt: skip
