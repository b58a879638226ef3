"""Plain text of what commands print, where no room has it already."""

import textwrap
from typing import Any

import proofs_check
from overparam.errors import InputError

_WIDTH = 100
KEEP = "Nothing was kept; with --out DIR the certificates are, and anybody can check them again."


def theorem_records(slug: str | None) -> list[dict[str, Any]]:
    """One record a theorem entry, of one slug or of all.

    Raises:
        InputError: no such theorem.
    """
    entries = proofs_check.THEOREMS
    if slug is not None and slug not in entries:
        raise InputError(f"no theorem is called {slug!r}; there are {', '.join(entries)}")
    return [
        {
            "id": entry.key,
            "title": entry.title,
            "statement": entry.statement,
            "side": str(entry.side).lower(),
            "quantifier": str(entry.quantifier).lower().replace("_", " "),
            "family": entry.family,
            "hypotheses": [hypothesis.__name__.replace("_", " ") for hypothesis in entry.hypotheses],
            "explicit_constants": entry.explicit_constants,
            "cite": entry.cite,
            "locator": entry.locator,
            "proof": entry.proof,
        }
        for entry in ([entries[slug]] if slug else entries.values())
    ]


def theorem_text(records: list[dict[str, Any]], *, whole: bool) -> str:
    """A line a theorem, or everything about each."""
    if not whole:
        longest = max(len(r["id"]) for r in records)
        return "\n".join(f"{r['id']:<{longest}}  {r['side']:<5}  {r['title']}" for r in records)
    blocks = []
    for r in records:
        source = f"{r['cite']}, {r['locator']}" if r["cite"] else r["locator"]
        lines = [f"{r['id']}: {r['title']}", *textwrap.wrap(r["statement"], _WIDTH)]
        lines += [
            f"  bounds the width from   {'above' if r['side'] == 'upper' else 'below'}, for {r['quantifier']}"
            + (" that satisfies the hypotheses" if r["hypotheses"] else "")
            + ("" if r["explicit_constants"] else "; its constants are not known, so there is no number"),
            f"  networks                {r['family']}",
            f"  hypotheses              {'; '.join(r['hypotheses']) or 'none'}",
            f"  source                  {source}",
            f"  proof                   {r['proof']}",
        ]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def memorizer_text(row: dict[str, Any]) -> str:
    """What was built, what the checker accepted, how large the weights are."""
    word = "observed" if row.get("claim") == "observed" else "certified"
    lines = [f"{row['construction']}: {word}", *textwrap.wrap(row["accepted"], _WIDTH)]
    lines += [f"  {note}" for note in row.get("notes", [])]
    for name, value in row.get("sizes", {}).items():
        lines.append(f"  {name.replace('_', ' '):<18}  {value:.6g}" if isinstance(value, float) else
                     f"  {name.replace('_', ' '):<18}  {value}")  # fmt: skip
    lines += [f"  {name:<18}  {value}" for name, value in row.get("repair", {}).items()]
    if row["certificate"]:
        lines.append(f"certificate: {row['certificate']} (in the output folder)")
    else:
        lines.append(KEEP)
    return "\n".join(lines)


def cost_text(cost: dict[str, Any]) -> str:
    """The estimate of a dry run."""
    return "\n".join(f"{name.replace('_', ' '):<34}  {value}" for name, value in cost.items())
