"""Networks of many widths in one program: each is what it would be alone, bit for bit among any companions."""

import jax
import numpy as np
import pytest

from overparam.errors import InputError
from overparam.keys import Purpose, key_for
from overparam.networks import initialize
from overparam.training import Outcome, compilations, train_seeds
from overparam.training import _programs as programs
from tests.training.problems import EPS, gaussian, one_seed, outputs, same_bits

ROOT = jax.random.key(4)
WIDTHS = np.array([3, 12, 5, 8, 1, 12, 7, 2, 4, 9, 3])
POINTS, LABELS = gaussian(7, 3)


def runs(order=None, step_size=0.02, points=POINTS, labels=LABELS, **options):
    order = np.arange(len(WIDTHS)) if order is None else np.asarray(order)
    given = {"max_steps": 200, "check_every": 10, "tolerance": 0.3, "chunk": 4} | options
    return train_seeds(points, labels, ROOT, order, width=WIDTHS[order], step_size=step_size, **given)


@pytest.mark.slow
@pytest.mark.parametrize("law", ["ntk", "small"])
def test_starts_are_those_of_each_width(law):
    """Any start counts as fitted at tolerance 1e9; the factor of the output weights rounds a few times."""
    run = runs(law=law, scale=0.5, tolerance=1e9)
    assert run.params.u.shape == (len(WIDTHS), 12, 3)
    for seed in (0, 1, 4, 7):
        width = int(WIDTHS[seed])
        start = initialize(key_for(ROOT, Purpose.INIT, seed), law, width=width, dim=3, scale=0.5)
        for leaf, ours in zip(start[:3], run.params[:3], strict=True):
            np.testing.assert_allclose(ours[seed][:width], leaf, rtol=8 * EPS, atol=8 * EPS)
            assert (ours[seed][width:] == 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["gd", "momentum", "adam"])
def test_each_network_is_trained_as_alone(optimizer):
    """Twenty short steps from the same weights, in another order of summation, grow roundings little."""
    options = {"optimizer": optimizer, "step_size": 1e-3, "max_steps": 20, "tolerance": 1e-9}
    together = runs(**options)
    for seed in (1, 4, 8):
        width = int(WIDTHS[seed])
        alone = train_seeds(POINTS, LABELS, ROOT, [seed], width=width, check_every=10, chunk=4, **options)
        for ours, leaf in zip(together.params[:3], alone.params[:3], strict=True):
            np.testing.assert_allclose(ours[seed][:width], leaf[0], rtol=1e-9, atol=1e-10)
            assert (ours[seed][width:] == 0).all()
        np.testing.assert_allclose(together.residual_norm[seed], alone.residual_norm[0], rtol=1e-9)
        np.testing.assert_allclose(together.gradient_norm[seed], alone.gradient_norm[0], rtol=1e-9)


@pytest.mark.parametrize("cache", [2**20, 1])
def test_a_seed_does_not_know_its_companions(monkeypatch, cache):
    """Other slots, other times of entry, neighbours that diverge to infinity: the same bits."""
    monkeypatch.setattr(programs, "CACHE_BYTES", cache)
    options = {"optimizer": "momentum", "dtype": "float32"}
    everyone = runs(**options)
    assert len({int(n) for n in everyone.n_steps}) > 2
    order = np.arange(len(WIDTHS))[::-1]
    backwards = runs(order, **options)
    for place, seed in enumerate(order):
        assert same_bits(one_seed(backwards, place), one_seed(everyone, seed))
    wild = np.where(np.arange(len(WIDTHS)) % 2, 1e30, 0.02)
    beside = runs(step_size=wild, **options)
    assert (beside.stopped[1::2] == Outcome.DIVERGED).all()
    for seed in range(0, len(WIDTHS), 2):
        assert same_bits(one_seed(beside, seed), one_seed(everyone, seed))


def test_one_program_for_all_widths():
    runs(check_every=20)
    before = compilations()
    runs(np.roll(np.arange(len(WIDTHS)), 3), points=2 * POINTS, check_every=20, max_steps=100, tolerance=0.5)
    assert compilations() == before


def test_a_seed_may_have_data_and_a_width_of_its_own():
    sets = [gaussian(7, 3, seed) for seed in range(len(WIDTHS))]
    points, labels = (np.stack(part) for part in zip(*sets, strict=True))
    run = runs(points=points, labels=labels)
    for seed, width in enumerate(WIDTHS):
        error = np.linalg.norm(outputs(one_seed(run.params, seed), points[seed]) - labels[seed])
        np.testing.assert_allclose(error, run.residual_norm[seed], rtol=1e-9)
        assert (run.params.v[seed][width:] == 0).all()


@pytest.mark.slow
def test_sharpness_is_that_of_each_network():
    run = runs(step_size=0.9, step_unit="sharpness", max_steps=20, check_every=20)
    alone = train_seeds(
        POINTS, LABELS, ROOT, [4], width=int(WIDTHS[4]), step_size=0.9, step_unit="sharpness", max_steps=20,
        check_every=20, chunk=4,
    )  # fmt: skip
    np.testing.assert_allclose(run.residual_norm[4], alone.residual_norm[0], rtol=1e-8)


@pytest.mark.parametrize(
    ("widths", "says"), [([3, 0], "width must be"), ([3, 4, 5], "each of the 2 seeds"), ([3.0, 4.0], "width must be")]
)
def test_refusals_teach(widths, says):
    with pytest.raises(InputError, match=says):
        train_seeds(POINTS, LABELS, ROOT, 2, width=np.array(widths), step_size=0.1)


def test_fewer_rows_than_the_widest_are_refused():
    with pytest.raises(InputError, match="rows must be at least width = 4"):
        train_seeds(POINTS, LABELS, ROOT, 2, width=[3, 4], rows=3, step_size=0.1)
