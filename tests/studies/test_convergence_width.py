"""Studies of width theorems: designed verdicts, broken mechanisms, and the formulas against slower ones."""

import functools
import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

from overparam.studies.convergence import _chernoff_width as chernoff
from overparam.studies.convergence import _coupled_lazy_memorization as coupled
from overparam.studies.convergence import _daniely_near_optimal_size as daniely
from overparam.studies.convergence import _du_two_layer_relu as du
from overparam.studies.convergence import _growth as growth
from overparam.studies.convergence import _oymak_soltanolkotabi as oymak
from overparam.studies.convergence import _quadratic_width as quadratic
from overparam.studies.convergence import _su_yang_functional as su_yang
from overparam.studies.convergence import _subquadratic_both_layers as both
from overparam.studies.convergence import _two_layer as two
from tests.studies import judging as claims


def judged(module, folder, **mechanism):
    """The verdict with a changed mechanism, as a word."""
    return str(claims.judged(module, folder, **mechanism).verdict)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "designed", "broken"),
    [
        (du, "VACUOUS", [({"step": 2.5}, "INCONCLUSIVE")]),
        (chernoff, "CONSISTENT", [({"constant": 0.05}, "INCONCLUSIVE")]),
        (
            coupled,
            "CONSISTENT",
            [
                ({"step": 2.5}, "INCONCLUSIVE"),
                ({"stretch": 0.01}, "INCONCLUSIVE"),
                ({"constant": 0.05}, "INCONCLUSIVE"),
            ],
        ),
        pytest.param(quadratic, "ESTIMATED", [], marks=pytest.mark.slow),
        (oymak, "CONSISTENT", [({"step": 6.0}, "INCONCLUSIVE")]),
        pytest.param(su_yang, "CONSISTENT", [({"degree": 3}, "REFUTED")], marks=pytest.mark.slow),
        (both, "CONSISTENT", [({"step": 20.0}, "INCONCLUSIVE")]),
        (daniely, "ESTIMATED", [({"step": -0.1}, "REFUTED")]),
        pytest.param(daniely, "ESTIMATED", [({"activation": "relu"}, "INCONCLUSIVE")], marks=pytest.mark.slow),
    ],
    ids=["du", "chernoff", "coupled", "quadratic", "oymak", "su_yang", "both", "daniely", "relu"],
)
def test_verdicts(tmp_path, module, designed, broken):
    assert judged(module, tmp_path / "designed") == designed
    for number, (mechanism, verdict) in enumerate(broken):
        assert judged(module, tmp_path / str(number), **mechanism) == verdict, mechanism


def test_the_step_that_is_checked_is_the_step_that_is_taken(tmp_path, monkeypatch):
    follow = du.follow
    longer = lambda *given, step_size, **options: follow(*given, step_size=1.001 * step_size, **options)  # noqa: E731
    monkeypatch.setattr(du, "follow", longer)
    assert judged(du, tmp_path) == "INCONCLUSIVE"


def test_the_change_of_preactivations_tells_how_loose_the_scale_is(tmp_path):
    setting = coupled.Setting("ci", 0, tmp_path)
    links = [{link.lemma: link for link in coupled.measure(setting, stretch=s).links} for s in (1.0, 2.0)]
    name = "largest change of a preactivation over its size at the start"
    assert 10 < links[0][name].slack < 1000
    assert links[1][name].slack == pytest.approx(2 * links[0][name].slack, rel=1e-3)
    short = {link.lemma: link for link in coupled.measure(setting, constant=0.05).links}
    assert [lemma for lemma, link in short.items() if not link.holds][-1].startswith("starts short of half")


@pytest.mark.parametrize(
    ("flat", "grows", "verdict"),
    [
        ((-1.0, 0.05), (0.2, 2.0), "CONSISTENT"),
        ((-1.0, 5.0), (0.2, 2.0), "INCONCLUSIVE"),
        ((-1.0, 0.05), (0.05, 2.0), "INCONCLUSIVE"),
        ((0.2, 0.3), (0.2, 2.0), "REFUTED"),
        ((-1.0, 0.05), (-1.0, 0.05), "REFUTED"),
        ((math.nan, math.nan), (0.2, 2.0), "INCONCLUSIVE"),
    ],
)
def test_rates_are_told_by_whole_intervals(tmp_path, monkeypatch, flat, grows, verdict):
    made = [growth.Slope(sum(ends) / 2, *ends) for ends in (flat, grows, flat)]
    drawn = iter(2 * made)
    monkeypatch.setattr(su_yang, "slope", lambda *given: next(drawn))
    monkeypatch.setattr(su_yang, "_network", lambda *given: (0.01, 10, 10))
    monkeypatch.setitem(su_yang._SIZES, "ci", su_yang._Sizes((5, 6), 2, 50))
    assert judged(su_yang, tmp_path) == verdict


@pytest.mark.slow
def test_a_narrow_network_with_both_layers_is_vacuous(tmp_path, monkeypatch):
    monkeypatch.setitem(both._SIZES, "ci", both._Sizes(8, 32, 40, 20, 20))
    assert judged(both, tmp_path) == "VACUOUS"


@pytest.mark.slow
def test_growing_labels_raise_the_exponent(tmp_path, monkeypatch):
    monkeypatch.setitem(quadratic._SIZES, "ci", quadratic._Sizes((4, 8), (8, 512, 16384), 8, 20))
    assert judged(quadratic, tmp_path, label_power=3.0) == "REFUTED"


def small(n=4, d=3, k=6, root=3):
    points, labels = two.sphere(root, n, d)
    weights, signs = two.start(root, 0, k, d)
    return points, labels, weights, signs


def test_two_layer_pieces_by_loops():
    points, _, weights, signs = small()
    x, w, v = np.asarray(points), np.asarray(weights), np.asarray(signs)
    assert np.allclose(np.linalg.norm(x, axis=1), 1, rtol=1e-14)
    values = [sum(v[r] * max(w[r] @ row, 0) for r in range(6)) / math.sqrt(6) for row in x]
    np.testing.assert_allclose(jax.jit(two.outputs)(weights, points, signs), values, rtol=1e-12)
    jacobian = np.asarray(jax.jit(jax.jacobian(two.outputs))(weights, points, signs)).reshape(4, -1)
    np.testing.assert_allclose(jax.jit(two.gram)(weights, points), jacobian @ jacobian.T, atol=1e-14)
    np.testing.assert_array_equal(two.start(3, 1, 5, 2)[0], two.start(3, 1, 5, 2)[0])


@pytest.mark.slow
def test_drawn_layers():
    drawn, fair = two.drawn(3, 1, 5, 2)
    assert drawn.shape == (5, 2) and set(np.abs(np.asarray(fair))) == {1.0}


@pytest.mark.slow
def test_the_identity_of_a_step_by_loops():
    """A long step, so that units switch: e_t from the definition, and its bound unit by unit."""
    points, labels, weights, signs = small()
    step = 3.0
    seen = jax.jit(du.watch)(weights, points, signs, labels, weights, jnp.asarray(step))
    x, w, v, y = (np.asarray(each) for each in (points, weights, signs, labels))
    residual = np.asarray(two.outputs(weights, points, signs)) - y
    after = w - step * np.asarray(
        jax.jit(jax.jacobian(two.outputs))(weights, points, signs).transpose(1, 2, 0) @ residual
    )
    moved = np.asarray(two.outputs(jnp.asarray(after), points, signs))
    kernel = np.array([[sum((w[r] @ a > 0) * (w[r] @ b > 0) for r in range(6)) / 6 * (a @ b) for b in x] for a in x])
    error = moved - y - residual + step * kernel @ residual
    bound = [
        sum(abs(a @ (after[r] - w[r])) for r in range(6) if (a @ w[r] > 0) != (a @ after[r] > 0)) / math.sqrt(6)
        for a in x
    ]
    assert v.shape == (6,) and max(bound) > 0.1  # units do switch
    np.testing.assert_allclose(seen.error, np.linalg.norm(error), rtol=1e-10)
    np.testing.assert_allclose(seen.after, np.linalg.norm(moved - y), rtol=1e-10)
    np.testing.assert_allclose(seen.excess, np.max(np.abs(error) - bound), atol=1e-11)
    assert seen.excess <= 0


@pytest.mark.slow
def test_a_wrong_kernel_breaks_the_identity(monkeypatch):
    points, labels, weights, signs = small()
    right = two.gram
    monkeypatch.setattr(two, "gram", lambda *given: 1.5 * right(*given))
    traced = jax.jit(functools.partial(du.watch))  # traced anew
    assert traced(weights, points, signs, labels, weights, jnp.asarray(0.01)).excess > 1e-4


def test_constants_of_the_chain():
    assert math.isclose(du.required_width(100, 0.188), 8.0e17, rel_tol=0.01)
    for radius in (1e-3, 0.3, 2.0):  # P(|z| <= R) <= 2 R / sqrt(2 pi), for all R
        assert math.erf(radius / math.sqrt(2)) <= radius * math.sqrt(2 / math.pi)
    # with sum_t (1 - x)^(t/2) <= 2 / x, the movement of gradient descent is at most 4 ||X|| ||r_0|| / (sqrt(k) l0)
    for x in (1e-6, 0.1, 0.9):
        assert 1 / (1 - math.sqrt(1 - x)) <= 2 / x


@pytest.mark.parametrize("t", [0.1, 0.5, 0.9])
def test_chernoff_widths_from_the_moment_generating_function(t):
    """P <= n min over theta of exp(m (e^theta - 1 - theta (1 -+ t))), m = k l / ||X||^2: by a fine grid."""
    n, spectral, least = 20, 2.0, 0.2
    theta = np.linspace(1e-4, 12, 400_001)
    for below, k in ((True, chernoff.lower_width(n, spectral, least, t)),
                     (False, chernoff.upper_width(n, spectral, least, t))):  # fmt: skip
        signed, level = (-theta, 1 - t) if below else (theta, 1 + t)
        exponent = np.min(np.exp(signed) - 1 - signed * level)
        for width, fine in ((k, True), (k - 1, False)):
            assert (n * math.exp(width * least / spectral**2 * exponent) <= chernoff.DELTA * (1 + 1e-7)) == fine
    if t == 0.5:
        assert chernoff.lower_width(n, spectral, least, t) <= chernoff.printed_width(n, spectral, least)


@pytest.mark.slow
def test_edges_of_drawn_layers():
    points, *_ = small()
    drawn = chernoff.edges(5, points, 7, 2)
    for seed, (least, largest) in enumerate(drawn):
        spectrum = np.linalg.eigvalsh(two.gram(two.start(5, seed, 7, 3)[0], points))
        np.testing.assert_allclose([least, largest], spectrum[[0, -1]], atol=1e-13)


@pytest.mark.slow
def test_the_coupled_network_has_the_kernel_of_half_its_units():
    points, _, weights, _ = small()
    whole = jnp.concatenate([weights, weights])
    signs = jnp.repeat(jnp.array([1.0, -1.0]), 6)
    jacobian = np.asarray(jax.jit(jax.jacobian(coupled.outputs))(whole, points, signs, jnp.asarray(3.0))).reshape(4, -1)
    np.testing.assert_allclose(jacobian @ jacobian.T, 9 * np.asarray(two.gram(weights, points)), atol=1e-13)
    assert math.isclose(coupled.scale(np.array([3.0, 4.0]), 0.1, 0.25), 100.0)


def test_padding_changes_no_drift():
    """Rows, columns and units of zeros leave the run alone: a plain loop in NumPy agrees."""
    points, labels, weights, signs = small()
    steps, size = 40, 0.5
    x, y, w, v = (np.asarray(each) for each in (points, labels, weights, signs))

    def gram(at):
        on = (x @ at.T > 0).astype(float)
        return (x @ x.T) * (on @ on.T) / 6

    at, largest = w.copy(), 0.0
    for step in range(1, steps + 1):
        pre = x @ at.T
        residual = np.maximum(pre, 0) @ v / math.sqrt(6) - y
        at = at - size * v[:, None] / math.sqrt(6) * (((pre > 0) * residual[:, None]).T @ x)
        if step % 2 == 0:  # the study looks twenty times
            largest = max(largest, np.abs(np.linalg.eigvalsh(gram(at) - gram(w))).max())
    padded = (np.zeros((6, 5)), np.zeros(6), np.ones((9, 5)), np.zeros(9))
    padded[0][:4, :3], padded[1][:4], padded[2][:6, :3], padded[3][:6] = x, y, w, v
    drift = quadratic.drift(*(jnp.asarray(each) for each in padded), jnp.asarray(size), steps=steps)
    np.testing.assert_allclose(drift, largest, atol=1e-12)


def test_crossing_and_slope():
    widths = (16, 64, 256)
    assert quadratic.crossing(widths, np.array([4.0, 2.0, 1.0])) == pytest.approx(256)
    assert quadratic.crossing(widths, np.array([4.0, 2.0, 0.5])) == pytest.approx(128)
    assert quadratic.crossing(widths, np.array([4.0, 4.0, 0.25])) == pytest.approx(128)
    for enough in ([0.5, 0.25, 0.125], [math.exp(-1), math.exp(-0.5), math.exp(-2)], [0.5, 0.5, 0.5]):
        assert math.isnan(quadratic.crossing(widths, np.array(enough)))  # the least width is not among them
    assert quadratic.crossing(widths, np.array([4.0, 3.0, 2.0])) == math.inf
    # coverage of 90 % intervals in 400 trials, noise that depends on the size: Welch's errs by a percent or two
    rng, sizes, noise, covered = (
        np.random.default_rng(0),
        np.array([10.0, 20.0, 40.0]),
        np.array([[0.1], [0.3], [2]]),
        0,
    )
    for _ in range(400):
        made = growth.slope(sizes, (3 * sizes**0.7)[:, None] * np.exp(noise * rng.normal(size=(3, 6))), level=0.9)
        covered += made.lower <= 0.7 <= made.upper
    assert 360 - 5 * math.sqrt(400 * 0.09) <= covered <= 360 + 5 * math.sqrt(400 * 0.09)


def test_the_slope_between_two_sizes_is_welchs_test():
    first, second = np.random.default_rng(1).normal(size=(2, 7)) * np.array([[0.2], [3.0]])
    made = growth.slope([1.0, math.e], np.exp([first, second]), level=0.95)
    interval = scipy.stats.ttest_ind(second, first, equal_var=False).confidence_interval(0.95)
    np.testing.assert_allclose([made.lower, made.upper], interval, rtol=1e-9)
    same = growth.slope([1.0, math.e], [[1.0, 1.0], [2.0, 2.0]])
    assert same.lower == same.value == same.upper == pytest.approx(math.log(2))


def test_what_a_grid_hides():
    """Both ends of a slope move by up to the logarithm of the next number tried."""
    sizes, found = np.array([1.0, 10.0, 100.0]), np.array([[2, 8], [100, 100], [1000, 1000]])
    hidden = daniely._grid(sizes, found, 1.25)
    most = 0.0
    for low in itertools.product([0, 1], repeat=3):
        moved = [
            [n * (daniely._next(n, 1.25) / n) ** at for n in row] for row, at in zip(found.tolist(), low, strict=True)
        ]
        most = max(most, abs(growth.slope(sizes, moved).value - growth.slope(sizes, found).value))
    assert hidden == pytest.approx(most)


def test_constants_of_the_tanh_network():
    points, _, weights, signs = small(n=4, d=5, k=7)
    x = np.asarray(points)
    grid = np.linspace(-3, 3, 100_001)
    bend = np.abs(2 * np.tanh(grid) * (1 - np.tanh(grid) ** 2)).max()
    assert bend <= oymak.BEND <= bend * (1 + 1e-8) and both.BEND == oymak.BEND

    derivative = jax.jit(jax.jacobian(oymak.outputs))

    def jacobian(w):
        return np.asarray(derivative(jnp.asarray(w), points, signs)).reshape(4, -1)

    at = np.asarray(weights)
    singular = np.linalg.svd(jacobian(at), compute_uv=False)
    np.testing.assert_allclose(oymak.ends(at, x), singular[[-1, 0]], rtol=1e-9)
    rng = np.random.default_rng(1)
    for scale in (1e-3, 0.1, 1.0):
        other = at + scale * rng.normal(size=at.shape)
        change = np.linalg.norm(jacobian(other) - jacobian(at), 2)
        assert change <= oymak.lipschitz(x, 7) * np.linalg.norm(other - at)
    seen = jax.jit(oymak.watch)(weights, points, signs, jnp.zeros(4), weights)
    values = np.asarray(oymak.outputs(weights, points, signs))
    np.testing.assert_allclose(seen.gradient, np.linalg.norm(jacobian(at).T @ values), rtol=1e-12)


def test_hypotheses_at_their_edge():
    """At ratio 1 the ball keeps half of the least singular value, and the step is that of a constant Jacobian."""
    for sharper, factor in ((True, 8), (False, 16)):
        edge = oymak.hypotheses((0.4, 2.0), 0.1, 0.4**2 / (factor * 0.1), sharper=sharper)
        assert edge.ratio == pytest.approx(1)
        assert 0.4 - 0.1 * edge.radius == pytest.approx(edge.a)
        assert edge.step == pytest.approx(1 / (2 * edge.b**2))


def test_eigenvalues_on_the_sphere():
    """Funk and Hecke: n / 2 times the integral of k(u) P_l(u) over [-1, 1], k(u) = u (pi - arccos u) / (2 pi)."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    angles, weights = math.pi / 2 * (nodes + 1), math.pi / 2 * weights  # u = cos(angle): all is analytic
    kernel = np.cos(angles) * (math.pi - angles) / (2 * math.pi)
    expected = {0: 1 / 16, 1: 1 / 12, 2: 7 / 256, 3: 0.0, 5: 0.0}
    for degree, value in expected.items():
        basis = np.polynomial.legendre.Legendre.basis(degree)(np.cos(angles))
        assert float(weights @ (kernel * basis * np.sin(angles))) / 2 == pytest.approx(value, abs=1e-12)


def test_times_and_harmonics():
    assert su_yang.time_to(np.array([0.5, 1.0]), np.array([1.0, 0.0]), 0.25) == pytest.approx(1.0)
    assert su_yang.time_to(np.array([0.0, 1.0]), np.array([1.0, 0.0]), 0.25) == math.inf
    points = np.random.default_rng(0).normal(size=(200_000, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    for degree in (2, 3):
        assert np.mean(su_yang.harmonic(points, degree) ** 2) == pytest.approx(1, abs=0.02)
    assert abs(np.mean(su_yang.harmonic(points, 3) * su_yang.harmonic(points, 2))) < 0.02


def test_constants_of_both_layers():
    points, labels, hidden, _ = small(n=4, d=5, k=7)
    rng = np.random.default_rng(2)
    outer = rng.normal(size=7) / 5
    x, start = np.asarray(points), both.Params(hidden, jnp.asarray(outer))

    derivative = jax.jit(jax.jacobian(both.outputs))

    def jacobian(params):
        parts = derivative(params, points)
        return np.concatenate([np.asarray(part).reshape(4, -1) for part in parts], axis=1)

    at = jacobian(start)
    np.testing.assert_allclose(both.kernel(start, points), at @ at.T, atol=1e-13)
    mu, nu, beta = both.constants(np.asarray(hidden), outer, x)
    singular = np.linalg.svd(at, compute_uv=False)
    assert mu <= singular[-1] and singular[0] <= nu
    linear = np.linalg.norm(x, 2) * (1 + both.BEND * (np.abs(outer).max() + mu / (2 * beta)))
    assert beta == pytest.approx(linear)  # consistent with the radius that it is used on
    for _ in range(20):
        change = [rng.normal(size=(7, 5)), rng.normal(size=7)]
        scale = rng.uniform(0.1, 1) * mu / (2 * beta) / math.sqrt(sum(np.sum(each**2) for each in change))
        moved = both.Params(*(part + jnp.asarray(scale * each) for part, each in zip(start, change, strict=True)))
        distance = scale * math.sqrt(sum(np.sum(each**2) for each in change))
        assert np.linalg.norm(jacobian(moved) - at, 2) <= beta * distance
    assert labels.shape == (4,)
    for power in (
        1,
        3,
    ):  # the least eigenvalue of Schur powers grows: the published width is least at the largest power
        assert np.linalg.eigvalsh((x @ x.T) ** power)[0] <= np.linalg.eigvalsh((x @ x.T) ** (power + 2))[0] + 1e-14
    squares = both.khatri_rao_width(np.eye(3))  # orthonormal points: all powers are
    assert squares == pytest.approx(math.sqrt(3))


def test_one_step_is_the_sign_of_a_kernel_sum():
    rng = np.random.default_rng(4)
    hidden = daniely.orthogonal(rng, 6, 4)
    np.testing.assert_allclose(hidden[:4] @ hidden[:4].T, np.eye(4), atol=1e-14)
    points, labels = rng.normal(size=(9, 4)), rng.choice([-1.0, 1.0], size=9)
    signs = np.sign(points @ hidden.T)
    sums = ((points @ points.T) * (signs @ signs.T))[:, :7] @ labels[:7]
    right = daniely.memorized(
        *(jnp.asarray(each) for each in (hidden, points, labels)), jnp.asarray(1e-6), jnp.asarray(7), activation="abs"
    )
    np.testing.assert_array_equal(right, (labels * sums > 0) | (np.arange(9) >= 7))
