"""Small files in the published formats, written by hand, byte by byte."""

import struct

import numpy as np

from overparam.data.images._folder import Counts

SMALL = Counts(idx_train=6, idx_test=4, cifar10_batch=3, cifar100_train=5, cifar100_test=2)
IMAGES, LABELS = 0x00000803, 0x00000801


def idx(magic, dims, values):
    return struct.pack(f">I{len(dims)}I", magic, *dims) + bytes(values)


def mnist_files(seed=0, counts=SMALL):
    """name -> bytes, and the arrays in them"""
    rng = np.random.default_rng(seed)
    files, arrays = {}, {}
    for name, n in (("train", counts.idx_train), ("t10k", counts.idx_test)):
        pixels, labels = rng.integers(0, 256, (n, 28, 28)), rng.integers(0, 10, n)
        files[f"{name}-images-idx3-ubyte"] = idx(IMAGES, (n, 28, 28), pixels.ravel().tolist())
        files[f"{name}-labels-idx1-ubyte"] = idx(LABELS, (n,), labels.tolist())
        arrays[name] = (pixels, labels)
    return files, arrays


def cifar10_files(seed=0, counts=SMALL):
    rng = np.random.default_rng(seed)
    files, arrays = {}, {}
    for name in (*(f"data_batch_{k}.bin" for k in range(1, 6)), "test_batch.bin"):
        planes = rng.integers(0, 256, (counts.cifar10_batch, 3, 32, 32))
        labels = rng.integers(0, 10, counts.cifar10_batch)
        records = [bytes([y, *x]) for x, y in zip(planes.reshape(len(planes), -1).tolist(), labels, strict=True)]
        files[name], arrays[name] = b"".join(records), (planes, labels)
    return files, arrays


def cifar100_files(seed=0, counts=SMALL):
    rng = np.random.default_rng(seed)
    files, arrays = {}, {}
    for name, n in (("train.bin", counts.cifar100_train), ("test.bin", counts.cifar100_test)):
        planes, coarse, fine = rng.integers(0, 256, (n, 3, 32, 32)), rng.integers(0, 20, n), rng.integers(0, 100, n)
        rows = zip(planes.reshape(n, -1).tolist(), coarse, fine, strict=True)
        files[name], arrays[name] = b"".join(bytes([c, f, *x]) for x, c, f in rows), (planes, fine)
    return files, arrays


def write(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder
