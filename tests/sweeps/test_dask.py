"""dask.distributed for real: scheduler and workers are processes, which are killed in the middle of the work."""

import concurrent.futures
import os
import re
import signal
import socket

import pytest

from overparam.cli import main
from overparam.errors import InputError
from overparam.sweeps import DaskExecutor, run, work
from overparam.sweeps import _dask as room
from overparam.sweeps._remote import Answer
from tests.sweeps.clusters import cluster, end, shards_in, until
from tests.sweeps.sweeping import command, computed, finished, rows_of, small, written

dask = pytest.importorskip("dask", reason="the extra `cluster` is not installed")
distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

# A dozen shards of some hundred thousand steps, so that there is a middle.
LONG = {"seeds": 48, "shard": 4, "train": {"max_steps": 60_000, "tolerance": 1e-12, "check_every": 5_000}}
SHARDS = 12


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("programs")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Undisturbed, in this process."""
    return computed(small(**LONG), tmp_path_factory.mktemp("whole"))


def patience(monkeypatch, seconds):
    """How long clients, in this process and its children, look for a scheduler that they have lost."""
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", f"{seconds}s")
    return dask.config.set({"distributed.comm.timeouts.connect": f"{seconds}s"})


def test_answers_errors_and_the_end_of_a_scheduler(tmp_path, cache, monkeypatch):
    """With calls that need no JAX."""
    monkeypatch.setattr(room, "_LOOK", 0.1)
    (tmp_path / "spec.toml").touch()
    told = []
    with patience(monkeypatch, 1), cluster(tmp_path / "dask", cache) as made:

        def tell(text):
            if not told:
                made.worker()
            told.append(text)

        executor = DaskExecutor(str(made.file), tell=tell)
        try:
            names = executor.submit(os.listdir, str(tmp_path))
            assert set(names.result()) >= {"spec.toml", "dask"}
            assert not names.cancel()
            assert told[0].startswith(f"no workers at {executor.address} yet; start some with: dask worker")
            with pytest.raises(FileNotFoundError):
                executor.submit(os.path.samefile, str(tmp_path), str(tmp_path / "none")).result()
            end(made.processes[1])  # nobody is left to do it
            waiting = executor.submit(os.listdir, str(tmp_path))
            end(made.scheduler)
            with pytest.raises(concurrent.futures.BrokenExecutor, match=r"the scheduler at tcp://127\..* is lost"):
                waiting.result()
            executor.renew()
            with pytest.raises(ConnectionError, match="is lost; start one again and name it by --dask"):
                executor.submit(os.listdir, str(tmp_path))
        finally:
            executor.close()


@pytest.mark.slow
def test_a_worker_that_comes_late_gives_the_same_rows(tmp_path, cache, monkeypatch):
    monkeypatch.setattr(room, "_LOOK", 0.2)
    spec, told = small(), []
    here = computed(spec, tmp_path / "here")
    with cluster(tmp_path / "dask", cache) as made:

        def tell(text):
            if text.startswith("no workers at tcp://127.0.0.1:") and not told:
                made.worker("--nthreads", "2")  # two shards at once in one process
            told.append(text)

        executor = DaskExecutor(str(made.file), tell=tell)
        try:
            assert computed(spec, tmp_path / "there", executor=executor) == here
        finally:
            executor.close()
        assert told
        with distributed.Client(executor.address, set_as_default=False) as client:
            mine = DaskExecutor(client)
            assert run(small(seeds=16), tmp_path / "there", executor=mine).computed == 1
            mine.close()
            assert client.status == "running"  # the caller's client stays open
    assert shards_in(tmp_path / "there") == 4


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_loses_nothing(tmp_path, cache, whole):
    out = tmp_path / "out"
    with cluster(tmp_path / "dask", cache) as made:
        workers = [made.worker(), made.worker()]
        going = command("run", written(small(**LONG), tmp_path), "--out", out, "--dask", made.file)
        try:
            until(lambda: shards_in(out) >= 3, "some shards are there")
            end(workers[0], signal.SIGKILL)
            assert shards_in(out) < SHARDS, "the kill came too late to show anything"
            code, text, _ = finished(going)
        finally:
            going.kill()
    assert code == 0
    assert " 0 missing" in text  # what the dead one had written and not told is there, and not computed again
    assert rows_of(out) == whole


@pytest.mark.slow
@pytest.mark.parametrize(("number", "again"), [(signal.SIGKILL, True), (signal.SIGTERM, False)])
def test_a_lost_scheduler_ends_the_run_and_the_same_command_goes_on(tmp_path, cache, whole, monkeypatch, number, again):
    """Killed, and then with a new scheduler; told to stop, and then without one."""
    out, given = tmp_path / "out", written(small(**LONG), tmp_path)
    with patience(monkeypatch, 2), cluster(tmp_path / "first", cache) as made:
        made.worker()
        going = command("run", given, "--out", out, "--dask", made.file)
        try:
            until(lambda: shards_in(out) >= 2, "some shards are there")
            end(made.scheduler, number)
            code, text, err = finished(going)
        finally:
            going.kill()
    assert code == 75
    assert "is lost; start one again" in err and "run the same command again" in err
    there = shards_in(out)
    assert 2 <= there < SHARDS
    if again:
        with cluster(tmp_path / "second", cache) as made:
            made.worker()
            code, text, _ = finished(command("run", given, "--out", out, "--dask", made.file))
    else:
        code, text, _ = finished(command("run", given, "--out", out, cache=cache))
    assert code == 0
    assert re.search(rf" {there} shards were there, .* 0 missing", text)
    assert rows_of(out) == whole


@pytest.mark.slow
def test_a_signal_ends_the_run_and_not_the_workers(tmp_path, cache, whole):
    out, given = tmp_path / "out", written(small(**LONG), tmp_path)
    with cluster(tmp_path / "dask", cache) as made:
        worker = made.worker()
        going = command("run", given, "--out", out, "--dask", made.file)
        try:
            until(lambda: shards_in(out) >= 2, "some shards are there")
            going.send_signal(signal.SIGTERM)
            assert finished(going)[0] == 75
        finally:
            going.kill()
        assert worker.poll() is None
        assert finished(command("run", given, "--out", out, "--dask", made.file))[0] == 0
    assert rows_of(out) == whole


class Client:
    """As much of a client as an executor needs."""

    status = "running"
    scheduler = type("Scheduler", (), {"address": "tcp://127.0.0.1:1"})

    def __init__(self, future):
        self.future, self.looks = future, 0

    def submit(self, *args, pure):
        assert pure is False  # else dask would repeat an old answer
        return self.future

    def nthreads(self):
        self.looks += 1
        return {"tcp://127.0.0.1:2": 1}


class Future:
    """Raises what it is given, one after the other, and is then done."""

    def __init__(self, status, *raised):
        self.status, self.raised = status, list(raised)

    def result(self, timeout):
        if self.raised:
            raise self.raised.pop(0)
        return Answer("there", "done")

    def exception(self):
        return self.own


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (ModuleNotFoundError("No module named 'overparam'"), InputError, "install the same version there"),
        (TimeoutError("the disk did not answer"), TimeoutError, "the disk did not answer"),
        (concurrent.futures.CancelledError(), concurrent.futures.BrokenExecutor, "is lost"),
    ],
)
def test_what_workers_raise(error, kind, words):
    future = Future("error", error)
    future.own = error
    with pytest.raises(kind, match=words):
        DaskExecutor(Client(future)).submit(work, "nowhere").result()


def test_an_answer_that_comes_as_the_wait_ends_is_taken():
    client = Client(Future("finished", TimeoutError("timed out after 5 s."), TimeoutError("timed out after 5 s.")))
    assert DaskExecutor(client).submit(work, "nowhere").result() == "done"
    assert client.looks == 2


def test_sentences_for_schedulers_that_are_none(tmp_path, monkeypatch, capsys):
    given, out = written(small(), tmp_path), tmp_path / "out"

    def refused(*options):
        assert main(["run", str(given), "--out", str(out), *options]) == 64
        assert not out.exists()
        return capsys.readouterr().err

    with socket.socket() as free:  # bound, and nobody listens
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        with patience(monkeypatch, 0.3):
            assert f"no dask scheduler answers at {address}" in refused("--dask", address)
    assert "has an address such as tcp://host:8786" in refused("--dask", "nonsense://x")
    for name, content in (("bad.json", "{}"), ("worse.json", "[1"), ("worst.json", None)):
        file = tmp_path / name
        if content is not None:
            file.write_text(content)
        assert f"{file} is no file that `dask scheduler" in refused("--dask", str(file))
    for option in ("--workers", "--threads"):
        assert "leave --workers and --threads out" in refused("--dask", address, option, "1")
