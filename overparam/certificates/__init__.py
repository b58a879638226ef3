"""From floats to files: exact repair of a float network, and the data set and witness files that the checker reads.

`repair` moves a float ReLU network to a rational one that interpolates without error.  The statement, the claim by
which a witness is judged, is written by `proofs_check` or by a person, never here.
"""

from overparam._doors import door

__getattr__, __all__ = door(
    __name__,
    files="dataset_bytes dataset_sha256 witness_bytes",
    repair="is_interpolating movement repair",
)
