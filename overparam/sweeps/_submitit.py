"""A submitit executor as executor: Slurm jobs, or processes of this machine, each with many shards.

A job costs a start of Python and its compilations, and a queue has room for some hundred jobs, not for every shard of
a sweep; so work is gathered, and goes out as a few jobs once the first answer is asked for.
"""

import concurrent.futures
import math
from collections.abc import Callable
from typing import Any

from overparam.errors import InputError
from overparam.sweeps._remote import Answer, remotely, taken

Call = tuple[Callable[..., Any], tuple[Any, ...]]


class SubmititExecutor:
    """Hands work to the jobs of a submitit executor.

    Args:
        executor: a `submitit.AutoExecutor`, `submitit.LocalExecutor` or the like, with its parameters set: the time
            limit of a job among them.
        jobs: among how many jobs the work is divided.
    Raises:
        InputError: fewer than one job.
    """

    def __init__(self, executor: Any, jobs: int) -> None:
        if jobs < 1:
            raise InputError(f"jobs must be at least 1, not {jobs}")
        self._executor, self._jobs = executor, jobs
        self._waiting: list[_JobFuture] = []

    def submit(self, function: Callable[..., Any], /, place: str, *args: Any) -> "_JobFuture":
        """Note `function(place, *args)` for a job."""
        future = _JobFuture(self, (function, (place, *args)))
        self._waiting.append(future)
        return future

    def flush(self) -> None:
        """Start the jobs, as one array where the cluster has arrays.

        Neighbours in the list share a job, since they share programs.
        """
        futures, self._waiting = self._waiting, []
        if not futures:
            return
        size = math.ceil(len(futures) / self._jobs)
        groups = [futures[at : at + size] for at in range(0, len(futures), size)]
        jobs = self._executor.map_array(CallAll(), [[future.call for future in group] for group in groups])
        for job, group in zip(jobs, groups, strict=True):
            shared = _Job(job, len(group))
            for place, future in enumerate(group):
                future.job, future.place = shared, place

    def forget(self, future: "_JobFuture") -> bool:
        """Drop work that is in no job yet; whether it was so."""
        if future in self._waiting:
            self._waiting.remove(future)
            return True
        return False


class CallAll:
    """What a job does: all its calls in turn; put back in the queue before its time is up, it does them again.

    Shards that are there are left alone then, so that a job goes on where it was.
    """

    def __call__(self, calls: list[Call]) -> list[Answer]:
        """The answers, in order."""
        return [remotely(function, *args) for function, args in calls]

    def checkpoint(self, calls: list[Call]) -> Any:
        """What submitit puts back in the queue."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self, calls)


class _Job:
    """A submitit job, and how many of its answers are still wanted."""

    def __init__(self, job: Any, wanted: int) -> None:
        self._job, self._wanted = job, wanted
        self._answers: list[Answer] | None = None

    def answers(self) -> list[Answer]:
        if self._answers is None:
            try:
                self._answers = self._job.result()
            except Exception as error:  # submitit's own: the process died, or its time was up
                last = str(error).strip().splitlines()[-1:] or [type(error).__name__]
                raise concurrent.futures.BrokenExecutor(f"job {self._job.job_id} ended early: {last[0]}") from error
        return self._answers or []

    def give_up(self) -> None:
        self._wanted -= 1
        if self._wanted == 0 and self._answers is None:
            self._job.cancel(check=False)


class _JobFuture:
    """The answer of one call in a job."""

    def __init__(self, executor: SubmititExecutor, call: Call) -> None:
        self._executor, self.call = executor, call
        self.job: _Job | None = None
        self.place = 0

    def result(self) -> Any:
        """The value, or the exception; starts the jobs that are due.

        Raises:
            InputError: the machine of the job refused.
            concurrent.futures.BrokenExecutor: the job died.
        """
        if self.job is None:
            self._executor.flush()
        if self.job is None:
            raise concurrent.futures.CancelledError
        return taken(self.job.answers()[self.place], self.call[1][0])

    def cancel(self) -> bool:
        """Give it up; whether it will certainly not be done.  A job none of whose answers is wanted is cancelled."""
        if self.job is None:
            return self._executor.forget(self)
        self.job.give_up()
        return False
