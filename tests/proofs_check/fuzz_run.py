"""Sends mutated certificates through the checker: `python -m tests.proofs_check.fuzz_run START STOP FOLDER`.

Run like that, in at most 1 GB of address space and with a limit on the time of each answer.  It prints one JSON object:
how many got which answer, the slowest, whatever broke a rule, and which were accepted, for others to judge.
"""

import collections
import json
import os
import pathlib
import resource
import shutil
import signal
import sys
import time
import traceback

from proofs_check import Malformed, check
from tests.proofs_check.fuzz import Files, mutant

MEMORY = 2**30  # bytes
SECONDS = 8.0  # for the smallest file: the checker allows itself some four seconds of a fast machine's arithmetic
SECONDS_A_KILOBYTE = 1.0


class Hangs(BaseException):
    """The checker took far too long."""


def allowed(files: Files) -> float:
    """Seconds of processor time that these files may take."""
    return SECONDS + SECONDS_A_KILOBYTE * sum(map(len, files.values())) / 1000


def lay(folder: pathlib.Path, files: Files) -> None:
    """Write the files into an empty folder, or beside it."""
    shutil.rmtree(folder.parent, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder.parent / name[3:] if name.startswith("../") else folder / name).write_bytes(content)


def answer_to(folder: pathlib.Path) -> tuple[str, str]:
    """The checker's word and sentence; `crash` for an exception that it must not raise."""
    try:
        answer = check(folder)
    except Malformed as error:
        return "malformed", str(error)
    except Hangs:
        return "hang", ""
    except BaseException as error:
        return "crash", "".join(traceback.format_exception(error)[-6:])[-1500:]
    return answer.status.value, answer.sentence


def fits(sentence: str) -> bool:
    """Whether it may be shown in a terminal: one line of ASCII, not endless."""
    return sentence.isascii() and sentence.isprintable() and 0 < len(sentence) < 1000


def run(start: int, stop: int, folder: pathlib.Path) -> dict:
    """All mutants from `start` to before `stop`."""
    counts: collections.Counter[str] = collections.Counter()
    found: dict = {"broken": [], "accepted": [], "refused": [], "slowest": [0.0, -1]}

    def stop_it(*_: object) -> None:
        raise Hangs

    before = signal.signal(signal.SIGVTALRM, stop_it)
    for index in range(start, stop):
        name, files = mutant(index)
        lay(folder, files)
        limit = allowed(files)
        signal.setitimer(signal.ITIMER_VIRTUAL, 2 * limit)
        begun = time.process_time()
        word, sentence = answer_to(folder)
        took = time.process_time() - begun
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        counts[f"{name} {word}"] += 1
        found["slowest"] = max(found["slowest"], [took, index])
        if word in ("crash", "hang") or took > limit or not fits(sentence):
            found["broken"].append([index, name, word, took, sentence[:1500]])
        elif word in ("accepted", "rejected", "malformed"):
            found["accepted" if word == "accepted" else "refused"].append(index)
    signal.signal(signal.SIGVTALRM, before)
    shutil.rmtree(folder.parent, ignore_errors=True)
    return found | {"counts": counts}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    os.nice(5)
    print(json.dumps(run(int(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3]) / "beside" / "certificate")))
