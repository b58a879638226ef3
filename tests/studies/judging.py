"""Studies judged as they stand, or with a part of their mechanism broken."""

import dataclasses
import functools


def judged(module, folder, size="ci", **broken):
    """The claim of a study's module, measured with the keywords that break it."""
    study = dataclasses.replace(module.STUDY, measure=functools.partial(module.measure, **broken))
    return study(folder, size)


def named(given):
    """The id of a parametrized test: its study's."""
    return given.STUDY.id if hasattr(given, "STUDY") else None
