"""Verify theorems about overparameterized neural networks, and print numbers that a referee can re-check.

Rooms, in the order data flows through them: `exact`, `data`, `networks`, `memorizers`, `training`, `certificates`,
`generalization`, `sweeps`, `widths`, `studies`, `report`.  Importing this package imports none of them, touches no
device and changes no JAX setting.  The trusted checker is the separate package `proofs_check`, which never imports this
one.  A lemma of your own becomes a study by `overparam.study`, which hands back an `overparam.Finding`.
"""

from overparam._doors import door

__version__ = "0.1.0"

__getattr__, __all__ = door(__name__, **{"studies._own": "study", "studies._experiment": "Finding Setting"})
