"""A dask.distributed scheduler as executor: its workers write the shards, and only short answers travel.

Dask hands the work of a worker that died to another one by itself.  If the scheduler is lost, so is its list of work,
but no row: the run ends, and the same command goes on with a new scheduler, or without one.
"""

import concurrent.futures
import json
import pathlib
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from overparam.errors import InputError
from overparam.sweeps._remote import remotely, taken

if TYPE_CHECKING:
    import distributed

_ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx)://[^/\s]+:[0-9]{1,5}/?")
_LOOK = 5.0  # seconds between looks at the scheduler, while its answer is waited for


class DaskExecutor:
    """Hands work to the workers of a scheduler.

    Args:
        scheduler: its address, such as tcp://127.0.0.1:8786; the file that `dask scheduler --scheduler-file F.json`
            writes; or a client that you have, which then stays open.
        tell: is told where there is nobody to do the work.
    Raises:
        InputError: dask is not installed, or no scheduler answers.
    """

    def __init__(
        self, scheduler: "str | distributed.Client", *, tell: Callable[[str], None] = lambda text: None
    ) -> None:
        self._tell, self._gone = tell, False
        self._own = isinstance(scheduler, str)
        self._client: Any = _connect(scheduler) if isinstance(scheduler, str) else scheduler
        self.address = str(self._client.scheduler.address)

    def submit(self, function: Callable[..., Any], /, place: str, *args: Any) -> "_DaskFuture":
        """Start `function(place, *args)` on a worker.

        Raises:
            ConnectionError: the scheduler is lost.
        """
        if self._gone or self._client.status != "running":
            raise ConnectionError(
                f"the scheduler at {self.address} is lost; start one again and name it by --dask, or go on without"
            )
        # Not pure: work that is handed out again is new to dask, which would else repeat its old answer.
        return _DaskFuture(self, self._client.submit(remotely, function, place, *args, pure=False), place)

    def renew(self) -> None:
        """After a loss: wait while the client tries to reach its scheduler again, which it gives up in time."""
        while not self._gone and self._client.status == "connecting":
            time.sleep(0.1)

    def close(self) -> None:
        """Leave the scheduler, which forgets what is not begun; workers finish their shards."""
        if self._own:
            self._client.close(timeout=2)

    def look(self) -> None:
        """Find out whether there is a scheduler with workers.

        A scheduler that says good-bye in order leaves a client that waits forever.

        Raises:
            concurrent.futures.BrokenExecutor: the scheduler is lost.
        """
        try:
            workers = self._client.nthreads()
        except (OSError, TimeoutError, RuntimeError) as error:
            self._gone = True
            raise concurrent.futures.BrokenExecutor(f"the scheduler at {self.address} is lost") from error
        if not workers:
            self._tell(f"no workers at {self.address} yet; start some with: dask worker {self.address}")


class _DaskFuture:
    """The answer to come."""

    def __init__(self, executor: DaskExecutor, future: Any, place: str) -> None:
        self._executor, self._future, self._place = executor, future, place

    def result(self) -> Any:
        """The value, or the exception.

        Raises:
            InputError: a worker refused, or has no overparam.
            concurrent.futures.BrokenExecutor: the work is lost with its worker or the scheduler.
        """
        import distributed

        while True:
            try:
                return taken(self._future.result(timeout=_LOOK), self._place)
            except TimeoutError:
                # Not yet, or the work's own error, such as a disk that did not answer.
                if self._future.status == "error" and isinstance(self._future.exception(), TimeoutError):
                    raise
                self._executor.look()
            except concurrent.futures.CancelledError as error:
                raise concurrent.futures.BrokenExecutor(f"the scheduler at {self._executor.address} is lost") from error
            except distributed.KilledWorker as error:
                died = f"dask saw {error.allowed_failures + 1} workers die of it"
                raise concurrent.futures.BrokenExecutor(died) from error
            except ImportError as error:
                raise InputError(
                    f"a worker of {self._executor.address} cannot load this overparam ({error}); "
                    "install the same version there"
                ) from error

    def cancel(self) -> bool:
        """Give it up if it has not ended; whether that was so.  Does not wait, for the scheduler may be lost."""
        if self._future.done():
            return False
        self._future.release()
        return True


def load_dask() -> Any:
    """The library.

    Raises:
        InputError: it is not installed.
    """
    try:
        import distributed
    except ImportError:
        raise InputError(
            'a scheduler needs dask, which is not installed; `pip install "overparam[cluster]"`, or take --workers'
        ) from None
    return distributed


def _connect(scheduler: str) -> Any:
    distributed = load_dask()
    address = _address_in(pathlib.Path(scheduler)) if scheduler.endswith(".json") else scheduler
    if not _ADDRESS.fullmatch(address):
        raise InputError(f"a scheduler has an address such as tcp://host:8786, or writes a .json file; not {address!r}")
    try:
        return distributed.Client(address, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise InputError(
            f"no dask scheduler answers at {address} ({' '.join(str(error).split())[:200]}); start one with "
            "`dask scheduler`, workers with `dask worker ADDRESS`"
        ) from None


def _address_in(file: pathlib.Path) -> str:
    """The address in a scheduler's file; dask itself would wait for the file forever."""
    try:
        address = json.loads(file.read_text())["address"]
    except (OSError, ValueError, KeyError, TypeError):
        address = None
    if not isinstance(address, str):
        raise InputError(f"{file} is no file that `dask scheduler --scheduler-file {file}` has written; start one")
    return address
