"""The whole ladder of one data set."""

import dataclasses
import importlib.metadata
import pathlib
import platform
from collections.abc import Callable
from typing import Any

import jax

import overparam
from overparam.certificates import dataset_sha256
from overparam.data import Dataset, DataSpec, describe, without_repeats
from overparam.provenance import checker_hash, processor, revision, source_hash
from overparam.records import Rung, Side, Word
from overparam.widths._certify import Certificate, folder_of
from overparam.widths._descent import descent_threshold
from overparam.widths._exact import Bracket, bracket, exact_rungs, known_network, met
from overparam.widths._found import TOLERANCE, FoundAt, find_width
from overparam.widths._protocol import Protocol
from overparam.widths._rank import rank_rung
from overparam.widths._rungs import CONSTRUCTIONS, RELU, constructed, counting, quoted_ceil_4n_d
from overparam.widths._spec import WidthSpec, search_from, validate
from overparam.widths._weights import weights_of

Tell = Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Ladder:
    """Rungs of one data set, and what was done to get them; `dataclasses.asdict` is the JSON object."""

    data: dict[str, Any]
    rungs: tuple[Rung, ...]
    searches: dict[str, Any]
    weights: tuple[dict[str, Any], ...]
    protocol: dict[str, str]
    versions: dict[str, str]
    sentences: tuple[str, ...]


def climb(
    data: Dataset, origin: DataSpec, spec: WidthSpec, out: pathlib.Path, *, tell: Tell = lambda _: None
) -> Ladder:
    """Fill every rung that the toolkit has for these data.

    Args:
        data: finite, equal labels on equal points.  Repeated points count once in formulas and in training; the
            certificates speak of the data as given.
        origin: where the data came from, for threshold trials that draw them anew.
        spec: budgets.
        out: output folder; certificates go to out/certificates/.
        tell: told, in words, what is being done.
    Raises:
        InputError: a budget that means nothing, or does not go with these data; before anything is written.
    """
    validate(spec, origin)
    distinct = without_repeats(data)
    n_distinct, dim = distinct.points.shape
    lower = counting(n_distinct, dim)
    lowest = search_from(lower.width or 0, spec, constant_labels=constant_labels(data))
    folder = folder_of(out, data)
    tell("constructions")
    built = {name: constructed(name, data, n_distinct, folder, out) for name in CONSTRUCTIONS}
    memorizers = {name: memorizer for name, (_, memorizer, _) in built.items() if memorizer is not None}
    quoted = quoted_ceil_4n_d(data, n_distinct, memorizers.get("pairs"), folder, out)
    known = [m.network.width for m in memorizers.values() if m.network.activation == "relu" and m.output_bias]
    proved, cases = _proved(data, spec, folder, out, [rung for rung, _, _ in built.values()], tell)
    widths = _widths(lowest, min(known, default=2 * lowest + 1), spec)
    widths = widths if proved is None else _left_open(widths, proved)
    found, rows = _found_rung(distinct, data, spec, folder, out, widths, tell)
    exact = [] if proved is None else _exact_rungs(data, spec, folder, out, proved, found)
    rank = rank_rung(distinct, data, folder, out, jax.random.key(spec.root_seed))
    gd, gd_search = _gd_rung(distinct, origin, spec, max(1, widths[0]), tell)
    rungs = (lower, *exact, rank, found, *gd, *(rung for rung, _, _ in built.values()), quoted)
    return Ladder(
        data={
            "name": data.name,
            "n": data.points.shape[0],
            "d": data.points.shape[1],
            "sha256": dataset_sha256(data.points, data.labels),
            "labels": origin.label_kind,
            "notes": list(distinct.notes),
            "findings": [
                {"name": f.name, "status": f.status, "how": f.how, "detail": f.detail} for f in describe(data)
            ],
        },
        rungs=tuple(sorted(rungs, key=_position)),
        searches={"found": [dataclasses.asdict(row) for row in rows], **cases, **gd_search},
        weights=weights_of(rungs, memorizers, data, out),
        protocol=_protocol(spec),
        versions=versions(),
        sentences=tuple(sentence for _, _, sentence in built.values()),
    )


def constant_labels(data: Dataset) -> bool:
    """Whether the constant network fits."""
    return bool((data.labels == data.labels[0]).all())


_ORDER = (
    "counting",
    "impossible",
    "exact",
    "found",
    "rank",
    "gd",
    "greedy",
    "pairs",
    "distinct",
    "ceil-4n-d",
    "bubeck-4ceil",
    "zhang",
    "baum",
)


def _position(rung: Rung) -> int:
    return _ORDER.index(rung.rung)


def _widths(lowest: int, built: int, spec: WidthSpec) -> range:
    """Widths to search: from `lowest` to one below the smallest construction, or where the budget says.

    A construction below the counting bound shows that the labels are exceptional, and one that meets it leaves nothing
    else to look for: then the search begins at 1 (0 for constant labels) and ends at the construction's width.
    """
    if built > lowest:
        return range(lowest, max(lowest, built - 1 if spec.widest is None else spec.widest) + 1)
    return range(min(1, lowest), (built if spec.widest is None else spec.widest) + 1)


def _found_rung(
    distinct: Dataset,
    data: Dataset,
    spec: WidthSpec,
    folder: pathlib.Path,
    out: pathlib.Path,
    widths: range,
    tell: Tell,
) -> tuple[Rung, list[FoundAt]]:
    steps = spec.filled().lm_steps
    rows: list[FoundAt] = []
    certificate: Certificate | None = None
    tell(f"Levenberg-Marquardt, {spec.starts} starts at width {widths[0]}")
    search = find_width(
        distinct,
        widths,
        folder / "found",
        root=jax.random.key(spec.root_seed),
        starts=spec.starts,
        max_steps=steps,
        judged=data,
    )
    for row, accepted in search:
        rows.append(row)
        certificate = accepted
        tell(f"Levenberg-Marquardt at width {row.width}: {row.fitted} of {row.starts} starts fitted")
    rung = Rung(
        rung="found",
        family=RELU,
        side=Side.UPPER,
        width=certificate.width if certificate else None,
        interval=None,
        word=Word.CERTIFIED if certificate else Word.NOT_FOUND,
        quantifier="these data",
        theorem=None,
        starts=spec.starts,
        budget=_searched(rows, widths, steps),
        certificate=certificate.folder.relative_to(out).as_posix() if certificate else None,
    )
    return rung, rows


def _searched(rows: list[FoundAt], widths: range, steps: int) -> str:
    """What the search did, and what it was allowed.

    >>> row = FoundAt(4, 64, 9, 1, 52, 0, 3, 0.0)
    >>> _searched([row], range(4, 7), 300)
    'width 4, 64 starts, at most 300 Levenberg-Marquardt steps a start; allowed: up to width 6'
    """
    trained = [row for row in rows if row.width]
    told = ["the constant network"] * (len(trained) < len(rows))
    if trained:
        first, last, starts = trained[0].width, trained[-1].width, trained[0].starts
        told.append(
            f"widths {first} to {last}, {starts} starts each" if last > first else f"width {last}, {starts} starts"
        )
        told.append(f"at most {steps} Levenberg-Marquardt steps a start")
    allowed = f"; allowed: up to width {widths[-1]}" if rows and rows[-1].width < widths[-1] else ""
    return ", ".join(told) + allowed


def _proved(
    data: Dataset, spec: WidthSpec, folder: pathlib.Path, out: pathlib.Path, upper: list[Rung], tell: Tell
) -> tuple[Bracket | None, dict[str, Any]]:
    """Impossibility below, and the minimal width where it meets the smallest certified construction."""
    if not spec.exact:
        return None, {}
    networks = [known_network(out / r.certificate) for r in upper if r.certificate is not None and r.family == RELU]
    known = min(networks, key=lambda certificate: certificate.width, default=None)
    proved = bracket(data, folder, known=known, max_nodes=spec.filled().exact_cases, tell=tell)
    return proved, {"exact": list(proved.searches)}


def _left_open(widths: range, proved: Bracket) -> range:
    """The widths that a search may still find: none that was proved impossible, none above the minimal width."""
    if proved.minimal is not None:
        return range(proved.low, proved.low + 1)
    return range(max(proved.low, widths[0]), max(proved.low, widths[-1]) + 1)


def _exact_rungs(
    data: Dataset, spec: WidthSpec, folder: pathlib.Path, out: pathlib.Path, proved: Bracket, found: Rung
) -> list[Rung]:
    """What was proved, together with a network that the search found since."""
    if found.certificate is not None:
        proved = met(proved, known_network(out / found.certificate), data, folder)
    return exact_rungs(proved, out, None if data.points.shape[1] == 1 else spec.filled().exact_cases)


def _gd_rung(
    data: Dataset, origin: DataSpec, spec: WidthSpec, lowest: int, tell: Tell
) -> tuple[list[Rung], dict[str, Any]]:
    if not spec.gd:
        return [], {}
    protocol = Protocol.of(spec)
    result = descent_threshold(data, origin, protocol, lowest=lowest, root=jax.random.key(spec.root_seed), tell=tell)
    threshold = result.threshold
    rung = Rung(
        rung="gd",
        family=RELU,
        side=Side.THRESHOLD,
        width=threshold.high,
        interval=(threshold.low, threshold.high),
        word=Word.OBSERVED,
        quantifier=f"{protocol.quantifier}, widths from {threshold.grid[0]} up",
        theorem=None,
        starts=None,
        budget=protocol.words,
        certificate=None,
    )
    return [rung], {"gd": result.as_json()}


def _protocol(spec: WidthSpec) -> dict[str, str]:
    descent = {"gradient descent": "trained on points and labels times powers of two, of unit size"}
    return {
        "size": spec.size,
        "root seed": str(spec.root_seed),
        "search": "trained on standardized data, carried back in float64, then repaired exactly on the data as given",
        "tolerance of the search": f"a start is repaired if its residual is at most {TOLERANCE:g} of the labels' norm; "
        "the exact repair decides",
        **(descent if spec.gd else {}),
        "loss": "half the sum of squared residuals",
    }


def versions() -> dict[str, str]:
    """Software, device, precision and state of the source that a run used."""
    packages = ("jax", "jaxlib", "numpy", "scipy", "optax", "python-flint")
    return {
        "overparam": overparam.__version__,
        "python": platform.python_version(),
        **{package: importlib.metadata.version(package) for package in packages},
        "device": jax.devices()[0].device_kind,
        "processor": processor(),
        "dtype": str(jax.dtypes.canonicalize_dtype("float64")),
        "source": source_hash(),
        "checker": checker_hash(),
        **({"revision": found} if (found := revision()) else {}),
    }
