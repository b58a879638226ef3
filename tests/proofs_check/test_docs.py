"""docs/certificates.md says what the checker does."""

import hashlib
import json
import pathlib
import re
from fractions import Fraction as F

from proofs_check import THEOREMS, check
from proofs_check.budget import MEMORY, MOST, PER_BYTE, START, Budget
from proofs_check.checking import read_statement
from proofs_check.exact import LONGEST, parse, spell
from proofs_check.layers import network_of
from proofs_check.position import ELIMINATION, SUBSETS
from proofs_check.reading import dataset_from_bytes
from proofs_check.strict import FILE_LIMIT

TEXT = (pathlib.Path(__file__).parents[2] / "docs" / "certificates.md").read_text()
DATA, WITNESS, STATEMENT = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)


def test_the_examples_are_files():
    data = dataset_from_bytes(DATA.encode())
    assert f"{hashlib.sha256(DATA.encode()).hexdigest()}.json" in TEXT
    assert read_statement(json.loads(STATEMENT), Budget())[2].dataset == data.sha256
    assert network_of(json.loads(WITNESS)["layers"], Budget()).widths == (2,)


def test_the_examples_are_a_certificate_that_is_rejected(tmp_path):
    (tmp_path / "statement.json").write_text(STATEMENT)
    (tmp_path / "witness.json").write_text(WITNESS)
    (tmp_path / f"{json.loads(STATEMENT)['dataset']}.json").write_text(DATA)
    assert check(tmp_path).status == "rejected"


def test_the_spellings():
    table = re.findall(r"\| ([-\d./]+) \| `([^`]+)` ", TEXT)
    assert len(table) == 8
    for number, spelling in table:
        assert spell(F(number)) == spelling
        assert parse(spelling) == F(number)
    for wrong, right in re.findall(r"`([^`]+)` \(`([^`]+)`\)", TEXT):
        assert spell(parse(right)) == right != wrong


def test_the_limits():
    assert f"2^26 = {FILE_LIMIT:,} bytes" in TEXT
    assert f"2^20 = {LONGEST:,}" in TEXT
    assert f"{LONGEST // 4:,} each" in TEXT
    assert (START, PER_BYTE, MOST, MEMORY) == (4 * 10**9, 10**6, 6 * 10**11, 2**31)
    assert (SUBSETS, ELIMINATION) == (10**7, 3 * 10**7)
    for limit in ("4 * 10^9", "10^6", "6 * 10^11", "2^31", "10^7", "3 * 10^7"):
        assert limit in TEXT


def test_the_theorems_that_a_statement_may_name():
    rows = re.findall(r"^\| `([\w-]+)` \| ([\w, ]+) \| (true|false) \| (true|false) \|", TEXT, re.MULTILINE)
    upper = [t for t in THEOREMS.values() if t.suffices]
    assert sorted(rows) == sorted(
        (
            t.key,
            " or ".join(", ".join(t.activations).rsplit(", ", 1)),
            str(t.hidden_bias).lower(),
            str(t.output_bias).lower(),
        )
        for t in upper
    )
