"""Data flow one way: no import points back, each guest library stays in its room, the checker needs only Python."""

import ast
import re
import subprocess
import sys
import tomllib

import pytest

from tests.house.sources import ROOT, Import, imports_in, imports_of, rooms_in

# Left to right, a module imports only from strictly earlier rows (and from itself).
OVERPARAM = (
    {"_doors"},
    {"__init__", "errors"},
    {"records", "files", "keys", "precision", "programs", "arrays", "provenance"},
    {"exact"},
    {"data", "networks"},
    {"ntk"},
    {"memorizers", "training"},
    {"certificates", "generalization"},
    {"sweeps"},
    {"widths"},
    {"studies"},
    {"report"},
    {"cli"},
    {"__main__"},
)
PROOFS_CHECK = (
    {"answers"},
    {"budget"},
    {"exact", "roots"},
    {"strict"},
    {"reading"},
    {"layers", "matrices"},
    {"files"},
    {"position", "curves", "packed", "balls", "sweep"},
    {"network", "separation", "directions"},
    {"enclosures"},
    {"tangents", "rank"},
    {"gram", "rays"},
    {"theorems"},
    {"citations"},
    {"claims"},
    {"checking"},
    {"stating", "comparing", "bounding"},
    {"__init__"},
    {"cli"},
    {"__main__"},
)
GUESTS = {
    "flax": {"networks"},
    "optax": {"training", "generalization"},
    "matplotlib": {"report"},
    "flint": {"exact"},
    "highspy": {"certificates"},
    "pyarrow": {"sweeps"},
    "tomli_w": {"sweeps"},
    "threadpoolctl": {"studies"},
    "distributed": {"sweeps"},
    "submitit": {"sweeps"},
    "proofs_check": {"widths", "studies", "report", "cli"},
}
# where the import has another name
DISTRIBUTION = {"flint": "python-flint", "sklearn": "scikit-learn", "tomli_w": "tomli-w"}


def room_of(module: str) -> str:
    return [*module.split("."), "__init__"][1]


def level(room: str, order: tuple[set[str], ...]) -> int:
    return next((i for i, row in enumerate(order) if room in row), -1)


def points_back(found: Import, package: str, order: tuple[set[str], ...]) -> bool:
    """Whether an import inside `package` reaches a later or a neighbouring room."""
    here = room_of(found.package)
    known = set().union(*order)
    targets = [n for n in found.names if n == package or n.startswith(package + ".")]
    if not targets:
        return False
    # `from overparam import x`: x is a room, or else a name of the package itself
    there = next((room_of(name) for name in targets if room_of(name) in known - {"__init__"}), "__init__")
    return there != here and level(there, order) >= level(here, order)


@pytest.mark.parametrize(("package", "order"), [("overparam", OVERPARAM), ("proofs_check", PROOFS_CHECK)])
def test_every_room_has_its_place_and_no_arrow_points_back(package, order):
    assert not set(rooms_in(package)) - set().union(*order), "give the new room its place in the order"
    assert not [str(i) for i in imports_in(package) if points_back(i, package, order)]


def test_each_guest_stays_in_its_room():
    strays = []
    for found in imports_in("overparam"):
        guest = found.names[0].split(".")[0]
        if guest in GUESTS and room_of(found.package) not in GUESTS[guest]:
            strays.append(str(found))
    assert not strays


def test_the_checker_imports_nothing_but_python_and_itself():
    allowed = sys.stdlib_module_names | {"proofs_check"}
    assert not [str(i) for i in imports_in("proofs_check") if i.names[0].split(".")[0] not in allowed]


def test_only_the_public_interface_of_jax():
    private = [
        str(found)
        for found in imports_in("overparam")
        for name in found.names[:1]
        if name.split(".")[0] in ("jax", "jaxlib") and any(part.startswith("_") for part in name.split("."))
    ]
    for path in sorted((ROOT / "overparam").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and re.match(r"jax(\.\w+)*\._[^_]", ast.unparse(node)):
                private.append(f"{path.relative_to(ROOT)}:{node.lineno} uses {ast.unparse(node)}")
    assert not private


def test_imports_are_declared_and_declared_ones_are_used():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {re.split(r"[<>=\[ ]", line)[0] for line in project["dependencies"]}
    guests = [line for extra in ("cluster", "data", "flax") for line in project["optional-dependencies"][extra]]
    extras = {re.split(r"[<>=\[ ]", line)[0] for line in guests}
    imported = {i.names[0].split(".")[0] for i in imports_in("overparam")}
    outside = {DISTRIBUTION.get(name, name) for name in imported - sys.stdlib_module_names}
    outside -= {"overparam", "proofs_check"}
    assert outside <= needed | extras, "declare it in pyproject.toml"
    assert needed <= outside, "declared, but nothing imports it"


def test_the_reader_of_imports_sees_them_all():
    text = "from . import a\nfrom ..widths import b\ndef f():\n    import jax._src.core\n    __import__('flint')\n"
    seen = list(imports_of(text, file="f.py", module="overparam.data._x", is_package=False))
    assert [i.names[0] for i in sorted(seen, key=lambda i: i.line)] == [
        "overparam.data.a",
        "overparam.widths.b",
        "jax._src.core",
        "flint",
    ]
    assert [points_back(i, "overparam", OVERPARAM) for i in sorted(seen, key=lambda i: i.line)][:2] == [False, True]
    inside = next(imports_of("from . import _x\n", file="f.py", module="overparam.data", is_package=True))
    assert inside.names == ("overparam.data._x", "overparam.data")
    sideways = Import("f.py", 1, "overparam.networks._x", ("overparam.data", "overparam"))
    assert points_back(sideways, "overparam", OVERPARAM)


def modules_after(code: str, *flags: str) -> set[str]:
    """Top-level modules loaded by a fresh interpreter that runs `code` in this repository."""
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); before = set(sys.modules)\n{code}\n"
    program += "print(*sorted({m.split('.')[0] for m in set(sys.modules) - before}))"
    run = subprocess.run([sys.executable, *flags, "-c", program], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import overparam",
        "from overparam.data import DataSpec",
        "import overparam.widths",
        "from overparam.sweeps import SweepSpec, read_spec, sweep_state, Task, plan",
        "import overparam.studies",
        "from overparam.report import ladder_text, claims_text",
        "import overparam.cli",
    ],
)
def test_it_loads_without_jax(code):
    heavy = {"jax", "jaxlib", "flax", "optax", "matplotlib", "sklearn", "scipy", "flint", "pandas", "pyarrow"}
    assert not modules_after(code) & heavy


def test_the_checker_loads_on_bare_python():
    everything = "import proofs_check, proofs_check.cli; [getattr(proofs_check, n) for n in proofs_check.__all__]"
    loaded = modules_after(everything, "-I", "-S")
    assert "proofs_check" in loaded
    assert not loaded - sys.stdlib_module_names - {"proofs_check"}
