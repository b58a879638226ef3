"""Runs that are killed, starved and damaged at random moments end with the table of a run that nothing disturbed."""

import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import time

import pytest

from overparam.sweeps._folder import sweep_out
from tests.sweeps.sweeping import command, finished, rows_of, small, written

SEEDS, SHARD = 160, 4
SMALL_FILES = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (3000, {resource.RLIM_INFINITY}))"
ACTS = ("SIGKILL", "SIGTERM", "SIGINT", "full disk", "truncated shard", "two processes")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The specification, the rows, and where JAX keeps its programs."""
    home = tmp_path_factory.mktemp("undisturbed")
    spec = written(small(seeds=SEEDS, shard=SHARD), home)
    code, out, err = finished(command("run", spec, "--out", home / "out", cache=home / "cache"))
    assert code == 0, err
    assert f"{SEEDS // SHARD} computed ({SEEDS} rows" in out
    rows = rows_of(home / "out")
    assert [row["seed"] for row in rows] == list(range(SEEDS))
    return spec, rows, home / "cache"


def shards(folder):
    return sorted((folder / "shards").rglob("*-*.parquet"))


def wait_for(process, folder, more, chance):
    """Until so many more shards are there, and then a moment; False if the process ended before."""
    wanted = len(shards(folder)) + more
    while len(shards(folder)) < wanted:
        if process.poll() is not None:
            return False
        time.sleep(0.001)
    time.sleep(chance.uniform(0, 0.03))
    return process.poll() is None


def disturb(act, spec, folder, cache, chance):
    """One run that does not go as it should; returns whether the disturbance met it."""
    if act == "truncated shard":
        if not shards(folder):
            return False
        victim = chance.choice(shards(folder))
        os.truncate(victim, chance.randrange(victim.stat().st_size))
        act = "SIGKILL"
    arguments = ("run", spec, "--out", folder)
    if act == "full disk":
        process = command(*arguments, cache=cache, before=SMALL_FILES)
        code, _, err = finished(process)
        assert code == 75, (code, err)
        assert "overparam: cannot write" in err and "finished shards are whole" in err
        return True
    process = command(*arguments, cache=cache)
    if act == "two processes":
        other = command(*arguments, cache=cache)
        met = wait_for(process, folder, chance.randrange(1, 4), chance)
        other.kill()
        assert finished(process)[0] == 0 or not met
        other.communicate()
        return met
    # SIGKILL at any moment; the others once the program listens, before which there is nothing to lose.
    met = wait_for(process, folder, chance.randrange(0 if act == "SIGKILL" else 1, 6), chance)
    if met:
        process.send_signal(signal.Signals[act])
    code, _, err = finished(process)
    if met:
        # A run that was already leaving when the signal came ends well, which is no disturbance.
        assert code in ({"SIGKILL": -9}.get(act, 75), 0), (act, code, err)
    return met and code != 0


def survived(moments, undisturbed, folder, seed):
    spec, rows, cache = undisturbed
    chance = random.Random(seed)
    met = tried = 0
    while met < moments:
        act = ACTS[tried % len(ACTS)]
        tried += 1
        assert tried < 4 * moments + 10, "the disturbances miss the runs"
        met += disturb(act, spec, folder, cache, chance)
        if len(shards(folder)) == SEEDS // SHARD:  # begin anew, so that there is always something to disturb
            finish_and_compare(spec, folder, cache, rows)
            shutil.rmtree(folder)
    finish_and_compare(spec, folder, cache, rows)


def finish_and_compare(spec, folder, cache, rows):
    code, _, err = finished(command("run", spec, "--out", folder, cache=cache))
    assert code == 0, err
    assert rows_of(folder) == rows, "no row lost, none twice, none different"
    assert not (folder / "failures").exists()


@pytest.mark.slow
def test_a_run_survives_every_kind_of_disturbance(undisturbed, tmp_path):
    survived(len(ACTS), undisturbed, tmp_path / "out", seed=0)


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_a_run_survives_fifty_moments(undisturbed, tmp_path):
    survived(50, undisturbed, tmp_path / "out", seed=1)


@pytest.mark.slow
def test_two_processes_share_the_work_without_a_lock(undisturbed, tmp_path):
    spec, rows, cache = undisturbed
    both = [command("run", spec, "--out", tmp_path / "out", cache=cache) for _ in range(2)]
    assert [finished(process)[0] for process in both] == [0, 0]
    assert rows_of(tmp_path / "out") == rows
    assert len(shards(tmp_path / "out")) == SEEDS // SHARD


@pytest.mark.slow
def test_a_file_system_that_is_full_loses_nothing(undisturbed, tmp_path):
    """A file system in memory of 128 KiB, and then of 8 MiB."""
    spec, rows, cache = undisturbed
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(folder)]
    if not sys.platform.startswith("linux") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here; files of limited size stand in, above")
    try:
        code, _, err = finished(command("run", spec, "--out", folder, cache=cache))
        assert code == 75 and "No space left on device" in err
        assert 0 < len(shards(folder)) < SEEDS // SHARD
        subprocess.run(["mount", "-o", "remount,size=8m", str(folder)], check=True)
        finish_and_compare(spec, folder, cache, rows)
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.slow
def test_a_segment_that_does_not_end_is_left(undisturbed, tmp_path):
    """The second signal ends the process wherever it is: here in a computation that knows of no signals."""
    spec, _, _ = undisturbed
    stuck = (
        "import overparam.sweeps._rows as rows, pathlib, jax, jax.numpy as jnp\n"
        "def forever(task, progress=None):\n"
        f"    pathlib.Path({str(tmp_path / 'begun')!r}).touch()\n"
        "    endless = jax.jit(lambda x: jax.lax.while_loop(lambda y: y > -1, lambda y: y + 1e-9, x))\n"
        "    return float(endless(jnp.float32(0)))\n"
        "rows.compute_rows = forever\n"
    )
    process = command("run", spec, "--out", tmp_path / "out", before=stuck)
    while not (tmp_path / "begun").exists():
        assert process.poll() is None
        time.sleep(0.01)
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    assert process.poll() is None, "the first signal waits for the segment"
    process.send_signal(signal.SIGTERM)
    code, _, err = finished(process)
    assert code == 75
    assert "finishing the segment in flight" in err and "run the same command again" in err


def test_temporary_files_of_the_killed_are_swept_out_after_a_day(tmp_path):
    place = tmp_path / "shards" / ("0" * 16)
    place.mkdir(parents=True)
    old, young, whole = (place / name for name in (".0-4.parquet.abcd_123", ".0-4.parquet.abcd_124", "0-4.parquet"))
    theirs = [
        tmp_path / ".gitignore",
        tmp_path / ".env",
        place / ".keep",
        tmp_path / "shards" / "mine" / ".a.json.12345678",
    ]
    theirs[-1].parent.mkdir()
    for path in (old, young, whole, *theirs):
        path.write_bytes(b"half a shard")
        os.utime(path, (time.time() - 2 * 24 * 3600,) * 2)
    os.utime(young)
    sweep_out(tmp_path)
    assert sorted(place.iterdir()) == sorted([young, whole, place / ".keep"])
    assert all(path.exists() for path in theirs)


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are found in /proc")
@pytest.mark.parametrize("sent", [pytest.param(signal.SIGTERM, marks=pytest.mark.slow), signal.SIGKILL])
def test_workers_leave_with_the_process_that_began_them(undisturbed, tmp_path, sent):
    spec, rows, cache = undisturbed
    process = command("run", spec, "--out", tmp_path, "--workers", "2", cache=cache)
    assert wait_for(process, tmp_path, 2, random.Random(0))
    workers = children(process.pid)
    assert len(workers) >= 2
    process.send_signal(sent)
    assert finished(process)[0] == (75 if sent == signal.SIGTERM else -9)
    while any(alive(worker) for worker in workers):  # ends by the hang guard of the tests if they stay
        time.sleep(0.01)
    finish_and_compare(spec, tmp_path, cache, rows)


def children(parent):
    """Processes whose parent that is, from the lines pid (name) state parent .. of the kernel."""
    stats = {int(path.parent.name): stat_of(path) for path in pathlib.Path("/proc").glob("[0-9]*/stat")}
    return [process for process, stat in stats.items() if stat[1:2] == [str(parent)]]


def alive(process):
    return stat_of(pathlib.Path(f"/proc/{process}/stat"))[:1] not in ([], ["Z"])


def stat_of(path):
    try:
        return path.read_text().rpartition(")")[2].split()
    except OSError:
        return []
