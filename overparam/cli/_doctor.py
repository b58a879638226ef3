"""Is this installation able to do what it promises?"""

import importlib.metadata
import pathlib
import platform
import tempfile
from collections.abc import Callable
from typing import Any

_PACKAGES = ("jax", "jaxlib", "numpy", "scipy", "optax", "matplotlib", "python-flint", "tyro", "jinja2", "rich")


def examine() -> list[dict[str, Any]]:
    """One row a check: name, ok, detail.  A check that fails says what to do."""
    checks: dict[str, Callable[[], str]] = {
        "python": platform.python_version,
        **{package: lambda package=package: importlib.metadata.version(package) for package in _PACKAGES},
        "scikit-learn (real data)": lambda: importlib.metadata.version("scikit-learn"),
        "devices": _devices,
        "float64": _float64,
        "search to certificate": _certificate,
    }
    return [_row(name, check) for name, check in checks.items()]


def doctor_text(rows: list[dict[str, Any]]) -> str:
    """A line a check."""
    return "\n".join(f"{'ok ' if r['ok'] else 'BAD'}  {r['name']:<26}  {r['detail']}" for r in rows)


def _row(name: str, check: Callable[[], str]) -> dict[str, Any]:
    try:
        return {"name": name, "ok": True, "detail": check()}
    except importlib.metadata.PackageNotFoundError:
        advice = 'install it with `pip install "overparam[data]"`' if "real data" in name else "install it again"
        return {"name": name, "ok": False, "detail": f"missing; {advice}"}
    except Exception as error:  # a doctor reports every illness
        return {"name": name, "ok": False, "detail": f"{type(error).__name__}: {error}"}


def _devices() -> str:
    import jax

    return ", ".join(f"{device.platform} {device.device_kind}" for device in jax.local_devices())


def _float64() -> str:
    import jax.numpy as jnp

    from overparam.cli._output import enable_float64

    enable_float64()
    if float(jnp.float64(1) + jnp.float64(2**-52)) == 1:
        raise ArithmeticError("this device adds float64 in fewer bits; run on another device")
    return "additions keep 53 bits"


def _certificate() -> str:
    from overparam.data import DataSpec, load
    from overparam.memorizers import memorize
    from overparam.widths import certify

    data = load(DataSpec(data="gaussian", n=6, d=2, labels="gaussian"))
    with tempfile.TemporaryDirectory() as scratch:
        network = memorize(data.points, data.labels, construction="pairs").network
        return f"{certify(network, data, pathlib.Path(scratch) / 'pairs').width} neurons accepted for 6 points"
