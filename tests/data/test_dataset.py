"""Arrays become a data set without rounding, or are refused with the reason."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam.data import Dataset, consistent_labels, describe, distinct_points, from_arrays
from overparam.errors import InputError

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f4", ">f8", "i1", "i2", "i4", "i8", "u1", "u8", ">i4"])
def test_narrower_numbers_are_widened_exactly(dtype):
    values = np.array([[0.0, 1.0], [3.0, 100.0]]).astype(dtype)
    made = from_arrays(values, values[:, 0])
    assert made.points.dtype == np.float64
    assert made.points.dtype.isnative
    assert made.points.tolist() == [[0, 1], [3, 100]]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=16), min_size=1, max_size=5))
def test_half_precision_keeps_its_values(row):
    made = from_arrays(np.array([row], dtype=np.float16), [0.0])
    assert [Fraction(x) for x in made.points[0].tolist()] == [Fraction(x) for x in row]


@given(st.integers(-(2**63), 2**63 - 1))
def test_integers_are_exact_or_refused(value):
    array = np.array([[value]], dtype=np.int64)
    if int(float(value)) == value:
        assert int(from_arrays(array, [0.0]).points[0, 0]) == value
    else:
        with pytest.raises(InputError, match=rf"points\[0, 0\] is {value}, an integer"):
            from_arrays(array, [0.0])


@pytest.mark.parametrize(("value", "fine"), [(2**64 - 1, False), (2**63, True), (2**53 + 1, False), (2**53, True)])
def test_unsigned_integers(value, fine):
    array = np.array([[value]], dtype=np.uint64)
    if fine:
        assert int(from_arrays(array, [0.0]).points[0, 0]) == value
    else:
        with pytest.raises(InputError, match="cannot hold exactly"):
            from_arrays(array, [0.0])


GOOD = np.array([[0.0, 1.0], [2.0, 3.0]])


@pytest.mark.parametrize(
    ("points", "labels", "sentence"),
    [
        (GOOD.astype(np.longdouble), [0.0, 1.0], "points must be floats of at most 64 bits.*round it yourself"),
        (GOOD.astype(complex), [0.0, 1.0], "complex"),
        (GOOD.astype(object), [0.0, 1.0], "object array"),
        (GOOD.astype(str), [0.0, 1.0], "text is not numbers"),
        (GOOD.astype(bytes), [0.0, 1.0], "text is not numbers"),
        (GOOD > 1, [0.0, 1.0], "booleans carry no agreed numbers"),
        (GOOD.astype("M8[s]"), [0.0, 1.0], "only floats and integers"),
        (np.zeros((2, 2), dtype=[("a", "f8")]), [0.0, 1.0], "only floats and integers"),
        (np.ma.masked_array(GOOD, GOOD > 2), [0.0, 1.0], "masked"),
        (GOOD[0], [0.0, 1.0], r"reshape one feature to \(n, 1\)"),
        (GOOD[None], [0.0], r"shape \(n, d\)"),
        (GOOD[:0], [], "at least one row"),
        (GOOD[:, :0], [0.0, 1.0], "at least one row and one column"),
        (GOOD, [0.0], r"labels must have shape \(2,\)"),
        (GOOD, [[0.0], [1.0]], r"labels must have shape \(2,\)"),
        (GOOD, ["a", "b"], "labels must be floats"),
        ([[0.0, np.nan]], [0.0], r"points\[0, 1\] is nan"),
        ([[0.0], [-np.inf]], [0.0, 1.0], r"points\[1, 0\] is -inf"),
        (GOOD, [0.0, np.inf], r"labels\[1\] is inf"),
        ([[0.0], [1.0, 2.0]], [0.0, 1.0], "points must be an array of numbers"),
        ([[2**70]], [0.0], "object array"),
    ],
)
def test_refused_arrays(points, labels, sentence):
    with pytest.raises(InputError, match=sentence):
        from_arrays(points, labels)


def test_the_caller_keeps_their_array():
    mine = GOOD.copy()
    made = from_arrays(mine, [0.0, 1.0])
    mine[0, 0] = 5.0
    assert made.points[0, 0] == 0.0
    assert mine.flags.writeable


def test_boolean_labels_are_signs_and_say_so():
    made = from_arrays(GOOD, np.array([True, False]))
    assert made.labels.tolist() == [1.0, -1.0]
    assert "True is +1" in made.notes[0]


def test_two_labels_for_one_point_are_refused_by_row():
    with pytest.raises(InputError, match=r"rows 1 and 3 .*labels 2\.0 and 4\.0: no function fits"):
        from_arrays([[1.0], [0.0], [5.0], [-0.0]], [1.0, 2.0, 3.0, 4.0])
    made = from_arrays([[1.0], [0.0], [5.0], [-0.0]], [1.0, 2.0, 3.0, 2.0])  # equal labels are fine
    assert [f.status for f in describe(made)] == ["fails", "holds", "fails", "fails", "holds"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.0, -0.0, 1.0, 1e300, 1e-300]), st.sampled_from([0.0, -0.0, 2.0]), st.integers(0, 1)
        ),
        min_size=1,
        max_size=8,
    )
)
def test_distinct_and_consistent_against_all_pairs(rows):
    points, labels = np.array([row[:2] for row in rows]), np.array([float(row[2]) for row in rows])
    made = Dataset(points, labels, "raw")
    n = len(rows)
    equal = [(i, j) for i in range(n) for j in range(i + 1, n) if (points[i] == points[j]).all()]
    clashes = [(i, j) for i, j in equal if labels[i] != labels[j]]
    assert distinct_points(made).status == ("fails" if equal else "holds")
    assert consistent_labels(made).status == ("fails" if clashes else "holds")
    if equal:
        assert distinct_points(made).detail.startswith(f"{len({tuple(p) for p in (points + 0.0).tolist()})} different")
    if clashes:
        found = consistent_labels(made).detail
        assert any(f"rows {i} and {j} " in found for i, j in clashes)
