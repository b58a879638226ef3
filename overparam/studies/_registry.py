"""All studies, by the slug of the theorem or claim they judge."""

import dataclasses
import pathlib
from collections.abc import Callable, Iterator, Sequence

import proofs_check
from overparam.errors import InputError, close_to
from overparam.records import Claim
from overparam.studies._ceil_4n_d import ceil_4n_d
from overparam.studies._constructions import CONSTRUCTIONS
from overparam.studies._counting import counting
from overparam.studies._experiment import Experiment
from overparam.studies._experiments import EXPERIMENTS, TOPICS
from overparam.studies._instances import Size
from overparam.studies._memorizers import MEMORIZERS
from overparam.studies._worst_case_width import worst_case_width

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


def verify(ids: Sequence[str], out: pathlib.Path, size: Size) -> Iterator[Claim]:
    """Run studies one after the other, each once; all of them if `ids` is empty.

    Args:
        ids: slugs of studies or names of groups.
        out: certificates go to out/claims/<id>/.
    Raises:
        InputError: an unknown id, before anything runs.
    """
    for i in _wanted(ids):
        yield dataclasses.replace(STUDIES[i](out, size), topic=TOPICS[_group(i)])


def _wanted(ids: Sequence[str]) -> list[str]:
    known = [*GROUPS, *STUDIES]
    if unknown := [i for i in ids if i not in known]:
        meant = close_to(unknown[0], known)
        if meant.startswith("there are"):  # a hundred names help nobody
            meant = f"there are the groups {', '.join(GROUPS)}, and `overparam verify --list` names every study"
        raise InputError(f"no study is called {', '.join(unknown)}; {meant}")
    return list(dict.fromkeys(study for i in ids or GROUPS for study in GROUPS.get(i, (i,))))


def listing(ids: Sequence[str] = ()) -> list[dict[str, str]]:
    """What can be verified: id, group, claim, what would refute it, source.

    Raises:
        InputError: an unknown id.
    """
    rows = []
    for i in _wanted(ids):
        study = STUDIES[i]
        row = {"id": i, "group": _group(i), "claim": "", "refuted_by": "", "source": ""}
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
