"""The public entrance: the kernel by the method that costs least for the network and its sizes, or by a named one."""

from typing import Any, Literal

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike, DTypeLike

from overparam.errors import InputError, close_to
from overparam.ntk.empirical import _contraction, _products, _structured, _two_layer
from overparam.ntk.empirical._costs import Cost, Named, all_costs, cheapest, checked_batch, shapes_of
from overparam.ntk.empirical._functions import Apply, Single, network_of
from overparam.ntk.empirical._tiles import all_pairs

Method = Literal["auto", "contraction", "products", "structured", "two-layer"]


def empirical_kernel(
    apply: Apply,
    params: Any,
    points: ArrayLike,
    others: ArrayLike | None = None,
    *,
    method: Method = "auto",
    traced: bool = False,
    batch: int | None = None,
    dtype: DTypeLike = "float64",
) -> Array:
    """Tangent kernel of a given network, K[i, j, a, b] = <df_a(x_i)/dtheta, df_b(x'_j)/dtheta>.

    Methods, which agree up to rounding; `costs` says what each takes, and "auto" takes the fewest multiply-adds:

        contraction  the Jacobian by automatic differentiation, times its transpose
        products     a vector product J (J^T e) for each sample and output of the second side
        structured   Gram matrices of layers' inputs and derivatives; dense and convolutional layers are found in the
                     traced function (`layers_found` lists them), everything else is differentiated as it is
        two-layer    the closed form for `overparam.networks.apply`, or a `functools.partial` of it with an activation

    A derivative is what JAX takes it for: that of relu at 0 is 1/2 for `jnp.maximum` and `overparam.networks.apply`,
    and 0 for `jax.nn.relu` and `network_gram`.  Compiled once per `apply` (the same function object) and set of shapes.

    Args:
        apply: (params, (n, ...)) -> (n,) or (n, outputs).  It is evaluated at each sample alone, as a batch of one:
            a network that mixes samples, such as by batch statistics, has no such kernel.
        params: tree of arrays; floating-point leaves are the parameters theta, all others are handed through.
        points, others: samples (n, ...) and (m, ...); with others = None these are the points, and the kernel is
            symmetric, K[i, j, a, b] = K[j, i, b, a], bit for bit.
        traced: sum over a = b (not the mean), which is cheaper than the whole.
        batch: samples in a tile, prepared anew for each tile; None prepares all at once if that takes at most 1 GiB,
            else tiles that do.
        dtype: of the computation, "float32" or "float64"; params and samples are converted to it.
    Returns:
        (n, m) if apply returns (n,) or if traced; else (n, m, outputs, outputs).  In `dtype`; observed, not certified.
        A permutation of the points permutes it exactly, where the backend's products do not depend on places.
    Raises:
        InputError: an argument does not fit, or the method does not apply to this network; the message names another.
        PrecisionError: JAX is running without the dtype asked for.
    Source:
        jacot2018; novak2022 for the methods.

    >>> f = lambda w, x: x @ w  # its kernel is X X^T
    >>> empirical_kernel(f, jnp.ones(2), jnp.array([[3.0, 0.0], [4.0, 1.0]])).tolist()
    [[9.0, 12.0], [12.0, 17.0]]
    """
    network = network_of(apply, params, points, others, dtype)
    found = all_costs(network, traced, checked_batch(batch))
    if method != "auto" and (not isinstance(method, str) or method not in found):
        raise InputError(_why_not(str(method), found))
    chosen = cheapest(found) if method == "auto" else method
    cost, outputs = found[chosen], network.outputs
    gram = _kernel(
        network.single, chosen, traced, outputs, cost.side, cost.at_once, _two_layer.activation_of(network),
        network.leaves, network.rest, network.points, network.others,
    )  # fmt: skip
    if traced or network.flat:
        return gram
    n, m = network.sides
    return jnp.transpose(gram.reshape(n, outputs, m, outputs), (0, 2, 1, 3))


def costs(
    apply: Apply,
    params: Any,
    points: ArrayLike,
    others: ArrayLike | None = None,
    *,
    traced: bool = False,
    batch: int | None = None,
    dtype: DTypeLike = "float64",
) -> dict[Named, Cost]:
    """What each method that applies would take; nothing is computed but shapes.

    Leading terms, with F multiply-adds of one evaluation, p parameters, o outputs, s samples to prepare (n, or n + m;
    more in tiles), t pairs of samples (n m, or n (n + 1) / 2), and k = o^2, or o if traced:

        contraction  s (1 + 2 o) F + t k p
        products     s (1 + 2 o) F + 2 t o F, its second term twice with others = None
        structured   s (1 + o) F + t (sum over layers of the cheapest way below) + t k (parameters of no layer),
                     and s o F once more if there are such
            gram       inputs + k units                            one position, no groups
            positions  positions^2 (inputs + k units)              no groups; twice with others = None
            jacobian   k (inputs + 1 with a bias) units groups     and s o positions inputs units groups beforehand
        two-layer    s width dim + t (dim + 2 width)

    Args: as for `empirical_kernel`.

    >>> found = costs(lambda w, x: x @ w, jnp.ones((64, 64)), jnp.ones((100, 64)))
    >>> min(found, key=lambda name: found[name].multiply_adds)
    'structured'
    """
    return all_costs(network_of(apply, params, points, others, dtype), traced, checked_batch(batch))


def layers_found(
    apply: Apply, params: Any, points: ArrayLike, *, traced: bool = False, dtype: DTypeLike = "float64"
) -> dict[str, str]:
    """How structured derivatives treat each leaf of params, by its name: "dense: gram", "bias of ...", and so on.

    >>> layers_found(lambda p, x: x @ p["w"] + p["b"], {"w": jnp.ones((2, 3)), "b": jnp.ones(3)}, jnp.ones((5, 2)))
    {"['b']": "bias of ['w']", "['w']": 'dense: gram'}
    """
    network = network_of(apply, params, points, None, dtype)
    structure = _structured.structure_of(network.single, *shapes_of(network))
    return _structured.words_of(structure, network.paths, network.outputs, traced)


@jax.jit(static_argnums=range(7))
def _kernel(
    single: Single,
    method: Method,
    traced: bool,
    outputs: int,
    side: int,
    at_once: bool,
    activation: str | None,
    leaves: list[Array],
    rest: list[Array],
    points: Array,
    others: Array | None,
) -> Array:
    """(n q, m q), with q outputs of a sample side by side, or q = 1 if traced."""
    both = others is None
    if method == "contraction":
        prepare, combine = _contraction.methods(single, leaves, rest, traced=traced)
    elif method == "products":
        prepare, combine = _products.methods(single, leaves, rest, outputs=outputs, traced=traced, both=both)
    elif method == "structured":
        structure = _structured.structure_of(single, leaves, rest, points[0])
        prepare, combine = _structured.methods(structure, leaves, rest, outputs=outputs, traced=traced, both=both)
    else:
        prepare, combine = _two_layer.methods(leaves, activation or "relu")
    kept = 1 if traced else outputs
    return all_pairs(prepare, combine, points, others, outputs=kept, side=side, at_once=at_once)


def _why_not(method: str, found: dict[Named, Cost]) -> str:
    if method == "structured":
        return (
            "method 'structured' found no dense or convolutional layer in apply: every parameter reaches the data in "
            "another way than as a factor of a product or the filter of a convolution; use method='contraction'"
        )
    if method == "two-layer":
        return (
            "method 'two-layer' is the closed form for overparam.networks.apply with overparam.networks.Params at "
            f"(n, dim) points; for this network use method='auto', which takes {cheapest(found)!r}"
        )
    names = ["auto", "contraction", "products", "structured", "two-layer"]
    return f"there is no method {method!r}; {close_to(method, names)}"
