"""The catalogue's other constructions, by one rule: build each on listed data, let the exact checker decide each one.

A claim is CERTIFIED if every network was accepted and is as small as its theorem says; one that was not accepted, or is
larger, leaves it INCONCLUSIVE.  What the words promise depends on the construction: labels met, errors within a bound,
or an interpolator near a float network.
"""

import dataclasses
import pathlib
from collections.abc import Iterator
from typing import Literal

import proofs_check
from overparam.data import DataSpec, load
from overparam.errors import OverparamError
from overparam.memorizers import CATALOGUE, Construction, memorize
from overparam.records import Claim, Verdict
from overparam.studies._comparison import promised
from overparam.studies._constructions import folder_name, summary
from overparam.studies._instances import Size
from overparam.widths import certify

Laws = Literal["any", "position", "line", "curve", "sphere"]

_LAWS: dict[Laws, tuple[tuple[str, int, str], ...]] = {  # (data, d, labels)
    "any": (
        ("gaussian", 1, "gaussian"),
        ("gaussian", 2, "gaussian"),
        ("gaussian", 10, "signs"),
        ("sphere", 4, "gaussian"),
        ("clusters", 3, "signs"),
        ("collinear", 3, "gaussian"),
        ("line", 2, "signs"),
    ),
    "position": (
        ("gaussian", 1, "gaussian"),
        ("gaussian", 2, "gaussian"),
        ("gaussian", 10, "signs"),
        ("sphere", 4, "gaussian"),
        ("anisotropic", 4, "gaussian"),
    ),
    "line": (("gaussian", 1, "gaussian"), ("gaussian", 1, "signs"), ("anisotropic", 1, "gaussian")),
    "curve": (("moment", 1, "signs"), ("moment", 2, "signs"), ("moment", 3, "own")),
    "sphere": (("sphere", 3, "signs"), ("sphere", 10, "gaussian"), ("sphere", 40, "signs")),
}
_LARGEST: dict[Size, int] = {"ci": 20, "laptop": 40, "paper": 100}
_PROMISES = {
    "exact": "takes every label exactly",
    "fits": "has squared errors that sum to at most the share of the labels' that was asked for",
    "within": "has every label within the error that was asked for",
    "near": "lies near a network that takes every label exactly",
}


@dataclasses.dataclass(frozen=True)
class Memorizers:
    """One theorem, and the constructions that prove it."""

    theorem: str
    constructions: tuple[Construction, ...]
    laws: Laws = "any"
    largest: float = 1.0  # share of the largest n of the size

    def __call__(self, out: pathlib.Path, size: Size) -> Claim:
        theorem = proofs_check.THEOREMS[self.theorem]
        done: list[DataSpec] = []
        failures: list[str] = []
        for construction in self.constructions:
            for spec in self.instances(size):
                folder = out / "claims" / self.theorem / f"{construction}-{folder_name(spec)}"
                trouble = _certified(construction, spec, folder)
                if trouble:
                    failures.append(f"{construction}, {folder_name(spec)}: {trouble}")
                else:
                    done.append(spec)
        promise = _PROMISES[CATALOGUE[self.constructions[0]].claim]
        sizes = " of the size that the theorem allows" if theorem.suffices else ""
        return Claim(
            id=self.theorem,
            verdict=Verdict.CERTIFIED if done and not failures else Verdict.INCONCLUSIVE,
            claim=f"On each data set in claims/{self.theorem}, a network{sizes} ({theorem.family}) {promise}.",
            evidence=f"{summary(done, failures)} {_beyond(theorem)}",
            instances=len(done),
            certificate=f"claims/{self.theorem}" if done else None,
        )

    def instances(self, size: Size) -> Iterator[DataSpec]:
        """Data sets of one point, of two, and near the largest number that the size allows."""
        largest = max(int(_LARGEST[size] * self.largest), 3)
        for data, d, labels in _LAWS[self.laws]:
            for n in sorted({1, 2, largest - 1, largest}):
                if data != "collinear" or n >= 3:
                    yield DataSpec(data=data, n=n, d=d, labels=labels)


def _beyond(theorem: proofs_check.Theorem) -> str:
    """What the certificates do not show."""
    if theorem.suffices:
        counted = "How many weights are not 0 was counted by the program, not by the checker. " * bool(theorem.nonzero)
        return f"{counted}Other data sets rest on the theorem: {theorem.statement}"
    return f"It was not compared how large the networks are.  Nothing is shown of other data sets: {theorem.statement}"


def _certified(construction: Construction, spec: DataSpec, folder: pathlib.Path) -> str:
    """Nothing, or why there is no certificate within the theorem."""
    try:
        data = load(spec)
        memorizer = memorize(data.points, data.labels, construction)
        if promised(memorizer, data) is False:
            return f"{sum(memorizer.network.widths)} hidden units are more than the theorem allows"
        certify(memorizer, data, folder)
    except OverparamError as error:
        return str(error)
    return ""


MEMORIZERS = (
    Memorizers("huang1991-threshold-real", ("steps",)),
    Memorizers("relu-1d-minimal", ("knots",), "line"),
    Memorizers("alternating-sweep", ("sweep",)),
    Memorizers("kowalczyk1993-capacity", ("alternations",), "curve"),
    Memorizers("random-features", ("features",)),
    Memorizers("bubeck2020-ntk", ("ntk-bias",), "position"),
    Memorizers("bubeck2020-harmonic", ("harmonic-bias",), "position"),
    Memorizers("clipped-ntk", ("clipped-bias",), "position"),
    Memorizers("huang1998-one-limit", ("one-limit",)),
    Memorizers("leshno1993-rank", ("smooth-features",), "position"),
    Memorizers("madden2024-jacobian", ("jacobian",), "position"),
    Memorizers("huang2003-two-layers", ("quantizers",), "position", 0.5),
    Memorizers("kidger2020-narrow", ("narrow-smooth",), "position", 0.5),
    Memorizers("zhang2017-cor1", ("zhang-deep",)),
    Memorizers("width-3-memorizer", ("width-3",)),
    Memorizers("yun2019-3layer", ("yun-3-layer",)),
    Memorizers("yun2019-4layer", ("yun-4-layer",)),
    Memorizers("yun2019-deep", ("yun-deep",)),
    Memorizers("nguyen2018-wide-layer", ("wide-layer",)),
    Memorizers("hanin2017-narrow", ("max-min", "width-2")),
    Memorizers("lu2017-narrow", ("narrow-lu",)),
    Memorizers("yun2019-resnet", ("yun-resnet",), "position"),
    Memorizers("hardt2017-residual", ("hardt",), "sphere"),
    Memorizers("rajput2021-threshold", ("rajput",)),
    Memorizers("park2021-two-thirds", ("park",)),
    Memorizers("vardi2022-sqrt", ("vardi",)),
    Memorizers("vardi2022-depth-bounded", ("vardi-depth",)),
)
