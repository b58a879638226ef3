"""Records beside the checker's answers of today: what a record calls certified is shown so only where the two agree.

A record is a file that anybody can edit, and certificates get lost.  So every certificate that a record names is
decided again when a report is written, and its statement is compared with what the record says of it.  Where that
fails, the record counts as "recorded", a claim as inconclusive, and the report as partial.
"""

import dataclasses
import json
import pathlib
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import proofs_check
from overparam.report._fields import as_list, as_table, whole
from overparam.report._ladders import Comparison, Ladder
from overparam.report._reading import Folder
from overparam.report._singles import Kernel, Network

_DECIDED = ("certified", "impossible")  # words that only the checker gives
Same = Callable[[Mapping[str, Any], str], str | None]
"""(statement, the checker's sentence) -> in what a record says something else; None if in nothing."""
Accepted = Callable[[object, str, Same], str | None]
"""(certificate, who names it, what it has to say) -> the checker's sentence; None where the record does not stand."""


def decided(path: pathlib.Path) -> tuple[str, str]:
    """The checker's status and sentence on a certificate folder."""
    try:
        answer = proofs_check.check(path)
    except proofs_check.Malformed as error:
        return "malformed", f"Malformed: {error}."
    return str(answer.status), answer.sentence


def verified(folder: Folder, out: pathlib.Path) -> Folder:
    """The same records, with `accepted` sentences, and without the word certified where the checker does not agree.

    Args:
        folder: as it was read.
        out: where it was read from; certificates are named relative to it and have to lie in it.
    """
    missing = list(folder.missing)

    def accepted(name: object, of: str, same: Same) -> str | None:
        """The sentence that the checker accepts; None after a line in `missing`."""
        if not name:
            missing.append(f"{of} calls itself certified and names no certificate")
            return None
        sentence, doubt = _asked(out, str(name), same)
        if doubt is not None:
            missing.append(f"{of} names the certificate {name}, which {doubt}")
        return sentence

    return dataclasses.replace(
        folder,
        ladders=[_ladder(one, out, accepted) for one in folder.ladders],
        comparisons=[_comparison(one, accepted) for one in folder.comparisons],
        kernels=[_kernel(one, accepted) for one in folder.kernels],
        networks=[_network(one, accepted) for one in folder.networks],
        claims=[_claim(one, out, missing) for one in folder.claims],
        missing=missing,
    )


def _placed(out: pathlib.Path, name: str) -> tuple[pathlib.Path, str | None]:
    """The folder of that name, or why there is none."""
    path = out / "certificates"
    try:
        path = (out / name).resolve()
        if not path.is_relative_to(out.resolve()):
            return path, "lies outside of this folder"
        return path, None if path.is_dir() else "is not there"
    except (OSError, ValueError, RuntimeError) as error:  # no name of a file, or links in a circle
        return path, f"cannot be read ({error})"


def _asked(out: pathlib.Path, name: str, same: Same) -> tuple[str | None, str | None]:
    """The sentence of a certificate that says what a record says of it, or why there is none."""
    path, doubt = _placed(out, name)
    if doubt is not None:
        return None, doubt
    status, sentence = decided(path)
    if status != "accepted":
        return None, f"the checker does not accept ({status}): {sentence}"
    statement = json.loads((path / "statement.json").read_bytes())  # which the checker has read
    other = same(statement, sentence)
    return (sentence, None) if other is None else (None, other)


def _ladder(ladder: Ladder, out: pathlib.Path, accepted: Accepted) -> Ladder:
    rungs = []
    for rung in ladder.rungs:
        if rung["certificate"] or rung["word"] in _DECIDED:
            of = f"ladder-{ladder.stem}.json, {rung['rung']},"
            sentence = accepted(rung["certificate"], of, lambda s, _, r=rung: _same_rung(s, r, ladder, out))
            rung = rung | ({"word": "recorded"} if sentence is None else {"accepted": sentence})  # noqa: PLW2901
            if rung["rung"] == "rank" and rung["word"] == "certified":  # an older record: its width is no certificate's
                rung["word"] = "theorem"
        rungs.append(rung)
    return dataclasses.replace(ladder, rungs=rungs)


def _same_rung(statement: Mapping[str, Any], rung: Mapping[str, Any], ladder: Ladder, out: pathlib.Path) -> str | None:
    """A rung promises a width, never a smaller one than its network has; other statements fix it exactly."""
    of = statement if "dataset" in statement else as_table(statement.get("of"))
    of_these = of.get("dataset") == ladder.sha256
    if not of_these and not (rung["rung"] == "rank" and _same_points(out / str(rung["certificate"]), of, ladder, out)):
        return "speaks of another data set"
    if (stated := statement.get("theorem")) is not None and stated != rung["theorem"]:
        return f"speaks of the theorem {stated}"
    width, kind = whole(rung["width"]), str(statement.get("kind"))
    neurons = sum(as_list(as_table(of.get("family")).get("widths")))
    known = {
        "interpolates": rung["side"] == "upper" and width is not None and neurons <= width,
        "full-row-rank": rung["rung"] == "rank" and width == 2 * neurons,  # each neuron is taken twice
        "impossible": rung["side"] == "lower" and width == neurons + 1,
        "minimal-width": rung["side"] == "exact" and width == neurons,
    }
    if not known.get(kind, False):
        return f"says {kind} at {neurons} neurons, not {rung['side']} at {rung['width']}"
    return None


def _same_points(certificate: pathlib.Path, of: Mapping[str, Any], ladder: Ladder, out: pathlib.Path) -> bool:
    """Whether its data set has the points of the ladder's, each once: no rank is full where a point is repeated."""
    certificate, home = certificate.resolve(), out.resolve()
    folders = [one for one in (certificate, *certificate.parents[:2]) if one.is_relative_to(home)]

    def points(sha256: object) -> set[tuple[Fraction, ...]]:
        if not isinstance(sha256, str) or re.fullmatch("[0-9a-f]{64}", sha256) is None:
            raise ValueError("no hash")
        found = [path for one in folders if (path := one / f"{sha256}.json").is_file() and not path.is_symlink()]
        return set(proofs_check.read_dataset(found[0]).points) if found else set()

    try:
        mine = points(of.get("dataset"))
        return bool(mine) and mine == points(ladder.sha256)
    except (proofs_check.Malformed, proofs_check.OverBudget, OSError, ValueError):
        return False


def _comparison(comparison: Comparison, accepted: Accepted) -> Comparison:
    rows = []
    for row in comparison.rows:
        if row["certificate"] or row["word"] in _DECIDED:
            of = f"memorizers-{comparison.stem}.json, {row['construction']} on {row['n']} points,"
            sentence = accepted(row["certificate"], of, lambda s, _, r=row: _same_network(s, r["theorem"], r["sizes"]))
            row = row | ({"word": "recorded"} if sentence is None else {"accepted": sentence})  # noqa: PLW2901
        rows.append(row)
    return dataclasses.replace(comparison, rows=rows)


def _same_network(statement: Mapping[str, Any], theorem: object, sizes: Mapping[str, Any] | None) -> str | None:
    if (stated := statement.get("theorem")) is not None and stated != theorem:
        return f"speaks of the theorem {stated}"
    neurons = sum(as_list(as_table(statement.get("family")).get("widths")))
    if sizes is not None and sizes.get("neurons") != neurons:
        return f"speaks of {neurons} neurons, not {sizes.get('neurons')}"
    return None


def _kernel(kernel: Kernel, accepted: Accepted) -> Kernel:
    if not (name := kernel.certified["certificate"]):
        return kernel
    stated = kernel.certified["accepted"]
    if accepted(name, f"kernel-{kernel.stem}.json", lambda _, sentence: _same_sentence(sentence, stated)) is None:
        return dataclasses.replace(kernel, certified=dict.fromkeys(kernel.certified) | {"accepted": ""})
    return kernel


def _network(network: Network, accepted: Accepted) -> Network:
    if network.word != "certified":
        return network
    same: Same = lambda _, sentence: _same_sentence(sentence, network.says)  # noqa: E731
    holds = accepted(network.certificate, f"{network.stem}.json", same) is not None
    return network if holds else dataclasses.replace(network, doubted=True)


def _same_sentence(sentence: str, stated: str) -> str | None:
    return None if sentence == stated else f"says something else: {sentence}"


def _claim(claim: dict[str, Any], out: pathlib.Path, missing: list[str]) -> dict[str, Any]:
    """A claim has a folder of certificates; `accepted` are their sentences, sorted, each once."""
    if not claim["certificate"] and claim["verdict"] != "CERTIFIED":
        return claim
    accepted, doubt = _all_of(out, claim)
    if doubt is None:
        return claim | {"accepted": accepted}
    missing.append(f"claims.json, {claim['id']}, names the certificates {claim['certificate']}: {doubt}")
    why = (
        f"Recorded as {claim['verdict']} with certificates that were not all there or not all accepted by the checker "
        "when this report was written; what follows is the record's."
    )
    changed = {"verdict": "INCONCLUSIVE", "certificate": None, "evidence": f"{why} {claim['evidence'] or ''}"}
    return claim | changed


def _all_of(out: pathlib.Path, claim: Mapping[str, Any]) -> tuple[list[str], str | None]:
    """The sentences of all certificates of a claim, or why one of them does not stand."""
    path, doubt = _placed(out, str(claim["certificate"] or "nothing named"))
    if doubt is not None:
        return [], f"the folder {doubt}"
    if path.name != str(claim["id"]):
        return [], "they are those of another claim"
    found = sorted(one.parent for one in path.rglob("statement.json"))
    if not found or claim["certificates"] not in (None, len(found)):
        return [], f"{len(found)} are there, of {claim['certificates'] or 'some'}"
    answers = [decided(one) for one in found]
    for one, (status, sentence) in zip(found, answers, strict=True):
        if status != "accepted":
            return [], f"{one.relative_to(path)} is {status}: {sentence}"
    return sorted({sentence for _, sentence in answers}), None
