"""Mutated certificates: the accepted ones of tests/certificates, changed in their numbers, structure, rows or bytes.

`mutant(index)` is the same in every run.  Half of the changes know what a certificate is (numbers, rows of integers,
trees, neurons, samples) and name changed objects by their new hashes; the others know JSON only, or bytes only.
"""

import copy
import functools
import hashlib
import json
import random
from fractions import Fraction

from tests.certificates.make import CASES
from tests.certificates.spelling import json_bytes

LARGEST = 4000  # bytes of a certificate that is mutated

Files = dict[str, bytes]

NUMBERS = (
    "0*2^0",
    "1*2^0",
    "-1*2^0",
    "1*2^1048576",
    "-1*2^1048576",
    "1*2^-1048576",
    "1/3",
    "-1/3",
    "1*2^-60",
    "1*2^60",
)
NO_NUMBERS = (
    "", "0", "1", "0x1*2^0", "1*2^-0", "01*2^0", "1*2^1048577", "1*2^9999999", "1*2^99999999999", "2*2^0", "1e999",
    "NaN", "1*2^0\n", " 1*2^0", "\u0661*2^0", "1*2^\u0661", "1/\u0663", "1/2", "2/6", "1/0", "-0*2^0", "1*2^0\u0000",
    "A*2^0", "f" * 300_000 + "*2^0", "1/" + "3" * 300_000,
)  # fmt: skip
ODD = (None, True, False, 0, 1, 999_999_999, "", [], {}, [[]], [{}], "0*2^0", "1*2^0", ["0*2^0"])
WORDS = (
    "relu", "threshold", "tanh", "erf", "gelu", "given", "network", "relu-limit", "distinct", "affine", "linear",
    "branches", "line", "interpolates", "separates", "position", "impossible", "minimal-width", "least-eigenvalue",
    "full-row-rank", "interpolates-near", "exact-lazy", "fits", "interpolates-residual", "not-polynomial",
    "parameter-count", "conv 3x3 to 4, stride 1, same, groups 1, bias", "dense to 2, no bias", "norm, plain", "mean",
    "sum", "times",
    "zhang2017-thm1", "s-baum", "relu-distinct-worst-case", "baum1988-threshold", "sakurai1992-threshold",
    "pairs-2n-over-d-plus-1", "param-count", "statement", "../x", "0" * 64,
)  # fmt: skip
TOKENS = (
    b"NaN", b"-Infinity", b"1e999", b"1.5", b"-1", b"0x", b"null", b"true", b"{}", b"[]", b'""', b'"', b"\\", b",",
    b":", b"[" * 2000, b'{"a":' * 2000, b"]" * 2000, b"9" * 5000, b"1*2^1048576", b"1*2^-1048576", b"1*2^1048577",
    b"\\u0000", b"\\ud800", b"\x00", b"\xef\xbb\xbf", b"\xff\xfe", "\u0661".encode(), "\uff11".encode(), b" ", b"\n",
    b"\r\n", b"\t", b'"kind":"interpolates",', b'"format":"overparam-statement-1",', b'"provenance":{},',
    b"PK\x03\x04", b"\x1f\x8b\x08", b"-", b"0", b"1", b"f", b"1_0", b"0 ", b":0", b"0:0 ",
)  # fmt: skip


@functools.cache
def seeds() -> tuple[tuple[str, Files], ...]:
    """The accepted certificates that are small, by name."""
    small = ((name, files) for answer, name, _, files in CASES if answer == "accepted")
    return tuple((name, files) for name, files in small if sum(map(len, files.values())) <= LARGEST)


def mutant(index: int) -> tuple[str, Files]:
    """The name of the certificate that was changed, and the files after it."""
    rng = random.Random(index)
    name, files = seeds()[index % len(seeds())]
    way = rng.random()
    if way < 0.78:
        return name, structural(rng, files)
    return name, bytewise(rng, files if way < 0.95 else structural(rng, files))


def structural(rng: random.Random, files: Files) -> Files:
    """Some changes of the JSON objects; changed objects get their new hashes, mostly."""
    documents = {place: json.loads(content) for place, content in files.items()}
    if rng.random() < 0.08:
        _crossed(rng, documents)
    else:
        for _ in range(rng.choice((1, 1, 1, 1, 2, 2, 3, 5))):
            rng.choice((_changed, _changed, _changed, _equivalent))(rng, documents)
    return written(rng, files, documents)


def written(rng: random.Random, files: Files, documents: dict) -> Files:
    """The files of changed documents; unchanged ones keep their bytes."""
    made, renamed, lazy = {}, {}, rng.random() < 0.04
    for place, document in documents.items():
        content = files.get(place, b"")
        if content and json.loads(content) == document:
            made[place] = content
        elif _is_object(place):
            made[place] = json_bytes(document)
            if not lazy:
                digest = hashlib.sha256(made[place]).hexdigest()
                renamed[place[-69:-5]] = digest
                made[place[:-69] + digest + ".json"] = made.pop(place)
    for place in ("statement.json", "witness.json"):
        if place in documents and (place not in made or renamed):
            text = json.dumps(documents[place], sort_keys=True)
            for old, new in renamed.items():
                text = text.replace(old, new)
            made[place] = (text + "\n").encode()
    return made


def bytewise(rng: random.Random, files: Files) -> Files:
    """Some changes of the bytes of one file; an object gets its new hash, mostly."""
    made = dict(files)
    place = rng.choice(sorted(made))
    content = bytearray(made.pop(place))
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        at = rng.randrange(len(content) + 1)
        to = min(len(content), at + rng.choice((1, 1, 2, 8, 64)))
        way = rng.randrange(6)
        if way == 0 and at < len(content):
            content[at] ^= 1 << rng.randrange(8)
        elif way == 1:
            del content[at:to]
        elif way == 2:
            content[at:at] = rng.choice(TOKENS)
        elif way == 3:
            content[at:to] = rng.choice(TOKENS)
        elif way == 4:
            content[at:at] = content[at:to] * rng.choice((1, 1, 2, 500))
        else:
            other = rng.choice(seeds())[1]
            piece = other[rng.choice(sorted(other))]
            start = rng.randrange(len(piece))
            content[at:to] = piece[start : start + rng.choice((4, 16, 64))]
    if _is_object(place) and rng.random() < 0.9:
        digest = hashlib.sha256(content).hexdigest()
        for name in ("statement.json", "witness.json"):
            if name in made:
                made[name] = made[name].replace(place[-69:-5].encode(), digest.encode())
        place = place[:-69] + digest + ".json"
    return made | {place: bytes(content)}


def _is_object(place: str) -> bool:
    return place.removeprefix("../") not in ("statement.json", "witness.json")


def _crossed(rng: random.Random, documents: dict) -> None:
    """Another certificate's statement or witness, or both files of it with this one's objects."""
    _, other = rng.choice(seeds())
    theirs = {place: json.loads(content) for place, content in other.items()}
    place = rng.choice(("statement.json", "witness.json", "both"))
    if place != "both":
        documents[place] = theirs[place]
    if place != "witness.json":
        documents.update({name: document for name, document in theirs.items() if _is_object(name)})
    mine = [name for name in documents if _is_object(name)]
    if mine and rng.random() < 0.3:
        documents.pop(rng.choice(mine))


def _nodes(value: object, path: tuple = ()) -> list[tuple]:
    """The paths of all values inside, in order, without recursion."""
    found, waiting = [], [(value, path)]
    while waiting:
        here, path = waiting.pop()
        found.append(path)
        children = here.items() if type(here) is dict else enumerate(here) if type(here) is list else ()
        waiting += [(child, (*path, key)) for key, child in children]
    return found


def _at(document: object, path: tuple) -> object:
    for key in path:
        document = document[key]
    return document


@functools.cache
def _pool() -> dict[object, list]:
    """Values of all certificates, by the last key on their path that is a name."""
    found: dict[object, list] = {}
    for _, files in seeds():
        for content in files.values():
            document = json.loads(content)
            for path in _nodes(document):
                found.setdefault(_name_of(path), []).append(_at(document, path))
    return found


def _name_of(path: tuple) -> object:
    return next((key for key in reversed(path) if type(key) is str), None)


def _changed(rng: random.Random, documents: dict) -> None:
    """Another value in one place."""
    document = documents[rng.choice(sorted(documents))]
    path = rng.choice(_nodes(document))
    if not path or (_name_of(path) in ("provenance", "format") and rng.random() < 0.8):
        return
    parent, key = _at(document, path[:-1]), path[-1]
    old = parent[key]
    way = rng.random()
    if way < 0.62:
        parent[key] = _other(rng, old)
    elif way < 0.72:
        parent[key] = copy.deepcopy(rng.choice(_pool().get(_name_of(path), ODD)))
    elif way < 0.75:
        parent[key] = copy.deepcopy(rng.choice(ODD))
    elif way < 0.77:
        other = documents[rng.choice(sorted(documents))]
        parent[key] = copy.deepcopy(_at(other, rng.choice(_nodes(other))))
    elif way < 0.83:
        del parent[key]
    elif type(parent) is list:
        parent.insert(rng.randrange(len(parent) + 1), copy.deepcopy(old))
    elif way < 0.94:
        parent[rng.choice((*parent, "width", "\u0000", str(key) + " "))] = parent.pop(key)
    else:
        other_key = rng.choice(sorted(parent))
        parent[key], parent[other_key] = parent[other_key], parent[key]


def _other(rng: random.Random, old: object) -> object:
    """A value of the same type."""
    if type(old) is bool:
        return not old
    if type(old) is int:
        return rng.choice((old + 1, max(old - 1, 0), old - 1, 0, 2, 10**9, 10**30, 999_999_999))
    if type(old) is list:
        return _other_list(rng, old)
    if type(old) is dict:
        return dict(rng.sample(sorted(old.items()), rng.randrange(len(old) + 1)))
    if type(old) is not str:
        return copy.deepcopy(rng.choice(ODD))
    value = fraction(old)
    if value is not None and ("*" in old or "/" in old):
        return other_number(rng, value)
    if ":" in old:
        return _other_tree(rng, old)
    if all(character in "0123456789abcdef- " for character in old) and len(old) != 64:
        return _other_row(rng, old)
    return rng.choice(WORDS)


def fraction(text: str) -> Fraction | None:
    """The number that a text spells, loosely."""
    try:
        if "*2^" in text:
            factor, exponent = text.split("*2^")
            if abs(int(exponent)) > 2**20:
                return None
            return int(factor, 16) * Fraction(2) ** int(exponent)
        above, below = text.split("/")
        return Fraction(int(above, 16), int(below, 16))
    except (ValueError, ZeroDivisionError):
        return None


def number(value: Fraction) -> str:
    """The spelling of a number, in good time also if it is very large."""
    above, below = value.as_integer_ratio()
    if below & (below - 1):
        return f"{above:x}/{below:x}"
    twos = (above & -above).bit_length() - 1
    return f"{above >> twos:x}*2^{twos - below.bit_length() + 1}" if above else "0*2^0"


def other_number(rng: random.Random, value: Fraction) -> str:
    """Mostly a number close to it or of another size or sign, sometimes no number."""
    way = rng.random()
    if way < 0.05:
        return rng.choice(NO_NUMBERS)
    if way < 0.15:
        return rng.choice(NUMBERS)
    small = Fraction(1, 2 ** rng.choice((1, 2, 3, 5, 10, 20, 52, 60, 100)))
    if max(abs(value.numerator), value.denominator).bit_length() > 10_000:
        return number(rng.choice((-value, value * 2, value / 2)))
    near = (value + small, value - small, value * (1 + small), value * (1 - small), -value, value + 1, value - 1)
    far = (value * 2, value / 2, value / 3, value + Fraction(1, 3), value * Fraction(22, 7), Fraction(0))
    return number(rng.choice(near + near + far))


def _other_list(rng: random.Random, old: list) -> list:
    new = copy.deepcopy(old)
    way = rng.randrange(6)
    if way == 0 or not new:
        return new + copy.deepcopy(rng.choice(([None], ["0*2^0"], [[]], new[:1])))
    if way == 1:
        del new[rng.randrange(len(new))]
    elif way == 2:
        new.reverse()
    elif way == 3:
        i, j = rng.randrange(len(new)), rng.randrange(len(new))
        new[i], new[j] = new[j], new[i]
    elif way == 4:
        new.insert(rng.randrange(len(new)), copy.deepcopy(rng.choice(new)))
    else:
        rng.shuffle(new)
    return new


def _other_row(rng: random.Random, old: str) -> str:
    """Another row of integers."""
    words = old.split(" ")
    i = rng.randrange(len(words))
    way = rng.randrange(8)
    try:
        value = int(words[i], 16)
    except ValueError:
        return old + "1"
    if way < 4:
        words[i] = f"{rng.choice((value + 1, value - 1, -value, 0, 2 * value, value + (1 << rng.randrange(60)))):x}"
    elif way == 4:
        j = rng.randrange(len(words))
        words[i], words[j] = words[j], words[i]
    elif way == 5:
        del words[i]
    elif way == 6:
        words.insert(i, rng.choice(words))
    else:
        words[i] = rng.choice(("", "-0", "00", "A", "+1", "\u0661", "1_0", "f" * 300_000, "-", "0x1", "1\n"))
    return " ".join(words)


def _other_tree(rng: random.Random, old: str) -> str:
    """Another tree of cases."""
    words = old.split(" ")
    i, j = sorted((rng.randrange(len(words)), rng.randrange(len(words))))
    way = rng.randrange(6)
    if way == 0:
        words[i] = rng.choice(words)
    elif way == 1:
        words[i] = rng.choice(
            ("0", "1", "2", "0:0", "1:0", "2:0", "0:1", "1:1", "3:0", "999999999", "0:999999999", "-1")
        )
    elif way == 2:
        del words[i : j + 1]
    elif way == 3:
        words[i:i] = words[i : j + 1]
    elif way == 4:
        words[i], words[j] = words[j], words[i]
    else:
        return old * 2 if i else old + " "
    return " ".join(words)


def _equivalent(rng: random.Random, documents: dict) -> None:
    """Neurons or samples in another order, a neuron in another scale: what mostly keeps an answer."""
    document = documents[rng.choice(sorted(documents))]
    layers, points = document.get("layers"), document.get("points")
    try:
        if layers and len(layers[0]["bias"]):
            _neuron_changed(rng, layers)
        if points:
            i, j = rng.randrange(len(points)), rng.randrange(len(points))
            for rows in (points, document["labels"]):
                rows[i], rows[j] = rows[j], rows[i]
    except (KeyError, IndexError, TypeError, AttributeError):
        return  # an earlier change took away what this one wants


def _neuron_changed(rng: random.Random, layers: list) -> None:
    first, second = layers[0], layers[1]
    width = len(first["bias"])
    i, j = rng.randrange(width), rng.randrange(width)
    if i != j:
        for rows in (first["bias"], first["weights"], *second["weights"]):
            rows[i], rows[j] = rows[j], rows[i]
        return
    scale = rng.choice((Fraction(2), Fraction(1, 3), Fraction(7, 5), Fraction(1, 2**70)))
    first["bias"][i] = number(fraction(first["bias"][i]) * scale)
    first["weights"][i] = [number(fraction(w) * scale) for w in first["weights"][i]]
    for row in second["weights"]:
        row[i] = number(fraction(row[i]) / scale)
