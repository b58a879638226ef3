"""Studies of capacity on trained networks: designed verdicts, broken mechanisms, and the three questions by hand."""

import functools

import numpy as np
import pytest

from overparam.generalization import outputs_of, samples_needed
from overparam.networks import Layer
from overparam.studies.capacity import _bft, _grs, _nbs, _nets, _vc
from overparam.studies.capacity._nets import Shared, _measured, references, vacuity
from tests.studies.judging import judged

BROKEN = [  # a theorem that floats contradict stays open
    (_bft, {"planted": 1e-9}, "REFUTED"),
    (_nbs, {"planted": 1e-9}, "REFUTED"),
    (_vc, {"planted": 1e-3}, "INCONCLUSIVE"),
    (_grs, {"planted": 0.1}, "INCONCLUSIVE"),
]
ALL = {_bft: "VACUOUS", _nbs: "VACUOUS", _vc: "VACUOUS", _grs: "CONSISTENT"}


def made(rng, *, hidden_norm, test_error):
    """A network that classifies its points, with two units that cancel and only add to its norms."""
    u, v = rng.normal(size=(8, 4)), rng.normal(size=(3, 8))
    u[7], v[:, 7] = u[6], -v[:, 6]
    u[6:] *= hidden_norm
    v[:, 6:] *= hidden_norm
    layers = (Layer(u, 0.1 * rng.normal(size=8)), Layer(v, np.zeros(3)))
    layers[0].bias[7] = layers[0].bias[6]
    points = rng.normal(size=(60, 4))
    initial = tuple(Layer(np.zeros_like(one.weights), np.zeros_like(one.bias)) for one in layers)
    labels = outputs_of(layers, points).argmax(axis=1)
    return _measured(layers, initial, points, labels, 10.0, 0.0, test_error)


@functools.cache
def fake(random_norm=8.0, seeds=5):
    """True labels with small norms, random ones with large norms; widths alike."""
    rng = np.random.default_rng(0)
    nets = {
        (kind, width): tuple(
            made(rng, hidden_norm=0.1 if kind == "true" else random_norm, test_error=0.1 if kind == "true" else 0.66)
            for _ in range(seeds)
        )
        for kind in ("true", "random")
        for width in ("narrow", "wide")
    }
    return Shared(nets, "made up")


def exchanged():
    names = {"true": "random", "random": "true"}
    return Shared({(names[kind], width): nets for (kind, width), nets in fake().nets.items()}, "made up")


@pytest.fixture
def made_up(monkeypatch):
    def shared_nets(size, root, *, swapped=False):
        return exchanged() if swapped else fake()

    for module in ALL:
        monkeypatch.setattr(module, "shared_nets", shared_nets)


@pytest.mark.parametrize("module", [_bft, _nbs, _vc])
def test_verdicts_on_made_up_networks(module, tmp_path, made_up):
    claim = judged(module, tmp_path)
    assert claim.verdict == "VACUOUS", claim.evidence
    assert all(link.holds for link in claim.links) and "nan" not in claim.evidence
    assert module.STUDY.cites and claim.tables


@pytest.mark.parametrize("module", [_bft, _nbs])
def test_labels_that_are_exchanged_refute_the_order(module, tmp_path, made_up):
    claim = judged(module, tmp_path, swapped=True)
    assert claim.verdict == "REFUTED"


@pytest.mark.parametrize(("module", "broken", "verdict"), [one for one in BROKEN if one[0] is not _grs])
def test_planted_constants(module, broken, verdict, tmp_path, made_up):
    claim = judged(module, tmp_path, **broken)
    assert claim.verdict == verdict and not all(link.holds for link in claim.links)


@pytest.mark.slow
def test_complexities_met_by_ascent(tmp_path, made_up):
    assert judged(_grs, tmp_path).verdict == "CONSISTENT"
    claim = judged(_grs, tmp_path, planted=0.1)
    assert claim.verdict == "INCONCLUSIVE"
    assert not any(link.holds for link in claim.links if "ascent" in link.lemma)


def test_three_questions_apart():
    """At delta = 0.05 one or two violations in five (probability 0.023) do not contradict, three do (0.0012)."""
    shared = fake()
    for exceeded, holds in ((1, True), (2, True), (3, False)):
        nets = [
            net._replace(test_error=1e9 if i < exceeded else 0.1) for i, net in enumerate(shared.nets["true", "wide"])
        ]
        found = _nets.valid(shared._replace(nets={**shared.nets, ("true", "wide"): tuple(nets)}), "golowich2018")
        assert found.holds is holds
    assert all(one.holds for one in _nets.ordered(shared, "golowich2018"))
    assert all(one.holds is False for one in _nets.ordered(exchanged(), "golowich2018"))
    assert "guess errs 0.67" in _nets.vacuous(shared, "golowich2018")
    small = [
        net._replace(rows=tuple(row._replace(bound=0.3) for row in net.rows)) for net in shared.nets["true", "wide"]
    ]
    better = shared._replace(nets={**shared.nets, ("true", "wide"): tuple(small)})
    assert _nets.vacuous(better, "golowich2018") == ""


def test_the_tables_have_every_measure_and_network():
    table = vacuity(fake())
    assert len(table.rows) == 12 and {row[0] for row in table.rows} >= {"vc", "bartlett2017", "neyshabur2018"}
    assert all(len(row) == len(table.columns) for row in table.rows)
    assert {row[8] for row in table.rows} == {"yes"} and {row[9] for row in table.rows} == {"no"}
    again = references(fake())
    first = fake().nets["true", "narrow"]
    wanted = np.mean([np.linalg.norm(n.layers[0].weights) * np.linalg.norm(n.layers[1].weights) for n in first])
    assert len(again.rows) == 4 and again.rows[0][4] == pytest.approx(wanted, rel=1e-12)


def test_a_shattered_set_needs_its_rank(tmp_path, monkeypatch, made_up):
    """Points in fewer directions than the network has inputs leave the features singular: nothing is shown."""
    sizes = _vc._SIZES["ci"]
    monkeypatch.setitem(_vc._SIZES, "ci", sizes._replace(dim=1, widths=(256,)))
    assert judged(_vc, tmp_path).verdict in ("INCONCLUSIVE", "VACUOUS")
    (row,) = [row for row in _vc._quoted().rows if row[0] == "196-256-1"]
    assert row[1] == pytest.approx(1.5e6, rel=0.01) and row[3] == samples_needed(row[1], 0.5)


@pytest.mark.slow
@pytest.mark.parametrize(("module", "verdict"), ALL.items(), ids=lambda given: getattr(given, "__name__", given))
def test_designed_verdicts(tmp_path, module, verdict):
    """The networks are trained once for all of them."""
    claim = judged(module, tmp_path)
    assert claim.verdict == verdict, claim.evidence
    assert "nan" not in claim.evidence and claim.instances > 0
    assert all(net.train_error < 0.05 for nets in _nets.shared_nets("ci", 0).nets.values() for net in nets)


@pytest.mark.slow
def test_swapped_labels_on_trained_networks(tmp_path):
    assert judged(_bft, tmp_path, swapped=True).verdict == "REFUTED"
