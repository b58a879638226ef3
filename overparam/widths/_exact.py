"""The minimal width of one data set, or what is proved about it: networks from above, impossibility from below."""

import dataclasses
import json
import pathlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import proofs_check
from overparam.certificates import Decision, dataset_bytes, decide_width, proof_bytes, spelled_layers
from overparam.data import Dataset
from overparam.memorizers import line_widths
from overparam.records import Rung, Side, Word
from overparam.widths._certify import Certificate
from overparam.widths._deposit import NotAccepted, deposit
from overparam.widths._rungs import RELU

Tell = Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Bracket:
    """What is proved about the minimal width: at least `low`, at most `high`.

    Attributes:
        low: one more than the largest width shown impossible; 0 if none was.
        high: the smallest width of a certified network, or None.
        impossible: the certificate that `low - 1` neurons do not interpolate.
        minimal: the certificate that `low` = `high` is the minimal width.
        searches: for each width that was searched, what the search did.
    """

    low: int
    high: int | None
    impossible: Certificate | None
    minimal: Certificate | None
    searches: tuple[dict[str, Any], ...]


def bracket(
    data: Dataset,
    folder: pathlib.Path,
    *,
    known: Certificate | None = None,
    max_nodes: int = 3000,
    tell: Tell = lambda _: None,
) -> Bracket:
    """Prove the minimal width of ReLU networks with both biases, or as much of it as the budget allows.

    Widths are decided from 0 upwards, until a network is found, the known one is met, or the budget ends.

    Args:
        data: finite points and labels, taken exactly.
        folder: the certificates `impossible` and `exact` appear in it, the data set file too.
        known: a certificate of a network that interpolates these data, the smaller the better.
        max_nodes: cases of activation patterns to look at, for each width.
        tell: told, in words, what is being done.
    """
    if data.points.shape[1] == 1:
        return _on_a_line(data, folder, known)
    layers = None if known is None else _layers(known)
    low, high, rows = 0, None if known is None else known.width, []
    below: Mapping[str, Any] | None = None
    while high is None or low < high:
        tell(f"are {low} neurons enough? at most {max_nodes} cases of activation patterns")
        decision = decide_width(data.points, data.labels, low, max_nodes=max_nodes)
        rows.append(_row(decision))
        tell(f"{low} neurons: {decision.outcome}, {decision.pruning.nodes} cases")
        if decision.network is not None:
            high, layers = low, spelled_layers(decision.network)
        elif decision.proof is not None:
            low, below = low + 1, decision.proof
        else:
            break
    return _deposited(data, folder, low, high, layers, below, rows)


def met(proved: Bracket, known: Certificate, data: Dataset, folder: pathlib.Path) -> Bracket:
    """The bracket with one more certified network, which may be the missing upper end.

    Args:
        proved: what was known without it.
        known: a certificate of a network that interpolates these data.
        data: points and labels.
        folder: the certificate `exact` appears in it.
    """
    if proved.minimal is not None or (proved.high is not None and known.width >= proved.high):
        return proved
    minimal = None
    if known.width == proved.low and proved.impossible is not None:
        witness = json.loads((proved.impossible.folder / "witness.json").read_text())
        below = {key: value for key, value in witness.items() if key not in ("format", "provenance")}
        minimal = _accepted(
            data, folder / "exact", "minimal-width", known.width, {"layers": _layers(known), "below": below}
        )
    return dataclasses.replace(proved, high=known.width, minimal=minimal)


def _on_a_line(data: Dataset, folder: pathlib.Path, known: Certificate | None) -> Bracket:
    """Points with one coordinate need no search over patterns."""
    found = line_widths(data.points, data.labels)
    network, high = found.network, found.high
    layers = spelled_layers(network)
    if known is not None and known.width < high:
        high, layers = known.width, _layers(known)
    below = {"method": "line"} if found.low > 0 else None
    return _deposited(data, folder, found.low, high, layers, below, [])


def _deposited(
    data: Dataset,
    folder: pathlib.Path,
    low: int,
    high: int | None,
    layers: Any,
    below: Mapping[str, Any] | None,
    rows: list[dict[str, Any]],
) -> Bracket:
    """Certificates for both ends; an end that the checker does not accept is given up."""
    impossible = minimal = None
    if below is not None:
        impossible = _accepted(data, folder / "impossible", "impossible", low - 1, below)
    if impossible is None:
        low = 0
    if low == high:
        minimal = _accepted(data, folder / "exact", "minimal-width", low, {"layers": layers, "below": below})
    return Bracket(low, high, impossible, minimal, tuple(rows))


def _accepted(
    data: Dataset, folder: pathlib.Path, kind: str, width: int, fields: Mapping[str, Any]
) -> Certificate | None:
    try:
        sentence = deposit(
            folder,
            statement=lambda paths: proofs_check.state(kind, paths[0], widths=[width]),
            witness=lambda: proof_bytes(fields, {"search": "a line" if data.points.shape[1] == 1 else "cases"}),
            beside=[dataset_bytes(data.points, data.labels)],
        )
    except NotAccepted:
        return None
    return Certificate(folder, width, sentence)


def known_network(folder: pathlib.Path) -> Certificate:
    """The certificate of a network in a folder, with the network's own width."""
    hidden = json.loads((folder / "witness.json").read_text())["layers"][0]
    return Certificate(folder, len(hidden["bias"]), "")


def _layers(known: Certificate) -> Any:
    """The network of a certificate of the kind `interpolates`, as its witness spells it."""
    return json.loads((known.folder / "witness.json").read_text())["layers"]


def _row(decision: Decision) -> dict[str, Any]:
    return {"width": decision.width, "outcome": decision.outcome.value, **dataclasses.asdict(decision.pruning)}


def exact_rungs(proved: Bracket, out: pathlib.Path, most: int | None) -> list[Rung]:
    """The rungs `exact` and `impossible` of the ladder; `most` cases were allowed a width, None on a line."""
    settled = proved.minimal is not None
    exact = _rung("exact", Side.EXACT, proved.low if settled else None, Word.CERTIFIED if settled else Word.UNDECIDED,
                  proved.minimal, out, _cases(proved.searches, most))  # fmt: skip
    if proved.impossible is None:
        return [exact]
    below = _cases([row for row in proved.searches if row["width"] < proved.low], most)
    return [exact, _rung("impossible", Side.LOWER, proved.low, Word.IMPOSSIBLE, proved.impossible, out, below)]


def _cases(rows: Sequence[Mapping[str, Any]], most: int | None) -> str:
    """How many cases each width took, and how many it might have taken.

    >>> _cases([{"width": 0, "nodes": 1}, {"width": 1, "nodes": 10}, {"width": 2, "nodes": 371}], 1000)
    '1, 10 and 371 cases of activation patterns at widths 0 to 2, at most 1000 a width'
    """
    if most is None:
        return "the formula for points on a line"
    if not rows:
        return f"no cases were looked at, at most {most} a width were allowed"
    *others, last = (str(row["nodes"]) for row in rows)
    counts = f"{', '.join(others)} and {last}" if others else last
    noun = "case" if counts == "1" else "cases"
    widths = f"widths {rows[0]['width']} to {rows[-1]['width']}" if others else f"width {rows[0]['width']}"
    return f"{counts} {noun} of activation patterns at {widths}, at most {most} a width"


def _rung(name: str, side: Side, width: int | None, word: Word, certificate: Certificate | None, out: pathlib.Path,
          budget: str) -> Rung:  # fmt: skip
    return Rung(
        rung=name,
        family=RELU,
        side=side,
        width=width,
        interval=None,
        word=word,
        quantifier="these data",
        theorem=None,
        starts=None,
        budget=budget,
        certificate=certificate.folder.relative_to(out).as_posix() if certificate else None,
    )
