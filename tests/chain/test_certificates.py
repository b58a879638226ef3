"""Search -> files -> checker: what this side writes, the checker accepts, and nothing that was touched afterwards."""

import json
from fractions import Fraction

import numpy as np
import pytest

import proofs_check
from overparam.certificates import dataset_bytes, dataset_sha256, repair, witness_bytes
from overparam.exact import ExactNetwork, spell
from overparam.memorizers import memorize
from overparam.networks import Params
from proofs_check import Status
from proofs_check.exact import spell as checkers_spell
from tests.certificates_room.test_repair import planted
from tests.memorizers.datasets import HOSTILE, gaussian


def check(folder, network, points, labels, **claim):
    """Write the three files and ask the checker."""
    path = folder / f"{dataset_sha256(points, labels)}.json"
    path.write_bytes(dataset_bytes(points, labels))
    family = {"activation": network.activation, "widths": [network.width], **claim}
    (folder / "statement.json").write_bytes(proofs_check.state("interpolates", path, **family))
    (folder / "witness.json").write_bytes(witness_bytes(network, {"made by": "a test"}))
    return proofs_check.check(folder)


@pytest.mark.parametrize(("n", "d"), [(1, 2), (2, 1), (4, 7), (13, 3), (25, 5)])
@pytest.mark.parametrize("construction", ["pairs", "greedy", "zhang", "bubeck", "baum", "sakurai", "distinct"])
def test_every_construction_is_accepted_under_its_theorem(tmp_path, construction, n, d):
    points, labels = gaussian(n, d, seed=n)
    labels = np.sign(labels) if construction in ("baum", "sakurai") else labels
    memorizer = memorize(points, labels, construction)
    theorem = memorizer.theorem
    claim = {"hidden_bias": memorizer.hidden_bias, "output_bias": memorizer.output_bias, "theorem": theorem}
    answer = check(tmp_path, memorizer.network, points, labels, **claim)
    assert answer.status is Status.ACCEPTED, answer.reason


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_data_are_accepted_too(tmp_path, name):
    points, labels = HOSTILE[name]
    memorizer = memorize(points, labels, "distinct")
    answer = check(tmp_path, memorizer.network, points, labels, theorem=memorizer.theorem)
    assert answer.status is Status.ACCEPTED, answer.reason


@pytest.mark.parametrize(("n", "d", "k"), [(40, 5, 12), (60, 30, 4)])
def test_repaired_networks_are_accepted_and_tampered_ones_are_not(tmp_path, n, d, k):
    params, points, labels = planted(n, d, k, seed=1, noise=1e-9)
    network = repair(params, points, labels)
    assert check(tmp_path, network, points, labels).status is Status.ACCEPTED
    witness = json.loads((tmp_path / "witness.json").read_bytes())
    witness["layers"][1]["bias"] = [spell(network.c + Fraction(1, 2**200))]
    (tmp_path / "witness.json").write_text(json.dumps(witness))
    assert proofs_check.check(tmp_path).status is Status.REJECTED


def test_an_unrepaired_float_network_is_rejected(tmp_path):
    params, points, labels = planted(20, 5, 8, seed=3, noise=1e-12)
    floats = ExactNetwork.from_arrays(*params)
    assert check(tmp_path, floats, points, labels).status is Status.REJECTED
    assert check(tmp_path, floats, points, labels, tolerance=Fraction(1, 10**6)).status is Status.ACCEPTED


def test_the_constant_network(tmp_path):
    points, labels = [[0.0, 1.0], [2.0, 3.0]], [3.0, 3.0]
    network = repair(Params(np.zeros((0, 2)), np.zeros(0), np.zeros(0), np.array(3.0)), points, labels)
    assert check(tmp_path, network, points, labels).status is Status.ACCEPTED


def test_both_sides_spell_alike():
    rng = np.random.default_rng(0)
    numbers = [Fraction(x) for x in rng.normal(size=50).tolist()] + [Fraction(p, 7) for p in range(-20, 20)]
    assert [spell(x) for x in numbers] == [checkers_spell(x) for x in numbers]
