"""The threshold of gradient descent in words: ends that were confirmed, what they presume, on what they hang."""

from overparam.report._fields import real
from overparam.report._ladders import Ladder
from overparam.report.page._sensitivity import step_limit, tolerances


def ends(ladder: Ladder) -> tuple[int | None, int | None]:
    """The ends of the threshold of gradient descent that were confirmed."""
    rung = ladder.rung("gd")
    if rung is None or not rung["interval"]:
        return None, None
    low, high = rung["interval"]
    return low if rung["low_confirmed"] else None, high


def ends_told(ladder: Ladder) -> str:
    """What was confirmed about the threshold of gradient descent, with which confidence, and what that presumes."""
    low, high = ends(ladder)
    q, level = real(ladder.gd.get("q")), real(ladder.gd.get("level"))
    share = "what was asked for, which was not recorded" if q is None else f"{q:g}"
    joint, single = ("that was not recorded",) * 2 if level is None else (f"{level:g}", f"{1 - (1 - level) / 2:g}")
    fits = f"at width {high} a trial succeeds with probability at least {share}"
    fails = "" if low is None else f"at width {low - 1} with probability below {share}"
    presumes = "presumes that the success probability does not fall as the width grows"
    if low is None and high is None:
        return "neither end was confirmed, so nothing is said of the threshold, and no number is quoted for it."
    if low is not None and high is not None:
        if low > high:
            return (
                f"both ends were confirmed ({fits}; {fails}), but they contradict each other unless success becomes "
                "less probable as the width grows, so no interval is claimed."
            )
        return (
            f"both ends were confirmed: {fits}, and {fails}, jointly with confidence {joint}.  That the threshold lies "
            f"between them {presumes}."
        )
    fails = fails.replace(" with", " a trial succeeds with", 1)
    which, other, said = ("upper", "lower", fits) if low is None else ("lower", "upper", fails)
    return (
        f"only the {which} end was confirmed: {said}, with confidence {single}.  Nothing is said of the {other} end, "
        f"and no number is quoted for it.  That the confirmed one is an end of the threshold {presumes}."
    )


def tolerances_told(ladder: Ladder) -> str:
    """How many confirming trials fitted with other tolerances, where the run counted them; else nothing."""
    found = tolerances(ladder)
    if found is None:
        return ""
    told = [
        f"at width {r['width']}, {r['fitted']}, {r['fitted_looser']} and {r['fitted_tighter']} of {r['trials']}"
        for r in found["rows"]
    ]
    return (
        f"confirming trials that fitted with the tolerance {found['asked']:g}, with ten times it (at least so many) "
        f"and with a tenth of it, within the same steps: {'; '.join(told)}.  Confirmed ends rest on the tolerance "
        "asked for, and were not computed again."
    )


def limits_told(ladder: Ladder) -> str:
    """Between which counts of fits any larger step limit lies, where trials were still running at theirs."""
    rows = [row for row in step_limit(ladder) if row["max_steps"]]
    told = [f"at width {row['width']}, {row['fitted']} and {row['max_steps']} of {row['trials']}" for row in rows]
    return f"confirming trials that fitted, and that ran out of steps: {'; '.join(told)}." if told else ""
