"""What is still to do: gaps are filled within blocks, and parts of many machines are disjoint and everything."""

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam.errors import InputError
from overparam.sweeps import cells, plan
from overparam.sweeps._folder import Span
from overparam.sweeps._state import without_overlap
from tests.sweeps.sweeping import small

SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12)), max_size=6)


@given(st.integers(1, 45), SPANS)
def test_every_missing_seed_is_planned_once_and_no_task_crosses_a_border(seeds, there):
    spec = small(seeds, shard=8)
    cell = cells(spec)[0].id
    done = [Span(cell, first, count) for first, count in there]
    have = {seed for span in done for seed in range(span.first, span.first + span.count)}
    tasks = plan(spec, done)
    planned = [seed for task in tasks for seed in range(task.first, task.first + task.count)]
    assert planned == [seed for seed in range(seeds) if seed not in have]
    assert all(task.first // 8 == (task.first + task.count - 1) // 8 for task in tasks)


@given(SPANS)
def test_overlapping_spans_count_each_seed_once(there):
    spans = [Span("c", first, count) for first, count in there]
    kept = without_overlap(spans)
    seeds = [seed for span, skip in kept for seed in range(span.first + skip, span.first + span.count)]
    assert len(seeds) == len(set(seeds))
    assert set(seeds) == {seed for span in spans for seed in range(span.first, span.first + span.count)}


@pytest.mark.parametrize("parts", [1, 2, 3, 7])
def test_parts_are_disjoint_balanced_and_together_everything(parts):
    spec = small(seeds=45, model={"width": [3, 4, 5]})
    shares = [plan(spec, (), part=(i, parts)) for i in range(parts)]
    spans = [task.span for share in shares for task in share]
    assert sorted(spans) == sorted(task.span for task in plan(spec, ()))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_a_part_does_not_depend_on_what_is_done():
    spec = small(seeds=40)
    first = plan(spec, (), part=(1, 2))
    later = plan(spec, [first[0].span], part=(1, 2))
    assert later == first[1:]


@pytest.mark.parametrize("part", [(2, 2), (-1, 2), (0, 0)])
def test_a_part_that_is_none_is_refused(part):
    with pytest.raises(InputError, match=re.escape(f"not {part[0]}/{part[1]}")):
        plan(small(), (), part=part)


def test_a_task_knows_the_axes_of_its_sweep():
    spec = small(data={"n": [6, 7]}, train={"step_size": [0.5, 0.9], "optimizer": ["gd"]})
    assert {task.axes for task in plan(spec, ())} == {("data.n", "train.step_size")}
    assert plan(dataclasses.replace(spec, data={"n": 6}, train={}), ())[0].axes == ()
