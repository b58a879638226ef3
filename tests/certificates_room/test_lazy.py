"""The conditions of exactly lazy training by plain fractions, and gradient descent itself."""

from fractions import Fraction

import numpy as np
import pytest

from overparam.certificates import WitnessError, coupled_network, lazy_witness
from overparam.data import from_arrays
from overparam.errors import InputError
from overparam.widths import prove_lazy
from tests.certificates_room.witnesses import proves, relu_kernel
from tests.exact.test_exact_numbers import parse


def gaussian(n, d, k, seed=0, hidden_bias=True):
    rng = np.random.default_rng(seed)
    points, labels, weights = rng.normal(size=(n, d)), rng.normal(size=n), rng.normal(size=(k, d))
    return points, labels, (weights, rng.normal(size=k) if hidden_bias else np.zeros(k))


def conditions_hold(made, layers, points, labels, hidden_bias):
    """All that the theorem asks for, q from the witness's vector t, neurons of one pattern moving together."""
    kernel, outputs = relu_kernel(layers, points.tolist(), [0], hidden_bias=hidden_bias)
    content = made.content()
    floor, ceiling = parse(content["floor"]), parse(content["ceiling"])
    negative = [[-x for x in row] for row in kernel]
    if not (proves(kernel, floor, content["factor"]) and proves(negative, -ceiling, content["ceiling_factor"])):
        return False
    t = [parse(content["solution"]["unit"]) * int(word, 16) for word in content["solution"]["row"].split(" ")]
    r = [f - Fraction(y) for f, y in zip(outputs, labels.tolist(), strict=True)]
    rho = [a - sum(k * b for k, b in zip(row, t, strict=True)) for a, row in zip(r, kernel, strict=True)]
    q = sum(((a + b) * c for a, b, c in zip(r, rho, t, strict=True)), Fraction(0)) + sum(x * x for x in rho) / floor
    (weights, bias), ((outer,), _) = layers
    rows = [[Fraction(x) for x in point] for point in points.tolist()]
    pre = [[sum(Fraction(w) * x for w, x in zip(line, row, strict=True)) + Fraction(b) for row in rows]
           for line, b in zip(weights, bias, strict=True)]  # fmt: skip
    patterns = [tuple(p > 0 for p in line) for line in pre]
    for line, pattern, v in zip(pre, patterns, outer, strict=True):
        total = sum(Fraction(w) ** 2 for other, w in zip(patterns, outer, strict=True) if other == pattern)
        for p, row in zip(line, rows, strict=True):
            if v and any(pattern) and p * p * total <= (sum(x * x for x in row) + hidden_bias) * q * Fraction(v) ** 2:
                return False
    return made.step * ceiling <= 1


@pytest.mark.parametrize("hidden_bias", [False, True])
def test_the_coupled_network_is_certified_at_nearly_the_smallest_scale(hidden_bias):
    points, labels, hidden = gaussian(8, 3, 12, hidden_bias=hidden_bias)
    layers = coupled_network(hidden, points, labels, hidden_bias=hidden_bias)
    _, outputs = relu_kernel(layers, points.tolist(), [0])
    assert not any(outputs)
    made = lazy_witness(layers, points, labels, hidden_bias=hidden_bias)
    assert conditions_hold(made, layers, points, labels, hidden_bias)
    assert made.step * made.ceiling > Fraction(99, 100)
    kernel, _ = relu_kernel(layers, points.tolist(), [0], hidden_bias=hidden_bias)
    assert float(made.ceiling) < 1.01 * np.linalg.eigvalsh(np.array(kernel, float))[-1]
    smaller = (layers[0], ([[v * Fraction(997, 1000) for v in layers[1].weights[0]]], layers[1].bias))
    with pytest.raises(WitnessError, match=r"neuron \d+ may reach zero at sample \d: .* is 1\.00"):
        lazy_witness(smaller, points, labels, hidden_bias=hidden_bias)


def test_a_network_of_the_callers_own():
    """Unequal output weights, an initial output, and neurons that do not move."""
    points, labels, (weights, bias) = gaussian(6, 3, 14, seed=3)
    outer = np.linspace(300.0, 900.0, 14)[None, :]
    outer[0, 3] = 0.0
    weights[5], bias[5] = 0.0, 0.0  # never active, and zero everywhere
    layers = ((weights, bias), (outer, np.array([0.25])))
    _, outputs = relu_kernel(layers, points.tolist(), [0])
    labels = np.array([float(f) for f in outputs]) + 1e-4 * labels
    made = lazy_witness(layers, points, labels)
    assert conditions_hold(made, layers, points, labels, True)


def test_refusals():
    points, labels, hidden = gaussian(8, 3, 12)
    with pytest.raises(InputError, match="all labels are zero"):
        coupled_network(hidden, points, 0 * labels)
    with pytest.raises(InputError, match="hidden biases must be zero"):
        coupled_network(hidden, points, labels, hidden_bias=False)
    layers = coupled_network(hidden, points, labels)
    with pytest.raises(InputError, match="takes all labels already"):
        lazy_witness(layers, points, 0 * labels)
    few = (hidden[0][:1], hidden[1][:1])
    with pytest.raises(WitnessError, match="singular or nearly so"):
        coupled_network(few, points, labels)
    at_zero = (hidden[0], hidden[1].copy())
    at_zero[0][4], at_zero[1][4] = [1.0, 0.0, 0.0], -points[2, 0]
    if not (points[:, 0] > points[2, 0]).any():
        at_zero[0][4] *= -1
        at_zero[1][4] *= -1
    with pytest.raises(WitnessError, match="neuron 4 at sample 2 is zero"):
        coupled_network(at_zero, points, labels)
    with pytest.raises(InputError, match="one hidden layer, not 2"):
        lazy_witness([layers[0], (np.ones((1, 24)), [0.0]), ([[1.0]], [0.0])], points, labels)


def descend(layers, points, labels, step, n_steps, sizes):
    """Gradient descent on 1/2 |r|^2 in the hidden weights, in float64; losses at the steps in `sizes`, and flips."""
    (weights, bias), ((outer,), _) = ([np.array(part, float) for part in layer] for layer in layers)
    u = weights.copy()
    first = points @ u.T + bias > 0
    losses, flips = {}, 0
    for t in range(n_steps + 1):
        pre = points @ u.T + bias
        active = pre > 0
        flips += int((active != first).sum())
        r = np.maximum(pre, 0) @ outer - labels
        if t in sizes:
            losses[t] = float(r @ r) / 2
        u -= step * outer[:, None] * ((active * r[:, None]).T @ points)
    return losses, flips


def test_the_flagship(tmp_path):
    """A5: n = 40, d = 5, 2 x 40 neurons.  The loss is the closed form's while it is above 1e-20 (alpha |W|)^2 n.

    Eigenvalues known to about 4 n u |K| put up to 4 n u t / t_end kappa 2 log(1 / loss) into the closed form, far below
    1e-6 for a condition number below 1e5.
    """
    points, labels, hidden = gaussian(40, 5, 40, seed=0, hidden_bias=False)
    points /= np.linalg.norm(points, axis=1)[:, None]
    layers = coupled_network(hidden, points, labels, hidden_bias=False)
    made = lazy_witness(layers, points, labels, hidden_bias=False)
    scale = float(layers[1].weights[0][0])
    active = points @ hidden[0].T > 0
    kernel = 2 * scale**2 * (points @ points.T) * (active.astype(float) @ active.T)
    values, vectors = np.linalg.eigh(kernel)
    along, step = (vectors.T @ labels) ** 2, float(made.step)
    n_steps = 4000
    losses, flips = descend(layers, points, labels, step, n_steps, set(range(0, n_steps + 1, 50)))
    alpha, size = scale * 80**0.5, np.linalg.norm(hidden[0]) * 2**0.5
    worst, compared = 0.0, 0
    for t, loss in losses.items():
        closed = 0.5 * float(np.sum((1 - step * values) ** (2 * t) * along))
        if closed > 1e-20 * (alpha * size) ** 2 * 40:
            worst, compared = max(worst, abs(loss / closed - 1)), compared + 1
    proof = prove_lazy(layers, from_arrays(points, labels), tmp_path / "lazy", hidden_bias=False)
    assert proof.numbers == {"step": made.step}  # what the checker accepted is what was run
    assert flips == 0
    assert compared >= 20
    assert worst <= 1e-6
