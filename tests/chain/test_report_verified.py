"""A report believes no record: what is called certified is decided again, and compared, when it is written."""

import hashlib
import json
import shutil

import pytest

import proofs_check
from overparam.errors import InputError
from overparam.report import bundle, read_folder, verified
from overparam.report._words import reading
from tests.certificates.spelling import dataset
from tests.chain.ladders import climb
from tests.cli.commands import run


@pytest.fixture
def copied(gaussian, tmp_path):
    """A copy that a test may damage."""
    return shutil.copytree(gaussian[0], tmp_path / "out")


def certificate(out, rung):
    return next(out.glob(f"certificates/*/{rung}"))


def edit(out, rung, **fields):
    """Another record of the same run."""
    (path,) = out.glob("ladder-*.json")
    ladder = json.loads(path.read_text())
    next(one for one in ladder["rungs"] if one["rung"] == rung).update(fields)
    path.write_text(json.dumps(ladder))


def doubted(out):
    """The rungs that are no longer certified, and what is told."""
    before, after = read_folder(out), verified(read_folder(out), out)
    rungs = {rung["rung"] for ladder in after.ladders for rung in ladder.rungs if rung["word"] == "recorded"}
    told = after.missing[len(before.missing) :]
    assert len(told) == len(rungs)
    return rungs, "; ".join(told)


def test_an_intact_run_stays_what_it_is(gaussian):
    before, after = read_folder(gaussian[0]), verified(read_folder(gaussian[0]), gaussian[0])
    assert after.missing == before.missing == []
    words = [[rung["word"] for rung in ladder.rungs] for ladder in before.ladders]
    assert [[rung["word"] for rung in ladder.rungs] for ladder in after.ladders] == words
    rungs = [rung for ladder in after.ladders for rung in ladder.rungs]
    assert {rung["rung"] for rung in rungs if "accepted" in rung} == {r["rung"] for r in rungs if r["certificate"]}
    found = next(rung for rung in rungs if rung["rung"] == "found")
    assert f"exactly {found['width']} ReLU neurons" in found["accepted"]
    bundle(gaussian[0])


def test_a_smaller_width_than_the_certificate_has(copied):
    edit(copied, "found", width=1)
    rungs, told = doubted(copied)
    assert rungs == {"found"}
    assert "not upper at 1" in told
    folder = verified(read_folder(copied), copied)
    assert "with 1 (recorded)" in reading(folder.ladders[0])
    with pytest.raises(InputError, match="do not say what their certificates say"):
        bundle(copied)


def test_a_rung_may_promise_more_neurons_than_its_network_has(copied):
    edit(copied, "found", width=39)
    assert doubted(copied) == (set(), "")


@pytest.mark.parametrize("rung", ["found", "pairs", "rank"])
def test_a_certificate_that_is_lost(copied, rung):
    shutil.rmtree(certificate(copied, rung))
    rungs, told = doubted(copied)
    assert rungs == {rung}
    assert "is not there" in told


def test_a_statement_that_says_more(copied):
    path = certificate(copied, "found")
    data = next(path.parent.glob("*.json"))
    (path / "statement.json").write_bytes(proofs_check.state("interpolates", data, widths=[1]))
    rungs, told = doubted(copied)
    assert rungs == {"found"}
    assert "does not accept" in told


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"certificate": "../elsewhere"}, "outside"),
        ({"certificate": "/"}, "outside"),
        ({"certificate": "certificates/\0"}, "cannot be read"),
        ({"side": "exact"}, "not exact"),
        ({"theorem": "zhang2017-thm1"}, None),
    ],
)
def test_what_a_record_says_of_its_certificate(copied, fields, why):
    """A theorem beside a network that names none is a remark of the record's, and the certificate stands."""
    edit(copied, "found", **fields)
    rungs, told = doubted(copied)
    assert rungs == (set() if why is None else {"found"})
    assert why is None or why in told


def test_the_certificate_of_another_theorem(copied):
    edit(copied, "pairs", theorem="zhang2017-thm1")
    assert doubted(copied)[0] == {"pairs"}


def test_another_data_set(copied):
    (path,) = copied.glob("ladder-*.json")
    path.write_text(path.read_text().replace(json.loads(path.read_text())["data"]["sha256"], 64 * "0"))
    rungs, told = doubted(copied)
    assert {"found", "rank", "pairs"} <= rungs
    assert "another data set" in told


@pytest.fixture(scope="module")
def repeated(tmp_path_factory):
    """A ladder over seven rows that are five points."""
    out = tmp_path_factory.mktemp("repeated")
    (out / "rows.csv").write_text("x,y,label\n0,1,1\n2,1,-1\n2,1,-1\n3,5,1\n4,2,0.5\n4,2,0.5\n7,1,2\n")
    climb(out / "out", "--data", out / "rows.csv", "--label-column", "label")
    return out / "out"


def test_the_rank_of_the_distinct_points_is_that_of_repeated_ones(repeated, tmp_path):
    """Its certificate is of another data set, the same points without their repeats."""
    out = shutil.copytree(repeated, tmp_path / "out")
    assert doubted(out) == (set(), "")
    (path,) = out.glob("certificates/*/without-repeats/rank")
    (given,) = (path.parents[1]).glob("*.json")
    points = proofs_check.read_dataset(given)
    other = dataset([*points.points[1:], [8, 8]], [*points.labels[1:], 1])
    given.unlink()
    (given.parent / f"{hashlib.sha256(other).hexdigest()}.json").write_bytes(other)
    (ladder,) = out.glob("ladder-*.json")
    ladder.write_text(ladder.read_text().replace(points.sha256, hashlib.sha256(other).hexdigest()))
    assert "rank" in doubted(out)[0]


@pytest.mark.parametrize("sha256", ["x" * 5000, "../" * 3 + "0" * 55, "0" * 64, 7, None])
def test_a_hash_that_is_none_ends_nothing(repeated, tmp_path, sha256):
    out = shutil.copytree(repeated, tmp_path / "out")
    (path,) = out.glob("ladder-*.json")
    record = json.loads(path.read_text())
    record["data"]["sha256"] = sha256
    path.write_text(json.dumps(record))
    assert "rank" in doubted(out)[0]


def test_a_link_that_leads_away(copied, tmp_path):
    path = certificate(copied, "found")
    path.rename(tmp_path / "away")
    path.symlink_to(tmp_path / "away")
    assert "outside" in doubted(copied)[1]


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Claims with certificates: counts of parameters, and networks."""
    out = tmp_path_factory.mktemp("judged")
    assert run("verify", "s-alexnet-counts", "s-uat-iff", "--no-report", "--out", out).code == 0
    return out


def test_claims_keep_their_verdicts_and_get_sentences(judged):
    folder = verified(read_folder(judged), judged)
    assert folder.missing == []
    assert [claim["verdict"] for claim in folder.claims] == ["CERTIFIED", "SCOPED"]
    assert all(claim["accepted"] and claim["certificates"] for claim in folder.claims)


@pytest.mark.parametrize("damage", ["one lost", "all lost", "of another claim", "empty witness"])
def test_claims_without_their_certificates_are_inconclusive(judged, tmp_path, damage):
    out = shutil.copytree(judged, tmp_path / "out")
    folders = sorted(path.parent for path in (out / "claims" / "s-alexnet-counts").rglob("statement.json"))
    if damage == "one lost":
        shutil.rmtree(folders[0])
    elif damage == "all lost":
        shutil.rmtree(out / "claims" / "s-alexnet-counts")
    elif damage == "empty witness":
        (folders[-1] / "witness.json").write_bytes(b"")
    else:
        path = out / "claims.json"
        path.write_text(path.read_text().replace('"claims/s-alexnet-counts"', '"claims/s-uat-iff"'))
    folder = verified(read_folder(out), out)
    first, second = folder.claims
    assert (first["verdict"], second["verdict"]) == ("INCONCLUSIVE", "SCOPED")
    assert "Recorded as CERTIFIED" in first["evidence"]
    assert len(folder.missing) == 1
