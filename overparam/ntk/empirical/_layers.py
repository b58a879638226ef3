"""One layer's derivative at one sample as two small arrays: what the weights were multiplied by, and what follows.

With A (groups, positions, inputs) and B (groups, positions, units), the derivative of an output in the weights is

    J[g, c, f] = sum over positions p of A[g, p, c] B[g, p, f].

A dense layer at a vector has one position; a convolution has one per pixel of its result, and its inputs are patches.
"""

import itertools
import math
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from overparam.ntk.empirical._program import Program, shape_of
from overparam.ntk.empirical._uses import Use


def inputs_of(use: Use, program: Program, data: Array) -> Array:
    """A, (groups, positions, inputs), from the data that the step multiplied."""
    step = program.steps[use.step]
    if use.kind == "convolution":
        sizes = shape_of(program, step, 1)
        return _patches(step.options, data, [sizes[axis] for axis in step.options["dimension_numbers"].rhs_spec[2:]])
    contracted, batch = (pair[use.data] for pair in step.options["dimension_numbers"])
    free = [axis for axis in range(data.ndim) if axis not in (*contracted, *batch)]
    sizes = [math.prod(data.shape[axis] for axis in axes) for axes in (batch, free, contracted)]
    return jnp.transpose(data, (*batch, *free, *contracted)).reshape(sizes)


def cotangents_of(use: Use, program: Program, pulled: Array) -> Array:
    """B, (outputs, groups, positions, units), from derivatives (outputs, ...) in the step's result."""
    step = program.steps[use.step]
    outputs, *shape = pulled.shape
    if use.kind == "convolution":
        batch, features, *space = (axis + 1 for axis in step.options["dimension_numbers"].out_spec)
        groups = step.options["feature_group_count"]
        moved = jnp.transpose(pulled, (0, features, batch, *space))
        grouped = moved.reshape(outputs, groups, moved.shape[1] // groups, -1)
        return jnp.swapaxes(grouped, 2, 3)
    n_batch = len(step.options["dimension_numbers"][1][0])
    left = len(shape_of(program, step, 0)) - len(step.options["dimension_numbers"][0][0])
    parts = shape[:n_batch], shape[n_batch:left], shape[left:]
    sizes = [math.prod(part) for part in parts]
    grouped = pulled.reshape(outputs, *sizes)
    return grouped if use.data == 0 else jnp.swapaxes(grouped, 2, 3)


def dimensions(use: Use, program: Program) -> tuple[int, int, int, int]:
    """Groups, positions, inputs and units of a layer, from shapes alone."""
    step = program.steps[use.step]
    data = jax.ShapeDtypeStruct(shape_of(program, step, use.data), jnp.float32)
    groups, positions, inputs = jax.eval_shape(lambda array: inputs_of(use, program, array), data).shape
    return groups, positions, inputs, program.size(step.outputs[0]) // (groups * positions)


def _patches(options: dict[str, Any], data: Array, kernel: list[int]) -> Array:
    """Patches of a convolution by strided slices, which move numbers and never round them."""
    numbers = options["dimension_numbers"]
    groups = options["feature_group_count"]
    image = jnp.transpose(data, numbers.lhs_spec)  # (batch, channels, *space)
    ends = [(0, 0, 0)] * 2
    ends += [(low, high, d - 1) for (low, high), d in zip(options["padding"], options["lhs_dilation"], strict=True)]
    padded = jax.lax.pad(image, jnp.zeros((), image.dtype), ends)
    steps, holes = options["window_strides"], options["rhs_dilation"]
    result = [
        (size - (k - 1) * hole - 1) // stride + 1
        for size, k, stride, hole in zip(padded.shape[2:], kernel, steps, holes, strict=True)
    ]
    pieces = []
    for offset in itertools.product(*map(range, kernel)):
        start = [k * hole for k, hole in zip(offset, holes, strict=True)]
        stop = [s + (size - 1) * stride + 1 for s, size, stride in zip(start, result, steps, strict=True)]
        pieces.append(jax.lax.slice(padded, (0, 0, *start), (*padded.shape[:2], *stop), (1, 1, *steps)))
    stacked = jnp.stack(pieces, axis=2)  # (batch, channels, kernel, *space)
    batch, channels, size = stacked.shape[:3]
    split = stacked.reshape(batch, groups, channels // groups * size, -1)
    return jnp.transpose(split, (1, 0, 3, 2)).reshape(groups, -1, channels // groups * size)
