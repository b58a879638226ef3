"""The kind `interpolates`: a network of the stated family differs from every label by at most the tolerance."""

from proofs_check.answers import Answer, accepted, rejected
from proofs_check.budget import Budget, product_cost
from proofs_check.exact import in_words
from proofs_check.network import foreign_to, values
from proofs_check.reading import Dataset, Network, Statement


def interpolates(statement: Statement, dataset: Dataset, net: Network, budget: Budget) -> Answer:
    """Accept iff the network is in the stated family and errs by at most the tolerance at every point.

    Raises:
        OverBudget: the numbers are too long to be evaluated within the budget.
    """
    if reason := foreign_to(net, statement.family):
        return rejected(f"the witness is not in the stated family: {reason}")
    inputs = {len(row) for row in net.layers[0].weights}
    if inputs - {dataset.dim}:
        return rejected(f"the witness reads {inputs.pop()} coordinates, but the points have {dataset.dim}")
    outputs = values(net, statement.family.activation, dataset.points, budget)
    allowed, per = statement.tolerance.as_integer_ratio()
    for i, ((above, below), label) in enumerate(zip(outputs, dataset.labels, strict=True)):
        # |above/below - p/q| <= allowed/per, all denominators positive, multiplied across
        p, q = label.as_integer_ratio()
        bits = max(above.bit_length() + q.bit_length(), below.bit_length() + max(p.bit_length(), q.bit_length()))
        budget.spend(4 * product_cost(bits, bits) + 2 * product_cost(bits, max(allowed, per).bit_length()), "comparing")
        error, unit = abs(above * q - p * below), below * q
        if error * per > allowed * unit:
            size = error.bit_length() - unit.bit_length()
            return rejected(
                f"the network misses the label of sample {i} (counting from 0) by more than {_tolerance(statement)}: "
                f"its error lies between 2^{size - 1} and 2^{size + 1}"
            )
    return accepted(in_full(statement, dataset))


def in_full(statement: Statement, dataset: Dataset) -> str:
    """The statement in words, the sentence that a paper quotes."""
    fit = "equals the label exactly" if statement.tolerance == 0 else f"differs from the label by {_within(statement)}"
    each = "the" if dataset.n_samples == 1 else "each of the"
    return (
        f"Among the {statement.family}, there is one whose output {fit} at {each} {dataset.size} of the data set with "
        f"SHA-256 {dataset.sha256}."
    )


def _tolerance(statement: Statement) -> str:
    return f"the tolerance {in_words(statement.tolerance)}"


def _within(statement: Statement) -> str:
    return f"at most {in_words(statement.tolerance)}"
