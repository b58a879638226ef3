"""Kernels at scale: blocks, files, devices, products and refusals agree with the matrix itself."""

import os
import subprocess
import sys
import textwrap

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overparam.errors import InputError
from overparam.ntk import dense_kernel, estimate_bytes, gram_product, stream_gram
from overparam.ntk.scale import _blocks, _cost
from tests.house.sources import ROOT
from tests.ntk.simple_kernels import Laplace

KERNEL = Laplace()
EPS = 2.0**-52


def points_of(n, d, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d))


def rational(a, b):
    """A symmetric function whose values are the same in every block, bit for bit."""
    return 1 / (1 + jnp.abs(a[:, :1] - b[:, 0][None, :]))


@settings(deadline=None, max_examples=4)
@given(st.sampled_from([1, 5, 12]), st.sampled_from([1, 3, 5, 20]))
def test_blocks_make_the_matrix(n, block):
    points = points_of(n, 2)
    out = np.full((n, n), np.nan)
    found = stream_gram(rational, points, out=out, block=block)
    assert found is out
    whole = 1 / (1 + np.abs(points[:, :1] - points[:, :1].T))
    assert np.array_equal(found, whole)
    vectors = points_of(n, 3, seed=1)
    product = np.asarray(gram_product(rational, points, vectors, block=block))
    assert np.abs(product - whole @ vectors).max() <= 4 * n * EPS * np.abs(vectors).sum()


@pytest.mark.slow
def test_a_kernel_in_blocks():
    """Blocks run compiled operations of their own, so entries differ from the whole by their rounding, 32 EPS."""
    points = points_of(130, 5)
    kernel = dense_kernel(1)
    whole = np.asarray(kernel.only("ntk", points))
    found = stream_gram(kernel, points, block=65)
    assert isinstance(found, np.ndarray) and np.array_equal(found, found.T)
    assert np.abs(found - whole).max() <= 32 * EPS * whole.max()
    for which in ("ntk", "nngp"):
        whole = np.asarray(KERNEL.only(which, points))
        assert np.array_equal(stream_gram(KERNEL, points, which=which, block=65), whole)
        product = gram_product(KERNEL, points, np.ones(130), which=which, block=65)
        assert product.shape == (130,)
        assert np.abs(product - whole.sum(axis=1)).max() <= 300 * EPS * whole.max() * 130
    single = stream_gram(rational, points, block=64, dtype="float32")
    assert single.dtype == np.float32


def test_each_pair_of_blocks_is_made_once():
    calls = []

    def kernel(a, b):
        calls.append((a.shape[0], b.shape[0]))
        return jnp.zeros((a.shape[0], b.shape[0]))

    stream_gram(kernel, points_of(10, 2), block=3)
    assert len(calls) == 4 * 5 // 2 and max(max(shape) for shape in calls) == 3
    assert sum(a * b for a, b in calls) < 75


def test_images_and_indices():
    images = np.random.default_rng(0).normal(size=(5, 2, 3, 1))
    found = stream_gram(lambda a, b: jnp.einsum("ahwc,bhwc->ab", a, b), images, block=2)
    assert np.allclose(found, np.einsum("ahwc,bhwc->ab", images, images), atol=1e-14, rtol=0)
    index = np.arange(6)[:, None]
    table = np.add.outer(np.arange(6.0), np.arange(6.0))
    assert np.array_equal(stream_gram(lambda a, b: jnp.asarray(table)[a[:, 0]][:, b[:, 0]], index, block=4), table)


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    points, path = points_of(9, 2), tmp_path / "gram.npy"
    found = stream_gram(rational, points, path=path, block=4)
    assert isinstance(found, np.memmap) and not found.flags.writeable
    assert np.array_equal(np.load(path), stream_gram(rational, points)) and os.listdir(tmp_path) == ["gram.npy"]
    before = path.read_bytes()

    def broken(a, b):
        return rational(a, b) if a.shape == b.shape and bool(jnp.all(a == b)) else rational(a, b) * jnp.nan

    del found
    with pytest.raises(InputError, match="not finite on points 0 to 2 with 3 to 5"):
        stream_gram(broken, points, path=path, block=4)
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["gram.npy"]
    with pytest.raises(InputError, match="no folder"):
        stream_gram(rational, points, path=tmp_path / "none" / "gram.npy")
    with pytest.raises(InputError, match="is a folder"):
        stream_gram(rational, points, path=tmp_path)


def test_what_does_not_fit_is_refused_before_it_starts(monkeypatch, tmp_path):
    points = points_of(100, 3)
    size = estimate_bytes(100, 3, block=10)
    assert size.result == 80_000 and size.host == 2400 + 4 * 800 and size.device == 2400 + 4 * 800
    taken = size.result + size.host + size.device

    def never(a, b):
        raise AssertionError("work began")

    with pytest.raises(InputError, match=rf"takes {taken} bytes .* memory has {taken - 1} "):
        stream_gram(never, points, block=10, memory=taken - 1, devices=jax.local_devices()[:1])
    stream_gram(rational, points, block=10, memory=taken, devices=jax.local_devices()[:1])
    monkeypatch.setattr(_blocks, "memory_left", lambda: 1000)
    with pytest.raises(InputError, match="give a path"):
        stream_gram(never, points)
    with pytest.raises(InputError, match="smaller block"):
        stream_gram(never, points, path=tmp_path / "gram.npy")
    monkeypatch.setattr(_blocks, "memory_left", lambda: None)
    monkeypatch.setattr(_blocks, "disk_left", lambda folder: 80_127)
    with pytest.raises(InputError, match=r"takes 80128 bytes .* has 80127 "):
        stream_gram(never, points, path=tmp_path / "gram.npy")
    assert os.listdir(tmp_path) == []


def test_what_the_machine_says():
    left = _cost.memory_left()
    assert left is None or 2**20 < left < 2**50
    assert _cost.disk_left(ROOT) > 0
    assert estimate_bytes(10, 1, block=4, dtype="float32").result == 400
    for bad in ((0, 1), (1, 0)):
        with pytest.raises(InputError):
            estimate_bytes(*bad)
    with pytest.raises(InputError, match="block"):
        estimate_bytes(5, 5, block=0)


def test_what_is_refused():
    points = points_of(6, 2)
    for call, sentence in (
        (lambda: stream_gram(rational, points[0]), "at least one row"),
        (lambda: stream_gram(rational, points, block=0), "block"),
        (lambda: stream_gram(rational, points, out=np.zeros((6, 5))), "writable"),
        (lambda: stream_gram(rational, points, out=np.zeros((6, 6), np.float32)), "float64"),
        (lambda: stream_gram(rational, points, out=np.zeros((6, 6)), path="x"), "not both"),
        (lambda: stream_gram(rational, points, devices=[]), "at least one device"),
        (lambda: stream_gram(lambda a, b: a, points), "shape"),
        (lambda: stream_gram(KERNEL, points * np.nan, block=3), "not finite"),
        (lambda: gram_product(rational, points, np.ones(5)), "6 points"),
        (lambda: gram_product(rational, points, np.full(6, np.inf)), "not finite"),
    ):
        with pytest.raises(InputError, match=sentence):
            call()


@pytest.mark.slow
def test_four_devices_agree_with_one():
    """Blocks go round the devices, and the matrix is the same bit for bit: no sum crosses a device."""
    code = """
        import jax, numpy as np
        jax.config.update("jax_enable_x64", True)
        from overparam.ntk import dense_kernel, gram_product, stream_gram
        assert len(jax.local_devices()) == 4
        seen = set()
        def kernel(a, b):
            seen.update(a.devices())
            return a @ b.T
        points = np.random.default_rng(0).normal(size=(90, 3))
        four = stream_gram(kernel, points, block=20)
        assert seen == set(jax.local_devices()), seen
        assert np.array_equal(four, stream_gram(kernel, points, block=20, devices=jax.devices()[:1]))
        limit = dense_kernel(1)
        whole = np.asarray(limit.only("ntk", points))
        assert np.abs(stream_gram(limit, points, block=30) - whole).max() <= 1e-13 * whole.max()
        product = gram_product(limit, points, np.ones(90), block=30)
        assert np.abs(product - whole.sum(axis=1)).max() <= 1e-12 * whole.max() * 90
        print("agreed")
    """
    environment = os.environ | {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": "--xla_force_host_platform_device_count=4"}
    command = [sys.executable, "-c", textwrap.dedent(code)]
    run = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)
    assert run.returncode == 0 and run.stdout.strip() == "agreed", run.stderr


def test_only_regular_files_are_replaced(tmp_path):
    """Devices, pipes and links stay what they are, and nothing is computed first."""
    points, kept = points_of(3, 2), tmp_path / "kept.npy"
    kept.write_bytes(b"kept")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(kept)
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")

    def never(a, b):
        raise AssertionError("work began")

    before = sorted(os.listdir(tmp_path))
    for path, sentence in (
        (tmp_path / "pipe", "device, pipe or socket"),
        (tmp_path / "link", "symbolic link"),
        (tmp_path / "dangling", "symbolic link"),
        (tmp_path / ("n" * 300), "of [0-9]+ characters .*too long"),
        (tmp_path / "n\0n", "path must name a file"),
        (kept / "below", "no folder"),
    ):
        with pytest.raises(InputError, match=sentence):
            stream_gram(never, points, path=path)
    for path, sentence in ((b"gram.npy", "string or a pathlib.Path, not bytes"), (3, "not int")):
        with pytest.raises(InputError, match=sentence):
            _blocks._target(path)
    assert sorted(os.listdir(tmp_path)) == before and kept.read_bytes() == b"kept"
    long = tmp_path / ("n" * 250)  # the name while incomplete must not be longer than what the system takes
    assert stream_gram(rational, points, path=long).shape == (3, 3)

    def busy(a, b):
        (tmp_path / "late").symlink_to(kept)
        return rational(a, b)

    with pytest.raises(InputError, match="symbolic link"):
        stream_gram(busy, points, path=tmp_path / "late")
    assert sorted(os.listdir(tmp_path)) == sorted([*before, long.name, "late"]) and kept.read_bytes() == b"kept"


def test_complex_numbers_are_refused():
    points = points_of(4, 2)
    for call, sentence in (
        (
            lambda: stream_gram(lambda a, b: np.asarray(rational(a, b)) * (1 + 1j), points),
            "kernel must return real numbers",
        ),
        (lambda: stream_gram(KERNEL, points * 1j), "points must be real"),
        (lambda: gram_product(KERNEL, points * 1j, np.ones(4)), "points must be real"),
        (lambda: gram_product(rational, points, np.ones(4) * 1j), "vectors must be real"),
    ):
        with pytest.raises(InputError, match=sentence):
            call()
