"""Each decision of the checker, changed by itself, changes the answer to some file; see `mutants`."""

import functools
import hashlib
import json
import pathlib
import tempfile
from fractions import Fraction as F
from typing import NamedTuple

import pytest

from proofs_check.strict import FILE_LIMIT, LISTS, QUOTES
from tests.certificates.cases.interpolates import HAT, HAT_STATEMENT, HAT_WITNESS
from tests.certificates.cases.position import SQUARE, case
from tests.certificates.make import CASES, write
from tests.certificates.spelling import dataset, folder, statement, witness
from tests.proofs_check import mutants
from tests.proofs_check.test_files import HOSTILE, lay

SAMPLE = 19  # of so many mutants of the claims, one is tried by `make test`
SLOW = 0.1  # seconds; the lines of dearer certificates are not recorded, they come last

GUARD = "a guard of time and memory: without it a later rule refuses, or the same comes out later"
TWICE = "another rule refuses the same files, for a reason of its own"
ZERO = "differs only at 0, where both ways add 0 or where 0 does not occur"
GENERAL = "the network is then evaluated layer by layer, with the same values"
KIND_ASKS = "the two kinds that ask have refused other families when they read the statement"
MERGED = "intervals that touch or repeat are merged to save time; kept apart they hold the same numbers"
FAR_MEET = "the two sides meet in several intervals only with more neurons than the oracle can follow; see test_line"
SENTENCE = "the next rule refuses the same, in other words"
ROOM = "a tie of rounded numbers with a radius to spare: the next precision decides the same"

# mutants that change the answer to no file, and why that is right
EQUIVALENT = {
    "exact parse: never: len(text) > _TEXT": GUARD,
    "network _through: one step: s > 0": ZERO,
    "network _through: one less: s > 0": "the sums are integers, and what is added at 0 is 0",
    "rank rows_independent: never: n > columns": GUARD,
    "strict read_file: never: len(data) > FILE_LIMIT": TWICE,
    "strict document_of: never: len(data) > FILE_LIMIT": TWICE,
    "sweep direction_of: one less: len(net.layers) != 2": GENERAL,
    "sweep direction_of: without not: not all((_is_product(w, slope, a, budget) "
    "for w, a in zip(row, along, strict=True)))": GENERAL,
    "sweep _is_product: turned: ahead == budget.product(budget.product(slope.numerator, a, _DOING), "
    "w.denominator, _DOING)": GENERAL,
    "sweep swept: one step: direction.slopes[j] < 0": ZERO,
    "sweep swept: one step: bias > 0": ZERO,
    "sweep swept: one step: direction.slopes[i] > 0": ZERO,
    "sweep _knot: one step: slope > 0": ZERO,
    "sweep _knot: one step: slope < 0": ZERO,
    "claims/_walk _advanced: one step: size > budget.memory": GUARD,
    "claims/_walk _advanced: one step: low > merged[-1][1] + 1": MERGED,
    "claims/_walk _advanced: one step: high > merged[-1][1]": MERGED,
    "claims/_walk _meet: one step: high < 0": ZERO,
    "claims/_walk _meet: one more: high < 0": ZERO,
    "claims/_walk _meet: one less: high < 0": FAR_MEET,
    "claims/branches _open_case: without part 0: first >= n_samples or neuron >= len(signs)": TWICE,
    "claims/branches _open_case: one step: first >= n_samples": TWICE,
    "claims/_residual _through: one step: s > 0": ZERO,
    "claims/_residual _through: one less: s > 0": "the sums are integers, and what is added at 0 is 0",
    "claims/fits _enclosed: one step: sum((least * least for least, _ in pairs)) * per > bound": ROOM,
    "claims/interpolates _far: one step: least * per > allowed << bits": ROOM,
    "claims/interpolates _far: one step: most * per > allowed << bits": ROOM,
    "claims/interpolates_near _switches: never: first == last": "no layer comes after the output layer",
    "claims/line needs_more_than: without part 1: dataset.dim != 1 or family.activation != 'relu' or "
    "len(family.widths) != 1": KIND_ASKS,
    "claims/line needs_more_than: without part 2: dataset.dim != 1 or family.activation != 'relu' or "
    "len(family.widths) != 1": KIND_ASKS,
    "claims/line needs_more_than: without the right: least + 2 - family.output_bias": SENTENCE,
}  # fmt: skip


def longest(top: str) -> dict[str, bytes]:
    """A certificate with a neuron that has this weight and does nothing."""
    return folder(HAT, statement(HAT, [3]), witness(([[1], [1], [top]], [0, -1, 0]), ([[1, -2, 0]], [0])))


def spaced(size: int) -> dict[str, bytes]:
    """A certificate whose statement has this many bytes, most of them spaces."""
    text = json.dumps(HAT_STATEMENT)
    return folder(HAT, text.replace("{", "{" + " " * (size - len(text)), 1).encode(), HAT_WITNESS)


def filled(characters: str, total: int) -> dict[str, bytes]:
    """A certificate whose witness has, with those in its provenance, this many of the characters."""
    text = json.dumps(HAT_WITNESS)
    missing = total - sum(map(text.count, characters))
    filling = "".join(character * (missing // len(characters)) for character in characters)
    filling += characters[0] * (missing % len(characters))
    return folder(HAT, HAT_STATEMENT, text.replace("tests", json.dumps(filling)[1:-1]).encode())


DIGITS = "f" * 2**18
BUILT = {  # files too large for the repository
    "longest": lambda: longest(f"{DIGITS}*2^0"),
    "longest-stroke": lambda: longest(f"-{DIGITS[1:]}d/{DIGITS}"),
    "longest-integer": lambda: case(SQUARE, "distinct", f"1 {DIGITS}"),
    "longer-integer": lambda: case(SQUARE, "distinct", f"1 {DIGITS}f"),
    "largest-file": lambda: spaced(FILE_LIMIT),
    "larger-file": lambda: spaced(FILE_LIMIT + 1),
    "most-lists": lambda: filled("[{", LISTS),
    "more-lists": lambda: filled("[{", LISTS + 1),
    "most-quotes": lambda: filled('"', QUOTES),
    "more-quotes": lambda: filled('"', QUOTES + 1),
}


_KEPT: list[tempfile.TemporaryDirectory] = []


class Place(NamedTuple):
    """A certificate, the checker's answer and the lines that it runs (None: not recorded)."""

    folder: pathlib.Path
    answer: str
    seconds: float
    lines: set[tuple[str, int]] | None


@functools.cache
def places(heaps_only: bool = False) -> list[Place]:
    """All certificates of the heaps and those that must be built, the fast ones first; or only the heaps' fast ones."""
    _KEPT.append(tempfile.TemporaryDirectory(prefix="mutants"))  # removed when the interpreter ends
    root = pathlib.Path(_KEPT[-1].name)
    write(root)
    folders = [root / answer / name for answer, name, _, _ in CASES]
    for name, (build, _) in HOSTILE.items():
        if heaps_only or name == "a pipe":  # a mutant that opens a pipe waits for ever
            continue
        folders.append(root / "hostile" / name.replace(" ", "-"))
        folders[-1].mkdir(parents=True)
        build(folders[-1])
    folders += [lay(root / "built" / name, make()) for name, make in BUILT.items() if not heaps_only]
    with mutants.Checker() as checker:
        timed = [(path, *checker.timed(path)) for path in folders]
        found = [Place(*each, mutants.lines_run(checker, each[0]) if each[2] < SLOW else None) for each in timed]
    found = [place for place in found if not (heaps_only and place.lines is None)]
    return sorted(found, key=lambda place: (place.lines is None, place.seconds))


def survives(mutant: mutants.Mutant, heaps_only: bool = False) -> bool:
    """Whether all answers are as before."""
    lines = {(mutant.file, line) for line in mutant.lines}
    concerned = [place for place in places(heaps_only) if place.lines is None or place.lines & lines]
    if not any(place.lines for place in concerned):
        return True
    with mutants.Checker(mutant) as checker:
        return all(checker.verdict(place.folder) == place.answer for place in concerned)


def test_a_sample_of_mutants():
    """From files all of whose rules have a certificate in the heaps."""
    found = [mutant for mutant in mutants.mutants() if mutant.file.startswith("claims/")]
    chosen = [mutant for mutant in found if mutant.name not in EQUIVALENT][::SAMPLE]
    assert len(chosen) > 10
    assert [mutant.name for mutant in chosen if survives(mutant, heaps_only=True)] == []


@pytest.mark.slow
@pytest.mark.parametrize("file", mutants.DECIDING)
def test_every_mutant(file):
    survivors = {mutant.name for mutant in mutants.mutants() if mutant.file == file and survives(mutant)}
    assert survivors == {name for name in EQUIVALENT if name.split()[0] == file}


def test_equivalent_mutants_are_mutants():
    assert EQUIVALENT.keys() <= {mutant.name for mutant in mutants.mutants()}


def test_every_refusal_is_mutated():
    """Each rejection and each Malformed in the files that decide."""
    count = sum(
        mutants.source(file).count(word)
        for file in mutants.DECIDING
        for word in ("raise Malformed(", "return rejected(")
    )
    rules = [mutant for mutant in mutants.mutants() if mutant.change in ("never", "left out")]
    assert len(rules) >= count - 12  # those at the end of a function, after which nothing is decided


def test_the_machine_finds_a_rule_without_a_file(tmp_path):
    """Loaded afresh and unchanged, the checker answers as it does; changed, it does not, and leaves no trace."""
    from proofs_check import check

    lay(tmp_path, folder(dataset([[0], [1], [2]], [0, 1, F(1, 2)]), None, HAT_WITNESS))
    data = dataset([[0], [1], [2]], [0, 1, F(1, 2)])
    lay(tmp_path, folder(data, statement(data, [2]), HAT_WITNESS))
    assert hashlib.sha256(data).hexdigest() in {path.stem for path in tmp_path.iterdir()}
    (rule,) = (m for m in mutants.mutants() if m.name.startswith("claims/interpolates first_miss: never: error * per"))
    with mutants.Checker() as checker:
        assert checker.verdict(tmp_path) == "rejected"
    with mutants.Checker(rule) as checker:
        assert checker.verdict(tmp_path) == "accepted"
    assert check(tmp_path).status.value == "rejected"
