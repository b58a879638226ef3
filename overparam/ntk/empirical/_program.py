"""A traced function as a flat list of primitive steps, run again with a hook at chosen steps.

Public parts of JAX only: `jax.make_jaxpr`, the classes of `jax.extend.core`, and a primitive's own `bind`.  JAX
promises less for `jax.extend` than for the rest, so nothing else uses it.  Costs are counted on programs, so that every
empirical kernel traces one; only structured derivatives run them.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.extend.core
import numpy as np

_INLINED = {"jit": "jaxpr", "pjit": "jaxpr", "closed_call": "call_jaxpr", "core_call": "call_jaxpr", "remat": "jaxpr",
            "remat2": "jaxpr", "checkpoint": "jaxpr"}  # fmt: skip


class Constant(NamedTuple):
    """A number or array written into the program."""

    value: Any


Atom = int | Constant  # the number of a value, or a constant


class Step(NamedTuple):
    """One primitive applied to values by their numbers."""

    primitive: jax.extend.core.Primitive
    options: dict[str, Any]
    inputs: tuple[Atom, ...]
    outputs: tuple[int, ...]

    @property
    def name(self) -> str:
        """The primitive's name, as a printed jaxpr shows it."""
        return self.primitive.name


Hook = Callable[[int, Any], Any]


class Program(NamedTuple):
    """Steps in order; `shapes` and `types` of all values by their number."""

    steps: list[Step]
    inputs: tuple[int, ...]
    outputs: tuple[Atom, ...]
    shapes: list[tuple[int, ...]]
    types: list[Any]

    def size(self, value: int) -> int:
        """How many numbers the value holds."""
        return math.prod(self.shapes[value])


def program_of(function: Callable[..., Any], *args: Any) -> Program:
    """The function's steps at arguments of these shapes, with calls of jitted functions written out."""
    closed = jax.make_jaxpr(function)(*args)
    program = Program([], (), (), [], [])
    inputs = tuple(_new(program, var) for var in closed.jaxpr.invars)
    outputs = _write(program, closed.jaxpr, [Constant(value) for value in closed.consts], inputs)
    return program._replace(inputs=inputs, outputs=outputs)


def run(program: Program, arguments: Sequence[Any], hook: Hook) -> tuple[list[Any], Callable[[Atom], Any]]:
    """The program's outputs, and a reader of all its values.

    hook: given the number of a step and the step's one output, it returns what takes the output's place.
    """
    values: dict[int, Any] = dict(zip(program.inputs, arguments, strict=True))

    def read(atom: Atom) -> Any:
        return atom.value if isinstance(atom, Constant) else values[atom]

    for number, step in enumerate(program.steps):
        taken = [read(atom) for atom in step.inputs]
        given = _bind(step, taken)
        found = list(given) if step.primitive.multiple_results else [given]
        if len(found) == 1:
            found = [hook(number, found[0])]
        values.update(zip(step.outputs, found, strict=True))
    return [read(atom) for atom in program.outputs], read


def shape_of(program: Program, step: Step, position: int) -> tuple[int, ...]:
    """Shape of one of a step's inputs."""
    atom = step.inputs[position]
    return np.shape(atom.value) if isinstance(atom, Constant) else program.shapes[atom]


def multiply_adds(function: Callable[..., Any], *args: Any) -> int:
    """Multiply-adds of the function's matrix products and convolutions; a `while` loop is counted once."""
    return _count(jax.make_jaxpr(function)(*args).jaxpr)


def _bind(step: Step, taken: list[Any]) -> Any:
    """The primitive's output; those that hold functions (custom derivatives) say themselves how they are called."""
    made = step.primitive.get_bind_params(step.options)
    functions, options = made if isinstance(made, tuple) else ((), made)  # a tuple up to JAX 0.11, then options alone
    return step.primitive.bind(*functions, *taken, **options)


def _new(program: Program, var: Any) -> int:
    program.shapes.append(tuple(getattr(var.aval, "shape", ())))
    program.types.append(getattr(var.aval, "dtype", None))
    return len(program.shapes) - 1


def _write(program: Program, jaxpr: Any, constants: Sequence[Atom], inputs: Sequence[Atom]) -> tuple[Atom, ...]:
    """Append a jaxpr's steps; as deep as the function's own calls, which Python went through when it was traced."""
    names: dict[Any, Atom] = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*constants, *inputs], strict=True))

    def atom(var: Any) -> Atom:
        return Constant(var.val) if isinstance(var, jax.extend.core.Literal) else names[var]

    for eqn in jaxpr.eqns:
        taken = tuple(atom(var) for var in eqn.invars)
        inner = eqn.params.get(_INLINED.get(eqn.primitive.name, ""))
        if inner is not None:
            closed = isinstance(inner, jax.extend.core.ClosedJaxpr)
            body, consts = (inner.jaxpr, [Constant(value) for value in inner.consts]) if closed else (inner, [])
            names.update(zip(eqn.outvars, _write(program, body, consts, taken), strict=True))
            continue
        made = tuple(_new(program, var) for var in eqn.outvars)
        names.update(zip(eqn.outvars, made, strict=True))
        program.steps.append(Step(eqn.primitive, dict(eqn.params), taken, made))
    return tuple(atom(var) for var in jaxpr.outvars)


def _count(jaxpr: Any) -> int:
    total = 0
    for eqn in jaxpr.eqns:
        if eqn.primitive.name == "dot_general":
            (contracted, _), _ = eqn.params["dimension_numbers"]
            taken = eqn.invars[0].aval.shape
            total += math.prod(eqn.outvars[0].aval.shape) * math.prod(taken[i] for i in contracted)
        elif eqn.primitive.name == "conv_general_dilated":
            kernel = eqn.invars[1].aval.shape
            units = kernel[eqn.params["dimension_numbers"].rhs_spec[0]]
            total += math.prod(eqn.outvars[0].aval.shape) * math.prod(kernel) // units
        inside = sum(_count(inner) for inner in jax.extend.core.jaxprs_in_params(eqn.params))
        total += inside * (eqn.params["length"] if eqn.primitive.name == "scan" else 1)
    return total
