"""The same program on several devices, each with slots of its own."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from overparam.errors import InputError

_AXIS = "slots"


def mesh_of(devices: Sequence[jax.Device] | None, chunks: int) -> Mesh | None:
    """The devices that get a chunk each, at most `chunks` of them; None for the default device alone.

    Args:
        devices: of one kind; all local ones if not given.
        chunks: how many chunks the seeds fill.
    Raises:
        InputError: no device, or devices of several kinds.
    """
    chosen = list(jax.local_devices() if devices is None else devices)
    if not chosen or len({device.device_kind for device in chosen}) > 1 or len(set(chosen)) < len(chosen):
        raise InputError(f"devices must be one or more different devices of one kind, got {chosen}")
    chosen = chosen[: max(chunks, 1)]
    if devices is None and len(chosen) == 1:
        return None
    return Mesh(np.array(chosen), (_AXIS,))


def n_devices(mesh: Mesh | None) -> int:
    """How many devices share the work."""
    return 1 if mesh is None else mesh.size


def place(mesh: Mesh | None, tree: Any, *, split: bool) -> Any:
    """Arrays on the devices, slots divided among them or everything everywhere."""
    if mesh is None:
        return jax.device_put(tree)
    return jax.device_put(tree, NamedSharding(mesh, PartitionSpec(_AXIS) if split else PartitionSpec()))


def on_each(mesh: Mesh | None, function: Callable[..., Any], split: Sequence[bool]) -> Callable[..., Any]:
    """`function`, run by every device on its own slots, without waiting for the others.

    Args:
        mesh: the devices.
        function: of one device's arguments; whatever it returns has the slots first.
        split: for each argument, whether its arrays have the slots first; the others are the same everywhere.
    """
    if mesh is None:
        return function
    specs = tuple(PartitionSpec(_AXIS) if one else PartitionSpec() for one in split)
    return jax.shard_map(function, mesh=mesh, in_specs=specs, out_specs=PartitionSpec(_AXIS), check_vma=False)
