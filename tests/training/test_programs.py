"""Compiled programs are forgotten before they crash the process, and not sooner."""

import pathlib

import jax
import jax.numpy as jnp
import pytest

from overparam import programs
from overparam.programs import spare_mappings

linux = pytest.mark.skipif(not pathlib.Path("/proc/self/maps").exists(), reason="this system does not count mappings")


def mappings():
    return len(pathlib.Path("/proc/self/maps").read_text().splitlines())


@linux
def test_programs_are_forgotten_where_mappings_run_short():
    function = jax.jit(lambda x: jnp.sin(x).sum())
    for n in range(1, 21):
        function(jnp.ones(n))
    assert function._cache_size() == 20
    assert not spare_mappings(share=1.0) and function._cache_size() == 20
    before = mappings()
    assert spare_mappings(share=0.0) and function._cache_size() == 0
    assert mappings() < before
    assert float(function(jnp.zeros(3))) == 0.0


@pytest.mark.parametrize("content", ["", "many\n", None])
def test_where_nothing_is_told_nothing_is_done(tmp_path, monkeypatch, content):
    path = tmp_path / "max_map_count"
    if content is not None:
        path.write_text(content)
    monkeypatch.setattr(programs, "_MOST", path)
    assert not spare_mappings(share=0.0)


def test_claims_and_shards_leave_none_behind(tmp_path, monkeypatch):
    """Both loops ask after each piece of work."""
    asked = []
    from overparam.studies import _registry
    from overparam.sweeps import _work
    from tests.sweeps.sweeping import computed, small

    monkeypatch.setattr(_registry, "spare_mappings", lambda: asked.append("claim"))
    monkeypatch.setattr(_work, "spare_mappings", lambda: asked.append("shard"))
    assert len(list(_registry.verify(["s-alexnet-counts", "s-uat-iff"], tmp_path / "claims", "ci"))) == 2
    computed(small(seeds=4), tmp_path / "sweep")
    assert asked.count("claim") == 2 and "shard" in asked
