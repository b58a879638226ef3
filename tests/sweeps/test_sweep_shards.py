"""Shard files: what is written is read again, and a file with any byte changed or missing is not taken for a shard."""

import dataclasses
import hashlib
import json
import math

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam.data import DataSpec
from overparam.errors import InputError
from overparam.sweeps import cells
from overparam.sweeps._folder import Span, listed, set_aside, shard_path, write_durably
from overparam.sweeps._header import checked, header_of, verified
from overparam.sweeps._shards import ROW, read_rows, shard_bytes
from tests.sweeps.sweeping import small

CELL = cells(small(data={"n": [6, 7]}))[1]


def rows(seeds):
    outcome = ["fitted", "max_steps", "diverged", "stuck"]
    return pa.Table.from_pylist(
        [
            {
                "cell": CELL.id, "seed": seed, "data_seed": seed, "outcome": outcome[seed % 4], "n_steps": 50 * seed,
                "residual_norm": math.inf if seed % 4 == 2 else 0.1 * seed, "gradient_norm": 1.0, "label_norm": 2.0,
                "params_sha256": f"{seed:064x}", "residual64": 0.3 if seed % 4 == 0 else None,
                "confirmed": seed != 4 if seed % 4 == 0 else None,
            }
            for seed in seeds
        ],
        schema=ROW,
    )  # fmt: skip


SPAN = Span(CELL.id, 0, 6)
CONTENT = shard_bytes(rows(range(6)), SPAN, CELL, ("data.n",), "0123456789abcdef")


def test_rows_come_back_bit_for_bit(tmp_path):
    write_durably(shard_path(tmp_path, SPAN), CONTENT)
    assert listed(tmp_path) == [SPAN]
    assert read_rows(tmp_path, SPAN).equals(rows(range(6)))


def test_any_reader_of_parquet_sees_typed_columns_and_the_axes(tmp_path):
    (tmp_path / "a.parquet").write_bytes(CONTENT)
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.schema.names == ["cell", "data.n", *ROW.names[1:]]
    assert table["data.n"].to_pylist() == [7] * 6
    assert table.schema.field("seed").type == pa.int64() and not table.schema.field("seed").nullable


def test_a_shard_says_what_it_holds():
    header = checked(CONTENT, SPAN)
    assert header is not None
    assert header["outcomes"] == {"diverged": 1, "fitted": 2, "max_steps": 2, "stuck": 1}
    assert header["unconfirmed"] == 1
    assert (header["environment"], header["settings"]["data"]["n"]) == ("0123456789abcdef", 7)


def test_the_same_rows_are_the_same_bytes():
    assert shard_bytes(rows(range(6)), SPAN, CELL, ("data.n",), "0123456789abcdef") == CONTENT


@given(st.integers(0, len(CONTENT) - 1), st.integers(1, 255))
def test_a_changed_byte_anywhere_is_noticed(at, change):
    broken = bytearray(CONTENT)
    broken[at] ^= change
    assert checked(bytes(broken), SPAN) is None


@given(st.integers(0, len(CONTENT) - 1))
def test_a_file_cut_short_anywhere_is_noticed(length):
    assert checked(CONTENT[:length], SPAN) is None
    assert checked(CONTENT + CONTENT[:length] if length else CONTENT[1:], SPAN) is None


@pytest.mark.parametrize("other", [SPAN._replace(first=6), SPAN._replace(count=5), SPAN._replace(cell="0" * 16)])
def test_a_shard_under_another_name_is_noticed(tmp_path, other):
    write_durably(shard_path(tmp_path, other), CONTENT)
    assert verified(tmp_path, other) is None
    assert header_of(tmp_path, other) is None


@pytest.mark.parametrize(
    "change",
    [
        {"outcomes": {"fitted": 9}}, {"outcomes": {"fitted": "6"}}, {"outcomes": [6]}, {"outcomes": {"fittee": 6}},
        {"outcomes": {"fitted": 6, "stuck": 0, "diverged": -1}}, {"unconfirmed": 7}, {"unconfirmed": None},
        {"environment": None},
    ],
)  # fmt: skip
def test_counts_that_do_not_add_up_are_nobodys(change):
    header = checked(CONTENT, SPAN)
    assert header is not None
    said = json.dumps({key: value for key, value in header.items() if key != "sha256"})
    assert said[:-1].encode() in CONTENT
    other = json.dumps({key: value for key, value in (header | change).items() if key != "sha256"})
    content = CONTENT.replace(said[:-1].encode(), other[:-1].encode())
    blank = content.replace(header["sha256"].encode(), b"0" * 64)
    assert checked(blank.replace(b"0" * 64, hashlib.sha256(blank).hexdigest().encode()), SPAN) is None


def test_settings_of_any_length_are_read_again(tmp_path):
    cell = dataclasses.replace(CELL, data=DataSpec(data="a.csv", label_column="y" * 40_000))
    span = Span(cell.id, 0, 6)
    write_durably(shard_path(tmp_path, span), shard_bytes(rows(range(6)), span, cell, (), "0123456789abcdef"))
    assert verified(tmp_path, span) == header_of(tmp_path, span) is not None


def test_what_is_set_aside_is_kept_under_new_names(tmp_path):
    for _ in range(2):
        write_durably(shard_path(tmp_path, SPAN), b"no shard")
        assert set_aside(tmp_path, SPAN) is not None
    assert set_aside(tmp_path, SPAN) is None, "another process was faster"
    assert len(list((tmp_path / "quarantine").iterdir())) == 2
    assert listed(tmp_path) == []


def test_other_files_in_the_folder_are_not_shards(tmp_path):
    write_durably(shard_path(tmp_path, SPAN), CONTENT)
    for name in (f"shards/{CELL.id}/.0-6.parquet.x", f"shards/{CELL.id}/notes.txt", "shards/notes/0-4.parquet"):
        write_durably(tmp_path / name, "other")
    assert listed(tmp_path) == [SPAN]


def test_a_whole_shard_of_a_newer_format_is_refused_and_a_damaged_one_is_not_taken_for_it(tmp_path):
    digits = CONTENT[CONTENT.rindex(b'"sha256": "') + 11 :][:64]
    newer = CONTENT.replace(b'{"format": 1, ', b'{"format": 2, ')
    assert len(newer) == len(CONTENT) and newer != CONTENT
    assert checked(newer, SPAN) is None, "its checksum does not fit"
    blank = newer.replace(digits, b"0" * 64)
    newer = newer.replace(digits, hashlib.sha256(blank).hexdigest().encode())
    write_durably(shard_path(tmp_path, SPAN), newer)
    for read in (header_of, verified, read_rows):
        with pytest.raises(InputError, match="format 2, by a newer overparam"):
            read(tmp_path, SPAN)
