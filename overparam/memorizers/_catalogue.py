"""All constructions by name: which theorem each proves, what it claims, what it asks of the data; loads nothing."""

from typing import Literal, NamedTuple, get_args

from overparam.errors import InputError, close_to

Claim = Literal["exact", "fits", "within", "near", "observed"]
Need = Literal["line", "two labels"]

Construction = Literal[
    "pairs",
    "greedy",
    "zhang",
    "bubeck",
    "baum",
    "sakurai",
    "distinct",
    "steps",
    "knots",
    "sweep",
    "alternations",
    "features",
    "vardi",
    "vardi-depth",
    "rajput",
    "park",
    "one-limit",
    "jacobian",
    "quantizers",
    "narrow-smooth",
    "smooth-features",
    "yun-3-layer",
    "yun-4-layer",
    "yun-deep",
    "wide-layer",
    "convolution",
    "zhang-deep",
    "width-3",
    "max-min",
    "width-2",
    "narrow-lu",
    "yun-resnet",
    "hardt",
    "ntk",
    "ntk-bias",
    "harmonic",
    "harmonic-bias",
    "clipped",
    "clipped-bias",
]
CONSTRUCTIONS: tuple[Construction, ...] = get_args(Construction)


def construction_called(name: object) -> Construction:
    """The construction of that name.

    Raises:
        InputError: there is none; the message says which one may be meant.
    """
    for known in CONSTRUCTIONS:
        if name == known:
            return known
    meant = close_to(str(name), CONSTRUCTIONS, listed_by="overparam memorize --list")
    raise InputError(f"no construction is called {name!r}; {meant}")


class Entry(NamedTuple):
    """One construction.

    Attributes:
        build: "folder._file:function"; the function takes ExactData of distinct points and Options, returns Built.
        words: what it builds, in a line.
        theorem: slug of the theorem entry that promises the size.
        claim: "exact": every label is met. "fits": the squared errors sum to at most the tolerance. "within": no error
            is above the tolerance. "near": an exact interpolator lies near the network. "observed": floats only.
        hidden_bias, output_bias: of the family.
        needs: what is asked of the data before anything is computed.
        takes: the options it reads.
        up_to: how many samples are built in seconds rather than minutes; a comparison of all leaves out more.
        rescale: whether coordinates are first divided by powers of two near their ranges, which changes no hypothesis
            but those on lengths and angles.
    """

    build: str
    words: str
    theorem: str | None = None
    claim: Claim = "exact"
    hidden_bias: bool = True
    output_bias: bool = True
    needs: tuple[Need, ...] = ()
    takes: tuple[Literal["depth", "eps", "activation", "width", "seed"], ...] = ()
    up_to: int = 200
    rescale: bool = True
    shared_direction: bool = False


CATALOGUE: dict[Construction, Entry] = {
    # one hidden layer, exact
    "pairs": Entry(
        "shallow._pairs:build_pairs",
        "2q - 1 + min(2, r) ReLU neurons, n = q(dim + 1) + r; blocks in general position",
        "pairs-2n-over-d-plus-1",
    ),
    "greedy": Entry(
        "shallow._greedy:build_greedy",
        "pairs with blocks fitted to the data; any distinct points, at most n - 1 neurons (n >= 2)",
    ),
    "distinct": Entry(
        "shallow._distinct:build_distinct",
        "at most n - 2 ReLU neurons (n >= 5); any distinct points",
        "relu-distinct-worst-case",
    ),
    "bubeck": Entry(
        "shallow._bubeck:build_bubeck",
        "4 ceil(n / dim) ReLU neurons, no output bias; points in general position",
        "bubeck2020-relu-baum",
        output_bias=False,
    ),
    "zhang": Entry(
        "shallow._zhang:build_zhang",
        "n ReLU neurons on one direction, no output bias; any distinct points",
        "zhang2017-thm1",
        output_bias=False,
        shared_direction=True,
    ),
    "baum": Entry(
        "shallow._threshold:build_baum",
        "at most ceil(n / dim) threshold units; general position, two label values",
        "baum1988-threshold",
        needs=("two labels",),
    ),
    "sakurai": Entry(
        "shallow._threshold:build_sakurai",
        "the same network under the bound ceil((n - 1) / dim)",
        "sakurai1992-threshold",
        needs=("two labels",),
    ),
    "steps": Entry(
        "shallow._steps:build_steps",
        "at most n - 1 threshold units on one direction, any real labels; any distinct points",
        "huang1991-threshold-real",
        up_to=10**4,
        shared_direction=True,
    ),
    "knots": Entry(
        "shallow._knots:build_knots",
        "points on a line: the fewest ReLU neurons there are, K* or K* + 1",
        "relu-1d-minimal",
        needs=("line",),
        up_to=10**4,
    ),
    "sweep": Entry(
        "shallow._sweep:build_sweep",
        "a ReLU neuron for each group of at most dim points that hyperplanes sweep; any distinct points",
        "alternating-sweep",
    ),
    "alternations": Entry(
        "shallow._alternations:build_alternations",
        "a threshold unit for each dim changes of the label along a moment curve; two label values",
        "kowalczyk1993-capacity",
        needs=("two labels",),
    ),
    "features": Entry(
        "shallow._features:build_features",
        "n random ReLU features of full rank, no output bias; any distinct points",
        "random-features",
        output_bias=False,
        takes=("width", "seed"),
    ),
    # one hidden layer, up to a share eps of the sum of squared labels
    "ntk": Entry(
        "approximate._ntk:build_ntk",
        "pairs of ReLU neurons that act as derivatives, about 2n / dim of them, long weights; no biases",
        "bubeck2020-ntk",
        claim="fits",
        hidden_bias=False,
        output_bias=False,
        takes=("eps", "seed"),
        rescale=False,
    ),
    "ntk-bias": Entry(
        "approximate._ntk:build_ntk_bias",
        "the same with hidden biases; any distinct points",
        "bubeck2020-ntk",
        claim="fits",
        output_bias=False,
        takes=("eps", "seed"),
        rescale=False,
    ),
    "harmonic": Entry(
        "approximate._harmonic:build_harmonic",
        "8 ReLU neurons a step, angles of a plane recombined, total weight near sqrt(n); no biases",
        "bubeck2020-harmonic",
        claim="fits",
        hidden_bias=False,
        output_bias=False,
        takes=("eps", "seed"),
        rescale=False,
    ),
    "harmonic-bias": Entry(
        "approximate._harmonic:build_harmonic_bias",
        "the same with hidden biases; any distinct points",
        "bubeck2020-harmonic",
        claim="fits",
        output_bias=False,
        takes=("eps", "seed"),
        rescale=False,
    ),
    "clipped": Entry(
        "approximate._clipped:build_clipped",
        "2 ReLU neurons a step, clipped derivatives, total weight near sqrt(n); no biases",
        "clipped-ntk",
        claim="fits",
        hidden_bias=False,
        output_bias=False,
        takes=("eps", "seed"),
        rescale=False,
    ),
    "clipped-bias": Entry(
        "approximate._clipped:build_clipped_bias",
        "the same with hidden biases; any distinct points",
        "clipped-ntk",
        claim="fits",
        output_bias=False,
        takes=("eps", "seed"),
        rescale=False,
    ),
    # few parameters for classes, long weights
    "park": Entry(
        "classes._park:build_park",
        "O(n^(2/3)) ReLU units that fold a line and look classes up; any distinct points, labels in classes",
        "park2021-two-thirds",
        rescale=False,
    ),
    "rajput": Entry(
        "classes._rajput:build_rajput",
        "three layers of threshold units, about sqrt(n) in the last two; any distinct points, labels in classes",
        "rajput2021-threshold",
        rescale=False,
    ),
    "vardi": Entry(
        "classes._vardi:build_vardi",
        "about 2 sqrt(n (rho + c + 2)) ReLU layers of width 7 that read codes bit by bit; any distinct points",
        "vardi2022-sqrt",
        rescale=False,
    ),
    "vardi-depth": Entry(
        "classes._vardi:build_vardi_depth",
        "the same in about `depth` layers, the codes picked by wide layers; any distinct points",
        "vardi2022-depth-bounded",
        takes=("depth",),
        rescale=False,
    ),
    # smooth activations
    "one-limit": Entry(
        "smooth._one_limit:build_one_limit",
        "n neurons on one direction, no output bias, any activation with a limit; any distinct points",
        "huang1998-one-limit",
        claim="near",
        output_bias=False,
        takes=("activation",),
    ),
    "jacobian": Entry(
        "smooth._jacobian:build_jacobian",
        "2 ceil(n / (dim + 1)) tanh, erf or GELU neurons by Newton's method; general position suffices",
        "madden2024-jacobian",
        claim="near",
        output_bias=False,
        takes=("activation", "seed"),
    ),
    "quantizers": Entry(
        "smooth._quantizers:build_quantizers",
        "two hidden tanh layers of about 2 sqrt(3 n) units in all, within eps; any distinct points",
        "huang2003-two-layers",
        claim="within",
        takes=("eps", "seed"),
        up_to=60,
    ),
    "narrow-smooth": Entry(
        "smooth._narrow:build_narrow_smooth",
        "n hidden tanh layers of width dim + 2, within eps; any distinct points",
        "kidger2020-narrow",
        claim="within",
        takes=("activation", "eps"),
        up_to=60,
    ),
    "smooth-features": Entry(
        "smooth._smooth_features:build_smooth_features",
        "n random tanh, erf or GELU neurons, the output layer solved for; any distinct points",
        "leshno1993-rank",
        claim="near",
        output_bias=False,
        takes=("activation", "width", "seed"),
    ),
    # several hidden layers, exact
    "zhang-deep": Entry(
        "deep._zhang_deep:build_zhang_deep",
        "one neuron, then m layers of ceil((n - 4) / m) + 2 ReLU neurons (m = depth >= 2); any distinct points",
        "zhang2017-cor1",
        takes=("depth",),
    ),
    "width-3": Entry(
        "deep._width_3:build_width_3",
        "at most 3 ReLU neurons in each of n - 3 layers (n >= 6), whatever the dimension; any distinct points",
        "width-3-memorizer",
    ),
    "yun-3-layer": Entry(
        "deep._grid:build_grid",
        "two hidden layers of 2p - 1 and 2q ReLU neurons, pq >= n, no output bias; any distinct points",
        "yun2019-3layer",
        output_bias=False,
        takes=("width",),
    ),
    "yun-4-layer": Entry(
        "deep._grid_classes:build_grid_classes",
        "the same for the numbers of the classes, then one ReLU neuron a class; any distinct points",
        "yun2019-4layer",
        output_bias=False,
        takes=("width",),
    ),
    "yun-deep": Entry(
        "deep._grid_deep:build_grid_deep",
        "pairs of hidden ReLU layers, each for a run of points, that carry the sum; any distinct points",
        "yun2019-deep",
        takes=("depth",),
    ),
    "wide-layer": Entry(
        "deep._wide_layer:build_wide_layer",
        "random ReLU layers, the last of n - 1 neurons and full rank, the output layer solved for; any distinct points",
        "nguyen2018-wide-layer",
        takes=("depth", "width", "seed"),
    ),
    "convolution": Entry(
        "deep._convolution:build_convolution",
        "n - 1 random filters on patches, read where all patches are distinct; any distinct points",
        takes=("seed",),
        rescale=False,
    ),
    "max-min": Entry(
        "deep._max_min:build_max_min",
        "width dim + 1, at most n - 1 hidden ReLU layers: a maximum or a minimum a point; any distinct points",
        "hanin2017-narrow",
    ),
    "width-2": Entry(
        "deep._max_min:build_width_2",
        "width 2, at most n - 1 hidden ReLU layers: the same along one direction; any distinct points",
        "hanin2017-narrow",
    ),
    "narrow-lu": Entry(
        "deep._narrow_lu:build_narrow_lu",
        "width dim + 4, two hidden ReLU layers a point, no output bias; any distinct points",
        "lu2017-narrow",
        output_bias=False,
    ),
    # residual, exact
    "yun-resnet": Entry(
        "residual._pairs_stream:build_pairs_stream",
        "2 ceil(n / (dim + 1)) - 2 hidden ReLU nodes on a stream of dim + 1; blocks in general position",
        "yun2019-resnet",
        output_bias=False,
        takes=("width",),
    ),
    "hardt": Entry(
        "residual._hardt:build_hardt",
        "a hidden ReLU node a point and one a class; points of equal length, or that keep out of each other's way",
        "hardt2017-residual",
        output_bias=False,
        takes=("width",),
        rescale=False,
    ),
}
