"""Layers that pick the code of a group and read it bit by bit, all in integers.

A code is an integer of known length.  Its highest bit, of weight w = 2^(k - 1), is relu(z - w + 1) - relu(z - w), and
z - w bit has one place less: so numbers shrink while they are read, and no weight is longer than the code.
"""

from collections.abc import Mapping, Sequence

from overparam.memorizers.classes._stack import Affine, Stack, constant

State = dict[str, Affine]


def select(stack: Stack, state: State, codes: Sequence[int], firsts: Sequence[int]) -> State:
    """Set z to codes[g] for t in group g, one group a layer of four units: t, z and the two of a step.

    Args:
        stack: the network so far.
        state: holds t; group g starts at firsts[g] and no t lies strictly between firsts[g] - 1 and firsts[g].
        codes: one a group, not negative.
        firsts: integers, ascending; the first is not used.
    """
    state = state | {"z": constant(codes[0])}
    for before, code, first in zip(codes[:-1], codes[1:], firsts[1:], strict=True):
        state, (above, beyond) = stack.relayed(state, state["t"] - (first - 1), state["t"] - first)
        state["z"] += (code - before) * (above - beyond)
    return state


def select_wide(stack: Stack, state: State, codes: Sequence[int], firsts: Sequence[int], layers: int) -> State:
    """The same with the groups spread over so many wide layers, a layer (t, z) behind each of them."""
    state = state | {"z": constant(codes[0])}
    at_once = -(-(len(codes) - 1) // layers)
    for start in range(1, len(codes), at_once or 1):
        chosen = range(start, min(start + at_once, len(codes)))
        steps = [state["t"] - (firsts[g] - shift) for g in chosen for shift in (1, 0)]
        state, placed = stack.relayed(state, *steps)
        for above, beyond, g in zip(placed[::2], placed[1::2], chosen, strict=True):
            state["z"] += (codes[g] - codes[g - 1]) * (above - beyond)
        state, _ = stack.relayed(state)
    return state


def read(stack: Stack, state: State, left: int, bits: int, into: str) -> State:
    """Move the highest `bits` bits of z, an integer of `left` bits, into a number of their own; one layer a bit."""
    state = state | {into: constant(0)}
    for k in range(left - 1, left - 1 - bits, -1):
        weight = 1 << k
        state, (above, beyond) = stack.relayed(state, state["z"] - (weight - 1), state["z"] - weight)
        bit = above - beyond
        state |= {"z": state["z"] - weight * bit, into: 2 * state[into] + bit}
    return state


def near(stack: Stack, state: State, of: Affine, keep: Sequence[str]) -> State:
    """Set v to 1 where `of` is in [0, 1], to 0 where it is at most -1 or at least 2; a layer of four units."""
    state, ramps = stack.relayed({name: state[name] for name in keep}, of + 1, of, of - 1, of - 2)
    return state | {"v": ramps[0] - ramps[1] - ramps[2] + ramps[3]}


def gate(stack: Stack, state: Mapping[str, Affine], label: Affine, bits: int, keep: Sequence[str]) -> State:
    """Add to s the label, an integer of so many bits, where v is 1, and nothing where v is 0; a layer of one unit."""
    height = 1 << bits
    kept, (taken,) = stack.relayed({name: state[name] for name in keep}, label + height * state["v"] - height)
    return kept | {"s": kept["s"] + taken}
