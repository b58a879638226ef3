"""What a folder and a specification have to agree on before a sweep begins, whoever begins at the same moment."""

import dataclasses
import shutil

import pytest

from overparam.errors import InputError
from overparam.sweeps import _agreement as agreement
from overparam.sweeps import _folder as folder_room
from overparam.sweeps._agreement import agree
from overparam.sweeps._read import spec_text
from tests.sweeps.sweeping import small


def test_of_two_that_begin_at_the_same_moment_the_later_one_sees_the_first(tmp_path, monkeypatch):
    """Both found an empty folder; the specification of the first stays, and the second agrees with it or is refused."""
    first, folder = spec_text(small()), tmp_path / "sweep"
    whole, other = folder_room.write_durably, False

    def between(path, content):
        nonlocal other
        if not other:
            other = True
            whole(folder / "spec.toml", first)
        whole(path, content)

    monkeypatch.setattr(folder_room, "write_durably", between)
    with pytest.raises(InputError, match="chunk is 4 there and 2 here"):
        agree(dataclasses.replace(small(), chunk=2), folder)
    assert (folder / "spec.toml").read_text() == first
    other = False
    shutil.rmtree(folder)
    agree(small(seeds=24), folder)
    assert other
    assert (folder / "spec.toml").read_text() == spec_text(small(seeds=24)), "a larger one grows what the first wrote"
    assert [path.name for path in folder.iterdir()] == ["spec.toml"], "nothing is left beside it"


@pytest.mark.parametrize("started", [False, True])
def test_of_two_that_begin_at_the_same_moment_the_first_may_be_faster_yet(tmp_path, monkeypatch, started):
    """It writes its specification, and begins its shards, right after the other has looked for one."""
    asked, really = [], agreement.is_sweep

    def look(folder):
        asked.append(folder)
        if len(asked) == 1:
            (folder / "spec.toml").write_text(spec_text(small()))
            if started:
                (folder / "shards").mkdir()
            return False
        return really(folder)

    monkeypatch.setattr(agreement, "is_sweep", look)
    agree(small(), tmp_path)
    assert (tmp_path / "spec.toml").read_text() == spec_text(small())


@pytest.mark.parametrize("kind", ["folder", "circle"])
def test_what_stands_in_the_place_of_a_specification_and_is_none_is_refused(tmp_path, kind):
    place = tmp_path / "spec.toml"
    if kind == "folder":
        place.mkdir()
    else:
        place.symlink_to(place)
    with pytest.raises(InputError, match="is no file; move it away"):
        agree(small(), tmp_path)
