"""The first signal lets the segment in flight come to its end; the second, or ten seconds, end the process."""

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator

from overparam.records import EXIT_INTERRUPTED

GRACE = 10.0  # seconds for the segment in flight
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def finishing(*, at_once: bool) -> Iterator[Callable[[], None]]:
    """While this lasts, SIGINT and SIGTERM end the process in order.

    Python runs a handler only between its own instructions, and a compiled segment may take minutes; so a thread hears
    of the signal, and ends the process if the segment does not come to its end in time.  Files appear whole or not at
    all, so that leaving at any moment is safe.

    Args:
        at_once: raise KeyboardInterrupt wherever the program is, for work that other processes do.
    Yields:
        A function that raises KeyboardInterrupt if a signal has come.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    asked, over = threading.Event(), threading.Event()

    def handle(*_: object) -> None:
        asked.set()
        if at_once:
            raise KeyboardInterrupt

    def check() -> None:
        if asked.is_set():
            raise KeyboardInterrupt

    hear, tell = socket.socketpair()
    tell.setblocking(False)
    before = {number: signal.signal(number, handle) for number in _SIGNALS}
    wakeup = signal.set_wakeup_fd(tell.fileno(), warn_on_full_buffer=False)
    listener = threading.Thread(target=_listen, args=(hear, over), daemon=True)
    listener.start()
    try:
        yield check
    finally:
        over.set()
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        tell.close()  # ends the thread
        listener.join()
        hear.close()


def _listen(hear: socket.socket, over: threading.Event) -> None:
    heard = 0
    while received := _received(hear):
        heard += sum(number in _SIGNALS for number in received)
        if heard == 1:
            print(f"overparam: finishing the segment in flight, {GRACE:.0f} s at most", file=sys.stderr, flush=True)
            hear.settimeout(GRACE)
        elif heard > 1:
            _leave(over)


def _received(hear: socket.socket) -> bytes:
    """What came; a wait that is over counts as a second signal."""
    try:
        return hear.recv(64)
    except TimeoutError:
        return bytes([signal.SIGTERM])


def _leave(over: threading.Event) -> None:
    if not over.is_set():
        print("overparam: interrupted; finished files are whole, run the same command again", file=sys.stderr)
        sys.stderr.flush()
        os._exit(EXIT_INTERRUPTED)
