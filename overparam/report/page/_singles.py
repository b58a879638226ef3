"""Kernels, single constructions and certificates as the page shows them."""

import decimal
import shlex
from typing import Any

from overparam.report._singles import Kernel, Network
from overparam.report._words import number
from overparam.report.page._claims import CHECK
from overparam.report.page._drawn import drawn

_TITLES = {"least": "least eigenvalue", "largest": "largest eigenvalue", "condition": "condition number"}
_KINDS = {"ntk": "Tangent kernel (NTK)", "nngp": "Covariance of the outputs at the start (NNGP)"}
_CLAIMS = {
    "exact": "meets every label",
    "near": "a network that meets every label lies within a stated distance of it",
    "fits": "its squared errors sum to at most a stated share of the labels'",
    "within": "no error is above a stated bound",
    "observed": "tried in floating point only",
}


def kernel_section(index: int, kernel: Kernel, figures: dict[str, dict[str, bytes]]) -> dict[str, Any]:
    """One kernel as the template wants it."""
    files = figures.get("spectrum")
    return {
        "id": f"kernel-{index}",
        "kernel": kernel,
        "kind": _KINDS.get(kernel.which, kernel.which),
        "rows": [_edge(name, getattr(kernel, name)) for name in _TITLES],
        "figure": drawn(files, prefix=f"k{index}", label="spectrum figure") if files else None,
        "proved": kernel.certified["accepted"],
        "command": f"{CHECK} {shlex.quote(kernel.certified['certificate'])}"
        if kernel.certified["certificate"]
        else None,
    }


def _edge(name: str, edge: dict[str, Any]) -> dict[str, Any]:
    known = name == "condition" or edge["verified"] or edge["value"] is None
    return {
        "title": _TITLES[name],
        "value": "not bounded" if edge["value"] is None else f"{edge['value']:.8g}",
        "interval": f"[{_end(edge['lower'], decimal.ROUND_FLOOR)}, {_end(edge['upper'], decimal.ROUND_CEILING)}]",
        "doubt": "" if known else "not shown to be the extreme one",
        "method": edge["method"] or "",
    }


def _end(value: float | None, rounding: str) -> str:
    """An end of an interval, rounded outwards, so that the interval still holds what it held."""
    if value is None:
        return "not bounded"
    digits = decimal.Context(prec=10, rounding=rounding)
    return f"{digits.create_decimal_from_float(value).normalize(digits):.10g}"


def network_section(index: int, network: Network) -> dict[str, Any]:
    """One construction or certificate as the template wants it."""
    return {
        "id": f"network-{index}",
        "network": network,
        "meaning": _CLAIMS.get(str(network.claim), ""),
        "facts": [(name.replace("_", " "), number(value)) for name, value in network.sizes.items()]
        + [(name.replace("_", " "), number(value)) for name, value in network.numbers.items()]
        + list(network.repair.items()),
        "command": f"{CHECK} {shlex.quote(network.certificate)}" if network.certificate else None,
    }
