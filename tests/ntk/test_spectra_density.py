"""Stochastic Lanczos quadrature, against exact densities: its quadrature and its chance error apart."""

import math

import jax
import numpy as np
import pytest

from overparam.errors import InputError
from overparam.ntk import spectral_density
from overparam.ntk.spectra._lanczos import lanczos

KEY = jax.random.key(3)


def smoothed(values, grid, width):
    bumps = np.exp(-(((grid[None, :] - values[:, None]) / width) ** 2) / 2) / (width * math.sqrt(2 * math.pi))
    return bumps.mean(axis=0)


def rotated(values, seed=0):
    vectors = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(values),) * 2))[0]
    matrix = vectors * values @ vectors.T
    return (matrix + matrix.T) / 2


@pytest.mark.parametrize("steps", [10, 20, 30])
def test_the_quadrature_error(steps):
    """Signs of entries cannot matter to a diagonal matrix: no chance, the bound on the quadrature alone is left."""
    values = np.concatenate([np.linspace(0, 1, 50), [1.5, 2.0]])
    found = spectral_density(np.diag(values), KEY, probes=3, steps=steps, width=0.2)
    off = np.abs(found.density - smoothed(values, found.grid, 0.2)).max()
    assert off <= found.quadrature_error + 1e-12
    assert found.standard_error.max() <= 1e-10
    peak = 1 / (0.2 * math.sqrt(2 * math.pi))
    assert found.quadrature_error <= peak  # never more than saying nothing
    assert steps < 30 or found.quadrature_error <= 0.1 * peak
    assert np.allclose(found.weights.sum(axis=1), 1, atol=1e-13, rtol=0) and found.matvecs == 3 * steps


def test_the_bound_sees_too_few_steps():
    """With two steps the density of two clusters and a point between is wrong, and the bound says nothing less."""
    values = np.concatenate([np.full(20, -1.0), [0.0], np.full(20, 1.0)])
    found = spectral_density(np.diag(values + np.linspace(0, 1e-3, 41)), KEY, probes=1, steps=2, width=0.05)
    off = np.abs(found.density - smoothed(values, found.grid, 0.05)).max()
    assert 0.1 < off <= found.quadrature_error
    assert np.isnan(found.standard_error).all()  # one probe has no scatter


def test_the_chance_error():
    """A mean of 40 probes is within 6 standard errors at every point but for a chance below 1e-6 (400 points)."""
    values = np.random.default_rng(1).gamma(2.0, size=60)
    found = spectral_density(rotated(values), KEY, probes=40, steps=60)
    assert found.quadrature_error == 0.0 or found.quadrature_error < 1e-3
    off = np.abs(found.density - smoothed(values, found.grid, found.width))
    assert np.all(off <= 6 * found.standard_error + found.quadrature_error + 1e-10)
    mean, error = found.mean_of(lambda x: x)
    assert abs(mean - values.mean()) <= 6 * error and 0 < error < 0.2
    mass = np.sum(found.density) * (found.grid[1] - found.grid[0])
    assert abs(mass - 1) <= 1e-3  # 4 widths beyond the ends


def test_a_product_and_a_grid():
    matrix = rotated(np.linspace(1, 3, 30))
    options = {"probes": 4, "steps": 12, "width": 0.3, "grid": np.array([1.0, 2.0])}
    own = spectral_density(matrix, KEY, **options)
    product = spectral_density(lambda v: matrix @ np.asarray(v), KEY, size=30, **options)
    assert np.allclose(own.density, product.density, atol=1e-9, rtol=0) and own.grid.tolist() == [1.0, 2.0]


def test_one_eigenvalue_and_other_corners():
    with pytest.raises(InputError, match="give width"):
        spectral_density(2 * np.eye(5), KEY)
    flat = spectral_density(2 * np.eye(5), KEY, width=0.1, grid=np.array([2.0]))
    assert abs(flat.density[0] - 1 / (0.1 * math.sqrt(2 * math.pi))) <= 1e-12
    small = spectral_density(1e-120 * np.diag([1.0, 2.0]), KEY, width=1e-121)
    assert np.isfinite(small.density).all() and small.nodes.max() <= 2.1e-120
    for options in ({"probes": 0}, {"steps": 0}, {"points": 0}, {"width": -1.0}, {"grid": np.array([np.nan])}):
        with pytest.raises(InputError):
            spectral_density(np.diag([1.0, 2.0]), KEY, **options)


def test_lanczos_keeps_orthogonality_and_ends_where_the_space_does():
    """Repeated eigenvalues: the space has as many dimensions as there are distinct ones; 3 here, of 20."""
    matrix = rotated(np.resize([1.0, 2.0, 5.0], 20))
    starts = np.random.default_rng(0).normal(size=(20, 2))
    run = lanczos(lambda v: matrix @ v, starts, 20)
    assert run.exhausted and run.diagonals.shape[1] == 3
    run = lanczos(lambda v: rotated(np.linspace(0, 1, 20)) @ v, starts, 20)
    for basis in run.basis[:, :20]:
        assert np.abs(basis @ basis.T - np.eye(20)).max() <= 20 * 2.0**-50


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_products_of_any_size(scale):
    """Densities scale by 1 / scale; squares of these numbers are beyond floats."""
    values = np.arange(1.0, 11)
    one = spectral_density(lambda v: values[:, None] * np.asarray(v), KEY, size=10, probes=2)
    found = spectral_density(lambda v: scale * values[:, None] * np.asarray(v), KEY, size=10, probes=2)
    assert np.allclose(found.density * scale, one.density, rtol=1e-9, atol=1e-12)
    assert np.allclose(found.nodes / scale, one.nodes, rtol=1e-12, atol=0) and found.matvecs == 21
    with pytest.raises(InputError, match="width must be comparable"):
        spectral_density(1e300 * np.eye(2), KEY, width=1e-300)


def test_the_ends_of_the_range_of_floats():
    """Densities down to 1e-308 lose digits to underflow; mass is 1 all the same."""
    matrix = np.diag(np.arange(1.0, 11)) * 1e307
    found = spectral_density(matrix, KEY, probes=2)
    assert np.isfinite(found.density).all() and found.nodes.max() <= 1.01e308 and np.isfinite(found.width)
    assert abs(np.sum(found.density) * (found.grid[1] - found.grid[0]) - 1) <= 1e-3
    with pytest.raises(InputError, match="range of floats"):
        spectral_density(matrix, KEY, probes=2, steps=4)  # a grid beyond them
    with pytest.raises(InputError, match="range of floats"):
        spectral_density(np.diag([5e-324, 2e-323]), KEY, width=1e-323)


def test_a_single_step():
    """Its Ritz value is the mean, whatever the eigenvalues: no claim about them, and the bound says nothing."""
    with pytest.raises(InputError, match=r"all Ritz values of 1 steps are 1.5, .* give width"):
        spectral_density(np.diag([1.0, 2.0]), KEY, steps=1)
    found = spectral_density(np.diag([1.0, 2.0]), KEY, steps=1, width=0.1)
    assert abs(found.quadrature_error - 1 / (0.1 * math.sqrt(2 * math.pi))) <= 1e-12


def test_means_of_functions_with_poles():
    """Runs of three eigenvalues end after three steps; what stands for the rest must not reach the function."""
    matrix = np.diag([1.0, 2.0, 4.0, 4.0])
    found = spectral_density(matrix, KEY, width=0.1, probes=3)
    mean, _ = found.mean_of(lambda x: 1 / x)
    assert abs(mean - 0.5) <= 1e-12 and np.all(found.nodes >= 0.9)
    padded = found._replace(nodes=np.array([[1.0, 0.0]]), weights=np.array([[1.0, 0.0]]))
    with np.errstate(divide="ignore"):
        assert padded.mean_of(lambda x: 1 / x)[0] == 1
    uneven = spectral_density(np.array([[2.0, 1.0], [1.0, 2.0]]), KEY, width=0.1, probes=8)
    assert uneven.nodes.min() >= 0.9  # signs are eigenvectors here: runs end at once
