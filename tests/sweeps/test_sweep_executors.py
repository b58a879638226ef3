"""Executors: any `.submit` whose future has `.result()`; a worker that dies loses nothing but time."""

import concurrent.futures
import errno
import os
import pickle
import signal

import pytest

from overparam.errors import InputError
from overparam.sweeps import _drive, plan, run, work
from overparam.sweeps._executors import SpawnPool, processors
from overparam.sweeps._work import Done, Unwritable
from tests.sweeps.sweeping import computed, rows_of, small


class Future:
    """What has been done, or what went wrong with it."""

    def __init__(self, function, *args):
        self.value, self.error = None, None
        try:
            self.value = function(*args)
        except Exception as error:
            self.error = error

    def result(self):
        if self.error is not None:
            raise self.error
        return self.value


class Here:
    """The least that an executor is; loses the work of chosen submissions."""

    def __init__(self, lose=lambda number: None):
        self.number, self.lose, self.renewed = 0, lose, 0

    def submit(self, function, *args):
        self.number += 1
        if (error := self.lose(self.number)) is not None:
            future = Future(lambda: None)
            future.error = error
            return future
        return Future(*pickle.loads(pickle.dumps((function, *args))))

    def renew(self):
        self.renewed += 1


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return computed(small(), tmp_path_factory.mktemp("whole"))


def test_any_executor_gives_the_same_rows(whole, tmp_path):
    assert computed(small(), tmp_path, executor=Here()) == whole


def test_work_is_harmless_to_repeat(whole, tmp_path):
    task = plan(small(), ())[0]
    first = work(str(tmp_path), task)
    again = work(str(tmp_path), task)
    assert (first.failure, first.met, again.failure, again.met) == (None, False, None, True)
    assert [path.name for path in (tmp_path / "shards").rglob("*.parquet")] == ["0-4.parquet"]


def test_what_a_worker_took_with_it_is_done_again(whole, tmp_path):
    told = []
    lost = Here(lambda number: concurrent.futures.BrokenExecutor("a worker died") if number in (2, 3) else None)
    assert computed(small(), tmp_path, executor=lost, note=told.append) == whole
    assert lost.renewed == 1
    assert any("2 shards were lost with their worker (a worker died)" in line for line in told)


def test_work_that_kills_its_worker_each_time_is_named_and_the_rest_is_done(whole, tmp_path):
    class Poisoned(Here):
        def submit(self, function, *args):
            if args[1].first == 4:
                self.number += 1
                future = Future(lambda: None)
                future.error = concurrent.futures.BrokenExecutor("killed")
                return future
            return super().submit(function, *args)

    executor = Poisoned()
    summary = run(small(), tmp_path, executor=executor)
    assert summary.exit_code == 6
    assert [name.rsplit("-")[1] for name in summary.failures] == ["4"]
    assert "its worker died each of 4 times (killed)" in next(iter(summary.failures.values()))
    assert executor.number == 3 + _drive.ROUNDS
    assert rows_of(tmp_path) == whole[:4] + whole[8:]
    assert computed(small(), tmp_path) == whole


def test_an_executor_that_takes_no_more_work_stops_the_run_and_keeps_what_is_there(whole, tmp_path):
    class Gone(Here):
        def submit(self, function, *args):
            if self.number == 2:
                raise ConnectionError("the scheduler is gone")
            return super().submit(function, *args)

    summary = run(small(), tmp_path, executor=Gone())
    assert summary.exit_code == 75
    assert summary.stopped == "the executor takes no more work: the scheduler is gone"
    assert computed(small(), tmp_path) == whole


def test_a_disk_that_is_full_stops_the_run(tmp_path):
    full = Here(lambda number: Unwritable(errno.ENOSPC, "No space left on device", "f") if number == 2 else None)
    summary = run(small(), tmp_path, executor=full)
    assert (summary.exit_code, summary.stopped) == (75, "cannot write f: No space left on device")


def test_a_worker_that_may_not_add_rows_refuses_for_all(tmp_path):
    other = Here(lambda number: InputError("computed differently"))
    with pytest.raises(InputError, match="computed differently"):
        run(small(), tmp_path, executor=other)


def test_errors_and_results_travel():
    error = pickle.loads(pickle.dumps(Unwritable(errno.ENOSPC, "No space left on device", "f")))
    assert (type(error), error.errno, error.filename) == (Unwritable, errno.ENOSPC, "f")
    done = Done(plan(small(), ())[0], failure="x", compiled=2)
    assert pickle.loads(pickle.dumps(done)) == done


def test_where_two_processes_meet_one_goes_on_elsewhere(tmp_path, monkeypatch):
    seen = []

    def meeting(folder, task, progress=None):
        seen.append(task.first)
        return Done(task, met=task.first == 4)

    monkeypatch.setattr(_drive, "work", meeting)
    summary = run(small(seeds=32), tmp_path)
    assert seen == [0, 4, 20, 24, 28, 8, 12, 16]
    assert (summary.computed, summary.missing, summary.exit_code) == (7, 0, 0)


def _die():
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_pool_begins_anew_after_a_worker_was_killed():
    pool = SpawnPool(1, threads=1)
    try:
        with pytest.raises(concurrent.futures.BrokenExecutor):
            pool.submit(_die).result()
        pool.renew()
        assert len(pool.submit(os.sched_getaffinity, 0).result()) == 1
    finally:
        pool.close()


@pytest.mark.slow
def test_a_pool_gives_the_same_rows(tmp_path):
    """Against this process: the pool's workers have the same processors, hence the same threads."""
    here = computed(small(seeds=8), tmp_path / "here")
    pool = SpawnPool(1)
    try:
        assert computed(small(seeds=8), tmp_path / "pool", executor=pool) == here
    finally:
        pool.close()


def test_processes_get_processors_in_turn(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1, 3, 5, 7})
    assert [processors(2, place) for place in range(3)] == [{1, 3}, {5, 7}, {1, 3}]
    for wrong in (0, 5):
        with pytest.raises(InputError, match=f"--threads must be from 1 to 4, the processors at hand, not {wrong}"):
            processors(wrong)
    with pytest.raises(InputError, match="--workers must be at least 1"):
        SpawnPool(0)
