"""All constructions on one data set: the record as a table for a terminal, for LaTeX, and for the page."""

import textwrap
from typing import Any

from overparam.report._fields import real, whole
from overparam.report._reading import Comparison, comparison_of
from overparam.report._words import number, spoken

GROUPS = {
    "shallow": "one hidden layer, exact",
    "approximate": "one hidden layer, within a sum of squares",
    "smooth": "smooth activations",
    "deep": "several hidden layers, exact",
    "residual": "residual networks, exact",
    "classes": "class labels, few parameters",
}
HEAD = (
    "construction",
    "word",
    "claim",
    "layers",
    "neurons",
    "weights",
    "nonzero",
    "largest",
    "bits",
    "all bits",
    "W",
    "float32",
    "float64",
)
_SIZES = ("hidden_layers", "neurons", "raw_params", "nonzero", "max_abs_weight", "bits", "total_bits", "total_weight")


def cells(row: dict[str, Any], comparison: Comparison) -> tuple[str, ...]:
    """One line of the table: see HEAD."""
    sizes = [number(row["sizes"].get(name)) for name in _SIZES]
    kept = [_kept(comparison.survival.get(row["construction"], {}).get(dtype)) for dtype in ("float32", "float64")]
    n = "" if row["n"] == max(comparison.at, default=row["n"]) else f" (n = {row['n']})"
    return (row["construction"] + n, spoken(row["word"]), spoken(row["claim"]), *sizes, *kept)


def _kept(found: Any) -> str:
    """Up to which n the labels survive."""
    if not isinstance(found, dict):
        return "–"
    up_to, lost_at = whole(found.get("up_to")), whole(found.get("lost_at"))
    if lost_at is None:
        return "–" if up_to is None else f"≥ {up_to}"
    return f"< {lost_at}" if up_to is None else str(up_to)


def memorizers_text(record: dict[str, Any]) -> str:
    """The comparison for a terminal: a table of the largest networks, then what did not apply, and why.

    Args:
        record: what `overparam memorize --construction all --json` prints.
    """
    from overparam.report._text import plain, table

    known = comparison_of(record, stem="data")
    rows = known.largest()
    lines = [plain(f"{known.name}  (n = {', '.join(map(str, known.at))}; d = {number(known.d)})"), ""]
    lines += table(HEAD, [cells(row, known) for row in rows], right=set(range(3, len(HEAD))))
    lines += ["", *textwrap.wrap(legend(known), 100)]
    if beyond := [row["construction"] for row in rows if row["promised"] is False]:
        lines += ["", f"larger than their theorem says: {', '.join(beyond)}"]
    if refused := known.refused():
        lines += ["", "not built:"]
        for name, why in refused:
            lines += textwrap.wrap(plain(f"{name}: {why}"), 100, initial_indent="  ", subsequent_indent="    ")
    return "\n".join(lines) + "\n"


def legend(known: Comparison) -> str:
    """What the columns mean."""
    n = max(known.at, default=0)
    return (
        f"To be met exactly, almost all real labels of n = {n} points need {n} numbers at any depth (labels of few "
        f"values may need fewer), and one architecture needs {n} bits, signs and zeros included, to take each of the "
        f"2^{n} binary labellings.  Weights: with all zeros.  Bits: of the longest numerator or denominator, and "
        "digits of all nonzero numbers, without signs.  W: total weight, sum |v| sqrt(|u|^2 + b^2).  float32, "
        "float64: the largest n tried up to which the rounded network keeps the labels (of the claim fits: its own "
        "exact outputs) within a thousandth of their range."
    )


def reached(row: dict[str, Any], field: str) -> float | None:
    """A positive size to plot."""
    value = real(row["sizes"].get(field)) if row["sizes"] else None
    return value if value is not None and 1e-300 < value < 1e300 else None  # an axis needs room on both sides
