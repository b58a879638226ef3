"""Kernel regression, ensembles over initializations, and the comparison with a trained network."""

import dataclasses
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from overparam.errors import InputError
from overparam.networks import Layer, apply_layers
from overparam.ntk import (
    Flow,
    GradientDescent,
    Kernel,
    Kernels,
    Momentum,
    compare_with_linear,
    ensemble_at,
    first_layer_gram,
    kernel_regression,
    leave_one_out,
    modes_of,
    network_gram,
    predict,
    predictions_at,
    train_ensemble,
)

EPS = 2.0**-52


def sphere(seed, n, d):
    rows = np.random.default_rng(seed).normal(size=(n, d))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.slow
@pytest.mark.parametrize(("ridge", "outputs"), [(0.0, ()), pytest.param(0.3, (2,), marks=pytest.mark.slow)])
def test_regression_solves_its_equations(ridge, outputs):
    """The error estimate covers the error against NumPy; leaving one out is fitting without it."""
    points, labels = sphere(0, 12, 4), np.random.default_rng(1).normal(size=(12, *outputs))
    gram = np.asarray(first_layer_gram(points))
    fit = kernel_regression(gram, labels, ridge=ridge)
    matrix = gram + ridge * np.eye(12)
    exact = np.linalg.solve(matrix, labels)
    condition = np.linalg.cond(matrix, 1)
    assert condition / 3 <= float(fit.condition) <= condition * (1 + 1e-10)
    assert np.abs(fit.coefficients - exact).max() <= 12 * condition * EPS * np.abs(exact).max()
    assert 0 < float(fit.error) <= 12 * condition * EPS
    norms = np.einsum("i...,ij,j...->...", exact, gram, exact)
    assert np.abs(fit.squared_norm - norms).max() <= 100 * condition * EPS * np.abs(norms).max()
    left = leave_one_out(fit)
    for i in (0, 7):
        keep = np.arange(12) != i
        other = kernel_regression(gram[np.ix_(keep, keep)], labels[keep], ridge=ridge)
        assert np.allclose(labels[i] - predict(other, gram[i : i + 1, keep])[0], left[i], rtol=1e3 * condition * EPS)


def test_without_a_ridge_it_is_the_end_of_training_from_zero():
    points, labels = sphere(0, 12, 4), np.random.default_rng(3).normal(size=12)
    both = np.asarray(first_layer_gram(np.concatenate([points, sphere(4, 6, 4)])))
    gram, cross = both[:12, :12], both[12:, :12]
    fit = kernel_regression(gram, labels)
    ended = predictions_at(modes_of(gram), -labels, math.inf, GradientDescent(0.5), cross=cross)
    assert np.abs(ended - predict(fit, cross)).max() <= 12 * float(fit.condition) * EPS * np.abs(labels).max()


def test_regression_refuses_what_has_no_digits():
    """A duplicate is singular, a near duplicate at 1e-15 has no digit; a ridge makes both well."""
    for gap in (0.0, 1e-15):
        points = np.array([[1.0, 0.0], [math.cos(gap), math.sin(gap)], [0.0, 1.0]])
        gram = np.asarray(first_layer_gram(points))
        with pytest.raises(InputError, match=r"singular|condition number"):
            kernel_regression(gram, np.array([1.0, -1.0, 0.0]))
        fit = kernel_regression(gram, np.array([1.0, -1.0, 0.0]), ridge=1e-3)
        assert np.abs(np.asarray(fit.coefficients) - [1e3, -1e3, 0]).max() <= 1e3 * float(fit.condition) * 10 * EPS
    near = np.array([[1.0, 0.0], [math.cos(1e-8), math.sin(1e-8)], [0.0, 1.0]])
    assert 1e7 < float(kernel_regression(first_layer_gram(near), np.array([1.0, -1.0, 0.0])).condition) < 1e9


@pytest.mark.parametrize(
    ("gram", "labels", "ridge", "what"),
    [(np.zeros((2, 2)), [1.0, 1.0], 0.0, "singular"), (np.eye(2), [1.0], 0.0, "labels"),
     (np.eye(2), [1.0, math.nan], 0.0, "finite"), (np.eye(2), [1.0, 1.0], -1.0, "ridge"),
     (np.ones((2, 3)), [1.0, 1.0], 0.0, "square"), ([[1.0, 2.0], [2.0, 1.0]], [1.0, 1.0], 0.0, "singular")],
)  # fmt: skip
def test_regression_says_what_is_wrong(gram, labels, ridge, what):
    with pytest.raises(InputError, match=what):
        kernel_regression(np.array(gram), np.array(labels), ridge=ridge)


@dataclasses.dataclass(frozen=True)
class HalfTrained(Kernel):
    """f(x) = <w, x> + <v, x^2>, all weights standard normal, of which only w is trained: exactly linear."""

    @property
    def words(self):
        return "linear and squares"

    def __call__(self, points, others=None, *, dtype="float64"):
        x = jnp.asarray(points, dtype)
        z = x if others is None else jnp.asarray(others, dtype)
        return Kernels(nngp=x @ z.T + x**2 @ (z**2).T, ntk=x @ z.T)

    def diagonal(self, points, *, dtype="float64"):
        both = self(points, dtype=dtype)
        return Kernels(jnp.diagonal(both.nngp), jnp.diagonal(both.ntk))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rule", "time"),
    [
        (GradientDescent(0.02), 11),
        (GradientDescent(0.02), 0),
        pytest.param(Momentum(0.02, 0.5), 9, marks=pytest.mark.slow),
    ],
)
def test_ensembles_are_the_law_of_the_trained_outputs(rule, time):
    """Weights are standard normal, and trained outputs affine in them: the law is read off by training unit weights."""
    rng = np.random.default_rng(0)
    x, new, labels = rng.normal(size=(4, 6)), rng.normal(size=(3, 6)), rng.normal(size=4)
    modes = modes_of(x @ x.T)

    def trained(weights, labels):
        start, start_new = x @ weights[:6] + x**2 @ weights[6:], new @ weights[:6] + new**2 @ weights[6:]
        return np.asarray(predictions_at(modes, start - labels, time, rule, cross=new @ x.T, initial=start_new))

    mean = trained(np.zeros(12), labels)
    columns = np.stack([trained(unit, np.zeros(4)) for unit in np.eye(12)], axis=1)
    got = train_ensemble(HalfTrained(), x, labels, new, time, rule, full=True)
    tolerance = 1e3 * EPS * np.abs(new**2 @ (new**2).T).max()
    assert np.abs(got.mean - mean).max() <= tolerance
    assert np.abs(got.covariance - columns @ columns.T).max() <= tolerance
    assert np.array_equal(got.variance, np.diagonal(got.covariance))
    brief = train_ensemble(HalfTrained(), x, labels, new, [time, time], rule)
    assert brief.covariance is None
    assert np.abs(np.asarray(brief.variance) - np.asarray(got.variance)).max() <= tolerance
    assert np.abs(np.asarray(brief.mean[1]) - mean).max() <= tolerance


def test_the_end_of_an_ensemble_with_one_kernel_is_the_gaussian_posterior():
    points, labels = sphere(5, 12, 4), np.random.default_rng(6).normal(size=(12, 2))
    both = np.asarray(first_layer_gram(np.concatenate([points, sphere(7, 6, 4)])))
    gram, cross, new = both[:12, :12], both[12:, :12], both[12:, 12:]
    got = ensemble_at(modes_of(gram), labels, math.inf, Flow(), cross=cross, nngp=gram, nngp_cross=cross, nngp_new=new)
    tolerance = 100 * np.linalg.cond(gram) * EPS
    assert np.abs(got.mean - cross @ np.linalg.solve(gram, labels)).max() <= tolerance * np.abs(labels).max()
    assert np.abs(got.covariance - (new - cross @ np.linalg.solve(gram, cross.T))).max() <= tolerance
    own = ensemble_at(modes_of(gram), labels, math.inf, Flow(), cross=gram, nngp=gram, nngp_cross=gram, nngp_new=gram)
    assert np.abs(own.covariance).max() <= tolerance and np.all(own.variance >= 0)
    with pytest.raises(InputError, match="nngp_new"):
        ensemble_at(modes_of(gram), labels, 1, Flow(), cross=cross, nngp=gram, nngp_cross=cross, nngp_new=gram)
    with pytest.raises(InputError, match="labels"):
        ensemble_at(modes_of(gram), np.ones(1), 1, Flow(), cross=cross, nngp=gram, nngp_cross=cross, nngp_new=new)


def trained_network(scale, steps, step_size, activation):
    """A centred two-layer network, first layer trained by descent: outputs at every step, kernel at the start."""
    rng = np.random.default_rng(11)
    points, new, labels = sphere(12, 6, 4), sphere(13, 3, 4), rng.normal(size=6)
    first = jnp.asarray(rng.normal(size=(40, 4)))
    last = Layer(jnp.asarray(rng.choice([-1.0, 1.0], size=(1, 40)) * scale / math.sqrt(40)), jnp.zeros(1))

    def outputs(weights, at):
        return apply_layers([Layer(weights, jnp.zeros(40)), last], at, activation=activation)

    start = outputs(first, jnp.asarray(points)), outputs(first, jnp.asarray(new))

    @jax.jit
    def run():
        def loss(weights):
            return jnp.sum((outputs(weights, jnp.asarray(points)) - start[0] - jnp.asarray(labels)) ** 2) / 2

        def step(weights, _):
            seen = outputs(weights, jnp.asarray(points)) - start[0], outputs(weights, jnp.asarray(new)) - start[1]
            return weights - step_size / scale**2 * jax.grad(loss)(weights), seen

        return jax.lax.scan(step, first, None, length=steps)[1]

    seen, seen_new = run()
    both = network_gram([Layer(first, jnp.zeros(40)), last], np.concatenate([points, new]), activation=activation,
                        free=[0], hidden_bias=False)  # fmt: skip
    return np.asarray(both), labels, seen, seen_new


@pytest.mark.slow
def test_a_lazy_relu_network_is_its_linear_model():
    """Scaled up far enough no activation flips, and all gaps are rounding; a wrong step or kernel shows at once."""
    both, labels, seen, seen_new = trained_network(1e5, 60, 1.0, "relu")
    modes, rule = modes_of(both[:6, :6]), GradientDescent(1e-10)
    assert rule.step_size * float(modes.values[-1]) < 2
    # outputs are differences of numbers of the scale, each known to a few roundings
    rounding = 1e5 * 60 * EPS * 40
    told = compare_with_linear(
        modes, labels, seen, np.arange(60), rule, cross=both[6:, :6], new_outputs=seen_new, floor=1e-4
    )
    assert max(told.sup_gap, told.sup_largest_gap, told.sup_new_gap) <= rounding
    assert told.sup_loss_deviation <= rounding * 1e3
    assert told.losses[-1] < told.losses[0] / 10
    wrong_step = compare_with_linear(modes, labels, seen, np.arange(60), GradientDescent(1.1e-10))
    other = modes_of(1e10 * np.asarray(first_layer_gram(sphere(12, 6, 4))))
    wrong_kernel = compare_with_linear(other, labels, seen, np.arange(60), rule)
    assert min(wrong_step.sup_gap, wrong_kernel.sup_gap) > 1e-3 > 100 * rounding


@pytest.mark.slow
def test_the_gap_of_a_smooth_network_shrinks_with_the_scale():
    """Lazy training: the gap of a centred model falls like 1 / scale."""
    gaps = []
    for scale in (10.0, 100.0, 1000.0):
        both, labels, seen, _ = trained_network(scale, 40, 1.0, "tanh")
        told = compare_with_linear(modes_of(both[:6, :6]), labels, seen, np.arange(40), GradientDescent(scale**-2))
        assert told.sup_gap == float(told.gaps.max()) and float(told.gaps[0]) <= 100 * EPS
        gaps.append(told.sup_gap)
    slopes = np.diff(np.log10(gaps))
    assert np.all(slopes < -0.9) and np.all(slopes > -1.1)


def test_runs_that_blow_up_are_infinitely_far():
    modes, seen = modes_of(np.eye(2)), np.array([[0.0, 0.0], [1.0, math.nan], [math.inf, 0.0]])
    ones = np.ones(2)
    told = compare_with_linear(modes, ones, seen, [0, 1, 2], GradientDescent(0.5))
    assert np.array_equal(told.gaps, [0, math.inf, math.inf])
    assert math.isinf(told.sup_gap) and math.isinf(told.sup_largest_gap) and math.isinf(told.sup_loss_deviation)
    assert told.new_gaps is None and told.sup_new_gap is None
    fitted = compare_with_linear(modes, ones, np.array([[1.0, 1.0], [1.0, 1.25]]), [0, 1], GradientDescent(0.5))
    assert fitted.sup_gap == 0.25 and fitted.sup_loss_deviation == 0  # r_0 = 0: not divided, below the floor


@pytest.mark.parametrize(
    ("change", "what"),
    [({"times": [1, 2]}, "begins with 0"), ({"times": [0, 1, 2]}, "outputs"), ({"labels": np.ones(1)}, "outputs"),
     ({"cross": np.ones((1, 2))}, "both"), ({"outputs": np.array([[math.nan, 0.0], [0.0, 0.0]])}, "finite"),
     ({"cross": np.ones((1, 2)), "new_outputs": np.ones((3, 1))}, "new_outputs")],
)  # fmt: skip
def test_comparisons_that_cannot_be_made(change, what):
    given = {"labels": np.ones(2), "outputs": np.zeros((2, 2)), "times": [0, 1]} | change
    with pytest.raises(InputError, match=what):
        compare_with_linear(modes_of(np.eye(2)), rule=Flow(), **given)
