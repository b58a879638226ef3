"""submitit's local executor: its jobs are processes of this machine."""

import concurrent.futures
import os
import pathlib
import signal

import pytest

from overparam.errors import InputError
from overparam.sweeps import SubmititExecutor, _remote, plan, run, work
from overparam.sweeps._remote import Answer, remotely, taken
from overparam.sweeps._submitit import CallAll
from overparam.sweeps._work import Done, Unwritable
from tests.sweeps.clusters import surroundings
from tests.sweeps.sweeping import computed, small

submitit = pytest.importorskip("submitit", reason="the extra `cluster` is not installed")


class Jobs:
    """As much of a submitit executor as is needed, here; loses the jobs of chosen numbers."""

    def __init__(self, lose=()):
        self.lose, self.sizes, self.cancelled, self.begun = lose, [], [], 0

    def map_array(self, function, groups):
        assert function.checkpoint(groups[0]).function is function
        return [self.job(function, group) for group in groups]

    def job(self, function, group):
        self.begun += 1
        self.sizes.append(len(group))
        return Job(self, self.begun, lambda: function(group))


class Job:
    def __init__(self, jobs, job_id, call):
        self.jobs, self.job_id, self.call = jobs, job_id, call

    def result(self):
        if self.job_id in self.jobs.lose:
            raise submitit.core.utils.UncompletedJobError("it\nhas not produced any output")
        return self.call()

    def cancel(self, check):
        self.jobs.cancelled.append(self.job_id)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return computed(small(), tmp_path_factory.mktemp("whole"))


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(_remote, "PATIENCE", 0.0)


@pytest.fixture
def local(tmp_path, monkeypatch):
    """The local executor; its processes find this source tree."""
    for name, value in surroundings(tmp_path / "cache").items():
        monkeypatch.setenv(name, value)
    executor = submitit.LocalExecutor(tmp_path / "jobs")
    executor.update_parameters(timeout_min=10)
    return executor


@pytest.mark.slow
def test_local_jobs_give_the_same_rows(whole, tmp_path, local):
    assert computed(small(), tmp_path / "out", executor=SubmititExecutor(local, jobs=2)) == whole
    assert len(list((tmp_path / "jobs").glob("*_result.pkl"))) == 2


def _killed_once(place, mark):
    """The process dies the first time."""
    if not pathlib.Path(mark).exists():
        pathlib.Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


@pytest.mark.slow
def test_a_local_job_that_was_killed_is_lost_and_can_be_done_again(tmp_path, local, monkeypatch):
    monkeypatch.setattr(submitit.LocalJob, "_results_timeout_s", 0)
    (tmp_path / "spec.toml").touch()
    executor, mark = SubmititExecutor(local, jobs=1), str(tmp_path / "mark")
    with pytest.raises(concurrent.futures.BrokenExecutor, match=r"job \d+ ended early"):
        executor.submit(_killed_once, str(tmp_path), mark).result()
    assert executor.submit(_killed_once, str(tmp_path), mark).result() != os.getpid()


def test_work_is_divided_among_jobs_and_lost_jobs_are_done_again(whole, tmp_path):
    jobs = Jobs(lose=(2,))
    told = []
    assert computed(small(), tmp_path, executor=SubmititExecutor(jobs, jobs=2), tell=told.append) == whole
    assert jobs.sizes == [2, 1, 1]
    assert any("1 shards were lost with their worker (job 2 ended early: has not" in line for line in told)


def test_a_machine_that_may_not_add_rows_refuses_for_all(tmp_path, monkeypatch):
    def refuse(*args):
        raise InputError("computed differently")

    jobs = Jobs()
    executor = SubmititExecutor(jobs, jobs=3)
    (tmp_path / "spec.toml").touch()
    futures = [executor.submit(refuse, str(tmp_path)) for _ in range(3)]
    with pytest.raises(InputError, match="computed differently"):
        futures[0].result()
    assert [future.cancel() for future in futures] == [False] * 3
    assert jobs.cancelled == [2, 3]  # the first has ended


def test_work_in_no_job_yet_is_dropped(tmp_path):
    jobs = Jobs()
    executor = SubmititExecutor(jobs, jobs=1)
    (tmp_path / "spec.toml").touch()
    first, second = (executor.submit(os.path.samefile, str(tmp_path), str(tmp_path)) for _ in range(2))
    assert first.cancel()
    assert second.result() is True
    assert jobs.sizes == [1]
    with pytest.raises(concurrent.futures.CancelledError):
        first.result()
    with pytest.raises(InputError, match="jobs must be at least 1, not 0"):
        SubmititExecutor(jobs, jobs=0)


def test_a_folder_that_is_not_shared_is_refused_by_both_sides(tmp_path):
    task = plan(small(), ())[0]
    answer = remotely(work, str(tmp_path), task)
    assert not list(tmp_path.iterdir())  # nothing was written
    with pytest.raises(InputError, match=r"sees no sweep in .*; take a folder on a disk that all machines share"):
        taken(answer, str(tmp_path))
    with pytest.raises(InputError, match="and this one does not see it"):
        taken(Answer("there", Done(task)), str(tmp_path))
    assert taken(Answer("there", Done(task, failure="so")), str(tmp_path)).failure == "so"


def test_a_full_disk_elsewhere_stops_the_run(tmp_path):
    class Full(Jobs):
        def job(self, function, group):
            full = Unwritable(28, "No space left on device", "f")
            return Job(self, 1, lambda: [Answer("there", refusal=full) for _ in group])

    summary = run(small(), tmp_path, executor=SubmititExecutor(Full(), jobs=1))
    assert (summary.exit_code, summary.stopped) == (75, "cannot write f: No space left on device")


def test_a_job_is_put_back_in_the_queue_with_all_its_calls():
    calls = [(os.path.samefile, ("/", "/"))]
    again = CallAll().checkpoint(calls)
    assert isinstance(again.function, CallAll) and again.args == (calls,)
