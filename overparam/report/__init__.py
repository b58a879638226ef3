"""From the records of a finished run to what people read: a report, figures, LaTeX tables, references.

Everything here is read from the JSON files in the output folder (and, for references, from the checker's
bibliography), so a number in the report is a number of the run.  Only this room imports matplotlib, and the tables
for terminals do without it.
"""

from overparam._doors import door

__getattr__, __all__ = door(
    __name__,
    **{"page._claims": "tally"},
    text="claims_text ladder_text",
    documents="documents_text",
    catalogue="catalogue verdicts_of",
    comparison="memorizers_text",
    referee="bundle citations recheck recheck_text worst",
    reading="read_folder",
    verified="verified",
    write="write_report",
    sweeps="sweep_csv sweep_text",
)
