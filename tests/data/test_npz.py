"""NPZ: plain arrays of the right names only; damage, bombs and pickles refused."""

import contextlib
import io
import os
import pickle
import random
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

from overparam import arrays as files
from overparam.data import DataSpec, load
from overparam.errors import InputError

X = np.array([[0.5, 1.0], [2.0, 3.0], [4.0, 1e300]])
Y = np.array([0.5, -1.0, 1e-300])


def packed(**arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def zipped(members, compression=zipfile.ZIP_STORED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()


def npy(array, **options):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, **options)
    return stream.getvalue()


@pytest.fixture
def read(tmp_path):
    def of(content, **options):
        path = tmp_path / "points.npz"
        path.write_bytes(content)
        return load(DataSpec(str(path), **options))

    return of


def test_plain_arrays(read):
    compressed = io.BytesIO()
    np.savez_compressed(compressed, points=X, labels=Y)
    for content in (
        packed(X=X, y=Y),
        packed(y=Y, points=X),
        compressed.getvalue(),
        packed(X=np.asfortranarray(X), y=Y),
    ):
        made = read(content)
        np.testing.assert_array_equal(made.points, X)
        np.testing.assert_array_equal(made.labels, Y)
        assert made.points.flags.c_contiguous
    half = read(packed(X=np.array([[0.1], [2.0]], dtype=np.float16), y=np.array([1, 2], dtype=np.uint8)))
    assert half.points[0, 0] == float(np.float16(0.1))
    assert read(packed(X=X.astype(">f8"), y=Y), samples=2).points.tolist() == X[:2].tolist()
    assert read(packed(X=X[:1], y=Y[:1])).points.shape == (1, 2)


def test_version_two_headers(read):
    content = zipped([("X.npy", npy(X, version=(2, 0))), ("y.npy", npy(Y, version=(1, 0)))])
    np.testing.assert_array_equal(read(content).points, X)


def test_labels_of_every_kind(read):
    truth = read(packed(X=X, y=np.array([True, False, True])))
    assert truth.labels.tolist() == [1.0, -1.0, 1.0]
    assert any("True is +1" in note for note in truth.notes)
    assert read(packed(X=X), labels="signs").labels.shape == (3,)
    assert read(packed(X=X, y=Y), labels="gaussian").labels.tolist() == np.random.default_rng(0).normal(size=3).tolist()
    classes = packed(X=X, y=np.array([0, 1, 2]))
    assert read(classes, one_vs_rest="2").labels.tolist() == [-1.0, -1.0, 1.0]
    assert read(classes, classes=("2", "0")).labels.tolist() == [1.0, -1.0]
    assert read(packed(X=X, y=np.array([0.0, 0.5, 2.0])), one_vs_rest="0.5").labels.tolist() == [-1.0, 1.0, -1.0]
    assert read(packed(X=X, y=np.array([True, False, True])), one_vs_rest="False").labels.tolist() == [-1.0, 1.0, -1.0]


NESTED = np.zeros(3, dtype=[("a", "f8")])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"not a zip at all", "damaged or no NPZ file"),
        (npy(X), "one array .NPY., not an NPZ"),
        (pickle.dumps({"X": 1}), "is a pickle; unpickling runs code"),
        (packed(X=X.astype(object), y=Y), "holds pickled objects"),
        (packed(X=X, y=np.array([None, 1, 2])), "holds pickled objects"),
        (packed(X=X, y=Y, z=Y), "holds 'X', 'y', 'z'; it must hold one array X"),
        (packed(X=X, points=X, y=Y), "it must hold one array X"),
        (packed(y=Y), "array X .or points. is missing"),
        (packed(a=Y), "holds 'a'; it must hold"),
        (packed(X=X), "holds no labels.*gaussian or signs"),
        (zipped([]), "holds nothing; the array X"),
        (zipped([("X.npy", npy(X)), ("notes.txt", b"")]), "holds 'X.npy', 'notes.txt'"),
        (zipped([("X", npy(X)), ("y.npy", npy(Y))]), "it must hold distinct arrays"),
        (zipped([("X.npy", npy(X)), ("y.npy", npy(Y))], zipfile.ZIP_LZMA), "compressed in an unusual way"),
        (zipped([("X.npy", b"hello"), ("y.npy", npy(Y))]), "damaged or no NPZ"),
        (zipped([("X.npy", b""), ("y.npy", npy(Y))]), "damaged or no NPZ"),
        (zipped([("X.npy", npy(X)[:-1]), ("y.npy", npy(Y))]), "do not fill the shape"),
        (zipped([("X.npy", npy(X) + b"x"), ("y.npy", npy(Y))]), "do not fill the shape"),
        (packed(X=X[:, 0], y=Y), r"reshape one feature to \(n, 1\)"),
        (packed(X=X, y=Y[:2]), r"array y .* must have shape \(3,\)"),
        (packed(X=X, y=Y[:, None]), r"array y .* must have shape \(3,\)"),
        (packed(X=X[:0], y=Y[:0]), "at least one row"),
        (packed(X=X[:, :0], y=Y), "at least one row"),
        (packed(X=X.astype(complex), y=Y), "complex"),
        (packed(X=X.astype(np.longdouble), y=Y), "round it yourself"),
        (packed(X=X.astype(str), y=Y), "text is not numbers"),
        (packed(X=X, y=np.array(["a", "b", "c"])), "labels must be floats.*text is not numbers"),
        (packed(X=X > 1, y=Y), "booleans carry"),
        (packed(X=NESTED, y=Y), "only floats and integers"),
        (packed(X=np.array([[2**53 + 1]]), y=Y[:1]), "9007199254740993, an integer"),
        (packed(X=X * np.nan, y=Y), r"points\[0, 0\] is nan"),
        (packed(X=X, y=Y * np.inf), r"labels\[0\] is inf"),
        (packed(X=X[[0, 0]], y=Y[:2]), "rows 0 and 1 .*no function fits"),
        (packed(X=np.zeros((3, 1), "S0"), y=Y), "S|holds nothing"),
    ],
    ids=range(35),
)
@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
def test_refused_files(read, content, sentence):
    with pytest.raises(InputError, match=sentence):
        read(content)


def test_classes_without_labels(read):
    with pytest.raises(InputError, match="holds no array y, so it has no classes"):
        read(packed(X=X), labels="gaussian", classes=("1", "2"))


@pytest.mark.slow
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.slow), 11])  # every bit, or one in most bytes
def test_a_flipped_bit_is_refused_or_harmless(tmp_path, compression, step):
    whole = zipped([("X.npy", npy(X)), ("y.npy", npy(Y))], compression)
    path = tmp_path / "points.npz"
    refused = 0
    for at in range(0, 8 * len(whole), step):
        broken = bytearray(whole)
        broken[at // 8] ^= 1 << (at % 8)
        path.write_bytes(bytes(broken))
        try:
            made = load(DataSpec(str(path)))
        except InputError:
            refused += 1
            continue
        np.testing.assert_array_equal(made.points, X)  # a date, a comment: never other numbers
        np.testing.assert_array_equal(made.labels, Y)
    assert refused > 4 * len(whole) // step


def header(shape, descr="<f8"):
    text = repr({"descr": descr, "fortran_order": False, "shape": shape}).encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


@contextlib.contextmanager
def little_memory():
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < 10**7
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("shape", [(10**12, 10), (2**62, 2**62), (-1, -3), (-3, 2), (3, -2)])
def test_a_header_that_lies_allocates_nothing(read, shape):
    content = zipped([("X.npy", header(shape) + X.tobytes()), ("y.npy", npy(Y))])
    with little_memory(), pytest.raises(InputError, match=r"do not fill the shape|damaged"):
        read(content)


def test_bombs_stay_packed(read):
    """One says how large it is; the other says it is small, and its checksum is never reached."""
    bomb = zipped([("X.npy", header((2**24, 8)) + bytes(2**27)), ("y.npy", npy(Y))], zipfile.ZIP_DEFLATED)
    lying = bomb.replace(struct.pack("<L", 2**27 + len(header((2**24, 8)))), struct.pack("<L", 4096))
    assert len(bomb) < files.MAX_BYTES
    assert lying != bomb
    for content, sentence in ((bomb, "would unpack to"), (lying, "damaged")):
        with little_memory(), pytest.raises(InputError, match=sentence):
            read(content)


def test_a_pickle_is_never_run(read, tmp_path):
    class Trap:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "sprung"),))

    trap = np.empty(1, dtype=object)
    trap[0] = Trap()
    for content in (pickle.dumps(trap), packed(X=trap, y=Y)):
        with pytest.raises(InputError, match="unpickling runs code"):
            read(content)
    assert not (tmp_path / "sprung").exists()


def test_hostile_headers(read):
    for text in ("(" * 5000, "{'descr': '<f8'", "{}", "1" * 9000, "\\", "__import__('os')", "{'shape': 1}", "'" * 99):
        line = text.encode() + b"\n"
        member = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(line)) + line
        with pytest.raises(InputError, match="damaged"):
            read(zipped([("X.npy", member), ("y.npy", npy(Y))]))
    with pytest.raises(InputError, match="version"):
        read(zipped([("X.npy", b"\x93NUMPY\x03\x00" + npy(X)[8:]), ("y.npy", npy(Y))]))


def test_truncated_anywhere(tmp_path):
    whole = packed(X=X, y=Y)
    path = tmp_path / "points.npz"
    for length in random.Random(0).sample(range(1, len(whole)), 100):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError):
            load(DataSpec(str(path)))
