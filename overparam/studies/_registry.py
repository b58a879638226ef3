"""All studies, by the slug of the theorem or claim they judge."""

import dataclasses
import pathlib
from collections.abc import Callable, Iterator, Sequence

from overparam.errors import InputError, close_to
from overparam.records import Claim
from overparam.studies._ceil_4n_d import ceil_4n_d
from overparam.studies._constructions import CONSTRUCTIONS
from overparam.studies._counting import counting
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


def verify(ids: Sequence[str], out: pathlib.Path, size: Size) -> Iterator[Claim]:
    """Run studies one after the other, each once; all of them if `ids` is empty.

    Args:
        out: certificates go to out/claims/<id>/.
    Raises:
        InputError: an unknown id, before anything runs.
    """
    if unknown := [i for i in ids if i not in STUDIES]:
        raise InputError(f"no study is called {', '.join(unknown)}; {close_to(unknown[0], list(STUDIES))}")
    for i in dict.fromkeys(ids) or STUDIES:
        yield dataclasses.replace(STUDIES[i](out, size), topic=_topic(i))


def _topic(study: str) -> str:
    """Under which the report lists it."""
    measured = (folder for folder, studies in EXPERIMENTS.items() if any(study == one.id for one in studies))
    return TOPICS.get(next(measured, ""), "Width: what suffices and what is needed")
