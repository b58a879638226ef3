"""Second opinion on `minimal-width`."""

from tests.proofs_check.oracle import belongs, dataset_in, document, family_in, layers_in, need, value, witness_in
from tests.proofs_check.oracles.impossible import rules_out


def holds(folder):
    s, _ = document(folder / "statement.json", "dataset family format kind")
    family, widths = family_in(s["family"], ("relu",))
    need(len(widths) == 1)
    points, labels = dataset_in(folder, s["dataset"])
    w = witness_in(folder, "below layers")
    layers = layers_in(w["layers"])
    need(w["below"] is None or (type(w["below"]) is dict and "method" in w["below"]))
    if not belongs(layers, family, widths, points):
        return False
    if any(value(layers, "relu", x) != y for x, y in zip(points, labels, strict=True)):
        return False
    if widths == [0]:
        return True
    return w["below"] is not None and rules_out(w["below"], points, labels, family, widths[0] - 1)
