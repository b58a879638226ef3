"""How far a threshold of gradient descent hangs on its step limit and on its tolerance, from the confirming trials."""

from typing import Any

from overparam.report._fields import real, whole
from overparam.report._ladders import Ladder
from overparam.widths._protocol import APART


def step_limit(ladder: Ladder) -> list[dict[str, Any]]:
    """At each width that was confirmed, the shares of fits if no trial at its limit, or every one, had fitted later.

    Between the two lies what any larger step limit would have shown on these trials.  `hangs`: so does the share asked.
    """
    found = []
    for row in _confirmed(ladder, ("trials", "fitted", "max_steps")):
        least, most = row["fitted"] / row["trials"], (row["fitted"] + row["max_steps"]) / row["trials"]
        found.append(row | {"least": least, "most": most, "hangs": _between(ladder, least, most)})
    return found


def tolerances(ladder: Ladder) -> dict[str, Any] | None:
    """The shares of fits with a looser and a tighter tolerance, where the run counted them."""
    asked = real(ladder.gd.get("tolerance"))
    rows = _confirmed(ladder, ("trials", "fitted_looser", "fitted", "fitted_tighter"))
    if asked is None or not rows:
        return None
    for row in rows:
        loose, tight = row["fitted_looser"] / row["trials"], row["fitted_tighter"] / row["trials"]
        row["hangs"] = _between(ladder, tight, loose)
    return {"asked": asked, "looser": asked * APART, "rows": rows}


def second_look(ladder: Ladder) -> str | None:
    """What running on showed of trials that had run out of steps, where the run looked."""
    look = ladder.gd.get("second_look")
    return str(look["sentence"]) if isinstance(look, dict) and look.get("sentence") else None


def _confirmed(ladder: Ladder, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """These counts of the confirming trials of each width, of those batches that have all of them."""
    total: dict[int, dict[str, int]] = {}
    for row in ladder.gd.get("trials") or []:
        width, counts = whole(row["width"]), {name: whole(row[name]) for name in names}
        if width is None or not str(row["stage"]).startswith("confirm") or None in counts.values():
            continue
        before = total.get(width, dict.fromkeys(names, 0))
        total[width] = {name: before[name] + (count or 0) for name, count in counts.items()}
    return [{"width": width, **counts} for width, counts in sorted(total.items()) if counts["trials"]]


def _between(ladder: Ladder, least: float, most: float) -> bool:
    """Whether the share that was asked for lies between the two."""
    q = real(ladder.gd.get("q"))
    return q is not None and least < q <= most
