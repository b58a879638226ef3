"""Files that only somebody hostile writes, in place of each file that a certificate has; `test_files` has the rest."""

import bz2
import gzip
import hashlib
import io
import json
import lzma
import os
import pathlib
import socket
import subprocess
import sys
import time
import zipfile

import pytest

from proofs_check.strict import FILE_LIMIT
from tests.certificates.make import CASES
from tests.proofs_check.test_files import answer_of, lay

ROOT = pathlib.Path(__file__).parents[2]
ACCEPTED = {name: files for answer, name, _, files in CASES if answer == "accepted"}
NAMES = {  # what each certificate's objects are, by their formats
    "least-eigenvalue": ("statement", "witness", "matrix"),
    "exact-lazy": ("statement", "witness", "dataset", "network"),
}
PLACES = [(name, which) for name, files in NAMES.items() for which in files]


def file_of(files, which):
    """The name of a certificate's file."""
    if which in ("statement", "witness"):
        return f"{which}.json"
    return next(name for name, content in files.items() if json.loads(content)["format"] == f"overparam-{which}-1")


def exchanged(files, which, content):
    """The certificate with another file; an object is named by its new hash."""
    name, digest = file_of(files, which), hashlib.sha256(content).hexdigest()
    rest = {key: value for key, value in files.items() if key != name}
    if which in ("statement", "witness"):
        return rest | {name: content}
    rest["statement.json"] = rest["statement.json"].replace(name[:64].encode(), digest.encode())
    return rest | {f"{digest}.json": content}


def refused(folder, piece="", seconds=1.0):
    start = time.process_time()
    answer, sentence = answer_of(folder)
    assert time.process_time() - start < seconds
    assert answer == "malformed"
    assert piece in sentence
    assert len(sentence) < 600 and sentence.isascii() and sentence.isprintable()


def missing(path, content):
    del content


def a_link(path, content):
    path.with_name("original").write_bytes(content)
    path.symlink_to("original")


def a_link_from_elsewhere(path, content):
    (path.parents[1] / "original.json").write_bytes(content)
    path.symlink_to(path.parents[1] / "original.json")


def a_link_to_nothing(path, content):
    path.symlink_to("nothing")


def a_link_to_itself(path, content):
    path.symlink_to(path.name)


def a_link_to_zeros(path, content):
    path.symlink_to("/dev/zero")


def a_pipe(path, content):
    os.mkfifo(path)


def a_folder(path, content):
    path.mkdir()
    (path / path.name).write_bytes(content)


def a_socket(path, content):
    here = pathlib.Path.cwd()
    os.chdir(path.parent)  # such names must be short
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("socket")
    finally:
        os.chdir(here)
    path.with_name("socket").rename(path)


def a_hole(path, content):
    with open(path, "wb") as stream:
        stream.truncate(FILE_LIMIT + 1)


@pytest.mark.parametrize(
    "build",
    [missing, a_link, a_link_from_elsewhere, a_link_to_nothing, a_link_to_itself, a_link_to_zeros, a_pipe, a_folder,
     a_socket, a_hole],
)  # fmt: skip
@pytest.mark.parametrize(("name", "which"), PLACES)
def test_no_plain_file(name, which, build, tmp_path):
    files = ACCEPTED[name]
    place, folder = file_of(files, which), tmp_path / "certificate"
    lay(folder, {key: content for key, content in files.items() if key != place})
    build(folder / place, files[place])
    piece = {missing: "cannot be read", a_hole: "is larger than"}.get(build, "must be a plain file")
    refused(folder, piece)


@pytest.mark.parametrize("which", ["dataset", "network", "matrix"])
@pytest.mark.parametrize("build", [a_link_from_elsewhere, a_pipe, a_folder])
def test_no_plain_file_beside(which, build, tmp_path):
    files = ACCEPTED["least-eigenvalue" if which == "matrix" else "exact-lazy"]
    place, folder = file_of(files, which), tmp_path / "outer" / "certificate"
    lay(folder, {key: content for key, content in files.items() if key != place})
    build(folder.parent / place, files[place])
    refused(folder, "must be a plain file")


def test_a_link_inside_hides_the_file_beside(tmp_path):
    """A link is refused even where the file beside would do."""
    files = ACCEPTED["exact-lazy"]
    place, folder = file_of(files, "network"), tmp_path / "certificate"
    lay(folder, {("../" + key if key == place else key): content for key, content in files.items()})
    assert answer_of(folder)[0] == "accepted"
    (folder / place).symlink_to("nothing")
    refused(folder, "must be a plain file")


def zipped(content):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("statement.json", content)
    return stream.getvalue()


ZEROS = b"0" * 2**25
GZIP_BOMB, ZIP_BOMB = gzip.compress(ZEROS, 1), zipped(ZEROS)
PACKED = {
    "zip": zipped,
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "a gzip bomb": lambda content: GZIP_BOMB,
    "a zip bomb": lambda content: ZIP_BOMB,
    "a zip bomb in braces": lambda content: b"{" + ZIP_BOMB + b"}\n",
    "a gzip bomb in a string": lambda content: b'{"format":"' + GZIP_BOMB + b'"}\n',
    "zip after JSON": lambda content: content + zipped(content),  # many a zip reader takes such a file
    "utf-16": lambda content: content.decode().encode("utf-16"),
    "utf-32": lambda content: content.decode().encode("utf-32"),
    "utf-7": lambda content: b"+AHs-" + content[1:],
    "byte order mark": lambda content: b"\xef\xbb\xbf" + content,
    "overlong": lambda content: content.replace(b'"', b"\xc0\xa2", 1),
    "surrogates": lambda content: content.replace(b'"', b'"\xed\xa0\x80', 1),
    "null bytes": lambda content: content.replace(b"{", b"{\x00", 1),
    "nulls after": lambda content: content + b"\x00" * 100,
    "carriage return": lambda content: content.removesuffix(b"\n") + b"\r\n",
    "empty": lambda content: b"",
    "only braces": lambda content: b"{}\n",
    "a list": lambda content: b"[" + content.strip() + b"]\n",
    "twice": lambda content: content + content,
    "a comment": lambda content: content.replace(b"{", b"{/* */", 1),
    "single quotes": lambda content: content.replace(b'"', b"'"),
    "trailing comma": lambda content: content.strip()[:-1] + b",}\n",
    "repeated key": lambda content: content.replace(b'"format"', b'"format":"overparam-statement-1","format"', 1),
    "key with a null": lambda content: content.replace(b"{", b'{"\\u0000":1,', 1),
    "deep lists": lambda content: content.replace(b"{", b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b",", 1),
    "deep objects": lambda content: content.replace(
        b"{", b'{"a":' + b'{"a":' * 100_000 + b"0" + b"}" * 100_000 + b",", 1
    ),
    "deep and open": lambda content: b'{"a":' + b"[" * 5_000_000 + b"}\n",
    "a long key": lambda content: content.replace(b"{", b'{"' + b"a" * 10**6 + b'":0,', 1),
    "a long integer": lambda content: content.replace(b"{", b'{"a":' + b"7" * 10**6 + b",", 1),
    "a large float": lambda content: content.replace(b"{", b'{"a":1e999999999,', 1),
    "NaN": lambda content: content.replace(b"{", b'{"a":NaN,', 1),
    "surrogate key": lambda content: content.replace(b"{", b'{"\\ud800":"\\udfff",', 1),
}


@pytest.mark.parametrize("change", PACKED)
@pytest.mark.parametrize(("name", "which"), PLACES)
def test_other_bytes(name, which, change, tmp_path):
    files = ACCEPTED[name]
    refused(lay(tmp_path, exchanged(files, which, PACKED[change](files[file_of(files, which)]))))


NO_NUMBERS = {
    "exponent": "1*2^1048577",
    "negative exponent": "1*2^-1048577",
    "long exponent": "1*2^" + "9" * 10**6,
    "long negative exponent": "1*2^-" + "9" * 10**6,
    "tower": "1*2^2^9",
    "arabic digit": "\u0661*2^0",
    "arabic exponent": "1*2^\u0661",
    "full-width digit": "\uff11*2^0",
    "superscript": "1*2\u00b2",
    "minus sign": "\u22121*2^0",
    "fraction stroke": "1\u20443",
    "vulgar fraction": "\u2153",
    "roman numeral": "\u2167*2^0",
    "soft hyphen": "1*2^\u00ad1",
    "zero width": "1\u200b*2^0",
    "null": "1*2^0\u0000",
    "new line": "1*2^0\n",
    "decimal": "1.0",
    "scientific": "1e999",
    "infinity": "inf",
    "zero below": "1/0",
    "signed zero": "-0*2^0",
    "long zero": "0" * 10**6 + "*2^0",
    "long": "1" * 10**6 + "*2^0",
    "long below": "1/" + "3" * 10**6,
    "both long": "1" * (2**18 + 1) + "/" + "3" * (2**18 + 1),
}
NUMBERED = [  # certificate, file, path of a number
    ("least-eigenvalue", "statement", ("at_least",)),
    ("least-eigenvalue", "witness", ("factor", "unit")),
    ("least-eigenvalue", "matrix", ("rows", 0, 0)),
    ("exact-lazy", "statement", ("step",)),
    ("exact-lazy", "witness", ("floor",)),
    ("exact-lazy", "witness", ("ceiling",)),
    ("exact-lazy", "witness", ("solution", "unit")),
    ("exact-lazy", "network", ("layers", 0, "weights", 0, 0)),
    ("exact-lazy", "dataset", ("points", 0, 0)),
    ("exact-lazy", "dataset", ("labels", 0)),
    ("interpolates-near", "statement", ("distance",)),
    ("separates", "statement", ("margin",)),
    ("fits-tanh", "statement", ("at_most",)),
    ("interpolates-gelu-deep", "statement", ("tolerance",)),
    ("interpolates-gelu-deep", "witness", ("layers", 0, "weights", 0, 0)),
    ("interpolates-erf-deep", "witness", ("layers", 1, "bias", 0)),
    ("interpolates-tanh-deep", "dataset", ("points", 1, 0)),
    ("interpolates-residual-long", "witness", ("blocks", 0, "outer", 0, 0)),
    ("interpolates-residual-long", "witness", ("input", "weights", 0, 0)),
    ("not-polynomial-plane", "dataset", ("points", 1, 0)),
]
ROWS = [
    ("least-eigenvalue", ("factor", "rows", 0)),
    ("least-eigenvalue", ("vector",)),
    ("exact-lazy", ("solution", "row")),
    ("position-distinct", ("direction",)),
    ("not-polynomial", ("multiplier",)),
    ("impossible-hat", ("roots", 0, "cuts", 0, 0)),
    ("impossible-hat", ("roots", 0, "tree")),
]
NO_ROWS = {
    "capitals": "A",
    "prefix": "0x1",
    "underscore": "1_0",
    "plus": "+1",
    "minus zero": "-0",
    "leading zero": "01",
    "arabic digit": "\u0661",
    "full-width digit": "\uff11",
    "no-break space": "1\u00a01",
    "tab": "1\t1",
    "two spaces": "1  1",
    "space before": " 1",
    "space after": "1 ",
    "new line": "1\n",
    "null": "1\u0000",
    "comma": "1,1",
    "fraction": "1/3",
    "long": "1" * (2**18 + 1),
    "a minus alone": "-",
}


def with_value(name, which, path, value):
    files = ACCEPTED[name]
    document = json.loads(files[file_of(files, which)])
    place = document
    for key in path[:-1]:
        place = place[key]
    assert type(place[path[-1]]) is str
    place[path[-1]] = value
    if which in ("statement", "witness"):
        return exchanged(files, which, json.dumps(document).encode())
    return exchanged(files, which, json.dumps(document, sort_keys=True, separators=(",", ":")).encode() + b"\n")


@pytest.mark.parametrize("text", NO_NUMBERS)
@pytest.mark.parametrize(("name", "which", "path"), NUMBERED)
def test_no_number(name, which, path, text, tmp_path):
    refused(lay(tmp_path, with_value(name, which, path, NO_NUMBERS[text])))


@pytest.mark.parametrize("text", NO_ROWS)
@pytest.mark.parametrize(("name", "path"), ROWS)
def test_no_row(name, path, text, tmp_path):
    refused(lay(tmp_path, with_value(name, "witness", path, NO_ROWS[text])))


@pytest.mark.parametrize("text", ["1*2^1048576", "1*2^-1048576", "-1*2^1048576", "f" * 2**18 + "*2^0"])
@pytest.mark.parametrize(("name", "which", "path"), NUMBERED)
def test_the_largest_numbers_get_an_answer(name, which, path, text, tmp_path):
    start = time.process_time()
    files = with_value(name, which, path, text)
    answer, sentence = answer_of(lay(tmp_path, files))
    assert time.process_time() - start < 8 + sum(map(len, files.values())) / 1000
    assert answer in ("accepted", "rejected", "undecided", "malformed")
    assert len(sentence) < 600


@pytest.mark.parametrize("value", [10**9, 999_999_999])
def test_gigantic_widths_are_no_work(value, tmp_path):
    files = ACCEPTED["impossible-on-a-line"]
    document = json.loads(files["statement.json"])
    document["family"]["widths"] = [value]
    answer, _ = answer_of(lay(tmp_path, files | {"statement.json": json.dumps(document).encode()}))
    assert answer == ("rejected" if value < 10**9 else "malformed")


def test_hostile_bytes_take_little_memory(tmp_path):
    """Half a gigabyte of address space for the interpreter and files of tens of megabytes."""
    files = ACCEPTED["exact-lazy"]
    folders = []
    for i, change in enumerate(
        ("a gzip bomb in a string", "deep and open", "deep lists", "a long integer", "a long key")
    ):
        for which in ("statement", "witness", "network"):
            content = PACKED[change](files[file_of(files, which)])
            folders.append(str(lay(tmp_path / f"{i}-{which}", exchanged(files, which, content))))
    code = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2**29, 2**29))\n"
        "from proofs_check import Malformed, check\n"
        "for folder in sys.argv[1:]:\n"
        "    try:\n"
        "        check(folder)\n"
        "    except Malformed:\n"
        "        print('malformed')\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, *folders], cwd=ROOT, capture_output=True, text=True, check=False, timeout=100
    )
    assert ran.stdout.split() == ["malformed"] * len(folders), ran.stderr[-2000:]
