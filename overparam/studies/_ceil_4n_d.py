"""ceil(4n/d) ReLU neurons, as commonly quoted for points in general position: true with an output bias only."""

import pathlib

import proofs_check
from overparam.data import DataSpec
from overparam.records import Claim, Verdict
from overparam.studies._constructions import certify_each, summary
from overparam.studies._instances import Size, instances

_THEOREM = "s-baum"
_LARGEST_N, _LARGEST_D = 2000, 60


def ceil_4n_d(out: pathlib.Path, size: Size) -> Claim:
    """SCOPED: proved with an output bias through the pairs theorem, refuted by two points without one.

    Without output bias, ceil(4n/d) = 1 for 2 <= n <= d/4, and one neuron v relu(.) has the sign of v or is zero at
    every point: it takes no labels of both signs.
    """
    quoted, pairs = proofs_check.THEOREMS[_THEOREM], proofs_check.THEOREMS["pairs-2n-over-d-plus-1"]
    exceeded = [
        (n, d)
        for d in range(1, _LARGEST_D + 1)
        for n in range(1, _LARGEST_N + 1)
        if pairs.width(n, d) > quoted.width(n, d)
    ]
    two_points = DataSpec(data="gaussian", n=2, d=8, labels="signs", seed=_seed_with_both_signs())
    specs = [*instances(size, position=True), two_points]
    done, failures = certify_each(specs, construction="pairs", theorem=_THEOREM, out=out)
    evidence = (
        f"With an output bias: the pairs theorem's width is at most ceil(4n/d) for {_grid()}"
        + (f", except at (n, d) = {exceeded[:3]}" if exceeded else "")
        + f" (for all n and d: docs/theory/pairs.md). {summary(done, failures)} "
        f"Without one: n = 2, d = 8 gives ceil(4n/d) = {quoted.width(2, 8)} neuron, whose output never changes sign, "
        "so labels -1, +1 are out of reach; the cited paper states 4 ceil(n/d)."
    )
    sound = not exceeded and not failures and quoted.width(2, 8) == 1
    return Claim(
        id=_THEOREM,
        verdict=Verdict.SCOPED if sound else Verdict.INCONCLUSIVE,
        claim="ceil(4n/d) ReLU neurons interpolate any n labelled points in general position: true with an output "
        "bias; false without one for 2 <= n <= d/4.",
        evidence=evidence,
        instances=len(done),
        certificate=f"claims/{_THEOREM}" if done else None,
    )


def _grid() -> str:
    return f"all n <= {_LARGEST_N} and d <= {_LARGEST_D}"


def _seed_with_both_signs() -> int:
    from overparam.data import load

    for seed in range(100):
        if set(load(DataSpec(data="gaussian", n=2, d=8, labels="signs", seed=seed)).labels) == {-1.0, 1.0}:
            return seed
    raise AssertionError("a hundred draws of two signs were all equal")
