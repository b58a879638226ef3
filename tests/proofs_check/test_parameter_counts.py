"""`parameter-count` on drawn networks: three counters, the library's, the checker's and the second checker's, agree."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overparam.errors import InputError
from overparam.networks import (
    ARCHITECTURES,
    Concat,
    Conv,
    Dense,
    Flatten,
    Mean,
    Norm,
    Pool,
    Sum,
    Times,
    count_parameters,
    described,
)
from proofs_check import check, state
from tests.proofs_check import oracle

SMALL = st.integers(1, 6)
PADDING = st.integers(0, 3) | st.just("same")
LINES = (
    st.builds(Conv, SMALL, SMALL, SMALL, PADDING, st.integers(1, 3), st.booleans())
    | st.builds(Pool, SMALL, SMALL, PADDING)
    | st.builds(Norm, st.booleans())
    | st.sampled_from([Mean(), Flatten(), Dense(3), Dense(5, bias=False)])
)
# layers that any image passes unchanged in shape, so that drawn networks often mean something
KEEPS = st.lists(st.builds(Norm, st.booleans()) | st.just(Conv(4, 3, padding=1)), max_size=3).map(tuple)
LAYERS = st.recursive(
    LINES,
    lambda inner: (
        st.builds(Sum, st.tuples(KEEPS, KEEPS))
        | st.builds(Concat, st.tuples(KEEPS, st.lists(inner, max_size=2).map(tuple)))
        | st.builds(Times, st.integers(1, 3), st.lists(inner, max_size=2).map(tuple))
    ),
    max_leaves=6,
)


def certificate(folder, layers, shape, trainable, statistics):
    folder.mkdir(exist_ok=True)
    content = state(
        "parameter-count", input=list(shape), layers=described(layers), trainable=trainable, statistics=statistics
    )
    (folder / "statement.json").write_bytes(content)
    (folder / "witness.json").write_text(json.dumps({"format": "overparam-witness-1", "provenance": {}}))
    return folder


@settings(max_examples=150)
@given(st.lists(LAYERS, max_size=5).map(tuple), st.sampled_from([(8, 8, 4), (5, 7, 4), (3,)]))
def test_three_counters_agree(tmp_path_factory, layers, shape):
    folder = tmp_path_factory.mktemp("counts")
    try:
        counted = count_parameters(layers, shape)
    except InputError:
        certificate(folder, layers, shape, 0, 0)
        assert check(folder).status == "rejected"
        assert oracle.verdict(folder) == "rejected"
        return
    for trainable, statistics, verdict in (
        (counted.trainable, counted.statistics, "accepted"),
        (counted.trainable + 1, counted.statistics, "rejected"),
        (counted.trainable, counted.statistics + 2, "rejected"),
    ):
        certificate(folder, layers, shape, trainable, statistics)
        assert check(folder).status == verdict
        assert oracle.verdict(folder) == verdict


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_published_networks(tmp_path, name):
    """The totals are those of the sources."""
    layers, shape, trainable, statistics = ARCHITECTURES[name]
    answer = check(certificate(tmp_path / "count", layers, shape, trainable, statistics))
    assert answer.status == "accepted" and f"exactly {trainable:,} trainable" in answer.sentence
    assert oracle.verdict(tmp_path / "count") == "accepted"


@pytest.mark.parametrize(
    "layers",
    [
        [{"layers": ["norm, plain"], "times": 10**9 - 1}],
        [{"layers": [{"layers": [{"layers": [], "times": 10**5}], "times": 10**5}], "times": 10**5}],
        [{"layers": [{"concat": [[], []]}], "times": 10**8}],
    ],
)
def test_endless_networks_are_undecided(tmp_path, layers):
    """Counting them would take hours, or all memory."""
    statement = {"format": "overparam-statement-1", "kind": "parameter-count", "input": [4], "layers": layers}
    (tmp_path / "statement.json").write_text(json.dumps(statement | {"trainable": 0, "statistics": 0}))
    (tmp_path / "witness.json").write_text(json.dumps({"format": "overparam-witness-1", "provenance": {}}))
    assert check(tmp_path).status == "undecided"


def test_a_hundred_thousand_layers_are_counted(tmp_path):
    statement = {"format": "overparam-statement-1", "kind": "parameter-count", "input": [7]}
    layers = ["norm, scale and shift"] * 10**5
    counts = {"layers": layers, "trainable": 14 * 10**5, "statistics": 14 * 10**5}
    (tmp_path / "statement.json").write_text(json.dumps(statement | counts))
    (tmp_path / "witness.json").write_text(json.dumps({"format": "overparam-witness-1", "provenance": {}}))
    assert check(tmp_path).status == "accepted"
