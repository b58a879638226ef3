"""Each theorem: a number by hand, a case of the source, its hypotheses failing, and networks that meet the bound."""

import pathlib
import re
from fractions import Fraction as F

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs_check import THEOREMS, Quantifier, Side, Theorem
from proofs_check.citations import references
from proofs_check.layers import Family
from proofs_check.position import affine_general_position, binary_labels, points_distinct
from proofs_check.reading import dataset_from_bytes
from tests.certificates.spelling import dataset
from tests.proofs_check.oracle import BOUNDS

ROOT = pathlib.Path(__file__).parents[2]
SIZES = [(n, d) for n in range(1, 121) for d in range(1, 41)]

BY_HAND = {  # slug -> (n, d) -> width
    "param-count": {(1, 3): 0, (2, 3): 1, (5, 3): 1, (6, 3): 2, (40, 5): 7, (20, 2): 7},
    "pairs-2n-over-d-plus-1": {
        (1, 5): 0,
        (2, 5): 1,
        (6, 5): 1,
        (7, 5): 2,
        (8, 5): 3,
        (12, 5): 3,
        (40, 5): 13,
        (20, 2): 13,
    },
    "relu-distinct-worst-case": {(1, 1): 0, (2, 9): 1, (3, 1): 2, (4, 2): 3, (5, 1): 3, (6, 7): 4, (100, 3): 98},
    "zhang2017-thm1": {(1, 1): 1, (7, 3): 7},
    "baum1988-threshold": {(1, 4): 1, (4, 4): 1, (5, 4): 2, (100, 10): 10},
    "sakurai1992-threshold": {(1, 4): 0, (2, 4): 1, (5, 4): 1, (6, 4): 2, (7, 3): 2, (8, 3): 3},
    "bubeck2020-relu-baum": {(6, 5): 8, (5, 5): 4, (40, 5): 32, (1, 9): 4},
    "param-count-no-output-bias": {(1, 3): 1, (4, 3): 1, (5, 3): 2, (40, 5): 7, (42, 5): 7, (43, 5): 8},
    "param-count-no-hidden-bias": {(1, 3): 0, (2, 3): 1, (4, 3): 1, (5, 3): 2, (41, 5): 8, (42, 5): 9},
    "param-count-no-bias": {(1, 3): 1, (3, 3): 1, (4, 3): 2, (40, 5): 8, (41, 5): 9},
    # n = 2: one neuron may have all 4 patterns, none has 2; n = 5, d = 1: 10^k (1 + 5 + ..) is 6 for k = 0, 260 for 1
    "relu-growth": {(1, 3): 0, (2, 3): 1, (5, 1): 1, (100, 2): 4},
    # k = 0: 4 * 4 e n < 2^n from n = 8 on, since 4 * 4 * e * 8 = 347.9 > 256 and 4 * 4 * e * 9 = 391.4 < 512
    "bartlett2019-growth": {(1, 1): 0, (7, 1): 0, (8, 1): 0, (9, 1): 1, (9, 50): 1, (100, 10): 1},
    # n = 3, d = 1: 2 patterns for k = 0; 6 * 6 = 36 for k = 1.  n = 1: the constants
    "cover1965-count": {(1, 3): 0, (2, 3): 1, (3, 1): 1, (100, 10): 2},
    "threshold-alternation": {(1, 4): 0, (2, 4): 1, (5, 4): 1, (6, 4): 2, (7, 3): 2, (8, 3): 3},
    "param-count-approx": {(1, 3): 0, (100, 2): 11},
    "s-baum": {(6, 5): 5, (40, 5): 32, (2, 8): 1, (1, 1): 4, (3, 12): 1, (4, 12): 2},
}

DISPLAYED = ["sontag1997"]  # no number

# For n, d: real labels from below and above, binary labels by three counts, the exact worst case of threshold networks.
TABLE = {
    (100, 2): (33, 66, 4, 2, 6, 50),
    (100, 10): (9, 18, 2, 1, 2, 10),
    (1000, 10): (91, 181, 8, 6, 12, 100),
    (1000, 50): (20, 39, 2, 2, 4, 20),
}
COLUMNS = (
    "param-count",
    "pairs-2n-over-d-plus-1",
    "relu-growth",
    "bartlett2019-growth",
    "cover1965-count",
    "sakurai1992-threshold",
)
COUNTED = ("relu-growth", "cover1965-count", "param-count-approx")  # exactly, in time that grows with n and d


def of(points, labels):
    return dataset_from_bytes(dataset(points, labels))


GOOD = of([(0, 0), (1, 0), (0, 1)], [1, -1, 1])
ON_A_LINE = of([(0, 0), (1, 1), (2, 2)], [1, -1, 1])
TWICE = of([(0, 0), (1, 1), (0, 0)], [1, -1, 1])
REAL = of([(0, 0), (1, 0), (0, 1)], [1, -1, F(1, 2)])
BROKEN = {points_distinct: [TWICE], affine_general_position: [ON_A_LINE, TWICE], binary_labels: [REAL]}


def test_the_list():
    assert all(key == theorem.key for key, theorem in THEOREMS.items())
    elsewhere = " ".join(path.read_text() for path in pathlib.Path(__file__).parent.glob("test_theorems_*.py"))
    assert [key for key in THEOREMS if key not in {*BY_HAND, *DISPLAYED} and f'"{key}"' not in elsewhere] == []
    assert all(THEOREMS[key].side is Side.UPPER for key in BOUNDS)


@pytest.mark.parametrize("key", BY_HAND)
def test_values_by_hand(key):
    assert {size: THEOREMS[key].width(*size) for size in BY_HAND[key]} == BY_HAND[key]


@pytest.mark.parametrize("key", BOUNDS)
def test_the_second_checkers_formulas(key):
    theorem = THEOREMS[key]
    activation, hidden, output, width = BOUNDS[key]
    assert (theorem.activations[0], theorem.hidden_bias, theorem.output_bias) == (activation, hidden, output)
    assert all(theorem.width(n, d) == width(n, d) for n, d in SIZES)


@pytest.mark.parametrize(
    ("key", "effective"),
    [
        ("param-count", lambda k, d: k * (d + 1) + 1),
        ("param-count-no-output-bias", lambda k, d: k * (d + 1)),
        ("param-count-no-hidden-bias", lambda k, d: k * d + 1),
        ("param-count-no-bias", lambda k, d: k * d),
    ],
)
def test_counting_is_the_least_width_with_enough_parameters(key, effective):
    theorem = THEOREMS[key]
    assert effective(5, 7) == 5 * (7 + theorem.hidden_bias) + theorem.output_bias
    for n, d in SIZES:
        k = 0
        while effective(k, d) < n:
            k += 1
        assert theorem.width(n, d) == k


@pytest.mark.parametrize("size", TABLE)
def test_the_table_of_bounds(size):
    assert tuple(THEOREMS[key].width(*size) for key in COLUMNS) == TABLE[size]
    assert THEOREMS["threshold-alternation"].width(*size) == TABLE[size][-1]


def test_the_comparisons_that_the_docs_prove():
    """Pairs against ceil(4n/d) in both conventions, against 2 ceil(n/(d+1)) - 1, and against counting."""
    pairs, quoted, counting = (THEOREMS[k].width for k in ("pairs-2n-over-d-plus-1", "s-baum", "param-count"))
    for n, d in SIZES:
        blocks = -(-n // (d + 1))
        assert counting(n, d) <= pairs(n, d) <= quoted(n, d)
        assert pairs(n, d) == 2 * blocks - 1 - (n == 1 or n % (d + 1) == 1)
        if n == 1 or 4 * n > d:
            assert pairs(n, d) + 1 <= quoted(n, d)
        else:
            assert quoted(n, d) == 1  # one neuron without output bias: labels of both signs defeat it
        assert THEOREMS["sakurai1992-threshold"].width(n, d) <= THEOREMS["baum1988-threshold"].width(n, d)
        assert quoted(n, d) <= THEOREMS["bubeck2020-relu-baum"].width(n, d)


def test_the_table_in_the_docs():
    rows = re.findall(r"^\| (\d+), (\d+) \|(.*)\|$", (ROOT / "docs/theory/pairs.md").read_text(), re.MULTILINE)
    keys = ("param-count", "pairs-2n-over-d-plus-1", "s-baum", "bubeck2020-relu-baum")
    assert len(rows) == 6
    for n, d, cells in rows:
        assert [int(cell) for cell in cells.split("|")] == [THEOREMS[key].width(int(n), int(d)) for key in keys]


def test_the_table_of_counts_in_the_docs():
    rows = re.findall(r"^\| (\d+), (\d+) \|(.*)\|$", (ROOT / "docs/theory/counting.md").read_text(), re.MULTILINE)
    assert {(int(n), int(d)): tuple(map(int, cells.split("|"))) for n, d, cells in rows} == TABLE


@settings(deadline=None)
@given(st.integers(1, 10**9), st.integers(1, 10**6))
def test_bounds_are_integers_and_grow_with_n(n, d):
    for key in BY_HAND.keys() - COUNTED:
        width = THEOREMS[key].width
        assert type(width(n, d)) is int
        assert 0 <= width(n, d) <= width(n + 1, d)


@pytest.mark.parametrize("key", COUNTED)
def test_exact_counts_are_integers_and_grow_with_n(key):
    width = THEOREMS[key].width
    for d in (1, 2, 3, 7, 40):
        widths = [width(n, d) for n in range(1, 150)]
        assert widths == sorted(widths)
        assert {type(k) for k in widths} == {int}


@pytest.mark.parametrize("key", [*BY_HAND, *DISPLAYED])
def test_hypotheses_hold_and_fail(key):
    theorem = THEOREMS[key]
    assert theorem.holds_for(GOOD).status == "accepted"
    for hypothesis in theorem.hypotheses:
        for broken in BROKEN[hypothesis]:
            answer = theorem.holds_for(broken)
            assert answer.status == "rejected"
            assert answer.reason


def test_what_needs_no_position_asks_for_none():
    assert THEOREMS["zhang2017-thm1"].holds_for(ON_A_LINE).status == "accepted"
    assert THEOREMS["relu-distinct-worst-case"].holds_for(ON_A_LINE).status == "accepted"
    assert THEOREMS["param-count"].holds_for(TWICE).status == "accepted"


def test_an_undecided_hypothesis_leaves_the_theorem_undecided_unless_another_fails():
    many = [[t**k for k in range(1, 31)] for t in range(60)]
    assert THEOREMS["s-baum"].holds_for(of(many, [1] * 60)).status == "undecided"
    assert THEOREMS["baum1988-threshold"].holds_for(of(many, [1] * 60)).status == "undecided"
    assert THEOREMS["baum1988-threshold"].holds_for(of(many, [3] * 60)).status == "rejected"


@pytest.mark.parametrize("key", THEOREMS)
def test_entries_are_complete(key):
    theorem = THEOREMS[key]
    assert isinstance(theorem, Theorem)
    assert theorem.width is None or theorem.allows is None
    assert theorem.explicit_constants or not theorem.suffices
    assert theorem.suffices <= (theorem.side is Side.UPPER)
    assert theorem.cite is None or theorem.cite in references()
    names = {"relu": "ReLU", "gelu": "GELU"}
    assert theorem.activations
    known = any(names.get(name, name) in theorem.family for name in theorem.activations)
    assert known or "any fixed architecture" in theorem.family
    assert ("no output bias" in theorem.family) is not theorem.output_bias
    assert ("no hidden bias" in theorem.family) is not theorem.hidden_bias
    assert "output bias" in theorem.family and "hidden bias" in theorem.family
    assert theorem.statement.endswith(".")
    for path in re.findall(r"[\w/]+\.(?:md|py)", f"{theorem.proof} {theorem.locator}"):
        assert (ROOT / path).is_file()


def test_quantifiers():
    lower = {
        Quantifier.ALMOST_EVERY_LABELLING: [key for key in THEOREMS if re.fullmatch("param-count(-no-.*)?", key)],
        Quantifier.SOME_LABELLING: ["relu-growth", "bartlett2019-growth", "cover1965-count"],
        Quantifier.SOME_DATASET: ["sontag1997", "threshold-alternation"],
        Quantifier.WITH_PROBABILITY: ["param-count-approx"],
    }
    for quantifier, keys in lower.items():
        assert {THEOREMS[key].quantifier for key in keys} == {quantifier}
        assert {THEOREMS[key].side for key in keys} == {Side.LOWER}
    assert {THEOREMS[key].quantifier for key in BOUNDS} == {Quantifier.EVERY_DATASET}
    for key, theorem in THEOREMS.items():  # only a bound from below may speak of some data or labels
        if theorem.quantifier in (Quantifier.SOME_LABELLING, Quantifier.SOME_DATASET):
            assert theorem.side is Side.LOWER, key


def test_which_families_a_theorem_speaks_of():
    def speaks(key, *family, widths=(3,)):
        return THEOREMS[key].is_about(Family(*family, widths))

    assert speaks("pairs-2n-over-d-plus-1", "relu", True, True)
    assert speaks("pairs-2n-over-d-plus-1", "relu", True, False)  # no output bias is an output bias of 0
    assert speaks("pairs-2n-over-d-plus-1", "relu", False, False)
    assert not speaks("zhang2017-thm1", "relu", True, True)
    assert speaks("zhang2017-thm1", "relu", True, False)
    assert not speaks("pairs-2n-over-d-plus-1", "threshold", True, True)
    assert speaks("baum1988-threshold", "threshold", True, True)
    assert not speaks("pairs-2n-over-d-plus-1", "relu", True, True, widths=(3, 3))


def test_which_families_contain_a_theorems_networks():
    def within(key, *family, widths=(3,)):
        return THEOREMS[key].is_within(Family(*family, widths))

    assert within("zhang2017-thm1", "relu", True, True)
    assert within("zhang2017-thm1", "relu", True, False)
    assert not within("zhang2017-thm1", "relu", False, True)
    assert within("pairs-2n-over-d-plus-1", "relu", True, True)
    assert not within("pairs-2n-over-d-plus-1", "relu", True, False)
    assert not within("pairs-2n-over-d-plus-1", "threshold", True, True)
    assert not within("pairs-2n-over-d-plus-1", "relu", True, True, widths=(3, 3))
