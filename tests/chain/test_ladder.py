"""From a data set to a certified ladder: the recipes whose numbers are known, checked by a referee and by hand."""

import json

import numpy as np
import pytest

from overparam.data import DataSpec, load
from tests.chain.ladders import GAUSSIAN, climb, lone_checker, naive_width, referee
from tests.cli.commands import SHORT, check_rungs, files, npz, run


def recipe(n, d):
    rng = np.random.default_rng(0)
    points = rng.normal(size=(n, d))
    return points, rng.normal(size=n)


def certificates(out, rungs):
    """Folder by rung."""
    return {name: out / rung["certificate"] for name, rung in rungs.items() if rung["certificate"] is not None}


def everything_holds(tmp_path, out, ladder, points, labels, *, exceptional=False):
    """The rungs obey their rules, a lone checker accepts each certificate, and each witness fits by hand."""
    rungs = check_rungs(ladder, out, exceptional=exceptional)
    folders = certificates(out, rungs)
    code, answers = referee(lone_checker(tmp_path), *folders.values())
    assert code == 0
    assert [answer["answer"] for answer in answers] == ["accepted"] * len(folders)
    for name, folder in folders.items():
        if name == "rank":  # about a Jacobian of half as many neurons, which tests/proofs_check recomputes
            (said,) = (answer["sentence"] for answer in answers if answer["folder"] == str(folder))
            assert f"one hidden layer of exactly {rungs[name]['width'] // 2} ReLU neurons" in said
            continue
        assert naive_width(folder, points, labels) <= rungs[name]["width"]
    assert naive_width(folders["greedy"], points, labels) == rungs["greedy"]["width"]
    return rungs


def test_forty_gaussian_points_in_dimension_five(gaussian, tmp_path):
    out, ladder, _ = gaussian
    points, labels = recipe(40, 5)
    rungs = everything_holds(tmp_path, out, ladder, points, labels)
    width = {name: rung["width"] for name, rung in rungs.items()}
    assert (width["counting"], width["pairs"], width["ceil-4n-d"], width["bubeck-4ceil"]) == (7, 13, 32, 32)
    assert (width["distinct"], width["zhang"]) == (38, 40)
    assert rungs["found"]["word"] == "certified"
    assert 7 <= width["found"] <= 10
    assert naive_width(out / rungs["found"]["certificate"], points, labels) == width["found"]
    assert naive_width(out / rungs["pairs"]["certificate"], points, labels) == 13
    words = {name: rung["word"] for name, rung in rungs.items()}
    assert words["counting"] == words["rank"] == "theorem" and words["baum"] == "vacuous"
    assert {words[name] for name in ("pairs", "greedy", "distinct", "ceil-4n-d", "bubeck-4ceil", "zhang")} == {
        "certified"
    }
    searched = ladder["searches"]["found"]
    assert [row["width"] for row in searched] == list(range(7, width["found"] + 1))
    assert all(row["starts"] >= 64 for row in searched)
    assert str(width["found"]) in rungs["found"]["budget"].partition(";")[0]  # what was done, before what was allowed


def test_the_recipe_is_numpys(gaussian, tmp_path):
    """The generator draws points first, then labels, and a file with the same numbers is the same data set."""
    _, ladder, _ = gaussian
    points, labels = recipe(40, 5)
    drawn, read = load(DataSpec(n=40, d=5)), load(DataSpec(data=str(npz(tmp_path, points, labels))))
    assert np.array_equal(drawn.points, points) and np.array_equal(drawn.labels, labels)
    assert np.array_equal(read.points, points) and np.array_equal(read.labels, labels)
    result = run("memorize", "--data", tmp_path / "points.npz", "--json", "--out", tmp_path)
    assert ladder["data"]["sha256"][:12] in result.json["certificate"]


@pytest.mark.slow
def test_twenty_points_in_the_plane(tmp_path):
    """Thirteen neurons by construction; a short search finds none, and its row says so without a claim."""
    points, labels = recipe(20, 2)
    flags = ("--data", "gaussian", "--n", "20", "--d", "2", "--starts", "16", "--lm-steps", "60", "--widest", "8")
    ladder, _ = climb(tmp_path / "out", *flags)
    (tmp_path / "referee").mkdir()
    rungs = everything_holds(tmp_path / "referee", tmp_path / "out", ladder, points, labels)
    assert (rungs["counting"]["width"], rungs["pairs"]["width"], rungs["pairs"]["word"]) == (7, 13, "certified")
    assert naive_width(tmp_path / "out" / rungs["pairs"]["certificate"], points, labels) == 13
    assert (rungs["found"]["word"], rungs["found"]["width"]) == ("not_found", None)
    assert "7 to 8" in rungs["found"]["budget"]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("labels", ["own", "shuffled"])
@pytest.mark.parametrize("data", [("breast_cancer",), ("digits", "--classes", "0", "1")], ids=["cancer", "digits"])
def test_real_data(tmp_path, data, labels):
    """Every rung of the issue but the later ones; the rows and their scaling are those of test_real."""
    flags = ("--data", *data, "--samples", "60", "--labels", labels)
    ladder, _ = climb(tmp_path / "out", *flags)
    spec = DataSpec(data=data[0], samples=60, labels=labels, classes=data[2:])
    dataset = load(spec)
    assert set(dataset.labels) == {-1.0, 1.0}
    (tmp_path / "referee").mkdir()
    rungs = everything_holds(
        tmp_path / "referee", tmp_path / "out", ladder, dataset.points, dataset.labels, exceptional=True
    )
    assert set(rungs) == {
        "counting", "rank", "found", "greedy", "pairs", "distinct", "ceil-4n-d", "bubeck-4ceil", "zhang", "baum",
    }  # fmt: skip
    assert rungs["greedy"]["word"] == rungs["distinct"]["word"] == rungs["zhang"]["word"] == "certified"
    assert ladder["data"]["n"] == 60


@pytest.mark.slow
def test_two_runs_write_the_same_bytes(gaussian, tmp_path):
    """Search, certificates, report, figures: all of it."""
    seen = []
    for name in ("one", "two"):
        assert run("width", *GAUSSIAN, "--no-gd", "--out", tmp_path / name).code == 0
        seen.append(files(tmp_path / name))
    assert seen[0] == seen[1]
    assert {"report.html", "refs.bib", "numbers.tex"} <= set(seen[0])
    assert {name: content for name, content in seen[0].items() if name in files(gaussian[0])} == files(gaussian[0])


@pytest.mark.slow
def test_two_short_runs_write_the_same_bytes(tmp_path):
    """The same in small, another folder name, into a folder that exists, and over its own results."""
    flags = ("width", "--data", "gaussian", "--n", "8", "--d", "2", *SHORT)
    (tmp_path / "two" / "deep").mkdir(parents=True)
    for place in ("one", "two/deep", "two/deep"):
        assert run(*flags, "--out", tmp_path / place).code == 0
    assert files(tmp_path / "one") == files(tmp_path / "two" / "deep")
    other = run(*flags, "--root-seed", "1", "--json").json
    (ladder,) = (tmp_path / "one").glob("ladder-*.json")
    assert other["data"]["sha256"][:8] in ladder.name, "another root seed changes the search, not the data"
    assert other["searches"] != json.loads(ladder.read_text())["searches"]
