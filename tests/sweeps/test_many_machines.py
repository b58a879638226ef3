"""Machines of two kinds that begin in one folder: their rows never mix unasked, whoever is first."""

import pytest

from overparam.errors import InputError
from overparam.sweeps import _environment, _rows, run
from overparam.sweeps._folder import listed
from overparam.sweeps._header import verified
from tests.sweeps.sweeping import small


@pytest.fixture
def machine(monkeypatch):
    """Lets this process be machines that differ in their processor."""
    real = _environment.describe("auto")

    def be(processor):
        monkeypatch.setattr(_environment, "describe", lambda device: real | {"processor": processor})

    be("first")
    return be


def kinds(folder):
    """Environments that rows come from."""
    return {header["environment"] for span in listed(folder) if (header := verified(folder, span))}


@pytest.mark.parametrize("mixed", [False, True])
def test_a_second_machine_that_begins_during_the_first_shard(tmp_path, machine, monkeypatch, mixed):
    real, met = _rows.compute_rows, []

    def compute(task, progress=None):
        rows = real(task, progress)
        if not met:
            met.append(task)
            machine("second")
            assert run(small(), tmp_path, part=(1, 2), mixed=mixed).exit_code == 0
            machine("first")
        return rows

    monkeypatch.setattr(_rows, "compute_rows", compute)
    if mixed:
        assert run(small(), tmp_path, part=(0, 2), mixed=True).exit_code == 0
    else:
        with pytest.raises(InputError, match="were computed differently: processor 'second' there and 'first' here"):
            run(small(), tmp_path, part=(0, 2))
    assert len(kinds(tmp_path)) == 1 + mixed


def test_of_two_that_begin_at_once_one_gives_way(tmp_path, machine, monkeypatch):
    """The other one announces itself after this one has looked, and before this one has written."""
    real = _environment.write_durably

    def announce(path, text):
        monkeypatch.setattr(_environment, "write_durably", real)
        machine("second")
        _environment.admitted(tmp_path, "auto", mixed=False)
        real(path, text)

    monkeypatch.setattr(_environment, "write_durably", announce)
    with pytest.raises(InputError, match="'second' there"):
        _environment.admitted(tmp_path, "auto", mixed=False)
    assert [one["processor"] for one in _environment.environments(tmp_path).values()] == ["second"]
    assert _environment.admitted(tmp_path, "auto", mixed=False)
