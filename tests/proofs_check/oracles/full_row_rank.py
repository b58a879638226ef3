"""Second opinion on `full-row-rank`: python-flint's rank of the matrix, or of J itself."""

from flint import fmpq, fmpq_mat

from tests.proofs_check.oracle import document, list_of, named, need, number, witness_in
from tests.proofs_check.oracles.least_eigenvalue import jacobian, start_of


def holds(folder):
    s, _ = document(folder / "statement.json", "format kind of")
    of = s["of"]
    keys = {"given": "gram matrix", "network": "dataset family free gram network"}
    need(type(of) is dict and of.get("gram") in keys and set(of) == set(keys[of["gram"]].split()))
    start = start_of(of, ("relu",)) if of["gram"] == "network" else None
    witness_in(folder, "")
    if start is None:
        rows = list_of(
            named(folder, of["matrix"], "format rows", "overparam-matrix-1")["rows"], lambda r: list_of(r, number)
        )
        need(rows and rows[0] and len({len(row) for row in rows}) == 1)
    else:
        found = jacobian(folder, *start)
        if found is None:
            return False
        rows = found[0]
    return bool(rows[0]) and fmpq_mat([[fmpq(x.numerator, x.denominator) for x in row] for row in rows]).rank() == len(
        rows
    )
