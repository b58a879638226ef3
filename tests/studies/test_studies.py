"""Each study ends in the verdict it was designed for, and no sabotage gets a certificate past the checker."""

import dataclasses
import itertools
import json
from fractions import Fraction

import pytest

import proofs_check
from overparam.errors import InputError
from overparam.records import Claim, Verdict, exit_code
from overparam.studies import STUDIES, instances, verify
from overparam.studies import _ceil_4n_d as ceil_study
from overparam.studies import _constructions as constructions
from overparam.studies import _counting as counting_study
from overparam.studies import _memorizers as memorizers
from tests.studies.judging import well_told

BUILT = [study.theorem for study in constructions.CONSTRUCTIONS]


@pytest.fixture
def small(monkeypatch):
    """Three data sets a study, one shape for the search, and a small grid for the formula."""

    def few(*arguments, **options):
        return itertools.islice(instances(*arguments, **options), 4, 7)

    monkeypatch.setattr(constructions, "instances", few)
    monkeypatch.setattr(ceil_study, "instances", few)
    monkeypatch.setattr(ceil_study, "_LARGEST_N", 100)
    monkeypatch.setattr(counting_study, "_SHAPES", {"ci": ((8, 2),)})


def certificates(out):
    return [path.parent for path in out.rglob("statement.json")]


@pytest.mark.parametrize("slug", BUILT)
def test_constructions_are_certified(tmp_path, small, slug):
    (claim,) = verify([slug], tmp_path, "ci")
    assert (claim.id, claim.verdict, claim.instances) == (slug, "CERTIFIED", 3), claim.evidence
    assert len(certificates(tmp_path / claim.certificate)) == 3
    for folder in certificates(tmp_path):
        answer = proofs_check.check(folder)
        assert answer.status == "accepted"
        assert f"the bound of {proofs_check.THEOREMS[slug].title}" in answer.sentence
    assert "on 3 of 3 data sets" in claim.evidence
    assert "docs/theory" in claim.evidence or "Other data sets rest on the theorem" in claim.evidence
    assert claim.claim.startswith(f"On each data set in claims/{claim.id}, "), "samples verify no universal theorem"


@pytest.fixture
def fewer(monkeypatch):
    """Four data sets a construction, of at most six points."""
    monkeypatch.setattr(memorizers, "_LARGEST", {"ci": 6})
    monkeypatch.setattr(memorizers, "_LAWS", {laws: given[-1:] for laws, given in memorizers._LAWS.items()})


@pytest.mark.parametrize("study", memorizers.MEMORIZERS, ids=lambda study: study.theorem)
def test_the_catalogue_is_certified(tmp_path, fewer, study):
    (claim,) = verify([study.theorem], tmp_path, "ci")
    assert (claim.id, claim.verdict) == (study.theorem, "CERTIFIED"), claim.evidence
    accepted = [proofs_check.check(folder) for folder in certificates(tmp_path / claim.certificate)]
    assert len(accepted) == claim.instances == len(study.constructions) * len(list(study.instances("ci")))
    assert {answer.status for answer in accepted} == {"accepted"}
    assert claim.claim.startswith(f"On each data set in claims/{claim.id}, "), "samples verify no universal theorem"
    rests = "Other data sets rest on the theorem" in claim.evidence
    assert rests is proofs_check.THEOREMS[study.theorem].suffices
    assert rests is not ("not compared how large" in claim.evidence)


@pytest.mark.parametrize("slug", ["yun2019-3layer", "hardt2017-residual", "vardi2022-sqrt", "clipped-ntk"])
def test_a_spoilt_network_of_the_catalogue_leaves_its_claim_open(tmp_path, fewer, monkeypatch, slug):
    def spoilt(*arguments):
        memorizer = memorize(*arguments)
        network = memorizer.network
        if hasattr(network, "c"):  # a lot, for a claim that allows errors
            return dataclasses.replace(memorizer, network=dataclasses.replace(network, c=network.c + 10**6))
        outer = network.outer if hasattr(network, "outer") else network.layers[-1]
        moved = outer._replace(bias=(outer.bias[0] + Fraction(1, 2**300),))
        changed = {"outer": moved} if hasattr(network, "outer") else {"layers": (*network.layers[:-1], moved)}
        return dataclasses.replace(memorizer, network=dataclasses.replace(network, **changed), output_bias=True)

    memorize = memorizers.memorize
    monkeypatch.setattr(memorizers, "memorize", spoilt)
    (claim,) = verify([slug], tmp_path, "ci")
    assert (claim.verdict, claim.instances) == ("INCONCLUSIVE", 0)


def test_a_network_larger_than_the_theorem_allows_leaves_its_claim_open(tmp_path, fewer, monkeypatch):
    theorem = proofs_check.THEOREMS["vardi2022-sqrt"]
    monkeypatch.setitem(proofs_check.THEOREMS, theorem.key, dataclasses.replace(theorem, allows=lambda *_: False))
    (claim,) = verify([theorem.key], tmp_path, "ci")
    assert claim.verdict == "INCONCLUSIVE"
    assert "more than the theorem allows" in claim.evidence


def test_the_quoted_bound_is_scoped(tmp_path, small):
    (claim,) = verify(["s-baum"], tmp_path, "ci")
    assert (claim.verdict, claim.instances) == ("SCOPED", 4)
    assert "true with an output bias; false without one" in claim.claim
    assert all(proofs_check.check(folder).status == "accepted" for folder in certificates(tmp_path))


def test_a_formula_that_is_exceeded_leaves_the_quoted_bound_open(tmp_path, small, monkeypatch):
    """The comparison of the two formulas can fail: the quoted one lowered by one neuron."""
    theorem = proofs_check.THEOREMS["s-baum"]
    lowered = dataclasses.replace(theorem, width=lambda n, d: theorem.width(n, d) - 1)
    monkeypatch.setitem(proofs_check.THEOREMS, "s-baum", lowered)
    (claim,) = verify(["s-baum"], tmp_path, "ci")
    assert claim.verdict == "INCONCLUSIVE"
    assert "except at (n, d) = [(" in claim.evidence


def test_counting_is_consistent(tmp_path, small):
    (claim,) = verify(["param-count"], tmp_path, "ci")
    assert (claim.verdict, claim.certificate) == ("CONSISTENT", None)
    assert "The search proves nothing" in claim.evidence
    assert "certified 0 networks" in claim.evidence
    assert not certificates(tmp_path)


def test_counting_with_exceptional_labels_stays_open(tmp_path, small, monkeypatch):
    """Labels of a single neuron are fitted below the bound, which "almost every" allows."""
    load = counting_study.load

    def one_neuron(spec):
        data = load(spec)
        return data._replace(labels=abs(data.points[:, 0]))

    monkeypatch.setattr(counting_study, "load", one_neuron)
    (claim,) = verify(["param-count"], tmp_path, "ci")
    assert claim.verdict == "INCONCLUSIVE"
    assert "Exceptional labels: n = 8, d = 2: width 2" in claim.evidence


def off_by_little(memorizer):
    network = dataclasses.replace(memorizer.network, c=memorizer.network.c + Fraction(1, 2**300))
    return dataclasses.replace(memorizer, network=network)


def one_neuron_more(memorizer):
    net = memorizer.network
    while net.width <= proofs_check.THEOREMS["pairs-2n-over-d-plus-1"].width(*_shape(memorizer)):
        net = dataclasses.replace(net, u=(*net.u, (Fraction(0),) * net.dim), b=(*net.b, Fraction(0)),
                                  v=(*net.v, Fraction(0)))  # fmt: skip
    return dataclasses.replace(memorizer, network=net)


def _shape(memorizer):
    return memorizer.data.n_samples, memorizer.data.dim


def refuse(memorizer):
    raise InputError("the construction refuses")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (off_by_little, "misses the label of sample 0"),
        (one_neuron_more, "is above"),
        (refuse, "the construction refuses"),
    ],
)
@pytest.mark.parametrize("every", [False, True])
def test_sabotage_is_inconclusive_and_names_the_instance(tmp_path, small, monkeypatch, spoil, reason, every):
    memorize, calls = constructions.memorize, itertools.count()

    def spoilt(*arguments, **options):
        memorizer = memorize(*arguments, **options)
        return spoil(memorizer) if every or next(calls) == 1 else memorizer

    monkeypatch.setattr(constructions, "memorize", spoilt)
    slug = "pairs-2n-over-d-plus-1"
    (claim,) = verify([slug], tmp_path, "ci")
    specs = list(constructions.instances("ci", position=True))
    assert claim.verdict == "INCONCLUSIVE"
    assert claim.instances == len(certificates(tmp_path)) == (0 if every else 2)
    assert f"not certified: {constructions.folder_name(specs[0 if every else 1])}: " in claim.evidence
    assert reason in claim.evidence
    assert claim.certificate is None if every else claim.certificate == f"claims/{slug}"


def test_ids(tmp_path, small):
    judged = {key for key, theorem in proofs_check.THEOREMS.items() if theorem.suffices}
    assert judged <= set(STUDIES), "each upper bound of the checker is built"
    with pytest.raises(InputError, match="no study is called nope"):
        list(verify(["zhang2017-thm1", "nope"], tmp_path, "ci"))
    assert not list(tmp_path.iterdir()), "refused before anything runs"
    assert [well_told(claim).id for claim in verify(["zhang2017-thm1"] * 2, tmp_path, "ci")] == ["zhang2017-thm1"]


def test_instances_are_of_every_kind_the_formulas_distinguish():
    for size, seeds in (("ci", 1), ("laptop", 3), ("paper", 10)):
        listed = list(instances(size, position=True))
        assert len(set(listed)) == len(listed)
        assert {spec.seed for spec in listed} == set(range(seeds))
        assert {spec.n % (spec.d + 1) for spec in listed} >= {0, 1, 2}
        assert any(spec.n <= spec.d for spec in listed) and any(spec.n == 1 for spec in listed)
    names = [constructions.folder_name(spec) for spec in instances("paper", position=False)]
    assert len(set(names)) == len(names)
    assert {spec.labels for spec in instances("ci", position=True, signs=True)} == {"signs"}


OPEN, CLOSED = ("INCONCLUSIVE", "VACUOUS"), ("CERTIFIED", "CONSISTENT", "ESTIMATED", "SCOPED")


@pytest.mark.parametrize("strict", [False, True])
def test_exit_codes(strict):
    for verdicts in itertools.chain.from_iterable(itertools.product(Verdict, repeat=k) for k in (0, 1, 2)):
        refuted = "REFUTED" in verdicts
        left_open = bool(set(OPEN) & set(verdicts))
        assert exit_code(list(verdicts), strict=strict) == (3 if refuted else 5 if strict and left_open else 0)
    assert {*OPEN, *CLOSED, "REFUTED"} == set(Verdict)


@pytest.mark.parametrize(
    ("verdicts", "strict", "code"), [(("CERTIFIED", "INCONCLUSIVE"), True, 5), (("REFUTED", "INCONCLUSIVE"), False, 3)]
)
def test_the_command_passes_them_on(monkeypatch, verdicts, strict, code):
    from tests.cli.commands import run

    claims = [Claim("x", Verdict(verdict), "claim", "evidence", 1, None) for verdict in verdicts]
    monkeypatch.setattr(
        "overparam.studies._registry.STUDIES", {str(i): lambda *_, c=c: c for i, c in enumerate(claims)}
    )
    monkeypatch.setattr("overparam.studies._registry.GROUPS", {"width": tuple(map(str, range(len(claims))))})
    assert run("verify", *(["--strict"] if strict else [])).code == code


@pytest.mark.slow
def test_worst_case_width_resumes_and_believes_no_foreign_line(tmp_path):
    """A second run decides nothing anew, and a line that this study would not write is decided again."""
    (first,) = verify(["worst-case-width"], tmp_path, "ci")
    assert well_told(first).verdict == "CERTIFIED"
    folder = tmp_path / "claims" / "worst-case-width"
    kept = {path.name: path.read_bytes() for path in folder.glob("*.jsonl")}
    (again,) = verify(["worst-case-width"], tmp_path, "ci")
    assert again == first
    assert {path.name: path.read_bytes() for path in folder.glob("*.jsonl")} == kept
    lie = {"draw": 0, "outcome": "impossible", "cases": 1, "points": [[0, 0]] * 7, "labels": [0] * 7}
    (folder / "d2-n7-width3.jsonl").write_text(json.dumps(lie) + "\n")
    (folder / "d2-n5-width2.jsonl").write_bytes(kept["d2-n5-width2.jsonl"][:500] + b"\xff{")
    (mended,) = verify(["worst-case-width"], tmp_path, "ci")
    assert mended == first
    assert {path.name: path.read_bytes() for path in folder.glob("*.jsonl")} == kept
