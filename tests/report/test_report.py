"""The page: every number is the run's, the same bytes twice, safe text, honest about what is missing."""

import html.parser
import json
import os
import re
import subprocess
import sys

import pytest

from overparam.report import _reading, _references, read_folder, write_report
from overparam.report.figures import _files
from overparam.report.page import _html
from tests.house.sources import ROOT
from tests.report.samples import CLAIMS, LADDER, ladder, write_folder

VOID = {"meta", "br", "link", "img", "input"}


class Page(html.parser.HTMLParser):
    """Tables by class, ids, links, tags that would fetch something, and whether the tags nest."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.ids, self.tags, self.urls, self.text = {}, [], set(), [], []
        self._stack, self._rows, self._cell = [], None, None
        self.feed(text)
        assert not self._stack, f"never closed: {self._stack}"

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.add(tag)
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.urls += [attrs[a] for a in ("src", "href", "xlink:href") if a in attrs]
        if tag not in VOID:
            self._stack.append(tag)
        if tag == "table":
            self._rows = self.tables.setdefault(attrs.get("class", ""), [])
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._cell = []
            self._rows[-1].append(self._cell)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self._stack, f"</{tag}> closes nothing"
            assert self._stack.pop() == tag
        if tag in ("td", "th"):
            self._cell = None

    def handle_data(self, data):
        self.text.append(data)
        if self._cell is not None:
            self._cell.append(data)

    def rows(self, table):
        return [[" ".join("".join(cell).split()) for cell in row] for row in self.tables[table]]


def report(folder):
    """As if the checker had accepted all that the samples name, which is not there; see tests/chain."""
    path = write_report(folder, read_folder(folder))
    assert path == folder / "report.html"
    return path.read_text()


@pytest.fixture
def quick(monkeypatch):
    """Figures are drawn, but not saved three times each; for tests about the text."""

    def draw_only(figure):
        figure.canvas.draw()
        return {"pdf": b"", "png": b"", "svg": b'<svg viewBox="0 0 1 1" width="1" height="1"></svg>'}

    monkeypatch.setattr(_files, "saved", draw_only)


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    out = write_folder(tmp_path_factory.mktemp("out"), {"gaussian": LADDER})
    return out, Page(report(out))


def test_the_ladder_is_the_runs_ladder(sample):
    rows = sample[1].rows("rungs")[1:]
    shown = [(row[0], row[1], row[2]) for row in rows]
    assert shown == [
        ("parameter counting", "≥ 7", "theorem"),
        ("exact minimal width", "–", "undecided"),
        ("tangent kernel's rank", "–", "undecided"),
        ("found by search", "≤ 9", "certified"),
        ("gradient descent", "7 – 24", "observed"),
        ("pairs construction", "≤ 13", "certified"),
        ("greedy pairs", "≤ 13", "certified"),
        ("distinct points", "≤ 38", "certified"),
        ("Bubeck et al., 4⌈n/d⌉", "≤ 32", "certified"),
        ("⌈4n/d⌉, as often quoted", "≤ 32", "theorem"),
        ("Zhang et al.", "≤ 40", "certified"),
        ("Baum, threshold units", "–", "vacuous"),
        ("NTK theorems", "–", "vacuous"),
    ]


def numbers_in(value):
    """Paths of all the numbers in parsed JSON."""
    if isinstance(value, dict):
        return [(key, *path) for key, inner in value.items() for path in numbers_in(inner)]
    if isinstance(value, list):
        return [(i, *path) for i, inner in enumerate(value) for path in numbers_in(inner)]
    return [()] if isinstance(value, (int, float)) and not isinstance(value, bool) else []


NUMBERS = numbers_in(LADDER)


@pytest.mark.parametrize("table", ["rungs", "found", "gd", "weights"])
def test_every_number_of_a_table_is_in_the_json(sample, table):
    written = {f"{_at(LADDER, path):.4g}" for path in NUMBERS} | {str(_at(LADDER, path)) for path in NUMBERS}
    for row in sample[1].rows(table)[1:]:
        cells = row[1:2] if table == "rungs" else row[1:]
        quoted = [n for cell in cells for n in re.findall(r"\d[\d.e+-]*", cell)]
        assert set(quoted) <= written, row


def _at(value, path):
    for step in path:
        value = value[step]
    return value


@pytest.mark.slow
def test_every_number_of_the_json_moves_the_report():
    """Change one number of the JSON at a time: the page must change.  Figures aside, so that text alone must tell."""

    def text_of(raw):
        folder = _reading.Folder([_reading.ladder_of(raw, stem="gaussian")], _reading.claims_of(CLAIMS), [], [])
        return _html.page(folder, {}, _references.references(folder))

    before = text_of(LADDER)
    for path in NUMBERS:
        raw = ladder()
        _at(raw, path[:-1])[path[-1]] = 2 * _at(raw, path) + 1
        assert text_of(raw) != before, path


def test_claims_are_the_runs_claims(sample):
    rows = sample[1].rows("verdicts")[1:]
    assert [(row[0], row[1], row[4]) for row in rows] == [(c["id"], c["verdict"], str(c["instances"])) for c in CLAIMS]
    assert rows[0][2] == "accepted by the checker: its certificates certified"
    assert rows[0][5] == "It does not show the bound for more."
    assert all(row[5] for row in rows)
    text = " ".join(" ".join(sample[1].text).split())
    for claim in CLAIMS:
        assert claim["claim"] in text
    assert "Networks built and accepted by the checker on 12 data sets. Not shown It does not show" in text
    assert "python -I -S proofs_check check certificates/claims/pairs" in text


def test_the_summary_reads_the_ladder_aloud(sample):
    text = " ".join(" ".join(sample[1].text).split())
    assert (
        "40 points in dimension 5: at least 7 neurons are needed for almost every labelling (theorem); a search found "
        "an exact network with 9 (certified); the best construction (pairs construction) takes 13 (certified); "
        "gradient descent fits with probability at least 0.5 at width 24 (observed, confidence 0.975), and at width 6 "
        "it fits less often (observed, confidence 0.975)."
    ) in text
    assert "PARTIAL" not in text
    assert "python -I -S proofs_check check certificates/gaussian/found" in text


def test_it_stands_alone(sample):
    out, page = sample
    assert not page.tags & {"link", "img", "iframe", "object", "embed", "video", "audio", "base"}
    assert "<script src" not in (out / "report.html").read_text()
    assert all(url.startswith(("#", "https://doi.org/", "https://arxiv.org/", "https://")) for url in page.urls)
    assert "@import" not in (out / "report.html").read_text()
    assert not re.search(r"url\((?!#)", (out / "report.html").read_text())
    assert len(page.ids) == len(set(page.ids)), "an id twice"
    assert {url[1:] for url in page.urls if url.startswith("#")} <= set(page.ids)
    assert (out / "report.html").stat().st_size < 2_000_000


def test_three_data_sets_stay_under_two_megabytes_and_their_ids_apart(sample):
    ladders = [_reading.ladder_of(ladder(name=name), stem=name) for name in ("a", "b", "c")]
    names = ("ladder", "success", "weights")
    drawn = {name: {"svg": (sample[0] / "figures" / f"{name}-gaussian.svg").read_bytes()} for name in names}
    text = _html.page(_reading.Folder(ladders, [], [], []), {one.stem: drawn for one in ladders}, [])
    assert len(text.encode()) < 2_000_000
    page = Page(text)
    assert "svg" in page.tags
    assert len(page.ids) == len(set(page.ids))


def files_in(out):
    return {str(p.relative_to(out)): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()}


@pytest.mark.slow
def test_two_runs_write_the_same_bytes(sample, tmp_path):
    """The second run is another process, with other hashes of strings, over its own first report."""
    code = (
        "import pathlib, sys; from overparam.report import read_folder, write_report; out = pathlib.Path(sys.argv[1]); "
        "write_report(out, read_folder(out))"
    )
    out = write_folder(tmp_path, {"gaussian": LADDER})
    (out / "report.html").write_text("an old report")
    subprocess.run([sys.executable, "-c", code, out], check=True, cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": "7"})
    files = files_in(out)
    assert files == files_in(sample[0])
    figures = {f"figures/{f}-gaussian.{k}" for f in ("ladder", "success", "weights") for k in ("pdf", "png", "svg")}
    paper = {"refs.bib", "numbers.tex", "methods.tex", "checklist.md", "report.json", "tables/ladder-gaussian.tex"}
    assert figures | paper | {"tables/claims.tex", "report.html"} <= set(files)


HOSTILE = '<script>alert("x")</script>%_&$#{}~^\\ \x1b[31m⌈λ漢.csv'


@pytest.mark.usefixtures("quick")
@pytest.mark.slow
def test_what_users_write_is_text(tmp_path):
    made = ladder(name=HOSTILE, labels=HOSTILE, notes=[HOSTILE])
    made["rungs"][0] |= {"rung": HOSTILE, "family": HOSTILE, "quantifier": HOSTILE, "theorem": HOSTILE}
    made["rungs"][3]["certificate"] = 'c" onclick="x; rm -rf $HOME'
    made["rungs"][5]["word"] = '"><b>'
    claims = [CLAIMS[0] | {"claim": HOSTILE, "verdict": "<i>"}]
    page = Page(report(write_folder(tmp_path, {"hostile <b>&": made}, claims)))
    assert "script" not in page.tags, "no claim is left, so there is no table to sort"
    assert not page.tags & {"b", "i"}
    assert HOSTILE.partition("\x1b")[0] in "".join(page.text)
    assert "check 'c\" onclick=\"x; rm -rf $HOME'" in "".join(page.text), "quoted for the shell"


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("ladders", "claims", "said"),
    [
        ({}, None, "nothing that a command leaves is here"),
        ({}, CLAIMS, None),  # what `verify` alone leaves
        ({"g": LADDER}, None, None),  # what `width` alone leaves
        ({"g": LADDER}, [], "claims.json holds no claims"),
        ({"g": LADDER | {"rungs": []}}, CLAIMS, "ladder-g.json holds no rungs"),
        ({"g": [1, 2]}, CLAIMS, "ladder-g.json is not the record of a run"),
        ({"g": {"rungs": [{"rung": "found"}]}}, CLAIMS, None),
        ({"g": {"rungs": [{"rung": "gd", "side": "threshold", "interval": [3, None]}], "data": None}}, None, None),
        ({"g": LADDER | {"searches": {}, "weights": [], "protocol": {}, "versions": {}}}, CLAIMS, None),
        ({"g": LADDER | {"searches": {"found": [], "gd": {"interval": None}}}}, CLAIMS, None),
        ({"g": LADDER | {"searches": {"found": [{"width": 0, "starts": 1, "fitted": 1}]}}}, CLAIMS, None),
        ({"g": LADDER | {"weights": [{"rung": "found", "neurons": 0, "max_abs_weight": 0}]}}, CLAIMS, None),
        ({"g": LADDER | {"searches": "no", "weights": {"a": 1}, "data": 3, "sentences": None}}, CLAIMS, None),
    ],
)
def test_a_partial_folder_still_gets_a_report(tmp_path, ladders, claims, said):
    text = report(write_folder(tmp_path, ladders, claims))
    Page(text)
    assert ("PARTIAL" in text) == (said is not None)
    assert said is None or said in text


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("interval", "confirmed", "shown", "read"),
    [
        ([7, 24], True, "7 – 24", "at width 6 it fits less often"),
        ([7, 24], False, "≤ 24", "no width was shown too small"),
        ([7, None], True, "≥ 7", "no width was confirmed"),
        ([7, None], False, "not settled", "no threshold of gradient descent was settled"),
    ],
)
def test_an_end_that_was_not_confirmed_is_not_shown_as_one(tmp_path, interval, confirmed, shown, read):
    raw = json.loads(json.dumps(LADDER))
    next(r for r in raw["rungs"] if r["rung"] == "gd").update(interval=interval, width=interval[1])
    raw["searches"]["gd"].update(interval=interval, low_confirmed=confirmed)
    text = report(write_folder(tmp_path, {"g": raw}))
    assert shown in text
    assert read in text


@pytest.mark.usefixtures("quick")
def test_the_reading_counts_the_network_that_was_built(tmp_path):
    """A theorem may promise more neurons than its construction used."""
    raw = json.loads(json.dumps(LADDER))
    raw["weights"] = [{"rung": "distinct", "neurons": 8}]
    raw["rungs"] = [r for r in raw["rungs"] if r["rung"] in ("counting", "distinct")]
    text = report(write_folder(tmp_path, {"g": raw}))
    assert "the best construction (distinct points) takes 8 (certified, where its theorem promises " in text
    raw["weights"] = [{"rung": "distinct", "neurons": 3}]
    assert "these labels are exceptional" in report(write_folder(tmp_path, {"g": raw}))


@pytest.mark.usefixtures("quick")
def test_an_unreadable_file_is_named(tmp_path):
    out = write_folder(tmp_path, {"good": LADDER})
    (out / "ladder-cut.json").write_text(json.dumps(LADDER)[:100])
    (out / "ladder-bytes.json").write_bytes(b"\xff\xfe\x00")
    (out / "ladder-long.json").write_text('{"rungs": ' + "9" * 5000 + "}")
    text = report(out)
    assert "ladder-cut.json cannot be read" in text
    assert "ladder-bytes.json cannot be read" in text
    assert "ladder-long.json cannot be read" in text
    assert "≤ 9" in text


@pytest.mark.usefixtures("quick")
@pytest.mark.slow
def test_all_widths_null_and_huge(tmp_path):
    nothing = LADDER | {"rungs": [r | {"width": None, "interval": None} for r in LADDER["rungs"]]}
    huge = LADDER | {"rungs": [r | {"width": 10**299, "interval": None} for r in LADDER["rungs"]]}
    one = LADDER | {"rungs": [LADDER["rungs"][0] | {"width": 0}]}
    out = write_folder(tmp_path, {"nothing": nothing, "huge": huge, "one": one})
    text = report(out)
    assert "1.00e+299" in text
    assert not (out / "figures" / "ladder-nothing.pdf").exists()


def test_the_references_are_those_used(sample):
    out, page = sample
    keys = re.findall(r"@\w+\{([^,]+),", (out / "refs.bib").read_text())
    assert set(keys) == {"zhang2017", "bubeck2020", "baum1988", "overparam"}  # the last for the project's own theorems
    assert keys == sorted(set(keys))
    cited = re.findall(r"\\cite\{([^}]+)\}", (out / "tables" / "ladder-gaussian.tex").read_text())
    assert set(cited) <= set(keys)
    assert "References" in "".join(page.text)
