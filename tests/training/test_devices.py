"""The same bits from one device and from several, in a process that has four."""

import json
import os
import subprocess
import sys

import jax
import numpy as np
import pytest

from overparam.errors import InputError
from overparam.training import train_seeds
from tests.house.sources import ROOT
from tests.training.problems import gaussian, same_bits

SCRIPT = """
import json
import jax
import numpy as np
from overparam.training import compilations, train_seeds

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_numpy_dtype_promotion", "strict")
devices = jax.local_devices()
rng = np.random.default_rng(0)
points, labels = rng.normal(size=(7, 2)), rng.normal(size=7)


def runs(width, devices):
    return train_seeds(
        points, labels, jax.random.key(1), 13, width=width, optimizer="adam", step_size=0.03, max_steps=300,
        check_every=10, tolerance=0.2, chunk=2, dtype="float32", devices=devices,
    )


def bits(run):
    return [leaf.tobytes().hex() for leaf in jax.tree.leaves(run)]


said = {"devices": len(devices)}
for name, width in (("one width", 4), ("many", [4, 7, 2, 9] * 3 + [1])):
    before = compilations().get("advance_descent", 0)
    four = runs(width, None)
    said[name] = {
        "compilations": compilations()["advance_descent"] - before,
        "times of stopping": len(set(four.n_steps.tolist())),
        "same": bits(runs(width, devices[2:3])) == bits(four),
    }
print(json.dumps(said))
"""


@pytest.mark.slow
def test_a_seed_does_not_know_how_many_devices_there_are():
    """One device, which is not the first, against all four: one program, the same bits."""
    flags = {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": "--xla_force_host_platform_device_count=4"}
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, env=os.environ | flags, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    assert said.pop("devices") == 4
    assert set(said) == {"one width", "many"}
    for case in said.values():
        assert case["compilations"] == 1
        assert case["times of stopping"] > 2
        assert case["same"] is True


@pytest.mark.slow
def test_naming_the_device_changes_nothing():
    points, labels = gaussian(6, 2)
    options = {"width": 3, "step_size": 0.01, "max_steps": 100, "chunk": 2}
    first = train_seeds(points, labels, jax.random.key(0), 3, **options)
    assert same_bits(first, train_seeds(points, labels, jax.random.key(0), 3, devices=jax.devices()[:1], **options))


def test_weights_stay_where_they_are_unless_asked_for():
    points, labels = gaussian(6, 2)
    options = {"width": 3, "step_size": 0.01, "max_steps": 100, "chunk": 2}
    kept = train_seeds(points, labels, jax.random.key(0), 3, **options)
    lean = train_seeds(points, labels, jax.random.key(0), 3, keep_params=False, **options)
    assert lean.params is None
    assert same_bits(kept._replace(params=None), lean)
    assert all(isinstance(leaf, np.ndarray) for leaf in jax.tree.leaves(kept))


@pytest.mark.parametrize("count", [0, 2])
def test_refusals_teach(count):
    points, labels = gaussian(6, 2)
    with pytest.raises(InputError, match="different devices of one kind"):
        train_seeds(
            points, labels, jax.random.key(0), 3, width=3, step_size=0.01, devices=jax.devices()[:1] * count
        )  # fmt: skip


@pytest.mark.gpu
def test_on_a_gpu_a_seed_does_not_know_its_companions():
    """All slots of a chunk in one product; weights and outcomes are compared bit for bit."""
    if not any(device.platform == "gpu" for device in jax.devices()):
        pytest.skip("no GPU")
    points, labels = gaussian(16, 3)
    options = {"width": 8, "step_size": 0.01, "max_steps": 300, "chunk": 8, "dtype": "float32"}
    everyone = train_seeds(points, labels, jax.random.key(0), 20, **options)
    some = train_seeds(points, labels, jax.random.key(0), [19, 3, 11], **options)
    for place, seed in enumerate([19, 3, 11]):
        ours, alone = (jax.tree.map(lambda leaf, i=i: leaf[i], run) for i, run in ((seed, everyone), (place, some)))
        assert same_bits(ours, alone)
