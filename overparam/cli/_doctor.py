"""Is this installation able to do what it promises?"""

import importlib.metadata
import pathlib
import platform
import tempfile
from collections.abc import Callable
from typing import Any

import overparam

_OPTIONAL = "scikit-learn and mlxtend (real data)"
_PACKAGES = (
    "jax",
    "jaxlib",
    "numpy",
    "scipy",
    "optax",
    "matplotlib",
    "python-flint",
    "pyarrow",
    "tyro",
    "jinja2",
    "rich",
)


def examine() -> list[dict[str, Any]]:
    """One row a check: name, ok, needed, detail.  A check that fails says what to do."""
    checks: dict[str, Callable[[], str]] = {
        "overparam": lambda: overparam.__version__,
        "python": platform.python_version,
        **{package: lambda package=package: importlib.metadata.version(package) for package in _PACKAGES},
        _OPTIONAL: lambda: ", ".join(importlib.metadata.version(name) for name in ("scikit-learn", "mlxtend")),
        "devices": _devices,
        "float64": _float64,
        "search to certificate": _certificate,
    }
    return [{"name": name, "needed": name != _OPTIONAL, **_result(name, check)} for name, check in checks.items()]


def doctor_text(rows: list[dict[str, Any]]) -> str:
    """A line a check."""
    words = {(True, True): "ok ", (True, False): "ok ", (False, True): "BAD", (False, False): "-- "}
    return "\n".join(f"{words[r['ok'], r['needed']]}  {r['name']:<26}  {r['detail']}" for r in rows)


def _result(name: str, check: Callable[[], str]) -> dict[str, Any]:
    try:
        return {"ok": True, "detail": check()}
    except importlib.metadata.PackageNotFoundError:
        advice = 'for real data, `pip install "overparam[data]"`' if name == _OPTIONAL else "install overparam again"
        return {"ok": False, "detail": f"missing; {advice}"}
    except Exception as error:  # a doctor reports every illness
        return {"ok": False, "detail": f"{type(error).__name__}: {error}"}


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
    import jax

    from overparam.data import DataSpec, load
    from overparam.widths import find_width

    data = load(DataSpec(data="gaussian", n=6, d=2, labels="gaussian"))
    with tempfile.TemporaryDirectory() as scratch:
        search = find_width(data, range(2, 6), pathlib.Path(scratch) / "found", root=jax.random.key(0), starts=8)
        found = [certificate.width for _, certificate in search if certificate is not None]
    if not found:
        raise ArithmeticError("the search found nothing where it should; please report it with this output")
    return f"found {found[0]} neurons for 6 points, and the checker accepted the certificate"
