"""Relative entropies of coins, their inverses, and what is made of them: against root finding and quadrature."""

import math

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from overparam.errors import InputError
from overparam.generalization import (
    bernoulli_kl,
    gaussian_divergence,
    inverse_kl,
    pac_bayes_bound,
    pac_bayes_rate,
)

QUARTER = 0.5 * math.log(2) + 0.5 * math.log(2 / 3)  # kl(1/2 || 1/4), by hand


def test_kl_by_hand():
    assert float(bernoulli_kl(0.5, 0.25)) == pytest.approx(QUARTER, rel=1e-14)
    assert float(bernoulli_kl(0.0, 0.3)) == pytest.approx(-math.log(0.7), rel=1e-14)
    assert float(bernoulli_kl(1.0, 0.3)) == pytest.approx(-math.log(0.3), rel=1e-14)
    assert bernoulli_kl([0.2, 0.5], [0.0, 1.0]).tolist() == [math.inf, math.inf]
    assert bernoulli_kl([0.0, 1.0, 0.4], [0.0, 1.0, 0.4]).tolist() == [0, 0, 0]


@pytest.mark.parametrize("q", [0.0, 1e-4, 0.03, 0.5, 0.9])
@pytest.mark.parametrize("c", [1e-4, 0.01, 0.3, 3.0])
def test_inverse_is_the_root_above(q, c):
    """Against Brent's method on a formula written out; 1 where kl stays below c up to the last float below 1."""

    def excess(p):
        return (q * math.log(q / p) if q else 0.0) + (1 - q) * math.log((1 - q) / (1 - p)) - c

    top = math.nextafter(1.0, 0.0)
    wanted = optimize.brentq(excess, max(q, 1e-300), top, xtol=1e-15, rtol=1e-14) if excess(top) > 0 else 1.0
    found = float(inverse_kl(q, c))
    assert found == pytest.approx(wanted, rel=1e-10)
    assert found >= q


def test_inverse_at_its_ends():
    assert inverse_kl([0.3, 1.0, 0.0], [0.0, 0.5, math.log(2)]).tolist() == [0.3, 1.0, pytest.approx(0.5, rel=1e-14)]
    assert float(inverse_kl(0.25, 1e6)) == 1.0
    assert float(inverse_kl(0.5, QUARTER)) == pytest.approx(0.75, rel=1e-12)  # kl(1/2 || p) is even about 1/2


@pytest.mark.parametrize(("n", "delta"), [(8, 0.1), (100, 0.05), (55_000, 0.025)])
def test_langford_follows_from_maurer(n, delta):
    for divergence in (0.0, 10.0, 5000.0):
        maurer, langford = (pac_bayes_rate(divergence, n, delta, form=form) for form in ("maurer", "langford"))
        assert maurer <= langford
    assert pac_bayes_rate(0.0, n, delta, form="maurer") == pytest.approx(math.log(2 * n**0.5 / delta) / n, rel=1e-14)
    assert pac_bayes_bound(0.0, 0.0, n, delta) == pytest.approx(1 - (delta / n) ** (1 / (n - 1)), rel=1e-12)


def test_maurers_bound_is_rarely_exceeded():
    """One classifier as prior and posterior: errors are binomial, and the exact chance of a failure is known."""
    n, delta = 50, 0.2
    for p in (0.05, 0.3, 0.7):
        counts = np.arange(n + 1)
        bounds = inverse_kl(counts / n, pac_bayes_rate(0.0, n, delta, form="maurer"))
        failing = float(stats.binom.pmf(counts, n, p)[bounds < p].sum())
        assert failing <= delta


def test_divergence_of_gaussians_by_quadrature():
    """One weight: the integral of q ln(q / p); and the sum over weights of such."""
    mean, sd, centre, prior = 0.7, 0.3, -0.2, 0.5
    q, p = stats.norm(mean, sd), stats.norm(centre, prior)
    wanted, _ = integrate.quad(lambda t: q.pdf(t) * (q.logpdf(t) - p.logpdf(t)), mean - 9 * sd, mean + 9 * sd)
    one = gaussian_divergence(np.array([mean]), np.array([sd**2]), np.array([centre]), prior**2)
    assert one == pytest.approx(wanted, rel=1e-9)
    twice = gaussian_divergence(np.full(2, mean), np.full(2, sd**2), np.full(2, centre), prior**2)
    assert twice == pytest.approx(2 * wanted, rel=1e-9)
    assert gaussian_divergence(np.ones(3), np.full(3, 0.5), np.ones(3), 0.5) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: bernoulli_kl(1.2, 0.5),
        lambda: inverse_kl(0.5, -1.0),
        lambda: pac_bayes_rate(-1.0, 10, 0.1),
        lambda: pac_bayes_rate(1.0, 7, 0.1),
        lambda: pac_bayes_rate(1.0, 10, 0.0),
    ],
)
def test_arguments_out_of_range(wrong):
    with pytest.raises(InputError):
        wrong()
