"""Tables for a terminal: aligned, complete, and unable to steer it."""

from overparam.report import claims_text, ladder_text
from tests.report.samples import CLAIMS, LADDER, ladder


def test_the_ladder_is_aligned_and_complete():
    lines = ladder_text(LADDER).splitlines()
    assert lines[0] == "gaussian  (n = 40, d = 5, labels: gaussian)"
    table = lines[2 : 4 + len(LADDER["rungs"])]
    starts = {line.index(word) for line in table for word in (" word ", " certified ", " theorem ") if word in line}
    assert len(starts) == 1, "one column for the word"
    assert sum("certified" in line for line in table) == 6
    assert "7 – 24" in next(line for line in table if line.startswith("gradient descent"))


def test_every_certificate_can_be_found_from_the_text():
    """Paths below the folder they share, which stands under the table; whole where they share none."""
    text = ladder_text(LADDER)
    (home,) = (line.removeprefix("./ is ").split()[0] for line in text.splitlines() if line.startswith("./ is "))
    for rung in LADDER["rungs"]:
        if rung["certificate"]:
            (line,) = (line for line in text.splitlines() if line.endswith(f"  ./{rung['certificate'][len(home) :]}"))
            assert home + line.split("./")[1] == rung["certificate"]
    made = ladder()
    made["rungs"][3]["certificate"] = "elsewhere/found"
    assert "  elsewhere/found\n" in ladder_text(made) and "./" not in ladder_text(made)


def test_not_found_is_never_called_impossible():
    made = ladder()
    made["rungs"][3] |= {"width": None, "word": "not_found", "certificate": None}
    text = ladder_text(made)
    assert "not found" in text
    assert "which proves nothing" in text
    assert "impossible" not in text


def test_labels_below_the_generic_bound_are_called_exceptional():
    made = ladder()
    made["rungs"][3]["width"] = 5
    assert "5 is fewer than almost every labelling needs: these labels are exceptional" in " ".join(
        ladder_text(made).split()
    )
    assert "exceptional" not in ladder_text(LADDER)


def test_a_name_cannot_steer_the_terminal():
    text = ladder_text(ladder(name="a\x1b[31m\rb\nc", labels="\x07"))
    assert "\x1b" not in text
    assert "\r" not in text
    assert "\x07" not in text


def test_empty_and_partial_ladders_have_a_text():
    assert "no rung has a number yet" in ladder_text({})
    assert ladder_text({"rungs": [{"rung": "found"}, 3], "data": {"n": "x"}})
    assert claims_text([]) == ""


def test_claims_carry_verdict_and_evidence():
    text = claims_text(CLAIMS)
    for claim in CLAIMS:
        assert f"{claim['verdict']}" in text
        assert claim["id"] in text
    assert "certificate: certificates/claims/pairs" in text
