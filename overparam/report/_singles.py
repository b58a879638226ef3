"""Records of commands that do one thing: a kernel's spectrum, one construction, one certificate of one's own."""

import dataclasses
from typing import Any

from overparam.report._fields import as_dicts, as_table, as_text, as_texts, as_words, of_data, real, whole

_EDGE = ("value", "lower", "upper")


@dataclasses.dataclass(frozen=True)
class Kernel:
    """One `kernel-NAME.json` of `overparam kernel --out`; `None` stands for whatever the file does not say."""

    stem: str  # NAME
    name: str  # of the data
    n: int | None
    d: int | None
    sha256: str | None
    notes: list[str]
    kernel: str  # the network whose limit it is, in words
    which: str  # ntk, nngp
    word: str
    least: dict[str, Any]  # value, lower, upper; verified: shown to be the extreme one; method
    largest: dict[str, Any]
    condition: dict[str, Any]  # value, lower, upper
    eigenvalues: list[dict[str, Any]]  # each with value, lower, upper; ascending; empty where not recorded
    certified: dict[str, Any]  # of the least eigenvalue of the matrix as computed: at_least, at_most, certificate
    matrix: str | None  # file beside the record
    versions: dict[str, str]

    @property
    def says_something(self) -> bool:
        """Whether there is a number to show."""
        return any(edge["value"] is not None for edge in (self.least, self.largest, *self.eigenvalues))


@dataclasses.dataclass(frozen=True)
class Network:
    """One `memorize-*.json`, `certify-*.json` or `prove-*.json`: what was built or proved, and what was accepted."""

    stem: str  # of the file, with its first word
    command: str  # memorize, certify, prove
    title: str  # the construction, or what was certified
    name: str | None  # of the data
    n: int | None
    d: int | None
    sha256: str | None
    claim: str | None  # of a construction: exact, near, fits, within, observed
    theorem: str | None
    says: str  # what the checker accepted, in its words
    notes: list[str]
    numbers: dict[str, Any]
    sizes: dict[str, Any]
    repair: dict[str, str]
    certificate: str | None
    versions: dict[str, str]
    doubted: bool = False  # does the checker not accept its certificate today?

    @property
    def word(self) -> str:
        """What stands behind it."""
        if self.doubted:
            return "recorded"
        return "observed" if self.claim == "observed" or self.certificate is None else "certified"


def kernel_of(raw: object, *, stem: str) -> Kernel:
    """A kernel from parsed JSON of the shape that `overparam kernel` writes, however incomplete."""
    top = as_table(raw)
    return Kernel(
        stem=stem,
        **of_data(as_table(top.get("data")), stem),
        kernel=str(top.get("kernel") or ""),
        which=str(top.get("which") or "ntk"),
        word="observed",  # whatever the file says: only the bounds of `certified` have a certificate
        least=_edge(top.get("least")),
        largest=_edge(top.get("largest")),
        condition=_edge(top.get("condition")),
        eigenvalues=[edge for row in as_dicts(top.get("eigenvalues")) if (edge := _edge(row))["value"] is not None],
        certified=_certified(top.get("certified")),
        matrix=as_text(top.get("matrix")),
        versions=as_words(top.get("versions")),
    )


def _certified(value: object) -> dict[str, Any]:
    """What the checker accepted; without a certificate, nothing."""
    raw = as_table(value)
    folder = as_text(raw.get("certificate"))
    ends = {key: real(raw.get(key)) if folder else None for key in ("at_least", "at_most")}
    return ends | {"certificate": folder, "accepted": as_text(raw.get("accepted")) or ""}


def _edge(value: object) -> dict[str, Any]:
    raw = as_table(value)
    return {key: real(raw.get(key)) for key in _EDGE} | {
        "verified": raw.get("verified") is True,
        "method": as_text(raw.get("method")),
    }


def network_of(raw: object, *, stem: str) -> Network:
    """A single construction or certificate from parsed JSON, however incomplete."""
    top = as_table(raw)
    data = as_table(top.get("data"))
    return Network(
        stem=stem,
        command=stem.partition("-")[0],
        title=str(top.get("construction") or stem),
        name=as_text(data.get("name")),
        n=whole(data.get("n")),
        d=whole(data.get("d")),
        sha256=as_text(data.get("sha256")),
        claim=as_text(top.get("claim")),
        theorem=as_text(top.get("theorem")),
        says=str(top.get("accepted") or ""),
        notes=[*as_texts(data.get("notes")), *as_texts(top.get("notes"))],
        numbers=as_table(top.get("numbers")),
        sizes=as_table(top.get("sizes")),
        repair=as_words(top.get("repair")),
        certificate=as_text(top.get("certificate")),
        versions=as_words(top.get("versions")),
    )
