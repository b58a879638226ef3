"""The run-time type check that the tests put around every function of overparam."""

import beartype

# An int where a float is annotated is fine, as everywhere in Python's typing.
check = beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))
