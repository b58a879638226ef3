"""Studies judged as they stand, or with a part of their mechanism broken; what their words have to say in any case."""

import dataclasses
import functools
import re

from overparam.records import Claim, Verdict

NUMBER = r"[-+]?\d[\d.]*(?:e[-+]?\d+)?"
INTERVAL = re.compile(rf"\[{NUMBER}, {NUMBER}\]|{NUMBER} \+- {NUMBER}")
ESTIMATED = {  # what stands in one clause with the first interval of the evidence: the number that the claim is about
    "two-rates": "runs fitted, a share in",
    "levenberg-marquardt": "effective parameters, fits from",
    "s-baum-not-found": "all signs right at n/(m d) =",
    "b-jiang": "tau",
    "m-bits-per-parameter": "bits stored a parameter",
    "bombari-minimum-overparam": "lambda_min over that product goes like n to the power",
    "quadratic-width": "Exponent of that width in n",
    "daniely-near-optimal-size": "Exponent of n in d q",
    "anisotropy-frontier": "w* in",
    "clusters-frontier": "w* in",
    "output-scale-frontier": "w* in",
    "rank-threshold-frontier": "k_rank in",
}
NOT_CERTIFIED = {  # what the evidence says, as no work of the checker, and the claim therefore not
    "s-param-count": "449",
    "generic-jacobian-rank": "almost",
    "s-not-unique": "far",
    "zhang2017-thm1": "2n + d",
    "z-expressivity": "2 n + d",
    "s-memo-exists": "weights",
    "s-l2-unique": "unique",
    "s-poly-line": "affine set",
    "worst-case-eigenvalue": "separat",
    "kawaguchi-huang": "labelling",
    "fewer-than-n-neurons": "spurious",
    "ntk-positive-definite": "parallel",
    "worst-case-width": "general position",
}


def judged(module, folder, size="ci", **broken):
    """The claim of a study's module, measured with the keywords that break it."""
    study = dataclasses.replace(module.STUDY, measure=functools.partial(module.measure, **broken))
    return well_told(study(folder, size))


def well_told(claim: Claim) -> Claim:
    """The same claim, after looking at its words: an estimate begins with its number, no more is called certified."""
    if claim.verdict is Verdict.ESTIMATED:
        found = INTERVAL.search(claim.evidence)
        assert found is not None, claim.evidence
        clause = re.split(r"\. |; ", claim.evidence[: found.start()])[-1]
        assert ESTIMATED[claim.id] in clause, clause
    if claim.verdict is Verdict.CERTIFIED and claim.id in NOT_CERTIFIED:
        assert NOT_CERTIFIED[claim.id] not in claim.claim.replace(f"claims/{claim.id}", "")
        assert "not by the checker" in claim.evidence
    return claim


def named(given):
    """The id of a parametrized test: its study's."""
    return given.STUDY.id if hasattr(given, "STUDY") else None
