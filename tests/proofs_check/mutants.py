"""The checker with one decision changed, loaded beside the real one, without writing a file.

A mutant is a file of the checker, the number of a node of its syntax tree, and what is done to the node: a rule never
applies, a comparison is one step looser or stricter, a `not`, a term or one side of an `and` is left out, and so on.
"""

import ast
import functools
import importlib
import importlib.abc
import importlib.util
import pathlib
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import proofs_check

CHECKER = pathlib.Path(proofs_check.__file__).parent
SECONDS = 5.0  # for one certificate, before a mutant counts as hanging
DECIDING = (
    "balls", "checking", "enclosures", "exact", "files", "gram", "layers", "matrices", "network", "position", "rank",
    "reading", "strict", "sweep", "tangents", "claims/_cells", "claims/_objects", "claims/_residual", "claims/_smooth",
    "claims/_theorem", "claims/_walk", "claims/branches", "claims/exact_lazy", "claims/fits", "claims/full_row_rank",
    "claims/impossible", "claims/interpolates", "claims/interpolates_near", "claims/interpolates_residual",
    "claims/least_eigenvalue", "claims/line", "claims/minimal_width", "claims/not_polynomial",
    "claims/parameter_count", "claims/position", "claims/separates",
)  # fmt: skip
# functions all of whose comparisons decide, not only those that a refusal depends on
THROUGHOUT = {
    "claims/branches": {"_masks", "_open_case"},
    "claims/interpolates": {"_far"},
    "claims/line": {"needs_more_than", "_runs", "_in_order", "_into"},
    "claims/_residual": {"_in_integers", "_through"},
    "claims/_walk": {"_advanced", "_meet"},
    "network": {"_through"},
    "sweep": {"swept", "_knot"},
    "tangents": {"exact"},
}
ELSEWHERE = {  # what no certificate asks, or what only chooses words; other tests have these
    "balls": {"certainly_below"},
    "claims/position": {"_meaning"},
    "exact": {"in_words"},
    "position": {"_as_hypothesis"},
}
_STEPS = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}


class Mutant(NamedTuple):
    """`lines` are those of which one must run for the mutant to matter."""

    file: str
    node: int
    change: str
    name: str
    lines: range


@functools.cache
def mutants() -> list[Mutant]:
    """All of them, in the order of the files."""
    return [mutant for file in DECIDING for mutant in _mutants_of(file)]


@functools.cache
def source(file: str) -> str:
    """The text of a file of the checker."""
    return (CHECKER / f"{file}.py").read_text()


def _mutants_of(file: str) -> Iterator[Mutant]:
    tree = ast.parse(source(file))
    nodes = list(ast.walk(tree))
    number = {id(node): i for i, node in enumerate(nodes)}
    for function in (node for node in nodes if isinstance(node, ast.FunctionDef)):
        if function.name in ELSEWHERE.get(file, ()):
            continue
        inside = list(ast.walk(function))
        nested = {id(x) for f in inside if isinstance(f, ast.FunctionDef) and f is not function for x in ast.walk(f)}
        deciding: dict[int, ast.AST] = {}
        for node in inside:
            if id(node) in nested:
                continue
            for change, part in _rules(node):
                lines = range(node.lineno, (node.test.end_lineno if isinstance(node, ast.If) else node.end_lineno) + 1)
                yield Mutant(file, number[id(part)], change, _name(file, function, change, node), lines)
            deciding |= {id(part): part for whole in _decisions(node, function) for part in ast.walk(whole)}
        if function.name in THROUGHOUT.get(file, ()):
            deciding |= {id(node): node for node in inside if isinstance(node, ast.Compare)}
        for part in deciding.values():
            for change in _changes(part):
                lines = range(part.lineno, part.end_lineno + 1)
                yield Mutant(file, number[id(part)], change, _name(file, function, change, part), lines)


def _name(file: str, function: ast.FunctionDef, change: str, node: ast.AST) -> str:
    shown = node.test if isinstance(node, ast.If) else node
    return f"{file} {function.name}: {change}: {ast.unparse(shown)[:160]}"


def _refuses(statement: ast.stmt) -> bool:
    """Whether this says no: raises, or returns rejected, undecided, False, None or a reason in words."""
    if isinstance(statement, ast.Raise):
        return isinstance(statement.exc, ast.Call) and getattr(statement.exc.func, "id", "") in (
            "Malformed",
            "Hopeless",
        )
    if not isinstance(statement, ast.Return):
        return False
    value = statement.value
    if isinstance(value, ast.Call):
        return getattr(value.func, "id", "") in ("rejected", "undecided")
    if isinstance(value, ast.Constant):
        return value.value in (False, None) or type(value.value) is str
    return isinstance(value, ast.JoinedStr) or (
        isinstance(value, ast.Name) and value.id in ("answer", "within", "reason")
    )


def _rules(node: ast.AST) -> list[tuple[str, ast.AST]]:
    if isinstance(node, ast.If) and _refuses(node.body[-1]):
        return [("never", node)]
    blocks = [getattr(node, "body", None)] if not isinstance(node, ast.If) else []
    found = []
    for block in blocks:
        for statement in block if isinstance(block, list) else []:
            if isinstance(statement, ast.Raise) and _refuses(statement):
                found.append(("left out", statement))
    return found


def _decisions(node: ast.AST, function: ast.FunctionDef) -> list[ast.AST]:
    """The expressions on which a refusal depends."""
    if isinstance(node, ast.If) and _refuses(node.body[-1]):
        return [node.test]
    says = ast.unparse(function.returns) if function.returns else ""
    if isinstance(node, ast.Return) and node.value is not None and says == "bool":
        return [node.value]
    return []


def _changes(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        right = node.comparators[0]
        number = isinstance(right, ast.Constant) and type(right.value) is int
        steps = ["one step"] if type(node.ops[0]) in _STEPS else []
        signs = ["turned"] if isinstance(node.ops[0], ast.Eq | ast.NotEq) else []
        return steps + signs + (["one more", "one less"] if number else [])
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return ["without not"]
    if isinstance(node, ast.BoolOp):
        return [f"without part {i}" for i in range(len(node.values))]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        return ["without the right"]
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("min", "max", "any", "all"):
        return ["the other"]
    return []


def changed(mutant: Mutant) -> ast.Module:
    """The syntax tree of the mutant's file."""
    tree = ast.parse(source(mutant.file))
    node: Any = list(ast.walk(tree))[mutant.node]
    new: ast.AST | None = None
    if mutant.change == "never":
        node.test = ast.Constant(False)
    elif mutant.change == "left out":
        new = ast.Pass()
    elif mutant.change == "one step":
        node.ops[0] = _STEPS[type(node.ops[0])]()
    elif mutant.change == "turned":
        node.ops[0] = ast.NotEq() if isinstance(node.ops[0], ast.Eq) else ast.Eq()
    elif mutant.change in ("one more", "one less"):
        node.comparators[0] = ast.Constant(node.comparators[0].value + (1 if mutant.change == "one more" else -1))
    elif mutant.change == "without not":
        new = node.operand
    elif mutant.change == "without the right":
        new = node.left
    elif mutant.change == "the other":
        node.func.id = {"min": "max", "max": "min", "any": "all", "all": "any"}[node.func.id]
    else:
        del node.values[int(mutant.change.split()[-1])]
        new = node.values[0] if len(node.values) == 1 else None
    if new is not None:
        tree = _Exchange(node, new).visit(tree)
    return ast.fix_missing_locations(tree)


class _Exchange(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> Any:
        return ast.copy_location(self.new, node) if node is self.old else super().visit(node)


class _Loader(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives out one module of the checker in another form."""

    def __init__(self, mutant: Mutant) -> None:
        self.module = f"proofs_check.{mutant.file.replace('/', '.')}"
        self.path = str(CHECKER / f"{mutant.file}.py")
        self.code = compile(changed(mutant), self.path, "exec")

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        return importlib.util.spec_from_loader(fullname, self, origin=self.path) if fullname == self.module else None

    def exec_module(self, module: Any) -> None:
        exec(self.code, module.__dict__)


class Hangs(BaseException):
    """It takes far longer than the checker."""


class Checker:
    """The checker, fresh modules of it with a mutant in place; used as a context, one at a time."""

    def __init__(self, mutant: Mutant | None = None) -> None:
        self.loader = mutant and _Loader(mutant)

    def __enter__(self) -> "Checker":
        self.kept = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "proofs_check"}
        for name in self.kept:
            del sys.modules[name]
        if self.loader:
            sys.meta_path.insert(0, self.loader)
        try:
            self.modules = (
                importlib.import_module("proofs_check.checking"),
                importlib.import_module("proofs_check.answers"),
            )
        except BaseException:
            self.__exit__()
            raise
        self.before = signal.signal(signal.SIGVTALRM, _stop)
        return self

    def __exit__(self, *_: object) -> None:
        if self.loader:
            sys.meta_path.remove(self.loader)
        for name in [name for name in sys.modules if name.split(".")[0] == "proofs_check"]:
            del sys.modules[name]
        sys.modules.update(self.kept)
        if hasattr(self, "before"):
            signal.signal(signal.SIGVTALRM, self.before)

    def timed(self, folder: pathlib.Path) -> tuple[str, float]:
        """The verdict, and the seconds of processor time that it takes."""
        start = time.process_time()
        return self.verdict(folder), time.process_time() - start

    def verdict(self, folder: pathlib.Path) -> str:
        """accepted, rejected, undecided, malformed, or the name of an exception that the checker never raises."""
        checking, answers = self.modules
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        try:
            return checking.check(folder).status.value
        except answers.Malformed:
            return "malformed"
        except Hangs:
            return "hangs"
        except Exception as error:
            return type(error).__name__
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _stop(*_: object) -> None:
    raise Hangs


def lines_run(checker: Checker, folder: pathlib.Path) -> set[tuple[str, int]]:
    """The lines of the checker's files that deciding this certificate runs."""
    found: set[tuple[str, int]] = set()
    root = str(CHECKER) + "/"

    def trace(frame: Any, event: str, _: object) -> Any:
        name = frame.f_code.co_filename
        if not name.startswith(root):
            return None
        found.add((name[len(root) : -3], frame.f_lineno))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        checker.verdict(folder)
    finally:
        sys.settrace(before)
    return found
