"""All constructions by name: which theorem each proves, what it claims, what it asks of the data; loads nothing."""

from typing import Literal, NamedTuple, get_args

Claim = Literal["exact", "fits", "within", "near", "observed"]
Need = Literal["line", "two labels"]

Construction = Literal["pairs", "greedy", "zhang", "bubeck", "baum", "sakurai", "distinct"]
CONSTRUCTIONS: tuple[Construction, ...] = get_args(Construction)


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
}
