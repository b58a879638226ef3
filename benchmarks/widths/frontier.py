"""What do the studies of the least width of gradient descent say from a root seed that did not shape them?

Their sizes and rules were settled while they were built, on runs from the root seed 0, which `overparam verify` uses.
So a verdict that is to be quoted comes from another root: this script runs all four, once, and records what they say.
"""

import argparse
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from benchmarks import timing


def measure(size, root, folder):
    from overparam.studies._experiment import Setting
    from overparam.studies._experiments import EXPERIMENTS

    for study in EXPERIMENTS["frontier"]:
        finding = study.measure(Setting(size, root, folder / study.id))
        print(f"{study.id}: {finding.holds}", file=sys.stderr, flush=True)
        yield {
            "id": study.id,
            "refuted_by": study.refuted_by,
            "holds": finding.holds,
            "instances": finding.instances,
            "words": finding.words,
        }


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=("ci", "laptop", "paper"), default="laptop")
    parser.add_argument("--root", type=int, default=2, help="root seed")
    parser.add_argument("--out", type=pathlib.Path, help="write the record to this JSON file")
    options = parser.parse_args(argv)
    import jax

    jax.config.update("jax_enable_x64", True)
    cases = list(measure(options.size, options.root, pathlib.Path("out")))
    record = {"question": __doc__.splitlines()[0], "size": options.size, "root": options.root, "cases": cases}
    timing.finish(json.loads(json.dumps(record | timing.surroundings())), options.out)


if __name__ == "__main__":
    main()
