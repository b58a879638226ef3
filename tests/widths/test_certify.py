"""A certificate appears whole, accepted, or not at all."""

import dataclasses
import json
from fractions import Fraction

import numpy as np
import pytest

import proofs_check
from overparam.data import from_arrays
from overparam.errors import OverparamError
from overparam.memorizers import memorize
from overparam.widths import NotAccepted, certify, folder_of

RNG = np.random.default_rng(0)
DATA = from_arrays(RNG.normal(size=(9, 2)), RNG.normal(size=9))
NETWORK = memorize(DATA.points, DATA.labels, "pairs").network
WRONG = dataclasses.replace(NETWORK, c=NETWORK.c + Fraction(1, 2**400))
LONG = dataclasses.replace(NETWORK, c=Fraction(1, 3**700_000))  # more bits than a file may hold
BAD = {
    "wrong": (WRONG, {}, "misses the label"),
    "above the theorem": (
        dataclasses.replace(NETWORK, u=NETWORK.u * 9, b=NETWORK.b * 9, v=NETWORK.v * 9),
        {"theorem": "pairs-2n-over-d-plus-1"},
        "is above",
    ),
    "not the theorem's family": (NETWORK, {"theorem": "zhang2017-thm1"}, "family"),
    "an output bias that was denied": (NETWORK, {"output_bias": False}, "bias"),
    "an unknown theorem": (NETWORK, {"theorem": "fermat"}, "knows no theorem"),
    "a lower bound": (NETWORK, {"theorem": "param-count"}, "no width that suffices"),
    "too long": (LONG, {}, "too long"),
}


def tree(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() if p.is_file() else None for p in folder.rglob("*")}


@pytest.mark.parametrize("name", BAD)
def test_nothing_half_written(tmp_path, name):
    network, claim, reason = BAD[name]
    folder = folder_of(tmp_path, DATA) / "net"
    with pytest.raises(NotAccepted, match=reason) as caught:
        certify(network, DATA, folder, **claim)
    assert isinstance(caught.value, OverparamError)
    left = {path for path, content in tree(tmp_path).items() if content is not None}
    assert [path.rsplit("/", 1)[-1] for path in left] == [
        proofs_check.read_dataset(tmp_path / left.pop()).sha256 + ".json"
    ]
    assert not folder.exists()


@pytest.mark.parametrize("name", BAD)
def test_what_stood_before_stays(tmp_path, name):
    network, claim, _ = BAD[name]
    certify(NETWORK, DATA, tmp_path / "net")
    before = tree(tmp_path)
    with pytest.raises(NotAccepted):
        certify(network, DATA, tmp_path / "net", **claim)
    assert tree(tmp_path) == before


def test_the_files_are_those_of_the_network(tmp_path):
    made = certify(NETWORK, DATA, tmp_path / "a" / "net", provenance={"by": "a test"})
    assert (made.folder, made.width) == (tmp_path / "a" / "net", NETWORK.width)
    assert made.sentence == proofs_check.check(made.folder).sentence
    statement = json.loads((made.folder / "statement.json").read_text())
    assert statement["family"]["widths"] == [NETWORK.width]
    assert statement["tolerance"] == "0*2^0"
    assert json.loads((made.folder / "witness.json").read_text())["provenance"] == {"by": "a test"}
    assert sorted(path.name for path in made.folder.iterdir()) == ["statement.json", "witness.json"]
    first = tree(tmp_path)
    certify(NETWORK, DATA, tmp_path / "a" / "net", provenance={"by": "a test"})
    assert tree(tmp_path) == first


def test_an_interrupted_check_leaves_no_draft(tmp_path, monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(proofs_check.checking, "check", interrupted)
    with pytest.raises(KeyboardInterrupt):
        certify(NETWORK, DATA, tmp_path / "net")
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]


def test_a_damaged_data_set_file_is_written_again(tmp_path):
    certify(NETWORK, DATA, tmp_path / "net")
    (dataset,) = tmp_path.glob("*.json")
    content = dataset.read_bytes()
    dataset.write_bytes(content[:-5])
    certify(NETWORK, DATA, tmp_path / "net")
    assert dataset.read_bytes() == content


def test_folders_differ_with_the_data(tmp_path):
    other = from_arrays(DATA.points, -DATA.labels)
    assert folder_of(tmp_path, DATA) != folder_of(tmp_path, other)
    assert folder_of(tmp_path, DATA).parent == tmp_path / "certificates"
