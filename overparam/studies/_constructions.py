"""Upper bounds by construction: build on every listed data set, let the exact checker decide each one."""

import dataclasses
import pathlib
from collections.abc import Iterable

from overparam.data import DataSpec, load
from overparam.errors import OverparamError
from overparam.memorizers import memorize
from overparam.records import Claim, Verdict
from overparam.studies._instances import Size, instances
from overparam.widths import certify


@dataclasses.dataclass(frozen=True)
class Construction:
    """One theorem that a construction proves, and what its certificates leave open."""

    theorem: str
    construction: str
    needs_position: bool  # the hypothesis asks for affine general position
    signs: bool  # labels +-1 only
    claim: str  # completes "On each data set ..., ..."
    limits: str

    def __call__(self, out: pathlib.Path, size: Size) -> Claim:
        specs = list(instances(size, position=self.needs_position, signs=self.signs))
        done, failures = certify_each(specs, construction=self.construction, theorem=self.theorem, out=out)
        return Claim(
            id=self.theorem,
            verdict=Verdict.CERTIFIED if done and not failures else Verdict.INCONCLUSIVE,
            claim=f"On each data set in claims/{self.theorem}, {self.claim}",
            evidence=f"{summary(done, failures)} {self.limits}",
            instances=len(done),
            certificate=f"claims/{self.theorem}" if done else None,
        )


def certify_each(
    specs: Iterable[DataSpec], *, construction: str, theorem: str, out: pathlib.Path
) -> tuple[list[DataSpec], list[str]]:
    """Certificates under claims/<theorem>/, one folder an instance.

    Returns:
        the instances certified within the theorem's width; for each other one, its name and what went wrong.
    """
    done, failures = [], []
    for spec in specs:
        try:
            data = load(spec)
            memorizer = memorize(data.points, data.labels, construction=construction)
            certify(memorizer, data, out / "claims" / theorem / folder_name(spec), theorem=theorem)
            done.append(spec)
        except OverparamError as error:
            failures.append(f"{folder_name(spec)}: {error}")
    return done, failures


def folder_name(spec: DataSpec) -> str:
    """Readable name of one instance."""
    return f"{spec.data}-n{spec.n}-d{spec.d}-{spec.labels}-{spec.seed}"


def summary(done: list[DataSpec], failures: list[str]) -> str:
    """How many instances were certified, and which were not."""
    largest = max(done, key=lambda spec: (spec.n or 0) * (spec.d or 0), default=None)
    words = f"Built, and accepted by the exact checker, on {len(done)} of {len(done) + len(failures)} data sets"
    if largest is not None:
        words += f", the largest with n = {largest.n}, d = {largest.d}"
    if failures:
        words += "; not certified: " + "; ".join(failures[:3]) + ("; ..." if len(failures) > 3 else "")
    return words + "."


_ON_OTHER_DATA = "Other data sets rest on the theorem."
CONSTRUCTIONS = (
    Construction(
        theorem="pairs-2n-over-d-plus-1",
        construction="pairs",
        needs_position=True,
        signs=False,
        claim="n = q(d+1) + r points are interpolated exactly by a ReLU network with hidden and output biases and "
        "2q - 1 + min(2, r) neurons (one if q = 0 and n > 1, none if n = 1).",
        limits="That this holds for all data in general position is the project's own theorem, proved in "
        "docs/theory/pairs.md; certificates show it on these data only.",
    ),
    Construction(
        theorem="relu-distinct-worst-case",
        construction="distinct",
        needs_position=False,
        signs=False,
        claim="n distinct points are interpolated exactly by n - 2 ReLU neurons with hidden and output biases "
        "(0, 1, 2, 3 for n = 1, 2, 3, 4).",
        limits="That zigzag labels on a line need as many is proved in docs/theory/distinct.md, not checked here. "
        + _ON_OTHER_DATA,
    ),
    Construction(
        theorem="zhang2017-thm1",
        construction="zhang",
        needs_position=False,
        signs=False,
        claim="n ReLU neurons without output bias interpolate exactly.",
        limits="The statement checked counts neurons; that they share a direction, which makes 2n + d weights of them, "
        "is shown by the witness, not by the checker. " + _ON_OTHER_DATA,
    ),
    Construction(
        theorem="bubeck2020-relu-baum",
        construction="bubeck",
        needs_position=True,
        signs=False,
        claim="4 ceil(n/d) ReLU neurons without output bias interpolate exactly.",
        limits=_ON_OTHER_DATA + " Nothing is said about ceil(4n/d): see s-baum.",
    ),
    Construction(
        theorem="baum1988-threshold",
        construction="baum",
        needs_position=True,
        signs=True,
        claim="ceil(n/d) threshold units with a linear output and an output bias take every label +-1 exactly.",
        limits="The construction is the project's own, not Baum's. " + _ON_OTHER_DATA,
    ),
    Construction(
        theorem="sakurai1992-threshold",
        construction="sakurai",
        needs_position=True,
        signs=True,
        claim="ceil((n-1)/d) threshold units with a linear output and an output bias take every label +-1 exactly.",
        limits="That alternating labels on the moment curve need as many follows by counting roots, not checked here. "
        + _ON_OTHER_DATA,
    ),
)
