"""The kernel of an infinitely wide network on a data set: the matrix itself, and its spectrum."""

import dataclasses
import math
import pathlib
import warnings
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro

from overparam.cli._output import COMMON, Common, enable_float64, file_name, show, usable
from overparam.data._spec import DataSpec
from overparam.errors import InputError
from overparam.records import EXIT_OK, FORMAT

if TYPE_CHECKING:
    from overparam.ntk import Edge, Kernel

Data = Annotated[DataSpec, tyro.conf.arg(name="")]
ALL = 1000  # points up to which every eigenvalue is computed and kept


@dataclasses.dataclass(frozen=True)
class KernelOf:
    """The kernel of an infinitely wide network on these data: extreme eigenvalues, condition number, the matrix."""

    data: Data
    architecture: Literal["dense", "residual"] = "dense"
    """Fully connected, or with a skip around each block."""
    depth: int = 1
    """Hidden layers, or residual blocks."""
    activation: Literal["relu", "abs", "identity", "erf", "gelu", "sin", "cos"] = "relu"
    """Others, such as leaky relu or any function by its Hermite expansion, are in Python: overparam.ntk."""
    weight_variance: float = 2.0
    """Times 1 / fan-in."""
    bias_variance: float = 0.0
    """0: no biases."""
    parameterization: Literal["ntk", "standard"] = "ntk"
    width: int | None = None
    """Units of each hidden layer, in standard parameterization only."""
    which: Literal["ntk", "nngp"] = "ntk"
    """The tangent kernel, or the covariance of the outputs at initialization."""
    keep: bool = False
    """With --out, also write the matrix, in NumPy's format."""
    prove: bool = False
    """With --out, also certify bounds on the least eigenvalue of the matrix of floats as computed."""
    dry_run: bool = False
    """Print the bytes that it would take, and stop."""
    common: Common = COMMON

    def run(self) -> int:
        from overparam.certificates import dataset_sha256
        from overparam.data import load
        from overparam.ntk import condition_number, estimate_bytes, stream_gram
        from overparam.widths import versions

        if self.keep and self.common.out is None:
            raise InputError("--keep writes the matrix to the folder of --out; name one")
        if self.prove and self.common.out is None:
            raise InputError("--prove writes a certificate to the folder of --out; name one")
        data = load(self.data)
        n, dim = data.points.shape
        if self.dry_run:
            needed = estimate_bytes(n, dim)._asdict()
            told = "\n".join(f"{name}: {value:,} bytes" for name, value in needed.items())
            show(self.common, needed, told, None)
            return EXIT_OK
        enable_float64()
        sha256 = dataset_sha256(data.points, data.labels)
        name = file_name(data.name, sha256)
        path = None
        if self.common.out is not None:
            usable(self.common.out)
            path = self.common.out / f"kernel-{name}.npy" if self.keep else None
        kernel, words = self._kernel()
        gram = stream_gram(kernel, data.points, which=self.which, path=path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what was not verified is said in the result
            try:
                found = condition_number(gram)
            except InputError:
                if path is not None:  # a matrix without its record is half a result
                    path.unlink(missing_ok=True)
                raise
        record: dict[str, Any] = {
            "format": FORMAT,
            "data": {"name": data.name, "n": n, "d": dim, "sha256": sha256, "notes": list(data.notes)},
            "kernel": words,
            "which": self.which,
            "word": "observed",
            "least": _edge(found.least),
            "largest": _edge(found.largest),
            "condition": {key: _finite(getattr(found, key)) for key in ("value", "lower", "upper")},
            "eigenvalues": _all(gram) if n <= ALL else [],
            "certified": self._certified(gram, self.common.out, name) if self.prove and self.common.out else None,
            "matrix": None if path is None else path.name,
            "versions": versions(),
        }
        show(self.common, record, _text(record), f"kernel-{name}.json")
        return EXIT_OK

    def _certified(self, gram: Any, out: pathlib.Path, name: str) -> dict[str, Any]:
        """Bounds on the least eigenvalue of the matrix as computed, accepted by the checker."""
        import numpy as np

        from overparam.certificates import WitnessError
        from overparam.widths import GivenMatrix, NotAccepted, prove_least_eigenvalue

        try:
            proof = prove_least_eigenvalue(
                GivenMatrix(np.asarray(gram).tolist()), out / "certificates" / name / "kernel"
            )
        except (WitnessError, NotAccepted) as refusal:
            raise InputError(f"the least eigenvalue was not proved: {refusal}; leave out --prove") from refusal
        low, high = _float_below(proof.numbers["at_least"]), -_float_below(-proof.numbers["at_most"])
        return {"at_least": low, "at_most": high} | {
            "certificate": proof.folder.relative_to(out).as_posix(),
            "accepted": proof.sentence,
        }

    def _kernel(self) -> tuple["Kernel", str]:
        from overparam.ntk import dense_kernel, residual_kernel

        make = dense_kernel if self.architecture == "dense" else residual_kernel
        kernel = make(
            self.depth,
            self.activation,
            weight_variance=self.weight_variance,
            bias_variance=self.bias_variance,
            parameterization=self.parameterization,
            width=self.width,
        )
        return kernel, kernel.words


def _edge(edge: "Edge") -> dict[str, Any]:
    return {key: _finite(getattr(edge, key)) for key in ("value", "lower", "upper")} | {
        "verified": edge.verified,
        "method": edge.method,
    }


def _all(gram: Any) -> list[dict[str, float]]:
    """Every eigenvalue with the interval that holds it, ascending."""
    from overparam.ntk import eigenvalues

    found = eigenvalues(gram)
    return [{"value": v, "lower": v - found.error, "upper": v + found.error} for v in found.values.tolist()]


def _float_below(value: Fraction) -> float:
    """The largest float at most the value."""
    found = float(value)
    return math.nextafter(found, -math.inf) if Fraction(found) > value else found


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _text(record: dict[str, Any]) -> str:
    data = record["data"]
    kind = "tangent kernel" if record["which"] == "ntk" else "covariance of the outputs"
    lines = [
        f"{data['name']}  (n = {data['n']}, d = {data['d']})",
        *(f"  {note}" for note in data["notes"]),
        f"{kind} of an infinitely wide {record['kernel']}",
        "",
    ]
    for title, key in (("least eigenvalue", "least"), ("largest eigenvalue", "largest"), ("condition", "condition")):
        row = record[key]
        ends = ", ".join("?" if row[end] is None else f"{row[end]:.10g}" for end in ("lower", "upper"))
        value = "not bounded" if row["value"] is None else f"{row['value']:.10g}"
        doubt = "" if row.get("verified", True) else "  not shown to be the extreme one"
        lines.append(f"{title:<18}  {value:<14}  in [{ends}]{doubt}")
    if record["condition"]["value"] is None:
        lines.append("singular, as far as floats can tell: repeated or parallel points, or more of them than the rank")
    if proved := record["certified"]:
        lines += ["", f"certified of the least eigenvalue of the matrix of floats: {proved['at_least']:.10g} to "
                  f"{proved['at_most']:.10g}; certificate in {proved['certificate']}"]  # fmt: skip
    lines += [
        "",
        "observed in float64, the intervals for the matrix as computed",
        "`overparam prove kernel` certifies another kernel: a first layer's, of points with a 1 appended",
    ]
    return "\n".join(lines + ([f"matrix: {record['matrix']}"] if record["matrix"] else []))
