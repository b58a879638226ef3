"""The contenders of `engine.py`: the same steps on the same networks, as others write them.

Each maker takes a `Problem` and returns a function of no arguments that trains all networks from the same weights and
returns their hidden weights (networks, width, dim), or raises ImportError where a package is missing.
"""

import dataclasses
import functools

BETAS, EPS = (0.9, 0.999), 1e-8


@dataclasses.dataclass(frozen=True)
class Problem:
    """n points in dim coordinates, labels, and the initial weights of networks of one width, all float32."""

    points: object
    labels: object
    u: object
    b: object
    v: object
    c: object
    optimizer: str
    step_size: float
    steps: int

    @property
    def networks(self):
        return len(self.u)


def transformation(problem):
    import optax

    return optax.sgd(problem.step_size) if problem.optimizer == "gd" else optax.adam(problem.step_size, *BETAS, EPS)


def descend(loss, problem):
    """A network's weights after all steps by `jax.grad` of `loss`, as a function of the weights."""
    import jax
    import optax

    chosen = transformation(problem)

    def step(_, carry):
        weights, state = carry
        updates, state = chosen.update(jax.grad(loss)(weights), state)
        return optax.apply_updates(weights, updates), state

    return lambda weights: jax.lax.fori_loop(0, problem.steps, step, (weights, chosen.init(weights)))[0]


def textbook(problem):
    """vmap(grad) of relu(X @ W) @ a + c, samples as rows; the bias is a constant column of X."""
    import jax
    import jax.numpy as jnp

    wide = jnp.concatenate([problem.points, jnp.ones((len(problem.points), 1), "float32")], axis=1)
    w = jnp.concatenate([jnp.swapaxes(problem.u, 1, 2), problem.b[:, None, :]], axis=1)

    def loss(weights, wide, labels):
        return jnp.sum((jax.nn.relu(wide @ weights[0]) @ weights[1] + weights[2] - labels) ** 2) / 2

    def run(weights, wide, labels):
        return jax.vmap(descend(functools.partial(loss, wide=wide, labels=labels), problem))(weights)

    run = jax.jit(run)
    return lambda: jnp.swapaxes(run((w, problem.v, problem.c), wide, problem.labels)[0][:, :-1], 1, 2)


def one_at_a_time(problem):
    """One network after the other, each a compiled loop of jax.grad of v @ relu(u @ X.T + b) + c."""
    import jax

    from overparam.networks import Params, apply

    def loss(params, points, labels):
        return ((apply(params, points) - labels) ** 2).sum() / 2

    def run(params, points, labels):
        return jax.lax.map(descend(functools.partial(loss, points=points, labels=labels), problem), params)

    run = jax.jit(run)
    params = Params(problem.u, problem.b, problem.v, problem.c)
    return lambda: run(params, problem.points, problem.labels).u


def products_alone(problem, group, columns):
    """Nothing but the two products of each step, (rows, d + 1) by (d + 1, n) and back, `group` networks at a time.

    For the way back the points are filled up to `columns` columns, d + 1 or more, as the kernels of a processor may
    like them; the columns beyond d + 1 are left behind.
    """
    import jax
    import jax.numpy as jnp

    wide = jnp.concatenate([problem.points, jnp.ones((len(problem.points), 1), "float32")], axis=1)
    w = jnp.concatenate([problem.u, problem.b[:, :, None]], axis=2)
    rows = w.reshape(problem.networks // group, -1, w.shape[-1])
    filled = jnp.pad(wide, [(0, 0), (0, columns - wide.shape[1])])
    small = jnp.float32(1e-6)

    def run(rows, wide, tall, small):
        def step(_, w):
            # the factor keeps the numbers ordinary; it touches weights only
            back = jnp.matmul(jnp.matmul(w, tall, precision="highest"), wide, precision="highest")
            return back[:, : w.shape[1]] * small

        return jax.lax.map(lambda w: jax.lax.fori_loop(0, problem.steps, step, w), rows)

    run, tall = jax.jit(run), jnp.array(wide.T)
    return lambda: run(rows, filled, tall, small)


def torch_compiled(problem):
    """torch.compile of the loss of all networks by `bmm`, gradients by autograd, updates by torch.optim's formulas."""
    import numpy as np
    import torch

    torch.set_num_threads(1)
    points, labels = (torch.tensor(np.asarray(x)) for x in (problem.points, problem.labels))
    start = [
        torch.tensor(np.asarray(x))
        for x in (np.swapaxes(problem.u, 1, 2), problem.b[:, None, :], problem.v[:, :, None], problem.c)
    ]
    batch = points.expand(problem.networks, *points.shape)

    def loss(u, b, v, c):
        hidden = torch.relu(torch.bmm(batch, u) + b)
        return ((torch.bmm(hidden, v)[:, :, 0] + c[:, None] - labels) ** 2).sum() / 2

    @torch.compile
    def gradients(weights):
        return torch.autograd.grad(loss(*weights), weights)

    optimizers = {
        "gd": lambda weights: torch.optim.SGD(weights, lr=problem.step_size),
        "adam": lambda weights: torch.optim.Adam(weights, lr=problem.step_size, betas=BETAS, eps=EPS),
    }

    def run():
        weights = [w.clone().requires_grad_() for w in start]
        optimizer = optimizers[problem.optimizer](weights)
        for _ in range(problem.steps):
            for weight, gradient in zip(weights, gradients(weights), strict=True):
                weight.grad = gradient
            optimizer.step()
        return np.swapaxes(weights[0].detach().numpy(), 1, 2)

    return run


def scikit_learn(problem, some):
    """A loop of MLPRegressor over `some` of the networks; its loss is the mean, half of it, hence the step size."""
    import warnings

    import numpy as np
    from sklearn.neural_network import MLPRegressor

    points, labels = np.asarray(problem.points), np.asarray(problem.labels)
    n = len(points)
    gd = problem.optimizer == "gd"
    options = {
        "hidden_layer_sizes": (problem.u.shape[1],),
        "solver": "sgd" if gd else "adam",
        "learning_rate_init": problem.step_size * (n if gd else 1),
        "batch_size": n, "max_iter": problem.steps, "alpha": 0.0, "shuffle": False, "tol": 0.0,
        "n_iter_no_change": problem.steps + 1, "random_state": 0,
    } | ({"momentum": 0.0, "nesterovs_momentum": False} if gd else {})  # fmt: skip

    def run():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it has not converged, which nobody asked for
            for _ in range(some):
                MLPRegressor(**options).fit(points, labels)
        return np.zeros(())

    return run
