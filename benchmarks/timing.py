"""Timing shared by the benchmarks: contenders take turns in one process, compilation is kept apart."""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAUSE = 0.05  # seconds before each turn: the threads of the last contender spin a while after their work


def arguments(doc, argv=None):
    parser = argparse.ArgumentParser(description=doc.strip().splitlines()[0])
    parser.add_argument("--smallest", action="store_true", help="one tiny size, as the tests run it")
    parser.add_argument("--repeats", type=int, default=7, help="turns that each contender gets")
    parser.add_argument("--cores", type=int, default=1, help="processor cores to use; on Linux the process is pinned")
    parser.add_argument("--out", type=pathlib.Path, help="write the record to this JSON file")
    options = parser.parse_args(argv)
    if hasattr(os, "sched_setaffinity"):  # before JAX counts the cores
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-options.cores :])
    return options


def take_turns(contenders, repeats, clock=time.perf_counter):
    """Seconds of each contender: the first call, which compiles, apart; then `repeats` interleaved calls.

    contenders: name -> function without arguments that returns JAX arrays.
    clock: in seconds; `time.process_time` where other work on the machine should not count.
    Returns (results of the first call, first-call seconds, name -> list of seconds).
    """
    import jax

    def timed(call):
        time.sleep(PAUSE)
        start = clock()
        result = jax.block_until_ready(call())
        return result, clock() - start

    first = {name: timed(call) for name, call in contenders.items()}
    times = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, call in contenders.items():
            times[name].append(timed(call)[1])
    return {n: r for n, (r, _) in first.items()}, {n: s for n, (_, s) in first.items()}, times


def summary(seconds):
    """Median and spread of one contender's times."""
    return {"median_s": statistics.median(seconds), "least_s": min(seconds), "greatest_s": max(seconds)}


def ratio(slow, fast):
    """Median and spread of the ratios of times taken in the same turn."""
    ratios = [s / f for s, f in zip(slow, fast, strict=True)]
    return {"median": statistics.median(ratios), "least": min(ratios), "greatest": max(ratios)}


def surroundings(**packages):
    """Device, versions, revision and command of this run."""
    import jax

    command = ["git", "-C", str(ROOT), "describe", "--always", "--exclude=*"]
    revision = subprocess.run(command, capture_output=True, text=True, check=False)
    return {
        "command": " ".join(["python", os.path.relpath(sys.argv[0], ROOT), *sys.argv[1:]]),
        "device": f"{jax.devices()[0].platform}: {_processor()}",
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "load_average": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "versions": {"jax": jax.__version__, **packages},
        "revision": revision.stdout.strip() or None,
    }


def finish(record, out):
    """Print the record and, if asked, write it."""
    text = json.dumps(record, indent=1, sort_keys=True) + "\n"
    if out is None:
        print(text, end="")
    else:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text)
        print(f"wrote {out}")


def _processor():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
