"""Gradient-descent thresholds on problems small enough to run in seconds."""

import dataclasses

import jax
import numpy as np
import pytest

from overparam.data import DataSpec, load
from overparam.errors import InputError
from overparam.widths import Protocol, WidthSpec, descent_threshold
from overparam.widths._trials import Trials

ORIGIN = DataSpec(data="gaussian", n=6, d=3)
ROOT = jax.random.key(0)
SMALL = dataclasses.replace(Protocol.of(WidthSpec()), max_steps=2000, explore=16, confirm=24)


def trials(**changes):
    return Trials(load(ORIGIN), ORIGIN, dataclasses.replace(SMALL, **changes), ROOT, lambda _: None)


@pytest.mark.slow
def test_an_easy_problem_has_a_confirmed_upper_end():
    result = descent_threshold(load(ORIGIN), ORIGIN, SMALL, lowest=2, root=ROOT)
    assert result.threshold.high is not None
    assert 2 <= result.threshold.low <= result.threshold.high
    confirming = [c for c in result.counts if c["stage"] == "confirm-high"]
    assert sum(c["trials"] for c in confirming) <= SMALL.confirm
    assert all(sum(c[o] for o in ("fitted", "max_steps", "stuck", "diverged")) == c["trials"] for c in result.counts)


@pytest.mark.slow
def test_no_steps_no_verdict():
    """One block of steps fits nothing: every trial is censored, neither end is confirmed, and the sentence says so."""
    result = descent_threshold(load(ORIGIN), ORIGIN, dataclasses.replace(SMALL, max_steps=100), lowest=2, root=ROOT)
    assert result.verdict == "INCONCLUSIVE"
    assert (result.threshold.high, result.threshold.low) == (None, 2)
    assert "only where the search began" in result.sentence
    assert "no width was confirmed" in result.sentence
    assert "of those tried, 2 to 24" in result.sentence


@pytest.mark.slow
@pytest.mark.parametrize("over", ["init", "law"])
def test_a_trial_depends_on_its_stage_and_index_alone(over):
    """Asked for in another order, after other widths, the same trials end the same way."""
    first, second = trials(over=over), trials(over=over)
    first(4, "explore", 0, 8)
    once = first(4, "confirm-high", 8, 8)
    assert second(4, "confirm-high", 8, 8).tolist() == once.tolist()


def test_stages_draw_their_own_starts():
    run = trials()
    seeds, stages = np.arange(8), ("tune", "explore", "confirm-high", "confirm-low")
    ends = [run._run(4, stage, seeds, np.full(8, 0.5)).residual_norm for stage in stages]
    assert len({tuple(e) for e in ends}) == 4


@pytest.mark.parametrize("over", ["init", "law"])
def test_other_tolerances_count_what_runs_with_them_would(over):
    """Of the same trials, in the same steps; and they change no trial's class."""
    short = {"over": over, "max_steps": 400, "tolerance": 1e-2, "step_sizes": (0.9,)}
    run = trials(**short)
    ended = run(12, "confirm-high", 0, 16)
    plain = {
        factor: trials(**short | {"tolerance": 1e-2 * factor, "other_tolerances": False}) for factor in (10, 1, 0.1)
    }
    fitted = {factor: int((other(12, "confirm-high", 0, 16) == 1).sum()) for factor, other in plain.items()}
    (counts,) = run.counts
    assert [counts[name] for name in ("fitted_looser", "fitted", "fitted_tighter")] == list(fitted.values())
    assert fitted[10] > fitted[1] > fitted[0.1], "a problem on which the tolerance matters"
    assert ended.tolist() == plain[1](12, "confirm-high", 0, 16).tolist()
    assert "fitted_looser" not in plain[1].counts[0]


def test_trials_that_explore_are_not_counted_at_other_tolerances():
    run = trials(max_steps=100)
    run(4, "explore", 0, 8)
    assert "fitted_tighter" not in run.counts[0]


def test_a_law_draws_new_data_for_every_trial():
    run = trials(over="law")
    drawn = [run._draw(seed)[0].tobytes() for seed in (0, 1, 1_000_000, 1_000_001)]
    assert len({*drawn, run.points.tobytes()}) == 5


def test_a_fixed_data_set_is_no_law():
    data = load(DataSpec(data="diabetes", samples=10))
    with pytest.raises(InputError, match="--gd-over law needs a generator"):
        descent_threshold(
            data, DataSpec(data="diabetes", samples=10), dataclasses.replace(SMALL, over="law"), lowest=1, root=ROOT
        )


def test_the_protocol_names_what_it_spends():
    words = SMALL.words
    for part in ("2000 steps", "0.5, 0.9", "1e-06", "of the law he", "24 confirming trials"):
        assert part in words
