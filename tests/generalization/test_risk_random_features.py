"""Random features: constants by quadrature, limits that are ridge regression, printed curves, simulation."""

import math

import numpy as np
import pytest
from scipy import integrate, special

from overparam.errors import InputError
from overparam.generalization import (
    Activation,
    activation_constants,
    marchenko_pastur_stieltjes,
    random_features_risk,
    ridge_risk,
)


def gaussian(function):
    """E function(G), split at 0, where activations have their kinks."""

    def weighted(x):
        return function(x) * math.exp(-x * x / 2) / math.sqrt(2 * math.pi)

    return sum(integrate.quad(weighted, *ends, epsabs=1e-13)[0] for ends in ((-12, 0), (0, 12)))


@pytest.mark.parametrize(
    ("name", "function"),
    [("relu", lambda x: max(x, 0.0)), ("erf", special.erf), ("tanh", math.tanh), ("sign", np.sign)],
)
def test_constants_by_quadrature(name, function):
    found = activation_constants(name)
    mu_0, mu_1 = gaussian(function), gaussian(lambda x: x * function(x))
    rest = gaussian(lambda x: function(x) ** 2) - mu_0**2 - mu_1**2
    assert found.mu_0 == pytest.approx(mu_0, abs=1e-10) and found.mu_1 == pytest.approx(mu_1, rel=1e-10)
    assert found.mu_star_squared == pytest.approx(rest, rel=1e-9)


def test_printed_constants_and_a_given_function():
    assert activation_constants("relu").zeta_squared == pytest.approx(2.7519, abs=5e-5)
    assert activation_constants("tanh").zeta_squared == pytest.approx(13.4, abs=0.05)
    given, closed = activation_constants(special.erf), activation_constants("erf")
    assert given == pytest.approx(closed, rel=1e-12, abs=1e-15)
    assert activation_constants(lambda x: x**2) == pytest.approx((1, 0, 2), abs=1e-12)


def test_printed_curves():
    relu = random_features_risk([1, 2, 5, 9], 3, noise=0.2).excess
    assert relu == pytest.approx([0.772, 1.085, 0.610, 0.265], abs=6e-4)
    at = [0.2, 0.8, 1.1, 3, 5, 9.5, 10.5, 20]
    tanh = random_features_risk(10, at, "tanh", noise=5).excess
    assert tanh == pytest.approx([1.93, 6.6, 7.7, 4.4, 6.2, 96, 100, 5.0], rel=0.01)
    peaks = random_features_risk([6, 10, 20], [1.109, 1.084, 1.070], "tanh", noise=5).excess
    assert peaks == pytest.approx([8.24, 7.71, 7.38], abs=6e-3)


@pytest.mark.parametrize("psi", [0.5, 1.0, 2.0, 6.0])
@pytest.mark.parametrize("name", ["relu", "tanh"])
def test_infinitely_many_features_are_ridge_regression(psi, name):
    """The kernel is mu_1^2 <x, x'> / d + mu_*^2 on the diagonal: ridge d mu_*^2 / (mu_1^2 n) on linear regression."""
    z = activation_constants(name).zeta_squared
    limit = ridge_risk(1 / psi, 1 / (psi * z), signal=2, noise=0.3).excess
    found = random_features_risk(1e7, psi, name, linear=2, noise=0.3).excess
    assert found == pytest.approx(float(limit), rel=1e-5)


@pytest.mark.parametrize("psi", [0.5, 1.0, 2.0, 6.0])
def test_infinitely_many_samples_leave_the_error_of_approximation(psi):
    """The best N features do for a linear target: beta' (I + zeta^2 W'W / d)^-1 beta; noise costs nothing."""
    z = activation_constants("relu").zeta_squared
    ridge = 1 / (z * psi)
    limit = 2 * ridge * marchenko_pastur_stieltjes(1 / psi, ridge)
    found = random_features_risk(psi, 1e7, linear=2, noise=0.3)
    assert found.linear == pytest.approx(float(limit), rel=1e-5) and found.noise < 1e-5


def test_ridge_goes_to_ridgeless_and_flattens_the_peak():
    psi1 = np.array([0.5, 1, 2, 2.9, 3.1, 9])
    bare = random_features_risk(psi1, 3, noise=0.2).excess
    assert random_features_risk(psi1, 3, ridge=1e-12, noise=0.2).excess == pytest.approx(bare, rel=1e-5)
    ridges = np.geomspace(1e-6, 10, 200)
    best = [random_features_risk(p, 3, ridge=ridges, noise=0.2).excess.min() for p in np.geomspace(0.5, 20, 40)]
    assert (np.diff(best) < 0).all()
    with_ridge = random_features_risk(3, 3, ridge=[1e-2, 1e-4, 1e-6, 0], noise=0.2).excess
    assert (np.diff(with_ridge) > 0).all() and with_ridge[-1] == np.inf
    nothing = random_features_risk(3, 3, linear=0, noise=0).excess
    assert nothing == 0  # at the peak too


def test_a_nonlinear_part_of_the_target_is_noise_and_stays():
    apart = random_features_risk(2, 3, linear=1, beyond=0.4, noise=0.1)
    joined = random_features_risk(2, 3, linear=1, noise=0.5)
    assert apart.excess == pytest.approx(float(joined.excess) + 0.4)
    doubled = random_features_risk(2, 3, linear=2, beyond=0.8, noise=0.2)
    assert doubled.excess == pytest.approx(2 * float(apart.excess))


@pytest.mark.parametrize("ridge", [0.003, 0.1])
def test_simulation_with_ridge(ridge):
    """d = 80: means of 30 draws within 6 standard errors and 5 %, for what a finite size adds."""
    d, n, width, noise = 80, 160, 120, 0.2
    rng = np.random.default_rng([1, round(1000 * ridge)])
    found = []
    for _ in range(30):
        rows = rng.normal(size=(width + n + 400, d))
        rows *= d**0.5 / np.linalg.norm(rows, axis=1, keepdims=True)
        weights, train, test = np.split(rows, [width, width + n])
        beta = rng.normal(size=d)
        beta /= np.linalg.norm(beta)
        phi, new = (np.maximum(part @ weights.T / d**0.5, 0) for part in (train, test))
        labels = train @ beta + noise**0.5 * rng.normal(size=n)
        fit = np.linalg.solve(phi.T @ phi / n + ridge * np.eye(width), phi.T @ labels / n)
        found.append(np.mean((new @ fit - test @ beta) ** 2))
    wanted = float(random_features_risk(width / d, n / d, ridge=ridge, noise=noise).excess)
    assert abs(np.mean(found) - wanted) <= 0.05 * wanted + 6 * np.std(found) / 30**0.5


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: activation_constants("rellu"), "did you mean relu"),
        (lambda: activation_constants(lambda x: 2 * x + 1), "linear up to rounding"),
        (lambda: random_features_risk(0, 1), "psi1 must be finite and above 0"),
        (lambda: random_features_risk(1, 1, ridge=-1), "negative one"),
        (lambda: random_features_risk(1, 1, Activation(0, 1, 1), noise=-1), "noise"),
    ],
)
def test_wrong_calls_are_explained(call, said):
    with pytest.raises(InputError, match=said):
        call()
