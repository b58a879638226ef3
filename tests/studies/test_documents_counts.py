"""Studies that count: designed verdicts, certificates that the checker accepts, and planted errors that flip them."""

import json

import numpy as np
import pytest

import proofs_check
from overparam.data import load_images
from overparam.studies._experiment import Setting
from overparam.studies.documents import _alexnet_counts, _image_input_dims, _param_count, _resnet152_counts
from tests.studies.judging import judged, named

DESIGNED = {
    _alexnet_counts: "CERTIFIED",
    _resnet152_counts: "SCOPED",
    _param_count: "CERTIFIED",
    _image_input_dims: "CONSISTENT",
}
BROKEN = [
    (_alexnet_counts, {"groups": 1}, "REFUTED"),
    (_alexnet_counts, {"groups": 4}, "REFUTED"),
    (_alexnet_counts, {"images": 10**8}, "REFUTED"),  # no longer more parameters than images
    (_resnet152_counts, {"blocks": (3, 4, 23, 3)}, "REFUTED"),
    (_resnet152_counts, {"images": 1_280_000}, "REFUTED"),
    (_param_count, {"total": 2_052_949}, "REFUTED"),
    (_param_count, {"rows": 3_000_000}, "REFUTED"),
    pytest.param(_image_input_dims, {"pixels": "permuted"}, "REFUTED", marks=pytest.mark.slow),
    pytest.param(_image_input_dims, {"pixels": "gaussian"}, "REFUTED", marks=pytest.mark.slow),
    pytest.param(_image_input_dims, {"control": lambda n, d: float(d)}, "INCONCLUSIVE", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(
    "module", [pytest.param(m, marks=pytest.mark.slow) if m is _image_input_dims else m for m in DESIGNED], ids=named
)
def test_designed_verdicts(tmp_path, module):
    claim = judged(module, tmp_path)
    assert claim.verdict == DESIGNED[module], claim.evidence
    assert claim.instances > 0 and "nan" not in claim.evidence and claim.tables
    assert all(link.holds for link in claim.links)


@pytest.mark.parametrize(("module", "broken", "verdict"), BROKEN, ids=named)
def test_a_planted_error_flips_the_verdict(tmp_path, module, broken, verdict):
    claim = judged(module, tmp_path, **broken)
    assert claim.verdict == verdict, claim.evidence


@pytest.mark.parametrize(
    ("module", "totals"),
    [
        (_alexnet_counts, {"two-groups": 60_965_224, "one-group": 62_378_344}),
        (_resnet152_counts, {"published": 60_192_808, "with-biases": 60_268_520}),
        (
            _param_count,
            dict.fromkeys(("932-1017-1046", "1-684302", "9-186598", "31-62172"), 2_052_948),
        ),
    ],
    ids=named,
)
def test_the_files_that_a_referee_checks(tmp_path, module, totals):
    module.measure(Setting("ci", 0, tmp_path))
    for name, total in totals.items():
        answer = proofs_check.check(tmp_path / name)
        assert answer.status == "accepted" and f"exactly {total:,} trainable parameters" in answer.sentence
        path = tmp_path / name / "statement.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"trainable": total - 1}))
        assert proofs_check.check(tmp_path / name).status == "rejected"


def test_what_is_not_accepted_leaves_no_certificate(tmp_path):
    found = _alexnet_counts.measure(Setting("ci", 0, tmp_path), groups=1)
    assert found.holds is False and not found.certified
    assert not (tmp_path / "two-groups").exists() and (tmp_path / "one-group").exists()


def stack(*sizes):
    return sum((a + 1) * b for a, b in zip((40, *sizes), (*sizes, 1), strict=True))


def test_the_enumeration_by_brute_force():
    """Small totals, all widths one by one; then the members of the published one."""
    for total in (83, 85, 997, 1261):
        found = _param_count.stacks(total, least=1, most=20)
        assert found.one == tuple((h,) for h in range(1, total) if stack(h) == total)
        assert found.two == tuple((a, b) for a in range(1, 50) for b in range(1, 600) if stack(a, b) == total)
        assert set(found.three) == {
            (a, b, c) for a in range(1, 21) for b in range(1, 21) for c in range(1, 21) if stack(a, b, c) == total
        }
    found = _param_count.stacks(_param_count.TOTAL)
    assert all(stack(*one) == _param_count.TOTAL for one in (*found.two, *found.three))
    assert len(set(found.three)) == 449 and max(max(one) for one in found.three) <= 1500
    assert (_param_count.TOTAL - 1) % 42 != 0
    # solved for the second width instead of the third: a (40 + 1) + (a + 1) b + (b + 1) c + c + 1
    a, c = np.meshgrid(np.arange(8, 1501), np.arange(8, 1501))
    left = _param_count.TOTAL - 1 - 41 * a - 2 * c
    b = left // (a + 1 + c)
    assert int(((left % (a + 1 + c) == 0) & (b >= 8) & (b <= 1500)).sum()) == 449


def test_effective_ranks():
    """Axes with variances by hand; and what the catalogue of claims says of MNIST's images and of normal points."""
    points = np.repeat(np.diag([3.0, 2.0, 1.0, 0.0]), 2, axis=0) * np.array([1, -1] * 4)[:, None]
    values = np.array([9.0, 4.0, 1.0])
    found = _image_input_dims.ranks(points)
    assert found.first == pytest.approx(14 / 9) and found.second == pytest.approx(14**2 / 98) and found.components == 2
    assert _image_input_dims.second_rank(points) == pytest.approx(values.sum() ** 2 / (values**2).sum())
    for n, d, said in ((200, 50, 40.1), (100, 400, 79.4)):
        drawn = [_image_input_dims.second_rank(np.random.default_rng(s).normal(size=(n, d))) for s in range(20)]
        assert np.mean(drawn) == pytest.approx(said, abs=0.5)
        assert np.mean(drawn) == pytest.approx(d * n / (n + d), rel=0.015)


@pytest.mark.slow
def test_the_calibrated_dimensions_of_mnist():
    found = _image_input_dims.ranks(load_images("mnist5k").points)
    assert (round(found.first, 1), round(found.second, 1), found.components) == (10.2, 30.2, 85)


def test_fewer_pixels_than_the_threshold_is_about_test_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(_image_input_dims, "load_images", lambda source: load_images("digits"))
    claim = judged(_image_input_dims, tmp_path)
    assert claim.verdict == "VACUOUS" and "28 x 28 or more are needed" in claim.evidence
    assert "150,528" in claim.evidence
    monkeypatch.delenv("OVERPARAM_DATA", raising=False)
    assert judged(_image_input_dims, tmp_path, "paper").verdict == "VACUOUS"


@pytest.mark.slow
def test_the_size_of_the_paper_takes_what_the_user_has(tmp_path, monkeypatch):
    """Smooth pictures in the place of CIFAR-10."""
    rng = np.random.default_rng(0)
    smooth = np.cumsum(np.cumsum(rng.normal(size=(500, 32, 32, 3)), axis=1), axis=2).astype(np.float32)
    images = load_images("mixture")._replace(name="cifar10", points=smooth)
    monkeypatch.setattr(_image_input_dims, "paper_images", lambda kind: images if kind == "cifar10" else None)
    monkeypatch.setattr(_image_input_dims, "photograph_patches", lambda side: None)
    sizes = _image_input_dims.Sizes(5, 100, 12)
    monkeypatch.setitem(_image_input_dims._SIZES, "paper", sizes)
    claim = judged(_image_input_dims, tmp_path, "paper")
    assert claim.verdict == "CONSISTENT" and "cifar10, 5 parts of 100 images with d = 3,072" in claim.evidence
