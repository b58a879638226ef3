"""The kernel of an infinitely wide network on a data set: the matrix itself, and its spectrum."""

import dataclasses
import math
import warnings
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro

from overparam.cli._output import COMMON, Common, enable_float64, file_name, show, usable
from overparam.data._spec import DataSpec
from overparam.errors import InputError
from overparam.records import EXIT_OK

if TYPE_CHECKING:
    from overparam.ntk import Edge, Kernel

Data = Annotated[DataSpec, tyro.conf.arg(name="")]


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
    dry_run: bool = False
    """Print the bytes that it would take, and stop."""
    common: Common = COMMON

    def run(self) -> int:
        from overparam.certificates import dataset_sha256
        from overparam.data import load
        from overparam.ntk import condition_number, estimate_bytes, stream_gram

        if self.keep and self.common.out is None:
            raise InputError("--keep writes the matrix to the folder of --out; name one")
        data = load(self.data)
        n, dim = data.points.shape
        if self.dry_run:
            needed = estimate_bytes(n, dim)._asdict()
            told = "\n".join(f"{name}: {value:,} bytes" for name, value in needed.items())
            show(self.common, needed, told, None)
            return EXIT_OK
        enable_float64()
        name = file_name(data.name, dataset_sha256(data.points, data.labels))
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
            "data": {"name": data.name, "n": n, "d": dim, "notes": list(data.notes)},
            "kernel": words,
            "which": self.which,
            "word": "observed",
            "least": _edge(found.least),
            "largest": _edge(found.largest),
            "condition": {key: _finite(getattr(found, key)) for key in ("value", "lower", "upper")},
            "matrix": None if path is None else path.name,
        }
        show(self.common, record, _text(record), f"kernel-{name}.json")
        return EXIT_OK

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
    lines += [
        "",
        "observed in float64, the intervals for the matrix as computed",
        "`overparam prove kernel` certifies another kernel: a first layer's, of points with a 1 appended",
    ]
    return "\n".join(lines + ([f"matrix: {record['matrix']}"] if record["matrix"] else []))
