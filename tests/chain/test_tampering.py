"""A real certificate, touched: rejected or malformed at once, accepted only where the statement is still true.

The second opinion is the checker of tests/proofs_check/oracle.py, written from the file format alone.
"""

import hashlib
import json
import random
import re
import shutil
import time
from fractions import Fraction

import pytest

from overparam.certificates import dataset_bytes, dataset_sha256
from overparam.data import DataSpec, load
from overparam.exact import spell
from proofs_check import Malformed, check
from tests.proofs_check import oracle

WITNESS, STATEMENT = "witness.json", "statement.json"
SECONDS = 1.0  # the limit; what is measured is tens of milliseconds


@pytest.fixture
def certificate(gaussian, tmp_path):
    """The found network of the ladder with its data set inside, in a folder that a test may damage."""
    out, ladder, rungs = gaussian
    folder = shutil.copytree(out / rungs["found"]["certificate"], tmp_path / "found")
    name = f"{ladder['data']['sha256']}.json"
    shutil.copy(out / rungs["found"]["certificate"] / ".." / name, folder / name)
    return folder


def answer(folder):
    """The checker's answer and reason, in time; in agreement with the second checker."""
    start = time.process_time()
    try:
        decided = check(folder)
        status, reason = str(decided.status), decided.reason
    except Malformed as error:
        status, reason = "malformed", str(error)
    assert time.process_time() - start < SECONDS
    assert status == oracle.verdict(folder)
    assert reason or status == "accepted"
    assert len(reason) < 600
    return status, reason


def edited(path, change):
    """Rewrite a JSON file through a change of its content."""
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def numbers(layers):
    """Places of every weight and bias: (list, index)."""
    for layer in layers:
        for row in [*layer["weights"], layer["bias"]]:
            yield from ((row, i) for i in range(len(row)))


def one_unit(text, step):
    """The next number of the same exponent, or of the same denominator."""
    m, mark, rest = re.fullmatch(r"(-?[0-9a-f]+)(\*2\^|/)(.+)", text).groups()
    value = int(m, 16) + step
    return spell(Fraction(value, int(rest, 16)) if mark == "/" else value * Fraction(2) ** int(rest))


def test_untouched(certificate):
    assert answer(certificate) == ("accepted", "")


@pytest.mark.parametrize("step", [1, -1])
def test_any_weight_off_by_one_unit_in_the_last_place(certificate, step):
    """Every fifth weight or bias.  (One of a neuron that is dead on the data may change; this network has none.)"""
    original = (certificate / WITNESS).read_text()
    places = len(list(numbers(json.loads(original)["layers"])))
    seen = []
    for place in range(0, places, 5):
        content = json.loads(original)
        row, i = list(numbers(content["layers"]))[place]
        row[i] = one_unit(row[i], step)
        (certificate / WITNESS).write_text(json.dumps(content))
        seen.append(answer(certificate)[0])
    assert len(seen) > 9
    assert set(seen) == {"rejected"}


def test_swapped_labels(certificate):
    """In the file, whose hash no longer is its name; and under the right name, which the statement does not mean."""
    (data,) = (p for p in certificate.iterdir() if len(p.stem) == 64)
    content = json.loads(data.read_text())
    content["labels"][:2] = content["labels"][1::-1]
    swapped = (json.dumps(content, sort_keys=True, separators=(",", ":")) + "\n").encode()
    data.write_bytes(swapped)
    status, reason = answer(certificate)
    assert status == "malformed" and "SHA-256" in reason
    new = hashlib.sha256(swapped).hexdigest()
    data.rename(certificate / f"{new}.json")
    edited(certificate / STATEMENT, lambda statement: statement.update(dataset=new))
    status, reason = answer(certificate)
    assert status == "rejected" and "misses the label of sample 0" in reason


def test_the_hash_of_another_data_set(certificate):
    other = load(DataSpec(n=40, d=5, seed=1))
    name = dataset_sha256(other.points, other.labels)
    edited(certificate / STATEMENT, lambda statement: statement.update(dataset=name))
    assert answer(certificate)[0] == "malformed"  # no such file
    (certificate / f"{name}.json").write_bytes(dataset_bytes(other.points, other.labels))
    assert answer(certificate)[0] == "rejected"


def test_a_missing_neuron(certificate):
    def drop(witness):
        hidden, output = witness["layers"]
        for row in (hidden["weights"], hidden["bias"], output["weights"][0]):
            row.pop()

    edited(certificate / WITNESS, drop)
    status, reason = answer(certificate)
    assert status == "rejected" and "its hidden widths are [" in reason
    edited(certificate / STATEMENT, lambda s: s["family"].update(widths=[s["family"]["widths"][0] - 1]))
    assert answer(certificate)[0] == "rejected", "one neuron fewer does not fit either"


def test_a_bias_that_the_statement_denies(certificate):
    edited(certificate / STATEMENT, lambda statement: statement["family"].update(output_bias=False))
    assert answer(certificate)[0] == "rejected"


LONG = "1" * 1_000_000
SPELLINGS = {
    "NaN": '"NaN"',
    "a bare NaN": "NaN",
    "infinity": '"Infinity"',
    "a bare Infinity": "-Infinity",
    "a float": "0.5",
    "an integer": "1",
    "null": "null",
    "a number of a million digits": f'"{LONG}*2^0"',
    "a denominator of a million digits": f'"1/{LONG}"',
    "an exponent of a million digits": f'"1*2^{LONG}"',
    "a bare number of a million digits": LONG,
    "a huge exponent": '"1*2^99999999"',
    "an even numerator": '"2*2^0"',
    "capital digits": '"A*2^0"',
    "decimal": '"0.5"',
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_numbers_that_are_none(certificate, name):
    text = (certificate / WITNESS).read_text()
    spoilt = re.sub(r'"weights":\[\["[^"]*"', f'"weights":[[{SPELLINGS[name]}', text, count=1)
    assert spoilt != text
    (certificate / WITNESS).write_text(spoilt)
    assert answer(certificate)[0] == "malformed"


FILES = {
    "a duplicate key": lambda data: data.replace(b"{", b'{"format":"overparam-witness-1",', 1),
    "an unknown key": lambda data: data.replace(b"{", b'{"comment":"",', 1),
    "trailing bytes": lambda data: data + b"x",
    "trailing braces": lambda data: data + b"}",
    "a second object": lambda data: data + data,
    "two newlines": lambda data: data.rstrip(b"\n") + b"\n\n",
    "leading space": lambda data: b" " + data,
    "a byte-order mark": lambda data: b"\xef\xbb\xbf" + data,
    "cut short": lambda data: data[:-9],
    "empty": lambda data: b"",
    "zeros": lambda data: bytes(len(data)),
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "brackets": lambda data: b"[" * 100_000,
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("file", [WITNESS, STATEMENT, "data set"])
def test_files_that_are_none(certificate, file, name):
    path = next(p for p in certificate.iterdir() if p.name == file or (file == "data set" and len(p.stem) == 64))
    path.write_bytes(FILES[name](path.read_bytes()))
    assert answer(certificate)[0] == "malformed"


@pytest.mark.parametrize("file", [WITNESS, STATEMENT, "data set"])
def test_flipped_bits(certificate, file):
    """A hundred of each file, and of them all where it matters most: in the statement, every byte's lowest bit."""
    path = next(p for p in certificate.iterdir() if p.name == file or (file == "data set" and len(p.stem) == 64))
    data, rng = path.read_bytes(), random.Random(file)
    flips = [(rng.randrange(len(data)), rng.randrange(8)) for _ in range(120)]
    flips += [(i, 0) for i in range(len(data))] if file == STATEMENT else []
    seen = {}
    for i, bit in flips:
        damaged = bytearray(data)
        damaged[i] ^= 1 << bit
        path.write_bytes(damaged)
        status, _ = answer(certificate)
        seen.setdefault(status, []).append((i, bit))
    assert "malformed" in seen
    if file == WITNESS:
        assert "rejected" in seen
    if file == "data set":
        assert set(seen) == {"malformed"}, "its name is its hash"
    for i, _ in seen.get("accepted", []):  # only what the checker ignores, or says the same
        around = data[max(0, i - 60) : i + 60]
        assert b"provenance" in data[max(0, i - 200) : i] or file == STATEMENT, around
