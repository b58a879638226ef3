"""What the checker may say about a file: three answers, and two ways of not getting as far as an answer."""

import dataclasses
import enum


class Status(enum.StrEnum):
    """The three answers; unknown is never a yes or a no."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNDECIDED = "undecided"


@dataclasses.dataclass(frozen=True)
class Answer:
    """An answer in words.

    `sentence` is complete and may be quoted: for an accepted statement it is what was proved.  `reason` is empty when
    accepted, the reason when rejected, and what is missing when undecided.
    """

    status: Status
    sentence: str
    reason: str = ""

    @property
    def missing(self) -> str:
        """What an undecided answer would need; empty for the other two."""
        return self.reason if self.status is Status.UNDECIDED else ""


class Malformed(Exception):
    """The file is not one that docs/certificates.md describes; the message says which rule it breaks and where."""


class OverBudget(Exception):
    """Deciding would take more arithmetic than the checker allows itself; becomes the answer undecided."""


def accepted(sentence: str) -> Answer:
    """Yes: `sentence` has been proved."""
    return Answer(Status.ACCEPTED, sentence)


def rejected(reason: str) -> Answer:
    """No: `reason` is a complete sentence without its final full stop."""
    return Answer(Status.REJECTED, f"Rejected: {reason}.", reason)


def undecided(missing: str) -> Answer:
    """Neither: `missing` is a complete sentence without its final full stop."""
    return Answer(Status.UNDECIDED, f"Undecided: {missing}.", missing)
