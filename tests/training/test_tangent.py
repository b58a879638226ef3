"""Gradient and tangent kernel in closed form, against automatic differentiation and the definition."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from overparam.networks import apply
from overparam.training import sharpness, tangent_kernel
from overparam.training._tangent import backward, forward_residual, jacobian_norm
from tests.training.problems import EPS, flat, gaussian, jacobian_size, random_params

SHAPES = [(1, 1, 1), (7, 3, 5)]  # n_samples, dim, width


@pytest.mark.parametrize(("n", "d", "k"), SHAPES)
def test_gradient_is_that_of_the_plain_network(n, d, k):
    """Each entry is a sum of at most n terms, each a chain of d + k + 4 operations; both sides round."""
    points, labels = map(jnp.asarray, gaussian(n, d))
    params = random_params(k, d)

    def loss(params):
        return jnp.sum((apply(params, points) - labels) ** 2) / 2

    @jax.jit
    def both(params):
        residual, pre = forward_residual(params, points, labels)
        return backward(params, pre, points, residual), jax.grad(loss)(params)

    ours, plain = both(params)
    size = jacobian_size(params, points)
    u, b, v, c = (np.abs(np.asarray(leaf)) for leaf in params)
    residual_size = (np.abs(np.asarray(points)) @ u.T + b) @ v + c + np.abs(labels)
    # dv through homogeneity sums d + 1 products for each of the n terms
    bound = 2 * (n + 2 * d + k + 8) * EPS * (size.T @ residual_size)
    assert (np.abs(flat(ours) - flat(plain)) <= bound).all()


@pytest.mark.parametrize(("n", "d", "k"), SHAPES)
def test_kernel_is_the_jacobian_times_its_transpose(n, d, k):
    points = jnp.asarray(gaussian(n, d)[0])
    params = random_params(k, d)
    blocks = jax.jit(jax.jacobian(lambda params: apply(params, points)))(params)
    J = np.concatenate([np.asarray(block).reshape(n, -1) for block in blocks], axis=1)
    size = jacobian_size(params, points)
    bound = 2 * (J.shape[1] + d + 4) * EPS * (size @ size.T)
    assert (np.abs(np.asarray(jax.jit(tangent_kernel)(params, points)) - J @ J.T) <= bound).all()


def test_sharpness_and_norm_of_the_jacobian():
    """An eigenvalue moves by at most the norm of the rounding, here below n p eps times the trace."""
    n, d, k = 9, 3, 4
    points, labels = map(jnp.asarray, gaussian(n, d))
    params = random_params(k, d)
    blocks = jax.jit(jax.jacobian(lambda params: apply(params, points)))(params)
    J = np.concatenate([np.asarray(block).reshape(n, -1) for block in blocks], axis=1)
    trace = np.sum(jacobian_size(params, points) ** 2)
    slack = 4 * n * J.shape[1] * EPS * trace
    assert abs(float(jax.jit(sharpness)(points, params)) - np.linalg.norm(J, 2) ** 2) <= slack
    _, pre = forward_residual(params, points, labels)
    assert abs(float(jacobian_norm(params, pre, points)) ** 2 - np.sum(J**2)) <= slack


def test_a_neuron_at_its_kink_is_inactive():
    params = random_params(1, 1)._replace(u=jnp.ones((1, 1)), b=jnp.zeros(1))
    points, labels = jnp.zeros((1, 1)), jnp.ones(1)
    residual, pre = forward_residual(params, points, labels)
    gradient = backward(params, pre, points, residual)
    assert not np.asarray(gradient.u).any()
    assert not np.asarray(gradient.b).any()
