"""Second opinion on `parameter-count`: the lines by their words, the kernels' places one by one."""

import math
import re

from tests.proofs_check.oracle import document, list_of, need, witness_in


class Unfit(Exception):
    pass


def holds(folder):
    s, _ = document(folder / "statement.json", "format input kind layers statistics trainable")
    shape = list_of(s["input"], size)
    need(len(shape) in (1, 3) and 0 not in shape)
    size(s["trainable"]), size(s["statistics"])
    layers = read(s["layers"], 1)
    witness_in(folder, "")
    total = {"trainable": 0, "statistics": 0}
    try:
        run(layers, shape, total)
    except Unfit:
        return False
    return all(total[key] == s[key] for key in total)


def size(value):
    need(type(value) is int and 0 <= value < 10**9)
    return value


def read(items, depth):
    need(depth <= 16)
    return list_of(items, lambda item: item_of(item, depth))


def item_of(item, depth):
    if type(item) is dict:
        if "times" in item:
            need(set(item) == {"layers", "times"} and size(item["times"]) > 0)
            return ("times", item["times"], read(item["layers"], depth + 1))
        (name,) = set(item) if len(item) == 1 else ("",)
        need(name in ("sum", "concat") and type(item[name]) is list and len(item[name]) > 1)
        return (name, [read(branch, depth + 1) for branch in item[name]])
    need(type(item) is str)
    parts = item.split(", ")
    words = [part.split(" ") for part in parts]
    numbers = re.findall(r"[0-9]+", item)
    need(all(len(n) <= 9 and (n == "0" or n[0] != "0") for n in numbers) and item.isascii() and "\n" not in item)
    n = [int(number) for number in numbers]
    head = words[0][0]
    if head in ("conv", "pool"):
        same = parts[2] == "same" if len(parts) > 2 else False
        pad = "same" if same else f"pad {n[(4 if head == 'conv' else 3)]}" if len(n) > 3 else ""
        if head == "pool":
            need(len(n) == 4 - same and item == f"pool {n[0]}x{n[1]}, stride {n[2]}, {pad}" and 0 not in n[:3])
            return ("pool", n[0], n[1], n[2], None if same else n[3])
        need(len(n) == 6 - same and parts[-1] in ("bias", "no bias") and 0 not in n[:4] and n[-1])
        need(item == f"conv {n[0]}x{n[1]} to {n[2]}, stride {n[3]}, {pad}, groups {n[-1]}, {parts[-1]}")
        return ("conv", n[0], n[1], n[3], None if same else n[4], n[2], n[-1], parts[-1] == "bias")
    if head == "dense":
        need(len(n) == 1 and n[0] and parts[-1] in ("bias", "no bias") and item == f"dense to {n[0]}, {parts[-1]}")
        return ("dense", n[0], parts[-1] == "bias")
    need(item in ("mean", "flatten", "norm, plain", "norm, scale and shift"))
    return (head.rstrip(","), item.endswith("shift"))


def run(layers, shape, total):
    for name, *rest in layers:
        if name == "times":
            for _ in range(rest[0]):
                shape = run(rest[1], shape, total)
        elif name in ("sum", "concat"):
            ends = [run(branch, shape, total) for branch in rest[0]]
            if any(end[:-1] != ends[0][:-1] or (name == "sum" and end != ends[0]) for end in ends):
                raise Unfit
            shape = ends[0] if name == "sum" else [*ends[0][:-1], sum(end[-1] for end in ends)]
        elif name == "norm":
            total["statistics"] += shape[-1] + shape[-1]
            total["trainable"] += shape[-1] + shape[-1] if rest[0] else 0
        elif name == "dense":
            if len(shape) == 3:
                raise Unfit
            total["trainable"] += rest[0] * shape[0] + (rest[0] if rest[1] else 0)
            shape = [rest[0]]
        elif len(shape) == 1:
            raise Unfit
        elif name in ("mean", "flatten"):
            shape = [shape[2]] if name == "mean" else [math.prod(shape)]
        else:
            shape = slid(name, rest, shape, total)
    return shape


def slid(name, rest, shape, total):
    down, across, stride, pad = rest[:4]
    sides = []
    for length, kernel in ((shape[0], down), (shape[1], across)):
        ends = range(kernel, length + 2 * pad + 1, stride) if pad is not None else range(0, length, stride)
        if len(ends) == 0:
            raise Unfit
        sides.append(len(ends))
    if name == "pool":
        return [*sides, shape[2]]
    out, groups, bias = rest[4:]
    if out % groups or shape[2] % groups:
        raise Unfit
    per_group = out // groups * (shape[2] // groups) * down * across
    total["trainable"] += groups * per_group + (out if bias else 0)
    return [*sides, out]
