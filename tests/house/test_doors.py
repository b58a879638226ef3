"""Each room is entered by its one door, and every name on the door is there."""

import ast
import importlib

import pytest

from tests.house.sources import ROOT

ROOMS = sorted(p.parent.name for p in (ROOT / "overparam").glob("*/__init__.py"))


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "cli"])  # the outermost room has no callers
def test_every_name_on_the_door_resolves(room):
    module = importlib.import_module(f"overparam.{room}")
    assert module.__doc__, "the room says what it is"
    assert module.__all__, "the room has public names"
    for name in module.__all__:
        assert getattr(module, name) is not None
    with pytest.raises(AttributeError, match="no_such_name"):
        module.no_such_name  # noqa: B018 - the access is the test


@pytest.mark.parametrize("room", ROOMS)
def test_files_of_a_room_are_private_and_say_what_they_are(room):
    for path in (ROOT / "overparam" / room).rglob("*.py"):
        assert path.name.startswith("_"), f"{path.name}: only the room's __init__ is its door"
        assert ast.get_docstring(ast.parse(path.read_text())), f"{path} has no docstring"
