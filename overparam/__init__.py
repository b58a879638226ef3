"""Verify theorems about overparameterized neural networks, and print numbers that a referee can re-check.

Rooms, in the order data flows through them: `exact`, `data`, `networks`, `memorizers`, `training`, `certificates`,
`widths`, `studies`, `report`.  Importing this package imports none of them, touches no device and changes no JAX
setting.  The trusted checker is the separate package `proofs_check`, which never imports this one.
"""

__version__ = "0.1.0"
