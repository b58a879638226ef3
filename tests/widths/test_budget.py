"""Budgets: what they stand for, what is refused, what they cost."""

import dataclasses
import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam.data import DataSpec, load
from overparam.errors import InputError
from overparam.memorizers import memorize
from overparam.training import _chunks, train_seeds
from overparam.widths import Protocol, WidthSpec, climb, estimate, validate
from overparam.widths import _cost as cost
from overparam.widths import _spec as spec
from overparam.widths import _trials as trials
from overparam.widths._rungs import CONSTRUCTIONS, counting

SIZES = ("ci", "laptop", "paper")


def test_sizes_are_usable_and_grow():
    filled = [dataclasses.astuple(WidthSpec(size=size).filled())[:3] for size in SIZES]
    assert filled == sorted(filled)
    for size in SIZES:
        steps = WidthSpec(size=size).filled().gd_steps
        validate(WidthSpec(size=size, gd_steps=steps))  # what a size stands for may also be asked for


def test_what_is_set_is_kept():
    filled = WidthSpec(lm_steps=7, gd_steps=700, gd_trials=1).filled()
    assert (filled.lm_steps, filled.gd_steps, filled.gd_trials) == (7, 700, 1)


def test_constants_are_those_of_the_searches():
    """The specification is free of JAX, so it repeats three numbers."""
    assert inspect.signature(train_seeds).parameters["check_every"].default == spec.CHECK_EVERY
    assert (cost._LM_CHUNK, cost._GD_CHUNK) == (_chunks.CHUNK, trials.BATCH)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("size", "huge"),
        ("gd_over", "weights"),
        ("root_seed", -1),
        ("root_seed", 2**32),
        ("root_seed", None),
        ("starts", 0),
        ("starts", 2.0),
        ("starts", True),
        ("lm_steps", 0),
        ("widest", -1),
        ("gd_steps", 0),
        ("gd_steps", 199),
        ("gd_steps", 2**31),
        ("gd_trials", 0),
        ("gd_quantile", 0.0),
        ("gd_quantile", 1.0),
        ("gd_quantile", float("nan")),
        ("gd_quantile", "half"),
    ],
)
def test_refused_everywhere_it_could_be_used(field, value, tmp_path):
    bad = WidthSpec()
    object.__setattr__(bad, field, value)  # around the type checker of the tests, which users do not run
    flag = "--" + field.replace("_", "-")
    uses = (
        bad.filled,
        lambda: Protocol.of(bad),
        lambda: estimate(8, 2, bad),
        lambda: climb(load(DataSpec(n=8, d=2)), DataSpec(), bad, tmp_path),
    )
    for use in uses:
        with pytest.raises(InputError, match=flag):
            use()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("data", ["breast_cancer", "points.npz", "points.csv"])
def test_laws_are_of_generators(data):
    law = WidthSpec(gd_over="law")
    with pytest.raises(InputError, match="--gd-over law needs a generator"):
        validate(law, DataSpec(data=data))
    validate(law, DataSpec(data="sphere"))
    validate(dataclasses.replace(law, gd=False), DataSpec(data=data))


def flop(shown):
    return [float(shown[key]) for key in ("levenberg_marquardt_flop", "gradient_descent_flop", "memory_megabytes")]


@given(st.integers(1, 300), st.integers(1, 40), st.integers(1, 50))
def test_more_points_or_more_budget_never_cost_less(n, d, more):
    """Twice the points, that is: a few more may raise the counting bound, and then fewer widths are searched."""
    base = WidthSpec(starts=8, lm_steps=50, gd_steps=1000, gd_trials=8)
    assert all(a >= b for a, b in zip(flop(estimate(2 * n, d, base)), flop(estimate(n, d, base)), strict=True))
    base = dataclasses.replace(base, widest=400)
    cheap = flop(estimate(n, d, base))
    for field, step in {"starts": 1, "lm_steps": 1, "gd_steps": 100, "gd_trials": 1, "widest": 1}.items():
        dearer = dataclasses.replace(base, **{field: getattr(base, field) + step * more})
        assert all(a >= b for a, b in zip(flop(estimate(n, d, dearer)), cheap, strict=True))
    assert flop(estimate(n, d, dataclasses.replace(base, gd=False)))[1] == 0


@pytest.mark.parametrize(("n", "d"), [(1, 3), (2, 5), (7, 1), (12, 2), (20, 5)])
def test_the_estimate_searches_the_widths_that_the_ladder_searches(n, d):
    """At most: from the counting bound to below the smallest construction of the ladder."""
    rng = np.random.default_rng(n)
    points, labels = rng.normal(size=(n, d)), rng.normal(size=n)
    relu = [CONSTRUCTIONS[rung][0] for rung in ("pairs", "greedy", "distinct")]
    smallest = min(memorize(points, labels, name).network.width for name in relu)
    low, high = map(int, estimate(n, d, WidthSpec())["widths_searched"].split(" to "))
    assert low == counting(n, d).width
    assert max(low, smallest - 1) <= high < max(n, 2)
