"""CSV: nearest float64, names, classes, and every broken table refused with its line."""

import os
import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overparam import arrays as files
from overparam.data import DataSpec, load
from overparam.errors import InputError


@pytest.fixture
def read(tmp_path):
    def of(content, **options):
        path = tmp_path / "points.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load(DataSpec(str(path), **{"label_column": "y", **options}))

    return of


def test_a_table(read):
    made = read('a,"b, quoted",y\n1,2,0.5\n-.5, 1e300 ,1\n"3",1e-300,+2.\n')
    assert made.points.tolist() == [[1.0, 2.0], [-0.5, 1e300], [3.0, 1e-300]]
    assert made.labels.tolist() == [0.5, 1.0, 2.0]
    assert made.name == "points.csv-n3"
    assert read("y,a\r\n1,2\r\n3,4\r\n\r\n").labels.tolist() == [1.0, 3.0]  # the label anywhere, blank lines at the end
    assert read(b"\xef\xbb\xbfy,a\n1,2\n").points.tolist() == [[2.0]]  # a byte order mark
    assert read("a,y\n1,2\n3,4\n5,6\n", samples=2).labels.tolist() == [2.0, 4.0]
    assert read("a,y\n1,2", label_column=" y ").labels.tolist() == [2.0]


def test_random_labels_need_no_column_and_a_named_one_is_no_feature(read):
    table = "a,y\n1,x\n3,z\n"
    assert read(table, labels="gaussian").points.tolist() == [[1.0], [3.0]]
    np.testing.assert_array_equal(read(table, labels="gaussian").labels, np.random.default_rng(0).normal(size=2))
    assert read("a,b\n1,2\n3,4\n", labels="signs", label_column=None).points.shape == (2, 2)


@given(st.integers(-(10**25), 10**25), st.integers(-330, 280))
@settings(max_examples=100, deadline=None)
def test_fields_are_the_nearest_float(tmp_path_factory, mantissa, exponent):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_text(f"a,y\n{mantissa}e{exponent},0\n")
    got = load(DataSpec(str(path), label_column="y")).points[0, 0]
    exact = Fraction(mantissa) * Fraction(10) ** exponent
    gap = abs(Fraction(float(got)) - exact)
    for neighbour in (np.nextafter(got, -np.inf), np.nextafter(got, np.inf)):
        assert gap <= abs(Fraction(float(neighbour)) - exact)


def test_two_classes_of_text_become_signs(read):
    made = read("a,y\n1,dog\n2,cat\n3,dog\n")
    assert made.labels.tolist() == [1.0, -1.0, 1.0]
    assert any("+1 is class 'dog', -1 is class 'cat'" in note for note in made.notes)
    assert read("a,y\n1,dog\n2,cat\n3,dog\n", classes=("dog", "cat")).labels.tolist() == [-1.0, 1.0, -1.0]
    three = "a,y\n1,x\n2,y\n3,z\n4,x\n"
    assert read(three, one_vs_rest="x").labels.tolist() == [1.0, -1.0, -1.0, 1.0]
    picked = read(three, classes=("z", "x"), samples=2)
    assert picked.points.tolist() == [[1.0], [3.0]]  # the classes first, then the first rows
    assert picked.labels.tolist() == [1.0, -1.0]
    assert read("a,y\n1,0\n2,1\n3,2\n", classes=("0", "2")).labels.tolist() == [-1.0, 1.0]  # numbers as classes
    assert read("a,y\n1,0\n2,1\n3,2\n").labels.tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "is empty"),
        ("\n", "first line is blank"),
        ("a,y\n", "a header and no rows"),
        ("a,y", "a header and no rows"),
        ("1,2\n3,4\n", "must begin with a header.*all numbers"),
        ("a,b\n1,2\n", "no column 'y'; its columns are 'a', 'b'"),
        ("a;y\n1;2\n", "separated by commas"),
        ("y\n1\n", "no column beside the labels"),
        ("a,,y\n1,2,3\n", "column 2 of 3 has no name"),
        ("a,a,y\n1,2,3\n", "two columns are named 'a'"),
        ("a,y\n1,2\n1\n", "line 3: 1 fields, but the header has 2"),
        ("a,y\n1,2,3\n", "line 2: 3 fields"),
        ("a,y\n1,2\n\n3,4\n", "line 3: a blank line"),
        ("a,y\n,2\n", "line 2, column 'a': the field is empty"),
        ("a,y\nnan,2\n", "'nan'; every number must be finite"),
        ("a,y\n1,2\n-Infinity,2\n", "line 3, column 'a'.*finite"),
        ("a,y\n1,inf\n", "column 'y': 'inf'; every number must be finite"),
        ("a,y\n1_000,2\n", "'1_000' is not a decimal number"),
        ("a,y\n0x10,2\n", "'0x10' is not a decimal number"),
        ("a,y\n1e999,2\n", "beyond the largest float64"),
        ("a,y\n١,2\n", "not a decimal number"),  # Python's float reads these digits
        ("a,y\n1 2,2\n", "not a decimal number"),
        ("a,y\n1e,2\n", "not a decimal number"),
        ("a,y\n.,2\n", "not a decimal number"),
        ("a,y\nred,2\n", "'red' is not a decimal number"),
        ('a,y\n"1"2,2\n', "not comma-separated values"),
        ('a,y\n"1,2\n', "not comma-separated values"),
        ("a,y\n" + "1" * 200_000 + ",2\n", "not comma-separated values"),
        ("a,y\n1,2\n2,cat\n", "line 3, column 'y': 'cat' is not a decimal number"),
        ("a,y\n1,\n2,cat\n", "line 2: the label in column 'y' is missing"),
        ("a,y\n1,a\n2,b\n3,c\n", "has 3 classes here .*'a', 'b', 'c'"),
        ("a,y\n1,a\n2,a\n", "has 1 class here"),
        ("a,y\n1,0\n1.0,1\n", "rows 0 and 1 .*no function fits"),
        (b"a,y\n\xff\xfe,1\n", "not UTF-8 text"),
        ("a,y\n1,2\n".encode("utf-16"), "UTF-16"),
        (b"a,y\n1\0,2\n", "NUL"),
        (b"PK\x03\x04rest", "zip archive or a spreadsheet"),
        (bytes(range(256)), "not UTF-8 text"),
    ],
    ids=range(38),
)
def test_refused_tables(read, content, sentence):
    with pytest.raises(InputError, match=sentence):
        read(content)


def test_samples_and_unknown_classes(read):
    with pytest.raises(InputError, match="more than the 1 rows"):
        read("a,y\n1,2\n", samples=2)
    with pytest.raises(InputError, match="no class 'c'; its classes are 'a', 'b'"):
        read("a,y\n1,a\n2,b\n", one_vs_rest="c")
    many = "a,y\n" + "".join(f"{i},c{i}\n" for i in range(30))
    with pytest.raises(InputError, match="and 10 more"):
        read(many)


def test_files_that_are_none(tmp_path, monkeypatch):
    def refused(path, sentence):
        with pytest.raises(InputError, match=sentence):
            load(DataSpec(str(path), label_column="y"))

    refused(tmp_path / "none.csv", "there is no file")
    (tmp_path / "folder.csv").mkdir()
    refused(tmp_path / "folder.csv", "is a folder")
    refused("a\0b.csv", "cannot be read")
    os.mkfifo(tmp_path / "pipe.csv")
    refused(tmp_path / "pipe.csv", "not a regular file")
    large = tmp_path / "large.csv"
    with large.open("wb") as stream:
        stream.truncate(files.MAX_BYTES + 1)
    refused(large, "files of at most 67108864 bytes")
    missing_home = "~nobody-has-this-name/a.csv"
    refused(missing_home, "there is no file|cannot be read")


def test_a_long_number_is_read_in_time(read):
    digits = "".join(random.Random(0).choices("0123456789", k=100_000))
    assert read(f"a,y\n0.{digits},1\n").points[0, 0] == float("0." + digits[:800])


def test_garbage_is_refused_never_a_crash(tmp_path):
    rng = random.Random(1)
    table = b'a,b,y\n1.5,"2",cat\n-3e4,.5,dog\n'
    path = tmp_path / "points.csv"
    for _ in range(600):
        broken = bytearray(table)
        for _ in range(rng.randint(1, 4)):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        path.write_bytes(bytes(broken))
        try:
            made = load(DataSpec(str(path), label_column="y"))
        except InputError:
            continue
        assert np.isfinite(made.points).all()
        assert set(made.labels) <= {-1.0, 1.0}
