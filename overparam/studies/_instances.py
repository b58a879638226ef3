"""The data sets that the studies of constructions run on."""

from collections.abc import Iterator
from typing import Literal

from overparam.data import DataSpec

Size = Literal["ci", "laptop", "paper"]
_LARGEST: dict[Size, int] = {"ci": 30, "laptop": 100, "paper": 200}
_SEEDS: dict[Size, int] = {"ci": 1, "laptop": 3, "paper": 10}

# (data, d, labels): each with every remainder of n modulo d + 1 that decides a formula, and with n below d
_GENERAL_POSITION = (
    ("gaussian", 1, "gaussian"),
    ("gaussian", 2, "gaussian"),
    ("gaussian", 5, "signs"),
    ("gaussian", 40, "gaussian"),
    ("sphere", 4, "gaussian"),
    ("clusters", 3, "signs"),
    ("anisotropic", 4, "gaussian"),
    ("moment", 2, "signs"),
)
_ANY_POSITION = (*_GENERAL_POSITION, ("collinear", 3, "gaussian"), ("line", 2, "signs"))


def instances(size: Size, *, position: bool, signs: bool = False) -> Iterator[DataSpec]:
    """Specifications of generated data sets.

    Args:
        size: fixes how large and how many.
        position: only laws whose draws are in general position.
        signs: labels +-1 throughout.
    """
    for data, d, labels in _GENERAL_POSITION if position else _ANY_POSITION:
        for seed in range(_SEEDS[size]):
            for n in sizes_for(d, _LARGEST[size]):
                if data == "collinear" and n < 3:
                    continue
                yield DataSpec(data=data, n=n, d=d, labels="signs" if signs else labels, seed=seed)


def sizes_for(d: int, largest: int) -> list[int]:
    """One point, d points (one block is not full), and the three kinds of remainder modulo d + 1 near `largest`.

    >>> sizes_for(5, 30)
    [1, 5, 24, 25, 26]
    """
    blocks = max(1, largest // (d + 1) - 1)
    return sorted({1, d, blocks * (d + 1), blocks * (d + 1) + 1, blocks * (d + 1) + 2})
