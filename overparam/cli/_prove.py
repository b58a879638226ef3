"""The commands `certify` and `prove`: certificates about one's own network, and about the data themselves."""

import dataclasses
import decimal
import pathlib
import re
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro

from overparam.cli._output import COMMON, Common, at_hand, enable_float64, kept, show
from overparam.data._spec import DataSpec
from overparam.errors import InputError
from overparam.records import EXIT_OK, FORMAT

if TYPE_CHECKING:
    from overparam.widths import Certificate, Proof

Data = Annotated[DataSpec, tyro.conf.arg(name="")]
Fact = Literal["interpolates", "near", "error", "margin"]
_POSITIONS = {
    "distinct": "distinct",
    "affine": "in affine general position",
    "linear": "in linear general position",
}
Subject = Literal["kernel", "rank", "lazy", "distinct", "affine", "linear"]


@dataclasses.dataclass(frozen=True)
class Certify:
    """Certify your own trained ReLU network with one hidden layer: as an exact interpolator, or as it is.

    What is claimed may be that it interpolates exactly after a repair that moves its weights a little (then it has an
    output bias, even if yours has none); that an exact interpolator is near it; its largest error; or its margin.
    """

    network: Annotated[pathlib.Path, tyro.conf.Positional]
    """NPZ file with the arrays u, b, v, c; or of two torch Linear layers (NAME.weight, NAME.bias); or of two flax Dense
    layers (NAME/kernel, NAME/bias); the layer with one unit is the output."""
    data: Data
    claim: Fact = "interpolates"
    """interpolates: an exact network is written out. near: one exists within a stated distance; for hundreds of points,
    where fractions grow too long. error, margin: the network itself, its largest error, its margin on binary labels."""
    common: Common = COMMON

    def run(self) -> int:
        """Repair or measure, let the checker decide, show what it accepted."""
        from overparam.certificates import movement, repair
        from overparam.data import load
        from overparam.exact import ExactNetwork
        from overparam.networks import layers_of, load_network
        from overparam.widths import NetworkGram, certify, folder_of, prove_error, prove_margin, prove_near

        enable_float64()
        if self.data == DataSpec():
            raise InputError("name the data that your network fits, such as --data points.csv --label-column y")
        params, data = load_network(self.network), load(self.data)
        own = re.sub(r"[^A-Za-z0-9]+", "-", self.network.stem).strip("-") or "network"
        own = own if self.claim == "interpolates" else f"{own}-{self.claim}"
        how = {"network": self.network.name}
        facts: dict[str, str] = {}
        exact = ExactNetwork.from_arrays(*params)
        if self.claim == "interpolates":  # before anything is written
            exact = repair(params, data.points, data.labels)
            facts["greatest change of a weight"] = f"{movement(params, exact):.1e}"
        with kept(self.common) as out:
            folder = folder_of(out, data) / f"own-{own}"
            if self.claim == "interpolates":
                done: Certificate | Proof = certify(exact, data, folder, provenance=how)
            elif self.claim == "near":
                if not exact.width:
                    raise InputError("--claim near needs a hidden neuron, and this network has none; use --claim error")
                done = prove_near(NetworkGram(layers_of(params), data, [0, 1]), folder, provenance=how)
            else:
                prove = prove_error if self.claim == "error" else prove_margin
                done = prove(exact, data, folder, provenance=how)
            title = f"the network in {self.network.name}"
            title += {"interpolates": ", repaired", "near": ", moved a little"}.get(self.claim, "")
            return _shown(self.common, out, title, done, facts, data, f"certify-{own}.json")


@dataclasses.dataclass(frozen=True)
class Prove:
    """Prove a fact about these data: a kernel's least eigenvalue, a rank, lazy training, the position of the points."""

    what: Annotated[Subject, tyro.conf.Positional]
    """kernel: least eigenvalue of the NTK of an infinitely wide ReLU layer, from both sides. rank: the first width at
    which a random draw of neurons has a Jacobian of full row rank. lazy: gradient descent from a random draw, neurons
    in pairs, with a stated step, never leaves its activation cell and converges to an interpolator. distinct, affine,
    linear: the points are so (affine and linear: in general position)."""
    data: Data
    width: int | None = None
    """lazy: neurons drawn, each taken twice. rank: the most that are drawn. Default: about twice what counting asks."""
    hidden_bias: bool = True
    """kernel, rank, lazy: the first layer has biases."""
    root_seed: int = 0
    """rank, lazy: root of the random draw."""
    common: Common = COMMON

    def run(self) -> int:
        """Find the witness, let the checker decide, show what it accepted."""
        from overparam.data import load
        from overparam.widths import folder_of

        enable_float64()
        if self.width is not None and self.what not in ("rank", "lazy"):
            raise InputError(f"--width goes with rank and lazy; {self.what} draws no neurons")
        if self.width is not None and self.width < 1:
            raise InputError(f"--width must be at least 1, not {self.width}")
        if not 0 <= self.root_seed < 2**32:
            raise InputError(f"--root-seed must be an integer from 0 to {2**32 - 1}, not {self.root_seed}")
        data = load(self.data)
        proofs: dict[Subject, Callable[[Any, pathlib.Path], tuple[Proof, dict[str, str]]]] = {
            "kernel": self._kernel,
            "rank": self._rank,
            "lazy": self._lazy,
        }
        with kept(self.common) as out:
            folder = folder_of(out, data) / f"prove-{self.what}"
            done, facts = proofs.get(self.what, self._position)(data, folder)
            return _shown(self.common, out, self.what, done, facts, data, f"prove-{self.what}.json")

    def _kernel(self, data: Any, folder: pathlib.Path) -> "tuple[Proof, dict[str, str]]":
        from overparam.widths import LimitGram, prove_least_eigenvalue

        proof = prove_least_eigenvalue(LimitGram(data, hidden_bias=self.hidden_bias), folder)
        positive = proof.numbers["at_least"] > 0
        return proof, {"positive definite": "yes" if positive else "not proved: the bound from below is not positive"}

    def _rank(self, data: Any, folder: pathlib.Path) -> "tuple[Proof, dict[str, str]]":
        from overparam.certificates import rank_threshold
        from overparam.widths import NetworkGram, prove_full_row_rank

        n = len(data.labels)
        found = rank_threshold(data.points, self._key(), most=self.width or 2 * n + 16, hidden_bias=self.hidden_bias)
        if found.width is None:
            raise InputError(
                f"{found.most} neurons of this draw were not seen to reach rank {n}, which proves nothing; give a "
                "larger --width, or another --root-seed"
            )
        start = NetworkGram(found.layers, data, [0], hidden_bias=self.hidden_bias)
        return prove_full_row_rank(start, folder), {"neurons": str(found.width), "root seed": str(self.root_seed)}

    def _lazy(self, data: Any, folder: pathlib.Path) -> "tuple[Proof, dict[str, str]]":
        from overparam.certificates import WitnessError, coupled_network, draw_neurons
        from overparam.widths import prove_lazy

        n, dim = data.points.shape
        width = self.width or 2 * -(-n // (dim + self.hidden_bias)) + 8
        hidden, _ = draw_neurons(self._key(), width, dim, hidden_bias=self.hidden_bias)
        try:
            layers = coupled_network(hidden, data.points, data.labels, hidden_bias=self.hidden_bias)
        except WitnessError as error:
            raise InputError(
                f"with --width {width}: {error}; try --width {2 * width}, or another --root-seed"
            ) from error
        proof = prove_lazy(layers, data, folder, hidden_bias=self.hidden_bias)
        scale = float(layers[1].weights[0][0])
        return proof, {
            "neurons": f"{width}, each twice",
            "size of the output weights": f"{scale:.6g}",
            "root seed": str(self.root_seed),
        }

    def _position(self, data: Any, folder: pathlib.Path) -> "tuple[Proof, dict[str, str]]":
        from overparam.widths import NotAccepted, prove_position

        try:
            return prove_position(data, self.what, folder), {}
        except NotAccepted as refusal:
            raise InputError(f"not proved that the points are {_POSITIONS[self.what]}: {refusal}") from refusal

    def _key(self) -> Any:
        import jax

        from overparam.keys import Purpose, key_for

        return key_for(jax.random.key(self.root_seed), Purpose.INIT, 0)


def _shown(
    common: Common,
    out: pathlib.Path,
    title: str,
    done: "Certificate | Proof",
    facts: dict[str, str],
    data: Any,
    name: str,
) -> int:
    """Print and keep what the checker accepted."""
    from overparam.certificates import dataset_sha256
    from overparam.cli._texts import memorizer_text
    from overparam.widths import versions

    numbers = {key.replace("_", " "): _decimal(key, value) for key, value in getattr(done, "numbers", {}).items()}
    n, dim = data.points.shape
    row: dict[str, Any] = {
        "format": FORMAT,
        "construction": title,
        "data": {"name": data.name, "n": n, "d": dim, "sha256": dataset_sha256(data.points, data.labels)},
        "theorem": None,
        "accepted": done.sentence,
        "certificate": done.folder.relative_to(out).as_posix(),
        "repair": facts | numbers,
        "versions": versions(),
    }
    (printed,) = at_hand([row], common, absolute=True)
    (told,) = at_hand([row], common, absolute=False)
    show(common, row, memorizer_text(told), name, printed=printed)
    return EXIT_OK


def _decimal(name: str, value: Fraction) -> str:
    """Six digits, rounded so that what was proved stays true; a step is only quoted."""
    rounding = {"at_least": decimal.ROUND_FLOOR, "margin": decimal.ROUND_FLOOR, "step": decimal.ROUND_HALF_EVEN}
    context = decimal.Context(prec=6, rounding=rounding.get(name, decimal.ROUND_CEILING))
    return f"{context.divide(decimal.Decimal(value.numerator), decimal.Decimal(value.denominator)).normalize(context)}"
