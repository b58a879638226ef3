"""Specifications: what they mean, what is refused and by which sentence, and how cells get their names."""

import dataclasses
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam.errors import InputError
from overparam.sweeps import SweepSpec, cells, parse_spec, read_spec, spec_text
from tests.sweeps.sweeping import TEXT, small

BASE = TEXT.format(seeds=12, shard=4)


def said(text: str) -> str:
    with pytest.raises(InputError) as caught:
        parse_spec(text)
    return str(caught.value)


def test_a_list_is_an_axis_and_cells_are_the_product():
    spec = small(data={"n": [6, 8]}, model={"width": [4, 5, 6]})
    assert [(cell.data.n, cell.model.width) for cell in cells(spec)] == [(n, k) for n in (6, 8) for k in (4, 5, 6)]
    assert all(cell.train.tolerance == 0.5 and cell.chunk == 4 for cell in cells(spec))


def test_grids_override_and_their_cells_are_a_union():
    text = BASE + "[[grid]]\ndata.n = [6, 8]\n[[grid]]\ndata.n = 8\nmodel.width = [4, 9]\n"
    spec = parse_spec(text)
    assert [(cell.data.n, cell.model.width) for cell in cells(spec)] == [(6, 4), (8, 4), (8, 9)]


def test_classes_are_a_value_and_lists_of_them_an_axis():
    one = SweepSpec(data={"data": "digits", "classes": ["0", "1"]})
    two = SweepSpec(data={"data": "digits", "classes": [["0", "1"], ["3", "5"]]})
    assert [cell.data.classes for cell in cells(one)] == [("0", "1")]
    assert [cell.data.classes for cell in cells(two)] == [("0", "1"), ("3", "5")]


def test_a_cells_name_follows_its_content():
    alone = {cell.model.width: cell.id for cell in cells(small())}
    among = {cell.model.width: cell.id for cell in cells(small(seeds=99, shard=8, model={"width": [3, 4]}))}
    assert alone[4] == among[4] != among[3]
    explicit = small(train={"optimizer": "gd", "weight_decay": 0})  # the defaults, spelled out, and 0 for 0.0
    assert [cell.id for cell in cells(explicit)] == [alone[4]]
    spec = small()
    others = [dataclasses.replace(spec, root_seed=1), dataclasses.replace(spec, chunk=2)]
    others += [dataclasses.replace(spec, data_per_seed=False), small(train={"dtype": "float64"})]
    assert len({cells(other)[0].id for other in others} | {alone[4]}) == 5


@pytest.mark.slow
@given(
    st.lists(st.integers(1, 99), min_size=1, max_size=3),
    st.lists(st.floats(0.001, 9), min_size=1, max_size=3),
    st.booleans(),
    st.integers(0, 2**40),
)
def test_written_and_read_again_a_spec_is_the_same(widths, sizes, own, root):
    spec = dataclasses.replace(
        small(model={"width": widths}, train={"step_size": sizes}), data_per_seed=own, root_seed=root
    )
    again = parse_spec(spec_text(spec))
    assert again == spec and cells(again) == cells(spec)


@pytest.mark.parametrize(
    ("old", "new", "pattern"),
    [
        ("width = 4", "widht = 4", r"model\.widht is not known: did you mean width\?"),
        ("seeds = 12", "sedes = 12", r"sedes is not known: did you mean seeds"),
        ("seeds = 12", "width = 12", r"width is not known: .*belongs below \[model\]"),
        ("width = 4", "width = 0", r"in \[model\]: width must be an integer from 1 to \d+, not 0"),
        ("width = 4", "width = []", r"model\.width is an axis without values"),
        ("width = 4", "width = [4, 0]", r"width must be an integer from 1"),
        ("width = 4", 'width = "4"', r"model\.width must be an integer, not '4'"),
        ("width = 4", "width = true", r"model\.width must be an integer, not True"),
        ("width = 4", "width = 4.0", r"model\.width must be an integer, not 4\.0"),
        ('labels = "signs"', "labels = 1", r"data\.labels must be one of gaussian, signs"),
        ('labels = "signs"', 'labels = "sings"', r"data\.labels must be one of .*did you mean signs"),
        ('labels = "signs"', 'classes = "0"', r"data\.classes must be a list of names"),
        ('labels = "signs"', 'data = "line"\nspread = -1', r"in \[data\]: --spread must be positive"),
        ('labels = "signs"', 'data = "anisotropic"\nexponent = 1e308', r"--exponent must lie between 0 and 32"),
        ("d = 2\n", 'd = 3\ndata = "clusters"\nangle = [0.1, -1.0]\n', r"--angle must be in radians"),
        ('labels = "signs"', "data = 3", r"data\.data must be a text, not 3"),
        ("tolerance = 0.5", "tolerance = nan", r"train\.tolerance must be a finite number"),
        ("tolerance = 0.5", "tolerance = -1", r"in \[train\]: tolerance must be a positive number"),
        ("max_steps = 100", "max_steps = 70", r"in \[train\]: max_steps must be a multiple .*take 100"),
        ("format = 1", "format = 2", r"format 2 is newer than this program"),
        ("format = 1", 'format = "1"', r"format must be 1, not '1'"),
        ("format = 1\n", "", r"the key format is missing; write format = 1"),
        ("shard = 4", "shard = 6", r"shard must be a multiple of chunk = 4, not 6; take 8"),
        ("seeds = 12", "seeds = 0", r"seeds must be an integer from 1"),
        ("seeds = 12", "seeds = 5000000000", r"seeds must be an integer from 1 to 4294967295"),
        ("seeds = 12", "seeds = [1, 2]", r"seeds must be an integer, not \[1, 2\]"),
        ("seeds = 12", "seeds = 12\ndata_per_seed = 1", r"data_per_seed must be true or false"),
        ("[model]", "[[model]]", r"model must be a table"),
        ("[train]", "[grid]\nn = 3\n[train]", r"grid must be tables, each written \[\[grid\]\]"),
        ("[train]", "[[grid]]\nn = 3\n[train]", r"grid\.n must be a table"),
        ("[train]", "[[grid]]\nmodell.n = 3\n[train]", r"grid\.modell is not known: did you mean model"),
        ("[train]", "[[grid]]\nmodel.wide = 3\n[train]", r"grid\.model\.wide is not known: did you mean width"),
        ("width = 4", "width = [" + "1," * 400 + "]\nscale = [" + "1.0," * 400 + "]", r"more than 100000 cells"),
        ("width = 4", "width = = 4", r"not TOML: "),
        ("seeds = 12", "seeds = 1" + "0" * 5000, r"not TOML: .*digits"),
        ("width = 4", "width = " + "[" * 9999, r"brackets are nested too deep"),
        ("tolerance = 0.5", "tolerance = 1" + "0" * 400, r"train\.tolerance must be a finite number, not 1000"),
        ("seeds = 12", "seeds = 1000000004", r"cells times seeds / shard, .* at most 1000000, not 250000001; take a"),
        (
            "n = 6",
            "n = 6\nseed = 9223372036854775800",
            r"must stay below 2\*\*63, and the last is \d+; lower data\.seed",
        ),
    ],
)
def test_what_is_wrong_is_named(old, new, pattern):
    assert old in BASE
    assert re.search(pattern, said(BASE.replace(old, new, 1)))


def test_a_table_that_is_none_is_refused():
    assert said("format = 1\nmodel = 4\n") == "model must be a table, written [model], not 4"


def test_a_data_seed_for_all_seeds_is_a_column_too():
    text = BASE.replace("seeds = 12", "seeds = 12\ndata_per_seed = false")
    assert "2**63" in said(text.replace("n = 6", "n = 6\nseed = 9223372036854775808"))
    assert parse_spec(text.replace("n = 6", "n = 6\nseed = 9223372036854775807")).data["seed"] == 2**63 - 1


@pytest.mark.parametrize("name", ["loop.npz", "a\\u0000.npz"])
def test_a_path_that_is_none_is_named(tmp_path, name):
    (tmp_path / "loop.npz").symlink_to("loop.npz")
    (tmp_path / "s.toml").write_text(f'format = 1\n[data]\ndata = "{name}"\n')
    if name == "loop.npz" and sys.version_info >= (3, 13):  # where it is refused when it is opened
        return
    with pytest.raises(InputError, match=r"s\.toml: data\.data .* cannot be the path of a file"):
        read_spec(tmp_path / "s.toml")


def test_a_file_that_is_too_large_is_not_read_to_its_end():
    with pytest.raises(InputError, match="more than 16777216 bytes"):
        read_spec("/dev/zero")


def test_files_that_cannot_be_read_are_named(tmp_path):
    for name, content in (("none.toml", None), ("binary.toml", b"\xff\xfe"), ("bad.toml", b"format = 3")):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=name):
            read_spec(tmp_path / name)


def test_data_files_are_found_beside_the_specification(tmp_path):
    (tmp_path / "s.toml").write_text('format = 1\n[data]\ndata = ["points.csv", "sphere"]\nlabels = "signs"\n')
    spec = read_spec(tmp_path / "s.toml")
    assert [cell.data.data for cell in cells(spec)] == [str(tmp_path / "points.csv"), "sphere"]
