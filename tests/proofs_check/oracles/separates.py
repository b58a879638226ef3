"""Second opinion on `separates`."""

from tests.proofs_check.oracle import belongs, dataset_in, document, family_in, need, network_in, number, value


def holds(folder):
    s, _ = document(folder / "statement.json", "dataset family format kind margin")
    family, widths = family_in(s["family"])
    margin = number(s["margin"])
    need(margin > 0)
    points, labels = dataset_in(folder, s["dataset"])
    layers = network_in(folder)
    if not (set(labels) <= {-1, 1} or set(labels) <= {0, 1}) or not belongs(layers, family, widths, points):
        return False
    outputs = [value(layers, family["activation"], x) for x in points]
    return all(f >= margin if y == 1 else f <= -margin for f, y in zip(outputs, labels, strict=True))
