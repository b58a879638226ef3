"""Deterministic equivalent, effective ranks, dynamics and effective parameters against other computations."""

import numpy as np
import pytest
from scipy import linalg, optimize

from overparam.errors import InputError
from overparam.generalization import (
    FLOW_OVER_RIDGE,
    benign_terms,
    descent_risk,
    effective_parameters,
    effective_ranks,
    effective_ridge,
    equivalent_risk,
    flow_risk,
    least_squares_effective_parameters,
    least_squares_risk,
    ridge_path_risk,
    ridge_risk,
    tempered_variance,
)

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("ridge", [0.0, 0.03, 2.0])
@pytest.mark.parametrize("p", [40, 250])
def test_equal_eigenvalues_are_isotropic_ridge(p, ridge):
    n, scale = 100, 3.0
    parts = equivalent_risk(np.full(p, scale), np.full(p, (2 / p) ** 0.5), n, ridge, noise=5)
    same = ridge_risk(p / n, ridge / scale, signal=2 * scale, noise=5)
    assert parts.bias == pytest.approx(float(same.bias), rel=1e-10, abs=1e-15)
    assert parts.variance == pytest.approx(float(same.variance), rel=1e-10)


def test_kappa_solves_its_equation():
    values = np.sort(np.exp(3 * RNG.normal(size=80)))
    for n in (1, 30, 79, 80, 200):
        for ridge in (0.0, 1e-8, 1.0, 1e6):
            found = effective_ridge(values, n, ridge)

            def gap(kappa, n=n, ridge=ridge):
                return np.sum(values / (values + kappa)) + n * ridge / kappa - n

            if n >= 80 and not ridge:
                assert found.kappa == 0 and found.df1 == found.df2 == 80
            else:
                root = optimize.brentq(lambda t, gap=gap: gap(np.exp(t)), -50, 50, xtol=1e-14)
                assert found.kappa == pytest.approx(np.exp(root), rel=1e-10)
    many = effective_ridge(values, [10, 20, 30], [0.0, 0.1, 0.2])
    assert many.kappa.shape == (3,) and many.kappa[1] == effective_ridge(values, 20, 0.1).kappa


def test_equivalent_at_its_edges():
    values, beta = 1 / np.arange(1, 51.0), np.ones(50)
    below = equivalent_risk(values, beta, [100, 51, 50], noise=2)
    assert below.bias.tolist() == [0, 0, 0]
    assert below.variance == pytest.approx([2 * 50 / 50, 2 * 50 / 1, np.inf])
    padded = equivalent_risk([*values, 0.0, 0.0], [*beta, 7.0, 7.0], 20, noise=2)
    bare = equivalent_risk(values, beta, 20, noise=2)
    assert padded.excess == bare.excess
    assert equivalent_risk(values, beta, 50, noise=0).excess == 0  # without noise nothing is magnified


@pytest.mark.slow
def test_equivalent_against_exact_traces():
    """n = 150, p = 300, a = 1: the exact conditional risk of a few designs, which concentrates at rate 1/sqrt(n)."""
    n, p, ridge = 150, 300, 0.02
    values = 1 / np.arange(1, p + 1.0)
    beta = RNG.normal(size=p)
    found = []
    for _ in range(12):
        x = RNG.normal(size=(n, p)) * np.sqrt(values)
        gram = x.T @ x / n
        inverse = np.linalg.inv(gram + ridge * np.eye(p))
        missed = ridge * inverse @ beta
        found.append(values @ missed**2 + 0.5 / n * np.einsum("i,ij,jk,ki->", values, inverse, gram, inverse))
    exact = equivalent_risk(values, beta, n, ridge, noise=0.5).excess
    assert np.mean(found) == pytest.approx(exact, rel=0.03)


def test_effective_ranks_by_their_definition():
    values = np.exp(2 * RNG.normal(size=20))
    small, large = effective_ranks(RNG.permutation(np.concatenate([values, [0.0]])))
    down = np.sort(values)[::-1]
    for k in range(20):
        tail = down[k:]
        assert small[k] == pytest.approx(tail.sum() / tail[0]) and large[k] == pytest.approx(
            tail.sum() ** 2 / np.sum(tail**2)
        )
    assert (small >= 1 - 1e-12).all() and (large >= small * (1 - 1e-12)).all() and (large <= small**2 + 1e-9).all()


def test_benign_terms_of_the_examples():
    spiked = benign_terms([1.0] * 10 + [1 / 6400] * 6390, [100, 300])
    assert spiked.split.tolist() == [10, 10]
    assert spiked.variance == pytest.approx([0.1 + 100 / 6390, 10 / 300 + 300 / 6390])
    flat = benign_terms(np.ones(500), [100, 500, 501])
    assert flat.split.tolist() == [0, 0, np.inf] and flat.variance.tolist() == [0.2, 1, np.inf]
    power = benign_terms(np.arange(1, 10**5 + 1.0) ** -2, [50, 500])
    assert (power.variance > 0.9).all()  # k* is of order n
    assert power.start == pytest.approx(np.pi**2 / 6 / np.array([50, 500]), rel=1e-4)


def test_tempered_is_the_limit_of_the_equivalent():
    for a in (1.5, 2.0, 3.0):
        values = np.arange(1, 400_001.0) ** -a
        risk = equivalent_risk(values, np.zeros_like(values), 100, noise=3)
        assert risk.variance == pytest.approx(float(tempered_variance(a, noise=3)), rel=0.1 if a < 2 else 0.02)
        ridged, degrees = equivalent_risk(values, 0 * values, 100, 1e-3, noise=3), effective_ridge(values, 100, 1e-3)
        share = float(degrees.df1) / 100
        assert ridged.variance == pytest.approx(float(tempered_variance(a, noise=3, learned=share)), rel=0.06)
    assert tempered_variance(2.0, noise=1, learned=0.0) == 0


def test_descent_by_its_steps():
    """The iteration itself, its mean and covariance propagated exactly."""
    n, eta, sigma2 = 9, 0.3, 2.0
    x = np.linalg.qr(RNG.normal(size=(n, 4)))[0] * np.sqrt(n * np.array([3.0, 1.0, 0.1, 0.0]))
    v, beta = np.array([3.0, 1.0, 0.1, 0.0]), np.array([1.0, -2.0, 3.0, 4.0])
    mean, spread = np.zeros(4), np.zeros((4, n))  # b = mean + spread noise
    for t in range(40):
        risk = descent_risk(v, beta, t, step_size=eta, n_samples=n, noise=sigma2)
        assert risk.bias == pytest.approx(v @ (mean - beta) ** 2, rel=1e-10)
        assert risk.variance == pytest.approx(sigma2 * v @ (spread**2).sum(axis=1), rel=1e-10, abs=1e-14)
        mean = mean - eta / n * x.T @ (x @ (mean - beta))
        spread = spread - eta / n * x.T @ (x @ spread - np.eye(n))


def test_descent_printed_values():
    """5 features of speed 4, 60 without signal, 5 slow ones."""
    v = np.repeat([4.0, 1.0, 1e-3], [5, 60, 5])
    beta = np.sqrt(np.repeat([0.15, 0.0, 400.0], [5, 60, 5]))
    at = [0, 1, 32, 12_000, 10**8]
    found = descent_risk(v, beta, at, step_size=0.2, n_samples=100, noise=4.0).excess
    assert found[[0, 2, 3, 4]] == pytest.approx([5.0, 4.571, 2.782, 2.8], abs=6e-4)
    assert found[1] == pytest.approx(2.3432, abs=6e-5)
    whole = descent_risk(v, beta, np.arange(200), step_size=0.2, n_samples=100, noise=4.0).excess
    assert whole.argmin() == 1 and whole[2:].argmax() + 2 == 32


def test_flow_is_the_limit_of_small_steps_and_ridge_is_ridge():
    v, beta = np.array([2.0, 0.5, 0.01]), np.array([1.0, 2.0, 3.0])
    small = descent_risk(v, beta, 10**6, step_size=1e-6, n_samples=7, noise=1.5)
    assert flow_risk(v, beta, 1.0, n_samples=7, noise=1.5).excess == pytest.approx(float(small.excess), rel=1e-5)
    x = np.linalg.qr(RNG.normal(size=(7, 3)))[0] * np.sqrt(7 * v)
    for ridge in (0.01, 1.0):
        maps = linalg.solve(x.T @ x / 7 + ridge * np.eye(3), x.T / 7)
        missed = maps @ x @ beta - beta
        direct = v @ missed**2 + 1.5 * v @ (maps**2).sum(axis=1)
        assert ridge_path_risk(v, beta, ridge, n_samples=7, noise=1.5).excess == pytest.approx(direct, rel=1e-10)


def test_the_constant_of_gradient_flow():
    found = optimize.minimize_scalar(
        lambda x: -((-np.expm1(-x) * (1 + x) / x) ** 2), bounds=(0.1, 10), method="bounded"
    )
    assert found.x == pytest.approx(1.7933, abs=1e-3)
    assert -found.fun == pytest.approx(1.68591, abs=5e-6) and -found.fun <= FLOW_OVER_RIDGE <= -found.fun + 1e-3
    # one mode without signal attains it
    flow = flow_risk([1.0], [0.0], found.x, n_samples=1, noise=1.0).excess
    ridge = ridge_path_risk([1.0], [0.0], 1 / found.x, n_samples=1, noise=1.0).excess
    assert flow / ridge == pytest.approx(-found.fun)


def test_effective_parameters():
    assert least_squares_effective_parameters([30, 40, 40], [60, 15, 90]) == pytest.approx([31.03, 25, 32.65], abs=5e-3)
    x = RNG.normal(size=(12, 5))
    assert effective_parameters(x @ np.linalg.pinv(x)) == pytest.approx(5)
    assert effective_parameters(np.ones((3, 2, 4)) / 4).tolist() == [1, 1, 1]  # the mean of the samples
    p = np.arange(1, 30)
    for n, q in ((40, p), (10, p + 12)):
        wanted = n * least_squares_risk(n, q, signal=0, noise=1).variance
        assert least_squares_effective_parameters(n, q) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: effective_ridge([0.0, 0.0], 3), "one above 0"),
        (lambda: effective_ridge([[1.0]], 3), "one list"),
        (lambda: effective_ridge([1.0, -1.0], 3), "eigenvalues must be finite and at least 0"),
        (lambda: equivalent_risk([1.0, 2.0], [1.0], 3, noise=1), "coefficients must have the shape"),
        (lambda: equivalent_risk([1.0], [np.inf], 3, noise=1), "coefficients must be finite"),
        (lambda: equivalent_risk([1.0], [1.0], 3, -1e-3, noise=1), "negative one"),
        (lambda: effective_ranks([]), "one of them above 0"),
        (lambda: benign_terms([1.0], 3, factor=0), "factor must be finite and above 0"),
        (lambda: tempered_variance(1.0, noise=1), "above 1"),
        (lambda: tempered_variance(2.0, noise=1, learned=1.5), "cannot exceed 1"),
        (lambda: descent_risk([1.0], [1.0, 2.0], 3, step_size=1, n_samples=2, noise=1), "as many as eigenvalues"),
        (lambda: descent_risk([1.0, 1.0], [1.0, 2.0], 3, step_size=1, n_samples=1, noise=1), "rank is at most"),
        (lambda: descent_risk([1.0], [1.0], 3, step_size=0, n_samples=2, noise=1), "step_size"),
        (lambda: ridge_path_risk([1.0], [1.0], 0.0, n_samples=2, noise=1), "ridge must be finite and above 0"),
        (lambda: effective_parameters([1.0, 2.0]), "inputs, samples"),
    ],
)
def test_wrong_calls_are_explained(call, said):
    with pytest.raises(InputError, match=said):
        call()
