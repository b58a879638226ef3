"""A second checker, written from docs/certificates.md alone: slow, and without a line of the first one.

This file reads what all kinds share and decides `interpolates`; `oracles/` has one file for each other kind.
"""

import hashlib
import importlib.util
import itertools
import json
import pathlib
import re
from fractions import Fraction


class Bad(Exception):
    """Malformed."""


def ceil(a, b):
    return (a + b - 1) // b


def pairs_width(n, d):
    """Count neurons block by block: one for the first block, two for each later one, one if that is a single point."""
    if n == 1:
        return 0
    width, left = 1, n - (d + 1)
    while left > 0:
        width += 1 if left == 1 else 2
        left -= d + 1
    return width


BOUNDS = {  # activation, hidden bias, output bias, width
    "pairs-2n-over-d-plus-1": ("relu", True, True, pairs_width),
    "relu-distinct-worst-case": ("relu", True, True, lambda n, d: [None, 0, 1, 2, 3][n] if n < 5 else n - 2),
    "zhang2017-thm1": ("relu", True, False, lambda n, d: n),
    "bubeck2020-relu-baum": ("relu", True, False, lambda n, d: 4 * ceil(n, d)),
    "s-baum": ("relu", True, True, lambda n, d: ceil(4 * n, d)),
    "baum1988-threshold": ("threshold", True, True, ceil),
    "sakurai1992-threshold": ("threshold", True, True, lambda n, d: ceil(n - 1, d)),
}


def nodes(n, d):
    """Two for each full group of d + 1 points but the first, and as many for the rest; at least one."""
    full = n // (d + 1)
    return max(2 * (full - 1) + min(2, n - full * (d + 1)), 1) if full else 1


RESIDUAL = {"yun2019-resnet": ("relu", True, False, nodes)}  # neurons of all blocks

SMOOTH = ("tanh", "erf", "gelu")


def need(condition):
    if not condition:
        raise Bad


def number(text):
    need(type(text) is str)
    if text == "0*2^0":
        return Fraction(0)
    m = re.match(r"\A(-?)([0-9a-f]+)(?:\*2\^(-?)([0-9]+)|/([0-9a-f]+))\Z", text)
    need(m and "\n" not in text and m[2][0] != "0" and len(m[2]) <= 2**18)
    above = int(m[2], 16) * (-1 if m[1] else 1)
    if m[5] is None:
        need(above % 2 == 1 and ((m[4] == "0" and not m[3]) or m[4][0] != "0") and len(m[4]) < 9 and int(m[4]) <= 2**20)
        return above * Fraction(2) ** int(m[3] + m[4])
    below = int(m[5], 16)
    need(m[5][0] != "0" and len(m[5]) <= 2**18 and bin(below).count("1") > 1)
    value = Fraction(above, below)
    need((value.numerator, value.denominator) == (above, below))
    return value


def list_of(value, read):
    need(type(value) is list)
    return [read(item) for item in value]


def document(path, keys=None):
    need(path.is_file() and not path.is_symlink())
    data = path.read_bytes()
    need(data[:1] == b"{" and data.count(b"}") and data.rstrip(b"\n")[-1:] == b"}")
    need(len(data) - len(data.rstrip(b"\n")) <= 1)

    def once(items):
        need(len({key for key, _ in items}) == len(items))
        return dict(items)

    def no(text):
        raise Bad

    try:
        value = json.loads(data.decode(), object_pairs_hook=once, parse_float=no, parse_constant=no)
    except (ValueError, RecursionError):
        raise Bad from None
    need(type(value) is dict and (keys is None or set(value) == set(keys.split())))
    return value, data


def verdict(folder: pathlib.Path) -> str:
    """accepted, rejected or malformed."""
    try:
        s, _ = document(folder / "statement.json")
        need(s.get("format") == "overparam-statement-1" and type(s.get("kind")) is str)
        need(re.match(r"\A[a-z-]{1,40}\Z", s["kind"]))
        if s["kind"] == "interpolates":
            return "accepted" if holds(folder) else "rejected"
        name = f"tests.proofs_check.oracles.{s['kind'].replace('-', '_')}"
        need(importlib.util.find_spec(name))
        return "accepted" if importlib.import_module(name).holds(folder) else "rejected"
    except Bad:
        return "malformed"


def holds(folder):
    s, _ = document(folder / "statement.json", "dataset family format kind theorem tolerance")
    family, widths = family_in(s["family"], ("relu", "threshold", *SMOOTH))
    tolerance = number(s["tolerance"])
    need(tolerance > 0 or (tolerance == 0 and family["activation"] not in SMOOTH))
    points, labels = dataset_in(folder, s["dataset"])
    layers = network_in(folder)
    if not promised(s["theorem"], family, widths, points) or not belongs(layers, family, widths, points):
        return False
    if family["activation"] in SMOOTH:
        near = importlib.import_module("tests.proofs_check.oracles.fits").near
        return all(near(layers, family["activation"], x, y, tolerance) for x, y in zip(points, labels, strict=True))
    return all(
        abs(value(layers, family["activation"], x) - y) <= tolerance for x, y in zip(points, labels, strict=True)
    )


def promised(theorem, family, widths, points, residual=False):
    """Whether the theorem that a statement names, if any, promises networks of this size."""
    need(theorem is None or (type(theorem) is str and theorem in {**BOUNDS, **RESIDUAL}))
    if theorem is None:
        return True
    if residual is not (theorem in RESIDUAL):
        return False
    activation, hidden, output, bound = (RESIDUAL if residual else BOUNDS)[theorem]
    if [activation, hidden, output] != [family[k] for k in ("activation", "hidden_bias", "output_bias")]:
        return False
    return (residual or len(widths) == 1) and sum(widths) <= bound(len(points), len(points[0]))


def family_in(family, activations=("relu", "threshold")):
    need(type(family) is dict and set(family) == {"activation", "hidden_bias", "output_bias", "widths"})
    need(family["activation"] in activations)
    need(type(family["hidden_bias"]) is bool and type(family["output_bias"]) is bool)
    widths = list_of(family["widths"], lambda w: need(type(w) is int and 0 <= w < 10**9) or w)
    need(widths == [0] or (widths and 0 not in widths))
    return family, widths


def named(folder, name, keys, form):
    """An object named by its hash, in the folder or beside it."""
    need(type(name) is str and re.match(r"\A[0-9a-f]{64}\Z", name))
    path = folder / f"{name}.json"
    data, raw = document(path if path.exists() else folder.parent / path.name, keys)
    need(hashlib.sha256(raw).hexdigest() == name and data["format"] == form)
    need(json.dumps(data, sort_keys=True, separators=(",", ":")).encode() + b"\n" == raw)
    return data


def dataset_in(folder, name):
    data = named(folder, name, "format labels points", "overparam-dataset-1")
    points = list_of(data["points"], lambda p: list_of(p, number))
    labels = list_of(data["labels"], number)
    need(len(points) == len(labels) > 0 and points[0] and len({len(p) for p in points}) == 1)
    return points, labels


def witness_in(folder, keys):
    w, _ = document(folder / "witness.json", "format provenance " + keys)
    need(w["format"] == "overparam-witness-1" and type(w["provenance"]) is dict)
    need(all(type(v) is str for v in w["provenance"].values()))
    return w


def network_in(folder):
    return layers_in(witness_in(folder, "layers")["layers"])


def layers_in(value):
    layers = list_of(value, layer)
    need(len(layers) >= 2 and len(layers[-1]) == 1)
    for before, after in itertools.pairwise(layers):
        need(all(len(row) == len(before) for row, _ in after))
    return layers


def belongs(layers, family, widths, points):
    if [len(units) for units in layers[:-1]] != widths or any(len(row) != len(points[0]) for row, _ in layers[0]):
        return False
    if not family["hidden_bias"] and any(b for units in layers[:-1] for _, b in units):
        return False
    return family["output_bias"] or not layers[-1][0][1]


def integers(text):
    """`"1f -3 0"`; the empty string has none."""
    need(type(text) is str)
    need(all(re.match(r"\A(0|-?[1-9a-f][0-9a-f]*)\Z", word) and "\n" not in word for word in text.split(" ") if text))
    return [int(word, 16) for word in text.split()]


def layer(value):
    need(type(value) is dict and set(value) == {"bias", "weights"})
    bias, rows = list_of(value["bias"], number), list_of(value["weights"], lambda row: list_of(row, number))
    need(len(bias) == len(rows) and len({len(row) for row in rows}) <= 1)
    return list(zip(rows, bias, strict=True))


def value(layers, activation, x):
    """One unit after the other, in fractions."""
    for depth, units in enumerate(layers):
        z = [sum((w * a for w, a in zip(row, x, strict=True)), b) for row, b in units]
        if depth == len(layers) - 1:
            return z[0]
        x = [max(t, Fraction(0)) if activation == "relu" else Fraction(t >= 0) for t in z]
    raise AssertionError
