"""What cannot be used is refused with a sentence that names the flag and says what to do, and leaves nothing behind."""

import numpy as np
import pytest

from tests.cli.commands import SHORT, files, npz, one_sentence, refused, run

SMALL = ("--data", "gaussian", "--n", "6", "--d", "2", "--no-report")

BUDGETS = {
    "starts 0": (("--starts", "0"), "--starts must be an integer from 1"),
    "starts -3": (("--starts", "-3"), "--starts must be an integer from 1"),
    "starts too many": (("--starts", str(2**31)), "--starts must be an integer from 1"),
    "lm-steps 0": (("--lm-steps", "0"), "--lm-steps must be an integer from 1"),
    "widest -1": (("--widest", "-1"), "--widest must be an integer from 0"),
    "widest below counting": (("--widest", "1"), "--widest 1 leaves no width to search"),
    "gd-steps 0": (("--gd-steps", "0"), "--gd-steps must be an integer from 1"),
    "gd-steps 150": (("--gd-steps", "150"), "--gd-steps must be a multiple of 100"),
    "gd-trials 0": (("--gd-trials", "0"), "--gd-trials must be an integer from 1"),
    "quantile 0": (("--gd-quantile", "0"), "--gd-quantile must be a probability"),
    "quantile 1": (("--gd-quantile", "1.0"), "--gd-quantile must be a probability"),
    "quantile nan": (("--gd-quantile", "nan"), "--gd-quantile must be a probability"),
    "root seed -1": (("--root-seed", "-1"), "--root-seed must be an integer from 0"),
    "root seed 2^70": (("--root-seed", str(2**70)), "--root-seed must be an integer from 0"),
}


@pytest.mark.parametrize("name", BUDGETS)
@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_budgets(tmp_path, name, dry):
    flags, sentence = BUDGETS[name]
    assert sentence in one_sentence("width", *SMALL, *flags, *dry, "--out", tmp_path / "out")
    assert list(tmp_path.iterdir()) in ([], [tmp_path / "out"])
    assert not files(tmp_path)


def test_a_law_needs_a_generator_and_is_refused_before_any_work(tmp_path):
    """The data file is not even read."""
    flags = ("--data", tmp_path / "missing.npz", "--gd-over", "law", "--out", tmp_path / "out")
    assert "--gd-over law needs a generator" in one_sentence("width", *flags)
    assert not (tmp_path / "out").exists()
    assert "there is no file" in one_sentence("width", *flags, "--no-gd")  # then the law does not matter


DATA = {
    "unknown name": (("--data", "gausian"), "--data 'gausian' is not known"),
    "n 0": (("--n", "0"), "--n must be an integer of at least 1"),
    "n -4": (("--n", "-4"), "--n must be an integer of at least 1"),
    "seed -1": (("--seed", "-1"), "--seed must be an integer of at least 0"),
    "samples of a generator": (("--samples", "3"), "the number of points is --n"),
    "n of a real set": (("--data", "breast_cancer", "--n", "5"), "the number of rows is --samples"),
    "ten classes": (("--data", "digits", "--samples", "30"), "--classes"),
    "missing file": (("--data", "nowhere.npz"), "there is no file"),
    "missing table": (("--data", "nowhere.csv", "--label-column", "y"), "there is no file"),
    "no label column": (("--data", "nowhere.csv"), "--label-column"),
}


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("command", ["width", "memorize"])
def test_data(tmp_path, monkeypatch, name, command):
    monkeypatch.chdir(tmp_path)
    flags, sentence = DATA[name]
    assert sentence in one_sentence(command, *flags, "--out", "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("frobnicate",),
        ("width", "--frobnicate"),
        ("width", "--n", "many"),
        ("width", "--n", "3.5"),
        ("width", "--size", "huge"),
        ("width", "--gd-over", "weights"),
        ("recheck",),
        ("certify", "--data", "gaussian"),
    ],
)
def test_flags_that_the_parser_refuses(arguments):
    assert "--help" in refused(*arguments)  # the parser's own words, with what was probably meant


def test_unknown_ids(tmp_path):
    assert "no theorem is called 'nope'; `overparam theorems` lists them" in one_sentence("theorems", "nope")
    assert "no study is called nope; `overparam verify --list` lists them" in one_sentence("verify", "s-baum", "nope")
    assert "no study is called nope" in one_sentence("verify", "nope", "--out", tmp_path / "out")
    assert "no construction is called 'pair'; did you mean pairs" in one_sentence("memorize", "--construction", "pair")
    assert "`overparam memorize --list` lists them" in one_sentence("memorize", "--construction", "magic")
    assert not files(tmp_path)


@pytest.mark.parametrize("command", ["recheck", "cite", "bundle", "report"])
def test_folders(tmp_path, command):
    file = tmp_path / "file"
    file.write_text("not a folder")
    assert "is not a folder" in one_sentence(command, file)
    assert "is not a folder" in one_sentence(command, tmp_path / "missing")
    assert not (tmp_path / "missing").exists()
    if command != "report":  # an empty folder gets a report that says so
        empty = tmp_path / "empty"
        empty.mkdir()
        assert "name an output folder" in one_sentence(command, empty)
        assert not files(empty)


@pytest.mark.parametrize("place", ["file", "file/below"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("width", *SMALL, *SHORT[2:], "--no-gd"),
        ("width", *SMALL, "--dry-run"),
        ("memorize", *SMALL[:-1]),
        ("theorems",),
        ("verify", "relu-distinct-worst-case"),
    ],
)
def test_an_out_that_is_no_folder(tmp_path, place, arguments):
    (tmp_path / "file").write_text("kept")
    assert "cannot be used as a folder" in one_sentence(*arguments, "--out", tmp_path / place)
    assert files(tmp_path) == {"file": b"kept"}


def test_an_out_that_cannot_be_written(tmp_path, monkeypatch):
    """Permissions do not stop the superuser, so the refusal of the file system is played."""

    def denied(*_, **__):
        raise PermissionError(13, "Permission denied", str(tmp_path))

    monkeypatch.setattr("tempfile.TemporaryFile", denied)
    message = one_sentence("width", *SMALL, "--no-gd", "--out", tmp_path)
    assert "cannot be used as a folder: Permission denied" in message


def test_a_full_disk_is_a_sentence(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device", str(tmp_path / "file"))

    monkeypatch.setattr("overparam.cli._output.write_atomically", full)
    result = run("theorems", "--out", tmp_path)
    assert (result.code, result.out) == (64, "")
    assert result.err.count("\n") == 1
    assert "No space left on device" in result.err


def test_a_construction_that_does_not_apply_leaves_nothing(tmp_path):
    message = one_sentence("memorize", *SMALL[:-1], "--construction", "baum", "--out", tmp_path / "out")
    assert "the labels must take at most two values" in message
    assert not files(tmp_path)


def test_networks_that_cannot_be_certified(tmp_path):
    data = ("--data", npz(tmp_path, np.eye(3), [1.0, 2.0, 3.0]), "--out", tmp_path / "out")
    junk = tmp_path / "net.npz"
    junk.write_bytes(b"junk")
    assert "no NPZ file" in one_sentence("certify", junk, *data)
    assert "there is no file" in one_sentence("certify", tmp_path / "none.npz", *data)
    np.savez(junk, u=np.ones((1, 3)), b=np.zeros(1), v=np.zeros(1), c=0.0)  # one weight of freedom, three labels
    assert "no choice of the 1 other weights" in one_sentence("certify", junk, *data)
    np.savez(junk, u=np.ones((1, 2)), b=np.zeros(1), v=np.ones(1), c=0.0)
    assert "takes 2 inputs, but the points have 3 coordinates" in one_sentence("certify", junk, *data)
    assert not (tmp_path / "out").exists()


def test_interruption_is_no_traceback(monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("overparam.cli._texts.theorem_records", interrupted)
    result = run("theorems")
    assert result.code == 75
    assert "interrupted" in result.err
