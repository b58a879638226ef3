"""Program, machine and flags, on which the bits of a row depend; rows of two kinds never mix unasked."""

import datetime
import functools
import hashlib
import importlib.metadata
import json
import os
import pathlib
import platform
import re
from typing import Any

import overparam
from overparam.errors import InputError
from overparam.provenance import processor, revision
from overparam.records import as_json
from overparam.sweeps._folder import write_durably
from overparam.sweeps._tasks import Device

FINGERPRINT_DIGITS = 16
_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_DETERMINING = (
    "code", "jax", "jaxlib", "numpy", "optax", "platform", "device", "processor", "threads", "xla_flags", "jax_config",
)  # fmt: skip
_CONFIG = ("jax_threefry_partitionable", "jax_default_prng_impl", "jax_default_matmul_precision")
_ROOMS = ("data", "networks", "training")  # whose source decides a row's bits, with the files beside them
_HERE = ("_confirm.py", "_rows.py")  # and of this room, the rest of which only says who computes what, and when


@functools.lru_cache
def describe(device: Device = "auto") -> dict[str, Any]:
    """What this process computes with.

    Raises:
        InputError: there is no such device.
    """
    import jax
    import numpy

    chosen = device_for(device)
    return {
        "code": code_hash(),
        "revision": revision(),
        "overparam": overparam.__version__,
        "python": platform.python_version(),
        "jax": jax.__version__,
        "jaxlib": importlib.metadata.version("jaxlib"),
        "numpy": numpy.__version__,
        "optax": importlib.metadata.version("optax"),
        "jax_config": {name: getattr(jax.config, name) for name in _CONFIG},
        "platform": chosen.platform,
        "device": chosen.device_kind,
        "devices": len(jax.local_devices()),
        "processor": processor(),
        "threads": threads(),
        "xla_flags": os.environ.get("XLA_FLAGS", ""),
        "x64": True,  # shards are always computed with 64 bits on, whatever the dtype of the weights
    }


def fingerprint(environment: dict[str, Any]) -> str:
    """A short name of those entries on which bits may depend."""
    telling = {name: environment[name] for name in _DETERMINING}
    return hashlib.sha256(json.dumps(telling, sort_keys=True).encode()).hexdigest()[:FINGERPRINT_DIGITS]


def admitted(folder: pathlib.Path, device: Device, mixed: bool) -> str:
    """Fingerprint of this process, written into the folder, if its rows may stand beside those that are there.

    Raises:
        InputError: they were computed with other code, versions, flags or another device, and `mixed` is false.
    """
    mine = describe(device)
    name = fingerprint(mine)
    path = folder / "environments" / f"{name}.json"
    if path.exists():
        return name
    known = environments(folder)
    if not known or mixed:
        write_durably(path, as_json(mine))
        known = {} if mixed else {other: one for other, one in environments(folder).items() if other != name}
        if known:  # another kind of machine began at the same moment; whoever sees it gives way
            path.unlink(missing_ok=True)
    if known:
        raise InputError(
            f"the rows in {folder} were computed differently: {_difference(next(iter(known.values())), mine)}; "
            "bits are equal only per program and machine.  Go on as it was, take a new folder, or mix on purpose "
            "with --mixed"
        )
    return name


def environments(folder: pathlib.Path) -> dict[str, dict[str, Any]]:
    """All environments that a folder knows, by fingerprint.

    Raises:
        InputError: a record is damaged.
    """
    found = {}
    for path in sorted((folder / "environments").glob("*.json")):
        if not _FINGERPRINT.fullmatch(path.stem):  # not ours
            continue
        try:
            record = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refused)
        except FileNotFoundError:  # another process has just removed it
            continue
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict):
            raise InputError(
                f"{path} is not as it was written; put the old one back, or delete it if this machine computed the rows"
            )
        found[path.stem] = record
    return found


def _refused(word: str) -> None:
    raise ValueError(word)


def device_for(device: Device) -> Any:
    """The first of the devices that JAX computes on here, if they are of that kind.

    Raises:
        InputError: there is no such device, or JAX computes on another one.
    """
    import jax

    chosen = jax.local_devices()
    if device in ("auto", chosen[0].platform):
        return chosen[0]
    try:
        there = jax.local_devices(backend=device)
    except RuntimeError:
        there = []
    if there:
        raise InputError(
            f"--device {device}: JAX computes on {chosen[0].platform} here; set JAX_PLATFORMS={device} before the "
            "program starts"
        )
    raise InputError(
        f"--device {device}: JAX sees no such device here, only {chosen[0].platform}; take --device auto, or install "
        'a JAX for it, such as `pip install "jax[cuda13]"`'
    )


def device_memory(device: Device) -> float | None:
    """Bytes that a program may use on that device; None where it says nothing, as on a CPU.

    Raises:
        InputError: there is no such device.
    """
    limit = (device_for(device).memory_stats() or {}).get("bytes_limit")
    return None if limit is None else float(limit)


def threads() -> int:
    """Processors that this process may use, which is how many threads XLA starts."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def now() -> str:
    """The time, as it is written into records."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


@functools.cache
def code_hash() -> str:
    """SHA-256 over the source files that decide a row's bits."""
    root = pathlib.Path(overparam.__file__).parent
    rooms = (path for room in _ROOMS for path in (root / room).rglob("*.py"))
    files = sorted([*root.glob("*.py"), *rooms, *(root / "sweeps" / name for name in _HERE)])
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:FINGERPRINT_DIGITS]


def _difference(theirs: dict[str, Any], mine: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} {theirs.get(name)!r} there and {mine[name]!r} here"
        for name in _DETERMINING
        if theirs.get(name) != mine[name]
    )
