"""Parameter counting: below ceil((n-1)/(d+1)) neurons almost no real labelling is fitted."""

import pathlib
import tempfile

import jax
import numpy as np

import proofs_check
from overparam.data import DataSpec, load
from overparam.records import Claim, Link, Verdict
from overparam.studies._instances import Size
from overparam.widths import WidthSpec, find_width

_THEOREM = "param-count"
_SHAPES: dict[Size, tuple[tuple[int, int], ...]] = {
    "ci": ((8, 1), (12, 2), (20, 5), (30, 9)),
    "laptop": ((8, 1), (12, 2), (20, 5), (30, 9), (60, 9), (100, 20)),
    "paper": ((8, 1), (12, 2), (20, 5), (30, 9), (60, 9), (100, 20), (200, 20), (400, 40)),
}


def counting(out: pathlib.Path, size: Size) -> Claim:
    """CONSISTENT if the search, one neuron below the bound, finds nothing on Gaussian labels.

    A search that fails proves nothing; a certified network below the bound would show exceptional labels, which
    "almost every" allows, so it would leave the claim open.
    """
    del out  # a successful search would be an exception, not a certificate of this claim
    theorem, spec = proofs_check.THEOREMS[_THEOREM], WidthSpec(size=size)
    below, residuals = [], []
    for n, d in _SHAPES[size]:
        data = load(DataSpec(data="gaussian", n=n, d=d, labels="gaussian", seed=0))
        width = theorem.width(n, d) - 1
        with tempfile.TemporaryDirectory() as scratch:
            rows = find_width(
                data,
                range(width, width + 1),
                pathlib.Path(scratch) / "below",
                root=jax.random.key(spec.root_seed),
                starts=spec.starts,
                max_steps=spec.filled().lm_steps,
            )
            row, certificate = next(iter(rows))
        if certificate is not None:
            below.append(f"n = {n}, d = {d}: width {width}")
        if row.best_residual is not None:
            residuals.append(row.best_residual)
    shapes = ", ".join(f"({n}, {d})" for n, d in _SHAPES[size])
    evidence = (
        f"Gaussian points and labels with (n, d) = {shapes}: {spec.starts} Levenberg-Marquardt starts one neuron below "
        f"the bound certified {len(below)} networks; the best fit left {min(residuals):.1e} of the labels' norm "
        f"(median {np.median(residuals):.1e}). The search proves nothing; docs/theory/counting.md proves the bound."
        if residuals
        else "Every start diverged."
    )
    if below:
        evidence += " Exceptional labels: " + "; ".join(below) + "."
    return Claim(
        id=_THEOREM,
        verdict=Verdict.INCONCLUSIVE if below or not residuals else Verdict.CONSISTENT,
        claim="For fixed points and almost every real labelling, a two-layer ReLU network with output bias that "
        "interpolates has at least ceil((n-1)/(d+1)) neurons.",
        evidence=evidence,
        instances=len(_SHAPES[size]),
        certificate=None,
        links=(Link("networks certified one neuron below the bound", 0.0, float(len(below))),),
        roots=(spec.root_seed,),
    )
