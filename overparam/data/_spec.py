"""The name of a data set: one frozen dataclass, which is the Python argument and the command line's flags at once."""

import dataclasses
import operator
import os
from typing import Literal, SupportsIndex

from overparam.data._ranges import require_in_range
from overparam.errors import InputError

GENERATORS: dict[str, frozenset[str]] = {  # name -> the options of its own
    "gaussian": frozenset(),
    "sphere": frozenset(),
    "clusters": frozenset({"clusters", "angle"}),
    "line": frozenset({"spread"}),
    "plane": frozenset({"rank", "spread"}),
    "moment": frozenset(),
    "anisotropic": frozenset({"exponent"}),
    "collinear": frozenset({"triples"}),
}
LABELLED_GENERATORS = frozenset({"clusters", "moment", "collinear"})  # those that come with labels of their own
REAL = ("breast_cancer", "diabetes", "digits")
DEFAULT_N, DEFAULT_D = 40, 5
MAX_ENTRIES = 2**27  # 1 GiB of float64
_NUMBERS = ("angle", "spread", "exponent")
_COUNTS = ("n", "d", "samples", "clusters", "rank", "triples")


@dataclasses.dataclass(frozen=True)
class DataSpec:
    """Which points, and which labels."""

    data: str = "gaussian"
    """A generator (gaussian, sphere, clusters, line, plane, moment, anisotropic, collinear), a packaged real data set
    (breast_cancer, diabetes, digits), or the path of a file that ends in .csv (with a header) or .npz (arrays X and
    y)."""

    n: int | None = None
    """Number of points of a generator; 40 if not given."""

    d: int | None = None
    """Dimension of the points of a generator; 5 if not given."""

    labels: Literal["gaussian", "signs", "own", "shuffled"] | None = None
    """gaussian: independent standard normal; signs: independent fair -1 and +1; own: the labels that come with the
    data; shuffled: those, randomly permuted.  If not given: gaussian for a generator, own for real data and files.  Of
    the generators, three have own labels: clusters (alternating from cluster to cluster), moment (alternating along
    the curve), collinear (+1 on the planted midpoints, else -1)."""

    seed: int = 0
    """Seed of NumPy's default_rng, which draws the points first and then the labels; unused where nothing is drawn."""

    samples: int | None = None
    """Real data and files: keep the first so many rows in file order, after --classes; all of them if not given."""

    label_column: str | None = None
    """CSV: the column that holds the labels; every other column is a feature."""

    classes: tuple[str, ...] = ()
    """Real data and files: keep the rows of these classes only.  Of two classes the second becomes +1, the first -1."""

    one_vs_rest: str | None = None
    """Real data and files: this class becomes +1, all the others -1."""

    class_numbers: bool = False
    """Real data and files: the label is the number of the class, 0, 1, 2, .., in the order of --classes if given."""

    clusters: int | None = None
    """clusters: how many; 4 if not given."""

    angle: float | None = None
    """clusters: angle, in radians, between each point and the centre of its cluster; 0.1 if not given."""

    spread: float | None = None
    """line, plane: standard deviation of the distance from it, in each coordinate; 0.01 if not given."""

    rank: int | None = None
    """plane: its dimension; 2 if not given."""

    exponent: float | None = None
    """anisotropic: coordinate i = 1, 2, .., d has variance i^(-exponent); 1 if not given."""

    triples: int | None = None
    """collinear: how many triples (end, midpoint, end) to plant; as many as fit if not given."""

    @property
    def kind(self) -> Literal["generator", "real", "csv", "npz"]:
        """Where the data come from.

        Raises:
            InputError: `data` is no known name and no path that ends in .csv or .npz.
        """
        if self.data in GENERATORS:
            return "generator"
        if self.data in REAL:
            return "real"
        suffix = os.path.splitext(self.data)[1].lower()
        if suffix == ".csv":
            return "csv"
        if suffix == ".npz":
            return "npz"
        raise InputError(
            f"--data {self.data!r} is not known: the generators are {', '.join(GENERATORS)}; the packaged real data "
            f"sets are {', '.join(REAL)}; the path of a file ends in .csv or .npz"
        )

    @property
    def by_class(self) -> bool:
        """Whether labels are made out of classes on purpose."""
        return bool(self.classes) or self.one_vs_rest is not None or self.class_numbers

    @property
    def label_kind(self) -> Literal["gaussian", "signs", "own", "shuffled"]:
        """`labels`, or what stands for it when it is not given."""
        return self.labels or ("gaussian" if self.kind == "generator" else "own")


def flag(field: str) -> str:
    """The command-line spelling of a field."""
    return "--" + field.replace("_", "-")


def validate(spec: DataSpec) -> None:
    """Refuse a spec that contradicts itself, before anything is drawn or read.

    Raises:
        InputError: an unknown name, an option that does not apply to these data or is out of range, a count that is no
            positive integer.
    """
    applies = _options(spec)
    set_here = [f.name for f in dataclasses.fields(spec) if getattr(spec, f.name) not in (f.default, ())]
    for name in set_here:
        if name not in applies:
            others = ", ".join(flag(option) for option in sorted(applies - {"data"}))
            raise InputError(
                f"{flag(name)} does not apply to --data {spec.data}, which takes {others}{_hint(spec, name)}"
            )
    for name in _COUNTS:
        if getattr(spec, name) is not None:
            _integer(name, getattr(spec, name), at_least=0 if name == "triples" else 1)
    for name in _NUMBERS:
        value = getattr(spec, name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
            raise InputError(f"{flag(name)} must be a number, not {value!r}")
    _integer("seed", spec.seed, at_least=0)
    if spec.labels not in (None, "gaussian", "signs", "own", "shuffled"):
        raise InputError(f"--labels must be gaussian, signs, own or shuffled, not {spec.labels!r}")
    if spec.kind == "generator":
        _validate_generator(spec)
    elif spec.label_kind in ("gaussian", "signs") and (spec.one_vs_rest is not None or spec.class_numbers):
        which = "--one-vs-rest" if spec.one_vs_rest is not None else "--class-numbers"
        raise InputError(f"{which} makes labels out of classes, but --labels {spec.label_kind} draws them at random")
    if spec.class_numbers and spec.one_vs_rest is not None:
        raise InputError("--class-numbers and --one-vs-rest both say what the labels are; choose one of them")
    if isinstance(spec.classes, str) or not all(isinstance(name, str) for name in spec.classes):
        raise InputError(f"--classes must be names, such as ('0', '1'), not {spec.classes!r}")
    if spec.kind == "csv" and spec.label_column is None and (spec.label_kind in ("own", "shuffled") or spec.by_class):
        raise InputError(f"name the column of {spec.data} that holds the labels with --label-column")


def _options(spec: DataSpec) -> frozenset[str]:
    common = {"data", "labels", "seed"}
    if spec.kind == "generator":
        return GENERATORS[spec.data] | common | {"n", "d"}
    if spec.data == "diabetes":
        return frozenset(common | {"samples"})
    return frozenset(
        common
        | {"samples", "classes", "one_vs_rest", "class_numbers"}
        | ({"label_column"} if spec.kind == "csv" else set())
    )


def _hint(spec: DataSpec, name: str) -> str:
    owners = [generator for generator, options in GENERATORS.items() if name in options]
    if owners:
        return f"; {flag(name)} belongs to {' and '.join(owners)}"
    if name == "n" and spec.kind != "generator":
        return "; the number of rows is --samples"
    if name == "samples" and spec.kind == "generator":
        return "; the number of points is --n"
    if name in ("classes", "one_vs_rest", "class_numbers") and spec.data == "diabetes":
        return "; its labels are real numbers, not classes"
    if name == "label_column" and spec.kind == "npz":
        return "; an NPZ file holds its labels in the array y"
    return ""


def _integer(name: str, value: object, *, at_least: int) -> None:
    if not isinstance(value, SupportsIndex) or isinstance(value, bool) or operator.index(value) < at_least:
        raise InputError(f"{flag(name)} must be an integer of at least {at_least}, not {value!r}")


def _validate_generator(spec: DataSpec) -> None:
    n, d = spec.n or DEFAULT_N, spec.d or DEFAULT_D
    if n * d > MAX_ENTRIES:
        raise InputError(f"{n} points of dimension {d} are more than {MAX_ENTRIES} numbers (1 GiB): take fewer")
    if spec.label_kind in ("own", "shuffled") and spec.data not in LABELLED_GENERATORS:
        raise InputError(
            f"--data {spec.data} has no labels of its own, so --labels {spec.label_kind} means nothing: choose "
            f"gaussian or signs, or one of the generators with labels ({', '.join(sorted(LABELLED_GENERATORS))})"
        )
    require_in_range(spec, n, d)
