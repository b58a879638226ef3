"""The documents that the project grew from, sentence by sentence, with the verdicts of a run."""

import textwrap
from typing import Any, NamedTuple

from overparam.report._reading import claims_of
from overparam.report._text import plain, table
from overparam.studies import DOCUMENTS, SENTENCES


class Said(NamedTuple):
    """One sentence and what the run says of it."""

    number: int
    says: str
    verdicts: list[tuple[str, str]]  # study, verdict; "not run" where the run did not judge it


class Document(NamedTuple):
    """One document and the sentences of it that the run judged."""

    number: str
    asks: str
    sentences: list[Said]


def documents(claims: list[dict[str, Any]]) -> list[Document]:
    """Documents and sentences in their order; only those of which the run judged at least one study.

    Args:
        claims: records with every field, see `_reading.claims_of`.
    """
    verdicts = {str(claim["id"]): str(claim["verdict"]) for claim in claims}
    found = []
    for number, asks in DOCUMENTS.items():
        said = [
            Said(sentence.number, sentence.says, [(id, verdicts.get(id, "not run")) for id in sentence.studies])
            for sentence in SENTENCES
            if sentence.document == number and any(study in verdicts for study in sentence.studies)
        ]
        if said:
            found.append(Document(number, asks, said))
    return found


def documents_text(claims: list[dict[str, Any]]) -> str:
    """One table for a terminal, sorted by document and sentence; empty where the run judged none of them.

    Args:
        claims: the JSON list that `overparam verify --json` prints.
    """
    found = documents(claims_of(claims))
    rows: list[tuple[str, ...]] = []
    for document in found:
        rows += [(document.number, line, "", "") for line in textwrap.wrap(document.asks, 76)]
        for said in document.sentences:
            lines = textwrap.wrap(said.says, 76)
            for i in range(max(len(lines), len(said.verdicts))):
                study, verdict = said.verdicts[i] if i < len(said.verdicts) else ("", "")
                name = f"{document.number}.{said.number}" if i == 0 else ""
                rows.append((name, lines[i] if i < len(lines) else "", verdict, study))
    if not rows:
        return ""
    return "\n".join(plain(line) for line in table(("", "sentence", "verdict", "study"), rows, right=set())) + "\n\n"
