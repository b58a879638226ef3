"""One claim a file: a theorem, a protocol, a verdict.

A study runs on listed data sets at a named size; sizes differ in numbers only.  Its verdict speaks of those data sets,
and its evidence says what it does not show.
"""

from overparam._doors import door

__getattr__, __all__ = door(
    __name__,
    registry="GROUPS STUDIES Tag listing verify",
    instances="Size instances",
    comparison="compare_memorizers",
    documents="DOCUMENTS SENTENCES Sentence sentences_of",
    own="study studies_in",
    experiment="Experiment Finding Setting",
    rules="Judged against all_of chance effect events rank_correlation slope",
)
