"""Tasks to their ends: in this process, or handed to an executor."""

import concurrent.futures
import dataclasses
import pathlib
from collections import Counter
from collections.abc import Callable

from overparam.errors import OverparamError
from overparam.records import as_json
from overparam.sweeps._environment import now
from overparam.sweeps._executors import Executor
from overparam.sweeps._folder import failure_path, write_durably
from overparam.sweeps._tasks import Task
from overparam.sweeps._work import Done, Unwritable, work

ROUNDS = 3  # times that lost work is handed out again
GIVE_UP = 2  # failures of one cell, after which the rest of it waits for the next run

Tell = Callable[[str], None]
Check = Callable[[], None]


class Lost(OverparamError):
    """The executor takes no more work."""


@dataclasses.dataclass
class Driven:
    """What has become of the tasks so far."""

    total: int
    tell: Tell
    """Progress, of which some may be passed over."""
    note: Tell
    """What a person should not miss."""
    computed: int = 0
    rows: int = 0
    met: int = 0
    """Shards that another process wrote meanwhile."""
    failures: dict[str, str] = dataclasses.field(default_factory=dict)
    """What went wrong, by cell and first seed."""
    skipped: int = 0
    compilations: int = 0
    """Programs that XLA compiled, in all processes together."""
    failed_cells: Counter[str] = dataclasses.field(default_factory=Counter)

    def hopeless(self, task: Task) -> bool:
        """Whether the cell of a task has failed so often that its rest waits for the next run."""
        return self.failed_cells[task.span.cell] >= GIVE_UP

    def take(self, done: Done) -> None:
        """Count one task, and tell."""
        self.compilations += done.compiled
        if done.failure is not None:
            self.fail(done.task, done.failure)
        elif done.met:
            self.met += 1
        else:
            self.computed += 1
            self.rows += done.task.count
        self.tell(self.line())

    def fail(self, task: Task, why: str) -> None:
        """Count one failure."""
        self.failures[f"{task.span.cell}-{task.first}"] = why
        self.failed_cells[task.span.cell] += 1
        self.note(f"cell {task.span.cell}, seeds from {task.first}: {why}")

    def line(self) -> str:
        """Progress in a line."""
        failed = f", {len(self.failures)} failed" if self.failures else ""
        return f"{self.computed} of {self.total} shards, {self.rows} rows{failed}, {self.compilations} compilations"


def drive_here(folder: pathlib.Path, tasks: list[Task], driven: Driven, check: Check) -> None:
    """One after the other in this process.

    Where another process turns out to be at the same shards, go on elsewhere in the list.

    Args:
        folder: of the sweep.
        tasks: in the order of their programs.
        driven: is kept up to date.
        check: called between segments; raises to stop.
    """
    waiting = list(tasks)
    while waiting:
        task = waiting.pop(0)
        if driven.hopeless(task):
            driven.skipped += 1
            continue
        check()

        def progress(seeds: int, total: int) -> None:
            check()
            driven.tell(f"{driven.line()}; {seeds} of {total} seeds of the next")

        done = work(str(folder), task, progress)
        driven.take(done)
        if done.met:
            middle = len(waiting) // 2
            waiting = waiting[middle:] + waiting[:middle]


def drive_executor(folder: pathlib.Path, tasks: list[Task], driven: Driven, executor: Executor) -> None:
    """Hand out all tasks and collect them in order; what is lost with a worker is handed out again.

    Args:
        folder: of the sweep, which every worker must see under this path.
        tasks: to do.
        driven: is kept up to date.
        executor: who does them; with a method `renew`, that is called after a loss.
    Raises:
        InputError: a worker may not add rows to this folder.
        Unwritable: a worker cannot write into it.
        Lost: the executor takes no more work.
    """
    for _ in range(ROUNDS):
        tasks, why = _round(folder, tasks, driven, executor)
        if not tasks:
            return
        driven.note(f"{len(tasks)} shards were lost with their worker ({why}) and are handed out again")
        _renew(executor)
    # One by one, so that the work that kills its worker is known by name.
    for task in tasks:
        lost, why = _round(folder, [task], driven, executor)
        if lost:
            message = f"its worker died each of {ROUNDS + 1} times ({why}); out of memory?"
            span = task.span
            record = {"cell": span.cell, "first": span.first, "count": span.count, "settings": task.cell.settings()}
            record |= {"error": "worker", "message": message, "traceback": "", "environment": "", "time": now()}
            write_durably(failure_path(folder, span), as_json(record))
            driven.fail(task, message)
            _renew(executor)


def _round(folder: pathlib.Path, tasks: list[Task], driven: Driven, executor: Executor) -> tuple[list[Task], str]:
    """Tasks that were lost, and how the last of them was."""
    place = str(folder.resolve())
    handed, lost, why = [], [], ""
    for at, task in enumerate(tasks):
        try:
            handed.append((task, executor.submit(work, place, task)))
        except concurrent.futures.BrokenExecutor as error:
            lost, why = tasks[at:], _reason(error)
            break
        except Exception as error:
            raise Lost(f"the executor takes no more work: {_reason(error)}") from error
    try:
        for task, future in handed:
            if driven.hopeless(task) and getattr(future, "cancel", bool)():
                driven.skipped += 1
                continue
            try:
                driven.take(future.result())
            except (OverparamError, Unwritable):
                raise
            except (Exception, concurrent.futures.CancelledError) as error:
                lost.append(task)
                why = _reason(error)
    except BaseException:
        for _, future in handed:
            getattr(future, "cancel", bool)()
        raise
    return lost, why


def _renew(executor: Executor) -> None:
    getattr(executor, "renew", lambda: None)()


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
