"""64 bits on, rank promotion raises, dtype promotion strict, types checked at run time, no network."""

import os
import socket

import hypothesis
import pytest
from jaxtyping import install_import_hook

# Examples are the same in every run, so that a failure on one machine is a failure on all; compiling takes its time.
hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True)
hypothesis.settings.load_profile("repeatable")

# Before anything imports overparam: its functions then check the shapes and types that they announce.
install_import_hook("overparam", "typechecking.check")

os.environ.setdefault("MPLBACKEND", "agg")

import jax  # noqa: E402 - the hook comes first

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_numpy_dtype_promotion", "strict")


@pytest.fixture(autouse=True, scope="module")
def _few_programs():
    """One process runs the tests of many modules, and compiled programs stay: too many of them would crash it."""
    yield
    from overparam.programs import spare_mappings

    spare_mappings()


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch):
    """A test that talks to another machine fails; sockets inside this machine are fine."""
    connect = socket.socket.connect

    def local_only(self, address):
        if isinstance(address, tuple) and address[0] not in ("localhost", "127.0.0.1", "::1"):
            raise RuntimeError(f"a test tried to reach {address[0]}; tests run without a network")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", local_only)
