"""2,052,948 parameters on 13,000 rows of 40 features: how many that is, and what the total tells of the network.

A stack of affine layers h_0 = 40, h_1, .., h_D, 1 with biases has sum_l (h_(l-1) + 1) h_l parameters, here 157.9 for
each row.  The total does not determine the widths:

* one hidden layer: 42 h + 1 is never 2,052,948;
* two: 41 a + (a + 1) b + b + 1 is (a + 2) (b + 41) - 81, so the solutions are the divisors of 2,053,029 with a, b >= 1:
  (1, 684302), (9, 186598) and (31, 62172), narrow first layers all of them;
* three, of 8 to 1,500 neurons each: 449 solutions, among them 932-1017-1046, which stands for the network here.

Counted by the library from the layers' shapes; the three stacks with two hidden layers and the reference are counted
again by the checker from files, so that four networks of one total are certified.
"""

from typing import NamedTuple

import numpy as np

from overparam.networks import dense_stack
from overparam.records import Plot, Series, Table
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies.documents._counted import recount

TOTAL, ROWS, FEATURES = 2_052_948, 13_000, 40
REFERENCE = (932, 1017, 1046)
NARROWEST, WIDEST = 8, 1500  # neurons of the layers of the stacks with three hidden layers that are listed
TWO, THREE = ((1, 684_302), (9, 186_598), (31, 62_172)), 449  # what the enumeration is said to give


class Stacks(NamedTuple):
    """Widths of all stacks of one total, by the number of their hidden layers."""

    one: tuple[tuple[int, ...], ...]
    two: tuple[tuple[int, ...], ...]
    three: tuple[tuple[int, ...], ...]


def stacks(total: int, features: int = FEATURES, *, least: int = NARROWEST, most: int = WIDEST) -> Stacks:
    """All stacks with one output and `total` parameters; of three hidden layers, those of `least` to `most` neurons."""
    k = features + 1  # parameters of a first layer, for each of its neurons
    one = (((total - 1) // (k + 1),),) if total > k + 1 and (total - 1) % (k + 1) == 0 else ()
    # k a + (a + 1) b + b + 1 = (a + 2) (b + k) - 2 k + 1
    product = total + 2 * k - 1
    pairs = [(a, product // (a + 2) - k) for a in range(1, product // (k + 1) - 1) if product % (a + 2) == 0]
    # k a + (a + 1) b + (b + 1) c + c + 1 = total, solved for c
    a, b = np.meshgrid(np.arange(least, most + 1), np.arange(least, most + 1), indexing="ij")
    left = total - 1 - k * a - (a + 1) * b
    c = left // (b + 2)
    fits = (left % (b + 2) == 0) & (c >= least) & (c <= most)
    three = zip(a[fits].tolist(), b[fits].tolist(), c[fits].tolist(), strict=True)
    return Stacks(one, tuple(pair for pair in pairs if pair[1] > 0), tuple(three))


def measure(setting: Setting, *, total: int = TOTAL, rows: int = ROWS) -> Finding:
    """Counts and enumeration; `total` is another one, `rows` another number of samples."""
    found = stacks(total)
    widths = (REFERENCE, *found.two)
    counts = [
        recount(setting.folder / "-".join(map(str, one)), dense_stack(*one, 1), (FEATURES,), total) for one in widths
    ]
    right = all(one.counted.trainable == total for one in counts)
    accepted = all(one.accepted for one in counts)
    as_said = (found.one, found.two, len(found.three)) == ((), TWO, THREE) and REFERENCE in found.three
    holds = right and as_said and total > rows
    two = ", ".join(f"40-{'-'.join(map(str, one))}-1" for one in found.two) or "none"
    first, second = (tuple(float(one[i]) for one in found.three) for i in (0, 1))
    return Finding(
        holds=holds,
        words=f"40-932-1017-1046-1 has {counts[0].counted.trainable:,} parameters; {total:,} are {total / rows:.1f} "
        f"for each of {rows:,} rows. All stacks of that total: with one hidden layer {len(found.one)}, with two {two}, "
        f"with three of {NARROWEST} to {WIDEST} neurons {len(found.three)}. This enumeration was computed by the "
        f"program, not by the checker, which {'accepted' if accepted else 'did not accept'} the counts of "
        f"{len(counts)} of them. So the total does not say what the network was, and nothing here depends on which of "
        "them it was.",
        instances=len(counts),
        links=(Link("parameters against rows", rows, total, "at least"),),
        certified=holds and accepted,
        plots=(
            Plot(
                f"The stacks 40-a-b-c-1 with {total:,} parameters",
                "neurons of the first hidden layer",
                "neurons of the second",
                (
                    Series(f"{len(found.three)} stacks", first, second, kind="formula", joined=False),
                    Series("the reference", (float(REFERENCE[0]),), (float(REFERENCE[1]),)),
                ),
            ),
        ),
        tables=(
            Table(
                "Stacks of that total",
                ("hidden layers", "how many", "said"),
                (
                    (1, len(found.one), 0),
                    (2, len(found.two), len(TWO)),
                    (f"3, of {NARROWEST} to {WIDEST} neurons", len(found.three), THREE),
                ),
            ),
        ),
    )


STUDY = Experiment(
    id="s-param-count",
    claim="A stack of affine layers 40-932-1017-1046-1 has exactly 2,052,948 parameters, 157.9 for each of 13,000 "
    "rows. So have 40-1-684302-1, 40-9-186598-1 and 40-31-62172-1: the total does not tell the widths.",
    refuted_by="another count, by the library or by the checker, or another number of stacks",
    cites=(),
    locator="own, arithmetic",
    measure=measure,
    proved=False,
)
