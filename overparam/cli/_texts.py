"""Plain text of what commands print, where no room has it already."""

import textwrap
from typing import Any

import proofs_check
from overparam.errors import InputError, close_to

_WIDTH = 100
_QUANTIFIERS = {  # as a sentence ends
    "every data set": "for every data set",
    "almost every labelling": "for almost every labelling",
    "some data set": "for some data set",
    "some labelling": "for some labelling",
    "with probability": "with a probability that the statement names",
}
KEEP = "Nothing was kept; with --out DIR the certificates are, and anybody can check them again."


def theorem_records(slug: str | None) -> list[dict[str, Any]]:
    """One record a theorem entry, of one slug or of all.

    Raises:
        InputError: no such theorem.
    """
    entries = proofs_check.THEOREMS
    if slug is not None and slug not in entries:
        meant = close_to(slug, list(entries), listed_by="overparam theorems")
        raise InputError(f"no theorem is called {slug!r}; {meant}")
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
            "bounds": "the width" if entry.width else "widths" if entry.allows else "sizes",
            "cite": entry.cite,
            "locator": entry.locator,
            "proof": entry.proof,
        }
        for entry in ([entries[slug]] if slug else entries.values())
    ]


def studies_text(rows: list[dict[str, str]]) -> str:
    """A paragraph a study, group by group."""
    blocks = []
    for group in dict.fromkeys(row["group"] for row in rows):
        blocks.append(group.upper())
        for row in rows:
            if row["group"] == group:
                source = f"source: {row['source']}." if row["source"] else ""
                parts = (row["claim"], row["refuted_by"], source)
                told = [line for part in parts for line in textwrap.wrap(part, _WIDTH)]
                blocks.append("\n".join([row["id"], *(f"    {line}" for line in told)]))
    return "\n\n".join(blocks)


def theorem_text(records: list[dict[str, Any]], *, whole: bool) -> str:
    """A line a theorem, or everything about each."""
    if not whole:
        longest = max(len(r["id"]) for r in records)
        return "\n".join(f"{r['id']:<{longest}}  {r['side']:<5}  {r['title']}" for r in records)
    blocks = []
    for r in records:
        source = f"{r['cite']}, {r['locator']}" if r["cite"] else r["locator"]
        lines = [f"{r['id']}: {r['title']}", *textwrap.wrap(r["statement"], _WIDTH)]
        side = "above" if r["side"] == "upper" else "below"
        about = f"  bounds {r['bounds']} from {side}".ljust(30) + " "
        lines += [
            f"{about}{_QUANTIFIERS.get(r['quantifier'], r['quantifier'])}"
            + (" that satisfies the hypotheses" if r["hypotheses"] else "")
            + ("" if r["explicit_constants"] else "; there is no number here"),
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
    told = [*row.get("data", {}).get("notes", []), *row.get("notes", [])]
    lines += [
        line for note in told for line in textwrap.wrap(note, _WIDTH, initial_indent="  ", subsequent_indent="    ")
    ]
    for name, size in row.get("sizes", {}).items():
        value = "–" if size is None else size
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
