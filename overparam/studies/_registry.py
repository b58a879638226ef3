"""All studies, by the slug of the theorem or claim they judge."""

import dataclasses
import pathlib
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

from threadpoolctl import threadpool_limits

import proofs_check
from overparam.errors import InputError, close_to
from overparam.programs import spare_mappings
from overparam.records import Claim
from overparam.studies._ceil_4n_d import ceil_4n_d
from overparam.studies._constructions import CONSTRUCTIONS
from overparam.studies._counting import counting
from overparam.studies._documents import sentences_of, tagged
from overparam.studies._experiment import Experiment
from overparam.studies._experiments import EXPERIMENTS, TOPICS
from overparam.studies._instances import Size
from overparam.studies._memorizers import MEMORIZERS
from overparam.studies._own import studies_in
from overparam.studies._worst_case_width import worst_case_width

Tag = Literal["documents"]

STUDIES: dict[str, Callable[[pathlib.Path, Size], Claim]] = {
    "param-count": counting,
    **{study.theorem: study for study in (*CONSTRUCTIONS, *MEMORIZERS)},
    "s-baum": ceil_4n_d,
    "worst-case-width": worst_case_width,
    **{study.id: study for studies in EXPERIMENTS.values() for study in studies},
}


GROUPS: dict[str, tuple[str, ...]] = {
    "width": tuple(id for id in STUDIES if id not in {study.id for group in EXPERIMENTS.values() for study in group}),
    **{folder: tuple(study.id for study in studies) for folder, studies in EXPERIMENTS.items()},
}


OWN = "Your own studies"


class Chosen(NamedTuple):
    """One study to run, with the group that lists it."""

    id: str
    study: Callable[[pathlib.Path, Size], Claim]
    group: str


def verify(ids: Sequence[str], out: pathlib.Path, size: Size, *, tag: Tag | None = None) -> Iterator[Claim]:
    """Run studies one after the other, each once; all of them if neither `ids` nor `tag` says which.

    Args:
        ids: slugs of studies, names of groups, or paths of Python files with studies.
        out: certificates go to out/claims/<id>/.
        size: how many and how large the data sets are.
        tag: also those that decide the sentences of the documents, in that order.
    Raises:
        InputError: an unknown id, before anything runs.
    """
    for one in _wanted(ids, tag):
        # Threads of linear algebra that wait for each other make small problems ten times slower than one does.
        with threadpool_limits(1 if size == "ci" else None, user_api="blas"):
            claim = _judged(one, out, size)
        yield dataclasses.replace(claim, topic=TOPICS.get(one.group, OWN), sentences=sentences_of(one.id))
        spare_mappings()


def _judged(one: Chosen, out: pathlib.Path, size: Size) -> Claim:
    """The claim of a study; what goes wrong in a user's own is told by its name, not by a traceback."""
    if one.id in STUDIES:
        return one.study(out, size)
    try:
        return one.study(out, size)
    except Exception as error:
        raise InputError(f"study {one.id} of {one.group} failed: {type(error).__name__}: {error}") from error


def _wanted(ids: Sequence[str], tag: Tag | None = None) -> list[Chosen]:
    names = [*ids, *(tagged() if tag == "documents" else ())] or list(GROUPS)
    files = {name: studies_in(pathlib.Path(name)) for name in names if name.endswith(".py")}
    known = [*GROUPS, *STUDIES]
    if unknown := [name for name in names if name not in known and name not in files]:
        meant = close_to(unknown[0], known, listed_by="overparam verify --list")
        raise InputError(f"no study is called {', '.join(unknown)}; {meant}")
    chosen: dict[str, Chosen] = {}
    for name in names:
        for id, one in files.get(name, {}).items():
            if id in STUDIES or (id in chosen and chosen[id].study is not one):
                raise InputError(f"{name}: there is another study called {id}; give yours a name of its own")
            chosen[id] = Chosen(id, one, name)
        if name not in files:
            for id in GROUPS.get(name, (name,)):
                chosen.setdefault(id, Chosen(id, STUDIES[id], _group(id)))
    return list(chosen.values())


def listing(ids: Sequence[str] = (), *, tag: Tag | None = None) -> list[dict[str, str]]:
    """What can be verified: id, group, claim, what would refute it, source, sentences of the documents.

    Raises:
        InputError: an unknown id.
    """
    rows = []
    for i, study, group in _wanted(ids, tag):
        row = {"id": i, "group": group, "claim": "", "refuted_by": "", "source": ""}
        row |= {"sentences": ", ".join(sentences_of(i))}
        if isinstance(study, Experiment):
            source = "; ".join(filter(None, [", ".join(study.cites), study.locator]))
            row |= {"claim": study.claim, "refuted_by": study.expectation, "source": source}
        elif (theorem := proofs_check.THEOREMS.get(i)) is not None:
            row |= {"claim": theorem.statement, "source": f"{theorem.cite or 'overparam'}, {theorem.locator}"}
        else:
            row["claim"] = (study.__doc__ or "").partition("\n")[0]
        rows.append(row)
    return rows


def _group(study: str) -> str:
    return next(group for group, studies in GROUPS.items() if study in studies)
