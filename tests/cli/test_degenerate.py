"""Degenerate data climb the ladder, or are refused with a sentence and nothing left behind."""

import numpy as np
import pytest

from tests.cli.commands import SHORT, check_rungs, files, npz, one_sentence, run

RNG = np.random.default_rng(0)
PLANE, LABELS = RNG.normal(size=(8, 2)), RNG.normal(size=8)  # one shape for most, so that one program serves them
LINE = np.column_stack([np.arange(8.0), 2 * np.arange(8.0)])
TWICE = [0, 1, 2, 3, 4, 5, 6, 7, 0, 1]
ZIGZAG = np.arange(8) % 2 * 2.0 - 1

CLIMBED = {  # points, labels, whether certified widths may lie below the counting bound
    "one point": ([[3.5, -1.0]], [2.0], False),
    "one point of dimension 1, label 0": ([[0.0]], [0.0], False),
    "dimension 1": (PLANE[:, :1], LABELS, False),
    "more coordinates than points": (RNG.normal(size=(4, 11)), LABELS[:4], False),
    "constant labels": (PLANE, np.full(8, 7.0), True),
    "zero labels": (PLANE, np.zeros(8), True),
    "one point eight times": (np.ones((8, 2)), np.ones(8), True),
    "duplicates with equal labels": (PLANE[TWICE], LABELS[TWICE], False),
    "collinear": (LINE, LABELS, False),
    "collinear zigzag": (LINE, ZIGZAG, False),
    "points 1e300": (PLANE * 1e300, LABELS, False),
    "points 1e-300": (PLANE * 1e-300, LABELS, False),
    "subnormal points and labels": (PLANE * 1e-320, LABELS * 1e-320, False),
    "coordinates 1e300 and 1e-300": (PLANE * [1e300, 1e-300], LABELS, False),
    "labels 1e300": (PLANE, LABELS * 1e300, False),
    "labels 1e-300": (PLANE, LABELS * 1e-300, False),
    "labels from 1e-300 to 1e300": (PLANE, LABELS * np.logspace(-300, 300, 8), True),
    "integers": (np.arange(16).reshape(8, 2) ** 2 % 11, np.arange(8), False),
    "float32": (PLANE.astype(np.float32), LABELS.astype(np.float32), False),
    "booleans as labels": (PLANE, ZIGZAG > 0, True),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow) if name in ("dimension 1", "more coordinates than points") else name
        for name in CLIMBED
    ],
)
def test_climbs(tmp_path, name):
    points, labels, exceptional = CLIMBED[name]
    data, out = npz(tmp_path, points, labels), tmp_path / "out"
    result = run("width", "--data", data, *SHORT, "--widest", "4", "--json", "--out", out)  # one program fewer
    assert (result.code, result.err) == (0, "")
    rungs = check_rungs(result.json, out, exceptional=exceptional)
    assert set(rungs) == {
        "counting", "rank", "found", "greedy", "pairs", "distinct", "ceil-4n-d", "bubeck-4ceil", "zhang", "baum",
    }  # fmt: skip
    assert run("recheck", out).code == 0
    for row in result.json["searches"]["found"]:
        assert row["fitted"] + row["stuck"] + row["diverged"] + row["max_steps"] == row["starts"] or row["width"] == 0
    if "collinear" in name:
        assert {rungs[r]["word"] for r in ("pairs", "ceil-4n-d", "bubeck-4ceil")} == {"vacuous"}
        assert {rungs[r]["word"] for r in ("greedy", "distinct", "zhang")} == {"certified"}
    if np.unique(labels).size == 1:
        assert (rungs["found"]["width"], rungs["found"]["word"]) == (0, "certified")
    if "zigzag" in name or "booleans" in name:
        assert rungs["baum"]["word"] == ("vacuous" if "collinear" in name else "certified")


def test_scales_of_the_data_do_not_change_what_is_found(tmp_path):
    """Multiplying by a power of two is exact, and the search sees it nowhere."""
    seen = []
    for i, (points, labels) in enumerate([(PLANE, LABELS), (np.ldexp(PLANE, 1000), np.ldexp(LABELS, -1000))]):
        result = run("width", "--data", npz(tmp_path, points, labels, f"{i}.npz"), *SHORT, "--json")
        seen.append(result.json["searches"]["found"])
    assert seen[0] == seen[1]


REFUSED = {
    "NaN": ({"X": PLANE * np.nan, "y": LABELS}, "points[0, 0] is nan"),
    "infinity": ({"X": PLANE, "y": LABELS * np.inf}, "inf; every number must be finite"),
    "objects": ({"X": np.array([[1, "a"]], dtype=object), "y": [1.0]}, "pickled objects"),
    "text": ({"X": np.array([["1"]]), "y": [1.0]}, "text is not numbers"),
    "complex": ({"X": PLANE * 1j, "y": LABELS}, "complex numbers have no order"),
    "integers beyond 2^53": ({"X": [[2**53 + 1]], "y": [1]}, "float64 cannot hold exactly"),
    "no rows": ({"X": np.ones((0, 2)), "y": []}, "at least one row"),
    "no columns": ({"X": np.ones((2, 0)), "y": [1.0, 1.0]}, "at least one row and one column"),
    "one axis": ({"X": LABELS, "y": LABELS}, "reshape one feature to (n, 1)"),
    "labels missing": ({"X": PLANE}, "y"),
    "points missing": ({"y": LABELS}, "the array X (or points) is missing"),
    "too few labels": ({"X": PLANE, "y": LABELS[:7]}, "one label a row"),
    "duplicates with different labels": ({"X": PLANE[[0, 1, 0]], "y": [1.0, 2.0, 3.0]}, "no function fits both"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_arrays_that_are_refused(tmp_path, name):
    arrays, sentence = REFUSED[name]
    np.savez(tmp_path / "data.npz", **arrays)
    kept = files(tmp_path)
    assert sentence in one_sentence("width", "--data", tmp_path / "data.npz", *SHORT, "--out", tmp_path / "out")
    assert files(tmp_path) == kept


TABLES = {
    "empty": (b"", "is empty"),
    "only a header": (b"a,y\n", "holds a header and no rows"),
    "no header": (b"1,2\n3,4\n", "must begin with a header"),
    "missing column": (b"a,b\n1,2\n", "has no column 'y'; its columns are 'a', 'b'"),
    "no features": (b"y\n1\n", "no column beside the labels"),
    "not a number": (b"a,y\n1,2\nx,3\n", "line 3, column 'a': 'x' is not a decimal number"),
    "NaN": (b"a,y\n1,2\nnan,3\n", "every number must be finite"),
    "missing field": (b"a,y\n1,2\n,3\n", "the field is empty"),
    "ragged": (b"a,y\n1,2\n1,2,3\n", "3 fields, but the header has 2"),
    "too large": (b"a,y\n1e999,2\n", "beyond the largest float64"),
    "not text": (bytes(range(256)), "is not UTF-8 text"),
    "UTF-16": ("a,y\n1,2\n".encode("utf-16"), "UTF-16"),
    "NUL": (b"a,y\n1,\0\n", "NUL"),
    "a zip archive": (b"PK\x03\x04rest", "zip archive"),
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_that_are_refused(tmp_path, name):
    content, sentence = TABLES[name]
    (tmp_path / "data.csv").write_bytes(content)
    flags = ("--data", tmp_path / "data.csv", "--label-column", "y", "--out", tmp_path / "out")
    assert sentence in one_sentence("width", *flags)
    assert list(files(tmp_path)) == ["data.csv"]


@pytest.mark.parametrize("content", [b"\x80\x04N.", b"\x93NUMPY", b"", b"PK\x03\x04", b"text"])
def test_npz_files_that_are_none(tmp_path, content):
    (tmp_path / "data.npz").write_bytes(content)
    assert "data.npz" in one_sentence("width", "--data", tmp_path / "data.npz", "--out", tmp_path / "out")
    assert list(files(tmp_path)) == ["data.npz"]
