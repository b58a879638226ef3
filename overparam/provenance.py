"""What a result was computed by: the state of the source, its revision, the processor.  No mathematics, no JAX."""

import functools
import hashlib
import pathlib
import platform
import subprocess

_DIGITS = 16


@functools.cache
def source_hash() -> str:
    """Sixteen digits of the SHA-256 over all source files of this package: two states of it are told apart by them."""
    return _hash_of(pathlib.Path(__file__).parent)


@functools.cache
def checker_hash() -> str:
    """The same of the checker that decides certificates, which is installed beside this package."""
    return _hash_of(pathlib.Path(__file__).parents[1] / "proofs_check")


def _hash_of(root: pathlib.Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:_DIGITS]


@functools.cache
def revision() -> str | None:
    """The git revision of the source, if it is a clone; changes since then show in `source_hash` only."""
    home = pathlib.Path(__file__).parents[1]
    if not (home / ".git").exists():
        return None
    try:
        asked = subprocess.run(
            ["git", "-C", str(home), "rev-parse", "HEAD"], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return asked.stdout.strip()


def processor() -> str:
    """The name of the processor, as the system gives it."""
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith(("model name", "CPU part"))]
    return names[0] if names else platform.processor() or platform.machine()
