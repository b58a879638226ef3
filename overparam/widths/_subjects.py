"""The matrices that statements about eigenvalues and ranks may name: each with its name, its files, and its entries."""

import dataclasses
import pathlib
from collections.abc import Sequence
from typing import Any

from overparam.certificates import (
    dataset_bytes,
    given_matrix,
    limit_gram,
    matrix_bytes,
    network_bytes,
    network_gram_of,
)
from overparam.certificates._bounds import Bounded
from overparam.data import Dataset
from overparam.networks._layers import LayeredActivation


@dataclasses.dataclass(frozen=True)
class GivenMatrix:
    """Rows of finite floats, integers or fractions, taken exactly."""

    rows: Any

    def named(self, paths: list[pathlib.Path]) -> dict[str, Any]:
        """What `proofs_check.state` asks for, the files being at these paths."""
        return {"gram": "given", "matrix": paths[0]}

    def files(self) -> dict[str, list[bytes]]:
        """The matrix file."""
        return {"beside": [], "inside": [matrix_bytes(self.rows)]}

    def bounded(self) -> Bounded:
        """The matrix in floats; it must be symmetric."""
        return given_matrix(self.rows)


@dataclasses.dataclass(frozen=True)
class LimitGram:
    """`overparam.ntk.first_layer_gram` of a data set's points."""

    data: Dataset
    hidden_bias: bool = False

    def named(self, paths: list[pathlib.Path]) -> dict[str, Any]:
        """What `proofs_check.state` asks for, the files being at these paths."""
        return {"gram": "relu-limit", "dataset": paths[0], "hidden_bias": self.hidden_bias}

    def files(self) -> dict[str, list[bytes]]:
        """The data set file."""
        return {"beside": [dataset_bytes(self.data.points, self.data.labels)], "inside": []}

    def bounded(self) -> Bounded:
        """The matrix in floats."""
        return limit_gram(self.data.points, hidden_bias=self.hidden_bias)


@dataclasses.dataclass(frozen=True)
class NetworkGram:
    """K = J J^T of `overparam.ntk.network_gram`; for statements about rank, the Jacobian J itself."""

    layers: Any
    data: Dataset
    free: Sequence[int]
    activation: LayeredActivation = "relu"
    hidden_bias: bool = True
    output_bias: bool = True

    def named(self, paths: list[pathlib.Path]) -> dict[str, Any]:
        """What `proofs_check.state` asks for, the files being at these paths."""
        return {"gram": "network", **self.placed(paths)}

    def placed(self, paths: list[pathlib.Path]) -> dict[str, Any]:
        """Likewise, in statements of kinds that are about a network themselves."""
        return {"dataset": paths[0], "network": paths[1], "free": list(self.free), **self.family()}

    def files(self) -> dict[str, list[bytes]]:
        """The data set file and the network file."""
        data = dataset_bytes(self.data.points, self.data.labels)
        return {"beside": [data], "inside": [network_bytes(self.layers)]}

    def family(self) -> dict[str, Any]:
        """The networks it is one of."""
        return {
            "activation": self.activation,
            "hidden_bias": self.hidden_bias,
            "output_bias": self.output_bias,
            "widths": [len(bias) for _, bias in self.layers[:-1]],
        }

    def bounded(self) -> Bounded:
        """The matrix in floats."""
        return network_gram_of(
            self.layers,
            self.data.points,
            activation=self.activation,
            free=self.free,
            hidden_bias=self.hidden_bias,
            output_bias=self.output_bias,
        )
