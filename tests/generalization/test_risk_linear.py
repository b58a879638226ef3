"""Closed forms of the risk of linear models: special cases by hand, integrals, simulation, limits, printed values."""

from fractions import Fraction

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from overparam.errors import InputError
from overparam.generalization import (
    best_overparametrized,
    fourier_features_error,
    least_squares_risk,
    marchenko_pastur_stieltjes,
    optimal_ridge,
    optimal_ridge_excess,
    random_weak_features_risk,
    ridge_risk,
    ridgeless_risk,
    weak_features_risk,
)

CLOSE = 1e-12


def integral(function, law):
    """E function of a law of scipy.stats, by quadrature over its density."""
    return integrate.quad(lambda x: function(x) * law.pdf(x), *law.support(), limit=200)[0]


def marchenko_pastur(function, gamma):
    """Integral of a function over the Marchenko-Pastur law, its atom at 0 included."""
    low, high = (1 - gamma**0.5) ** 2, (1 + gamma**0.5) ** 2

    def on_circle(angle):  # s = middle + radius cos(angle) turns the density's roots into a square of sines
        s = 1 + gamma + 2 * gamma**0.5 * np.cos(angle)
        return function(s) * (2 * gamma**0.5 * np.sin(angle)) ** 2 / (2 * np.pi * gamma * s)

    assert low < high
    return integrate.quad(on_circle, 0, np.pi)[0] + max(0, 1 - 1 / gamma) * function(0.0)


@pytest.mark.parametrize("other", [5, 9, 30])
def test_one_row_or_one_column_is_an_inverse_chi_squared(other):
    """E 1/chi2_m = 1/(m - 2): with one parameter and m samples, or one sample and m parameters."""
    inverse = integral(lambda x: 1 / x, stats.chi2(other))
    assert least_squares_risk(other, 1, signal=1, noise=2).variance == pytest.approx(2 * inverse, rel=1e-7)
    assert least_squares_risk(1, other, signal=1, noise=2).variance == pytest.approx(2 * inverse, rel=1e-7)


@pytest.mark.parametrize(("n", "p"), [(12, 4), (6, 18)])
def test_finite_risk_against_simulation(n, p):
    """20,000 draws of the trace, whose fourth moment exists here: 6 standard errors fail once in 10^9."""
    rng = np.random.default_rng([n, p])
    x = rng.normal(size=(20_000, n, p))
    gram = x @ x.transpose(0, 2, 1) if p > n else x.transpose(0, 2, 1) @ x
    traces = np.trace(np.linalg.inv(gram), axis1=1, axis2=2)
    off = traces.mean() - least_squares_risk(n, p, signal=0, noise=1).variance
    assert abs(off) <= 6 * traces.std() / 20_000**0.5


def test_weak_features_by_hand():
    """D = 40, n = 10, sigma = 1/2, |beta| = 1: the printed values, and the corollary in fractions."""
    total = random_weak_features_risk(10, [4, 20, 30, 40], 40, signal=1, noise=0.25).total
    assert total == pytest.approx([2.070, 1.8333, 1.2632, 1.0862], abs=6e-5)
    n, d, noise = 10, 40, Fraction(1, 4)
    for p in range(12, 41):
        share = 1 - Fraction(n, d) * (2 - Fraction(d - n - 1, p - n - 1))
        exact = share + noise * (1 + Fraction(n, p - n - 1))
        assert random_weak_features_risk(n, p, d, signal=1, noise=0.25).total == pytest.approx(float(exact), rel=CLOSE)


def test_the_prescient_order_has_its_sweet_spot_below_n():
    """D = 100, n = 40, beta_j = 1/j, sigma = 0.2: least risk 0.154 at p = 15."""
    beta = 1 / np.arange(1, 101.0)
    kept = np.concatenate([[0], np.cumsum(beta**2)])
    total = weak_features_risk(40, np.arange(101), kept=kept, left_out=np.maximum(0, kept[-1] - kept), noise=0.04).total
    assert total.argmin() == 15 and total[15] == pytest.approx(0.154, abs=5e-4)


def test_windows_and_edges_of_the_weak_features():
    total = weak_features_risk(10, [0, 8, 9, 10, 11, 12], kept=0.5, left_out=0.5, noise=1).total
    assert np.isfinite(total).tolist() == [True, True, False, False, False, True]
    assert weak_features_risk(1, 0, kept=0, left_out=1, noise=1).total == 2
    clean = weak_features_risk(10, [9, 10, 11], kept=1, left_out=0, noise=0)
    assert clean.total == pytest.approx([0, 0, 1 / 11], abs=1e-15)  # no noise of any kind: nothing to magnify
    falling = random_weak_features_risk(10, np.arange(12, 41), 40, signal=1, noise=0.25).total
    assert (np.diff(falling) < 0).all()
    full = random_weak_features_risk(10, 40, 40, signal=3, noise=0.25)
    assert full.total == pytest.approx(3 * (1 - 10 / 40) + 0.25 * (1 + 10 / 29), rel=CLOSE)
    assert full.excess + 0.25 == pytest.approx(full.total, rel=CLOSE)


@pytest.mark.parametrize("p", [2, 5, 11])
def test_one_haar_row_is_a_beta_variable(p):
    """|first p of D entries|^2 of a unit vector of C^D is Beta(p, D - p); its inverse has mean (D - 1) / (p - 1)."""
    d = 13
    inverse = integral(lambda x: 1 / x, stats.beta(p, d - p))
    assert inverse == pytest.approx((d - 1) / (p - 1), rel=1e-6)
    # |beta_out|^2 + what least norm loses + what is mixed in, of a single equation
    error = (d - p + (p - 1) + inverse - 1) / d
    assert fourier_features_error(1, p, d) == pytest.approx(error, rel=1e-6)


def test_fourier_values_and_edges():
    printed = fourier_features_error(30, [10, 20, 60, 90], 101)
    assert printed == pytest.approx([1.252, 2.208, 1.109, 0.757], abs=6e-4)
    assert fourier_features_error(30, 30, 101) == np.inf
    assert fourier_features_error(30, [0, 101], 101) == pytest.approx([1, 1 - 30 / 101], rel=CLOSE)
    assert fourier_features_error(101, [50, 101], 101) == pytest.approx([1 - 50 / 101, 0], rel=CLOSE)
    rho, pi = 0.3, 0.7
    limit = 1 - rho * (2 - (1 - rho) / (pi - rho))
    assert fourier_features_error(300, 700, 1000) == pytest.approx(limit, rel=CLOSE)


@pytest.mark.parametrize("gamma", [0.2, 0.9, 1.1, 3.0])
def test_finite_risk_tends_to_its_limit(gamma):
    n = 10**7
    finite, limit = least_squares_risk(n, round(gamma * n), signal=2, noise=3), ridgeless_risk(gamma, signal=2, noise=3)
    assert finite.bias == pytest.approx(float(limit.bias), rel=1e-5)
    assert finite.variance == pytest.approx(float(limit.variance), rel=1e-5)


def test_ridgeless_minimum():
    for ratio in (2.0, 5.0, 9.0):
        gamma, value = best_overparametrized(signal=ratio, noise=1.0)
        found = optimize.minimize_scalar(
            lambda g, r=ratio: float(ridgeless_risk(g, signal=r, noise=1.0).excess), bounds=(1.01, 50), method="bounded"
        )
        assert gamma == pytest.approx(found.x, rel=1e-4) and value == pytest.approx(found.fun, rel=1e-8)
    assert [float(v) for v in best_overparametrized(signal=1, noise=1)] == [np.inf, 1.0]
    assert [float(v) for v in best_overparametrized(signal=1, noise=0)] == [1.0, 0.0]
    at_one = ridgeless_risk(1.0, signal=1, noise=[0.0, 1.0])
    assert at_one.variance.tolist() == [0.0, np.inf]


@pytest.mark.parametrize("gamma", [0.3, 0.99, 1.5, 4.0])
@pytest.mark.parametrize("ridge", [0.02, 0.7, 30.0])
def test_ridge_by_integrals_over_the_spectrum(gamma, ridge):
    stieltjes = marchenko_pastur(lambda s: 1 / (s + ridge), gamma)
    assert marchenko_pastur_stieltjes(gamma, ridge) == pytest.approx(stieltjes, rel=1e-7)
    parts = ridge_risk(gamma, ridge, signal=2, noise=3)
    bias = 2 * marchenko_pastur(lambda s: (ridge / (s + ridge)) ** 2, gamma)
    variance = 3 * gamma * marchenko_pastur(lambda s: s / (s + ridge) ** 2, gamma)
    assert parts.bias == pytest.approx(bias, rel=1e-7) and parts.variance == pytest.approx(variance, rel=1e-7)


def test_ridge_limits_and_printed_values():
    gammas = np.array([0.2, 0.7, 0.999, 1.0, 1.001, 2.0, 9.0])
    for ridge in (0.0, 1e-30):
        parts, limit = ridge_risk(gammas, ridge, signal=2, noise=3), ridgeless_risk(gammas, signal=2, noise=3)
        assert parts.bias == pytest.approx(limit.bias, rel=1e-9, abs=1e-14)
        away = gammas != 1
        assert parts.variance[away] == pytest.approx(limit.variance[away], rel=1e-9)
    assert ridge_risk(1.0, 0.0, signal=1, noise=1).variance == np.inf
    assert ridge_risk(1.5, [0.05, 0.375, 2], signal=1, noise=0.25).excess == pytest.approx(
        [0.668, 0.543, 0.654], abs=6e-4
    )
    huge = ridge_risk(1.5, 1e12, signal=2, noise=3)
    assert huge.bias == pytest.approx(2, rel=1e-10) and huge.variance < 1e-20
    assert marchenko_pastur_stieltjes([0.5, 2.0], 0.0).tolist() == [2.0, np.inf]


def test_the_best_ridge():
    for gamma in (0.3, 1.0, 2.5):
        best = float(optimal_ridge(gamma, signal=2, noise=3))
        assert best == pytest.approx(3 * gamma / 2)
        found = optimize.minimize_scalar(
            lambda t, g=gamma: float(ridge_risk(g, np.exp(t), signal=2, noise=3).excess),
            bounds=(-5, 5),
            method="bounded",
        )
        assert np.exp(found.x) == pytest.approx(best, rel=1e-3)
        value = float(optimal_ridge_excess(gamma, signal=2, noise=3))
        assert value == pytest.approx(found.fun, rel=1e-8)
        assert value == pytest.approx(3 * gamma * float(marchenko_pastur_stieltjes(gamma, best)), rel=CLOSE)
    grid = np.geomspace(0.01, 100, 500)
    assert (np.diff(optimal_ridge_excess(grid, signal=1, noise=0.25)) > 0).all()
    assert (optimal_ridge_excess(grid, signal=1, noise=0.25) <= ridgeless_risk(grid, signal=1, noise=0.25).excess).all()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: least_squares_risk(0, 3, signal=1, noise=1), "n_samples must be whole numbers, at least 1"),
        (lambda: least_squares_risk(5.5, 3, signal=1, noise=1), "not 5.5"),
        (lambda: least_squares_risk(5, 3, signal=-1, noise=1), "signal must be finite and at least 0"),
        (lambda: least_squares_risk(5, [3, np.nan], signal=1, noise=1), "not nan"),
        (lambda: random_weak_features_risk(5, [3, 9], 8, signal=1, noise=1), "n_features = 9 is more than dim = 8"),
        (lambda: fourier_features_error(9, 2, 8), "n_samples = 9 is more than dim"),
        (lambda: ridgeless_risk(0.0, signal=1, noise=1), "gamma must be finite and above 0"),
        (lambda: ridge_risk(1, -0.1, signal=1, noise=1), "a negative one may make the matrix singular"),
        (lambda: ridge_risk(1, 1e300, signal=1, noise=1), "no float"),
        (lambda: optimal_ridge(1, signal=0, noise=1), "without signal the best ridge is infinite"),
    ],
)
def test_wrong_calls_are_explained(call, said):
    with pytest.raises(InputError, match=said):
        call()
