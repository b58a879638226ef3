"""From how many points on does the bit-reading network have fewer numbers than there are points?

    python benchmarks/bits/parameters_against_n.py --out benchmarks/results/parameters_against_n.json

The sizes of the construction "vardi" by its exact formula (`overparam.memorizers.classes._formulas`, which the tests
compare with networks that are built), two classes, for two families of points:

    grid      0, 1, .., n - 1 on the line, the fewest bits a place: rho = bits of 2 (n - 1)
    spread    dimension 10, the box 1000 times as long as the least distance, rho as Lemma P promises

A crossing is the least n from which on the number stays below n; n runs through the multiples of 100 up to 2,000,000,
and through every n in the 5,000 before and after the crossing among these.
"""

import argparse
import json
import pathlib
import sys
from collections.abc import Callable
from math import isqrt

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from overparam.memorizers.classes._formulas import VardiSizes, vardi_sizes
from proofs_check.roots import PI_ABOVE

SIZES = [10**k for k in range(2, 7)]
MOST, STEP, NEAR = 2_000_000, 100, 5_000
SPREAD, DIM = 1000, 10


def grid(n: int) -> VardiSizes:
    """Equally spaced points on the line."""
    return vardi_sizes(n, 1, max((2 * (n - 1)).bit_length(), 1), 1)


def spread(n: int) -> VardiSizes:
    """n^2 D sqrt(pi d / 2)."""
    squared = int(n**4 * SPREAD**2 * DIM * PI_ABOVE / 2)
    return vardi_sizes(n, DIM, isqrt(squared).bit_length(), 1)


def crossing(sizes: Callable[[int], VardiSizes], field: str, most: int) -> int | None:
    """The least n from which on the number is below n, as the docstring above says; None if it is not at `most`."""
    coarse = max((n for n in range(STEP, most + 1, STEP) if getattr(sizes(n), field) >= n), default=0)
    if coarse + STEP > most:
        return None
    near = range(max(coarse - NEAR, 1), coarse + NEAR)
    return max((n for n in near if getattr(sizes(n), field) >= n), default=0) + 1


def main() -> None:
    """Print the table and write the record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=MOST)
    parser.add_argument("--out", type=pathlib.Path)
    chosen = parser.parse_args()
    record: dict[str, object] = {"question": __doc__.splitlines()[0], "cases": [], "crossings": {}}
    for name, sizes in (("grid", grid), ("spread", spread)):
        print(f"{name}: n, points a group, layers, weights with zeros, nonzero, longest weight, bits in all")
        for n in SIZES:
            found = sizes(n)
            print(
                f"{n:>9,} {found.slots:>4} {found.hidden_layers:>7,} {found.raw_params:>10,} {found.nonzero:>9,} "
                f"{found.code_bits:>6,} {found.total_bits:>12,}"
            )
            record["cases"].append({"points": name, "n_samples": n, **found._asdict()})
        crossings = {field: crossing(sizes, field, chosen.most) for field in ("nonzero", "raw_params")}
        print("below n from:", crossings)
        record["crossings"][name] = crossings
    if chosen.out:
        chosen.out.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
