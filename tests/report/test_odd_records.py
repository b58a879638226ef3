"""Whatever a field of a record holds, the page appears: one value of each record at a time is put out of shape."""

import copy
import json

import pytest

from overparam.report import _references
from overparam.report._claim_rows import claims_of
from overparam.report._ladders import comparison_of, ladder_of
from overparam.report._reading import Folder, read_folder
from overparam.report._singles import kernel_of, network_of
from overparam.report.page import _html
from tests.report.samples import CLAIMS, COMPARISON, KERNEL, LADDER, NETWORK, RICH_CLAIM
from tests.report.test_report import Page

ODD = (None, [], {}, "text", -1, True, 10**400, [[None]], {"a": [1]}, ["x", 3], "</script><b>")
READ = {
    "ladder": (LADDER, lambda raw: Folder([ladder_of(raw, stem="a")], [], [], [])),
    "claims": ([RICH_CLAIM, *CLAIMS], lambda raw: Folder([], [c for c in claims_of(raw) if c["id"]], [], [])),
    "comparison": (COMPARISON, lambda raw: Folder([], [], [comparison_of(raw, stem="a")], [])),
    "kernel": (KERNEL, lambda raw: Folder([], [], [], [], kernels=[kernel_of(raw, stem="a")])),
    "network": (NETWORK, lambda raw: Folder([], [], [], [], networks=[network_of(raw, stem="memorize-a")])),
}


def places(value, path=()):
    """Paths of everything in parsed JSON below the top; of a list its first entry stands for all."""
    inner = value.items() if isinstance(value, dict) else list(enumerate(value))[:1] if isinstance(value, list) else ()
    for key, part in inner:
        yield (*path, key)
        yield from places(part, (*path, key))


@pytest.mark.slow
@pytest.mark.parametrize("kind", READ)
def test_one_value_out_of_shape(kind):
    """Each place of the record once, with the odd values in turn; a large record has enough places for a third."""
    chosen = list(places(READ[kind][0]))
    for i, path in enumerate(chosen):
        if len(chosen) < 100 or i % 3 == 0:
            appears(kind, path, ODD[i % len(ODD)])


@pytest.mark.slow
@pytest.mark.parametrize("kind", READ)
def test_every_value_out_of_shape(kind):
    for path in places(READ[kind][0]):
        for odd in ODD:
            appears(kind, path, odd)


def appears(kind, path, odd):
    raw, read = READ[kind]
    made = copy.deepcopy(raw)
    at = made
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = odd
    folder = read(json.loads(json.dumps(made)))
    try:
        text = _html.page(folder, {}, _references.references(folder))
    except Exception as error:
        raise AssertionError(f"{kind}: {'.'.join(map(str, path))} = {str(odd)[:40]}: {error!r}") from error
    assert "<b>" not in text
    Page(text)


@pytest.mark.parametrize(
    "name", ["ladder-a", "claims", "memorizers-a", "memorize-a", "certify-a", "prove-a", "kernel-a"]
)
@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"[", b"3", b"null", b"{}", b"[]", b"[3]", b'[{"id": 1}]', b'{"format": 9}']
)
def test_a_damaged_file_is_told_and_the_rest_is_shown(tmp_path, name, content):
    (tmp_path / f"{name}.json").write_bytes(content)
    (tmp_path / "ladder-good.json").write_text(json.dumps(LADDER))
    folder = read_folder(tmp_path)
    assert len(folder.missing) == 1, folder.missing
    assert name in folder.missing[0]
    assert [ladder.stem for ladder in folder.ladders] == ["good"]
    assert folder.missing[0] in " ".join(Page(_html.page(folder, {}, [])).text)


def test_a_newer_file_says_so(tmp_path):
    (tmp_path / "kernel-a.json").write_text(json.dumps(KERNEL | {"format": 2}))
    (tmp_path / "claims.json").write_text(json.dumps([RICH_CLAIM | {"format": 2}, *CLAIMS]))
    folder = read_folder(tmp_path)
    assert not folder.kernels
    assert [claim["id"] for claim in folder.claims] == [claim["id"] for claim in CLAIMS]
    assert [why for why in folder.missing if "newer overparam" in why] == folder.missing
    assert len(folder.missing) == 2
