"""A user's folder of images: every byte where the format says, and anything else refused with a sentence."""

import contextlib
import gzip
import hashlib
import os
import pickle
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overparam.data import load_images, paper_images
from overparam.data.images._folder import PUBLISHED, Counts, read_folder
from overparam.errors import InputError
from tests.data.image_files import IMAGES, LABELS, SMALL, cifar10_files, cifar100_files, idx, mnist_files, write

TRAIN, TRAIN_LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


@contextlib.contextmanager
def little_memory(most=10**7):
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


def same(points, pixels):
    assert points.dtype == np.float32 and points.flags.c_contiguous and not points.flags.writeable
    np.testing.assert_array_equal(np.rint(points * 255), pixels)


@pytest.mark.parametrize("packed", [False, True])
def test_mnist(tmp_path, packed):
    files, arrays = mnist_files()
    stored = {f"{k}.gz": gzip.compress(v, mtime=0) for k, v in files.items()} if packed else files
    found = read_folder(str(write(tmp_path / "mnist", stored)), SMALL)
    same(found.points[..., 0], arrays["train"][0])
    same(found.test_points[..., 0], arrays["t10k"][0])
    assert found.labels.tolist() == arrays["train"][1].tolist() and found.labels.dtype == np.int32
    assert found.test_labels.tolist() == arrays["t10k"][1].tolist()
    assert (found.name, found.n_classes) == ("mnist", 10)
    assert found.sha256 == hashlib.sha256(b"".join(stored.values())).hexdigest()
    assert "6 training and 4 test images" in found.notes[0]


def test_fashion_is_known_by_its_folder(tmp_path):
    found = read_folder(str(write(tmp_path / "Fashion-MNIST", mnist_files()[0])), SMALL)
    assert found.name == "fashion" and "equal names and sizes" in found.notes[1]


def test_cifar10(tmp_path):
    files, arrays = cifar10_files()
    found = read_folder(str(write(tmp_path, files)), SMALL)
    planes = np.concatenate([arrays[f"data_batch_{k}.bin"][0] for k in range(1, 6)])
    for channel in range(3):  # red, green, blue
        np.testing.assert_array_equal(np.rint(found.points[..., channel] * 255), planes[:, channel])
    same(found.test_points, np.moveaxis(arrays["test_batch.bin"][0], 1, -1))
    assert found.labels.tolist() == np.concatenate([arrays[f"data_batch_{k}.bin"][1] for k in range(1, 6)]).tolist()
    assert found.points.shape == (15, 32, 32, 3) and (found.name, found.n_classes) == ("cifar10", 10)
    assert found.sha256 == hashlib.sha256(b"".join(files.values())).hexdigest()


def test_cifar100_takes_the_fine_label(tmp_path):
    files, arrays = cifar100_files()
    found = read_folder(str(write(tmp_path, files)), SMALL)
    same(found.points, np.moveaxis(arrays["train.bin"][0], 1, -1))
    assert found.labels.tolist() == arrays["train.bin"][1].tolist()
    assert found.test_labels.tolist() == arrays["test.bin"][1].tolist()
    assert (found.name, found.n_classes) == ("cifar100", 100)


@pytest.mark.parametrize("channels", [(), (3,)])
def test_npz(tmp_path, channels):
    rng = np.random.default_rng(0)
    x, x_test = (rng.integers(0, 256, (n, 5, 4, *channels)).astype(np.uint8) for n in (7, 2))
    y, y_test = np.array([0, 1, 2, 3, 0, 1, 2]), np.array([[1], [5]])
    np.savez_compressed(tmp_path / "mine.npz", x_train=x, y_train=y, x_test=x_test, y_test=y_test)
    for source in (tmp_path, tmp_path / "mine.npz"):
        found = load_images(str(source))
        same(found.points, x if channels else x[..., None])
        assert found.labels.tolist() == y.tolist() and found.test_labels.tolist() == [1, 5]
        assert (found.name, found.n_classes) == ("mine", 6)
        assert found.sha256 == hashlib.sha256((tmp_path / "mine.npz").read_bytes()).hexdigest()


def test_the_published_sizes(tmp_path):
    """Files as long as the published ones; none has more than its header."""
    assert (
        Counts(60_000, 10_000, 10_000, 50_000, 10_000) == PUBLISHED
        and 16 + 60_000 * 28**2 == 47_040_016
        and 10_000 * 3073 == 30_730_000
    )
    head = {TRAIN: struct.pack(">IIII", IMAGES, 60_000, 28, 28), TRAIN_LABELS: struct.pack(">II", LABELS, 60_000)}
    for name, length in ((TRAIN, 47_040_016), (TRAIN_LABELS, 60_008)):
        (tmp_path / name).write_bytes(head[name])
        os.truncate(tmp_path / name, length)
    with little_memory(10**8), pytest.raises(InputError, match="has no file t10k-images-idx3-ubyte"):
        load_images(str(tmp_path))
    os.truncate(tmp_path / TRAIN, 47_040_017)
    with (
        little_memory(),
        pytest.raises(InputError, match=r"expected .*60,000 images.*47,040,016 bytes, found 47,040,017"),
    ):
        load_images(str(tmp_path))
    (tmp_path / "cifar").mkdir()
    (tmp_path / "cifar" / "data_batch_1.bin").touch()
    os.truncate(tmp_path / "cifar" / "data_batch_1.bin", 30_729_999)
    with little_memory(), pytest.raises(InputError, match=r"10,000 records of 3,073 bytes.*30,730,000.*cut short"):
        load_images(str(tmp_path / "cifar"))


def broken(name, content):
    """A case: the MNIST files with one replaced."""
    return {**mnist_files()[0], name: content}


PIXELS = bytes(6 * 28 * 28)


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        (broken(TRAIN, mnist_files()[0][TRAIN][:-1]), "4,720 bytes, found 4,719; it is cut short"),
        (broken(TRAIN, mnist_files()[0][TRAIN] + b"\0"), "4,720 bytes, found 4,721; get the file again"),
        (broken(TRAIN, b""), "begins with nothing"),
        (broken(TRAIN, mnist_files()[0][TRAIN_LABELS]), "found an IDX file of dimensions 6: put the file of that name"),
        (broken(TRAIN, idx(IMAGES, (6, 28, 27), PIXELS)), "dimensions 6 x 28 x 27"),
        (broken(TRAIN, idx(IMAGES, (2**32 - 1,) * 3, PIXELS)), "4,294,967,295 x 4,294,967,295"),
        (broken(TRAIN, idx(0x00000D03, (6, 28, 28), PIXELS)), "of floats, type code 0x0d; only unsigned bytes"),
        (broken(TRAIN, idx(0x00000809, (6, 28, 28), PIXELS)), "header of 9 dimensions"),
        (broken(TRAIN, idx(0x03080000, (6, 28, 28), PIXELS)), "no IDX file: it begins with 03 08 00 00"),
        (broken(TRAIN, gzip.compress(mnist_files()[0][TRAIN])), "found packed with gzip: unpack it"),
        (broken(TRAIN, pickle.dumps({"data": 1})), "a pickle .*unpickling runs code"),
        (broken(TRAIN, b"<!DOCTYPE html>" + PIXELS), "a web page"),
        (broken(TRAIN, b"PK\x03\x04" + PIXELS), "a zip archive"),
        (broken(TRAIN_LABELS, idx(LABELS, (6,), [0, 1, 10, 3, 4, 5])), "label 2 is 10, expected 0 to 9"),
        (broken(TRAIN_LABELS, idx(LABELS, (5,), range(5))), "dimensions 5"),
        ({k: v for k, v in mnist_files()[0].items() if k != TRAIN_LABELS}, f"no file {TRAIN_LABELS}"),
        ({**cifar10_files()[0], **cifar100_files()[0]}, "holds files of cifar10 and of cifar100"),
        ({**cifar10_files()[0], "test_batch.bin": bytes(9218)}, r"3 records of 3,073 bytes.*cut short"),
        ({**cifar10_files()[0], "test_batch.bin": b"\x0a" + bytes(9218)}, "label of record 0 is 10; expected classes"),
        ({**cifar10_files()[0], "data_batch_2.bin": pickle.dumps(PIXELS)}, "a pickle"),
        ({k: v for k, v in cifar10_files()[0].items() if "4" not in k}, "no file .*data_batch_4.bin"),
        ({**cifar100_files()[0], "test.bin": b"\x14" + bytes(6147)}, "label of record 0 is 20; .* 0 to 19"),
        ({**cifar100_files()[0], "test.bin": b"\x13\x64" + bytes(6146)}, "label of record 0 is 100; .* 0 to 99"),
        ({"data_batch_1": b"\x80\x02", "batches.meta": b""}, "python version of CIFAR"),
        ({"train": b"\x80", "test": b"\x80", "meta": b"\x80"}, "python version of CIFAR"),
        ({"cifar-10-binary.tar.gz": b""}, "unpack the archive and name the folder"),
        ({"photo.jpg": b""}, "holds no images that can be read: expected .*found photo.jpg"),
        ({}, "found an empty folder"),
        ({"a.npz": b"", "b.npz": b""}, "2 .npz files"),
        ({"a.npz": b""}, "is empty"),
    ],
    ids=range(30),
)
def test_refused(tmp_path, files, sentence):
    with little_memory(), pytest.raises(InputError, match=sentence):
        read_folder(str(write(tmp_path / "mine", files)), SMALL)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (mnist_files()[0][TRAIN], "not packed although its name ends in .gz"),
        (gzip.compress(mnist_files()[0][TRAIN])[:-5], "packing is damaged"),
        (gzip.compress(mnist_files()[0][TRAIN])[:-8] + bytes(8), "packing is damaged"),
        (gzip.compress(mnist_files()[0][TRAIN]) + b"more", "packing is damaged"),
        (gzip.compress(mnist_files()[0][TRAIN][:-1]), "found 4,719; it is cut short"),
        (gzip.compress(mnist_files()[0][TRAIN] + bytes(4 * 10**7)), "found more; get the file again"),
        (gzip.compress(mnist_files()[0][TRAIN] + bytes(10**6), 0), "packed ones; get the file again"),
        (gzip.compress(pickle.dumps(PIXELS)), "a pickle"),
        (b"", "not packed"),
    ],
    ids=range(9),
)
def test_packed_files_refused(tmp_path, content, sentence):
    """A bomb unpacks to one byte more than it should, no further."""
    files = mnist_files()[0]
    del files[TRAIN]
    folder = write(tmp_path, {**files, f"{TRAIN}.gz": content})
    with little_memory(), pytest.raises(InputError, match=sentence):
        read_folder(str(folder), SMALL)


def arrays(**changed):
    whole = {
        "x_train": np.zeros((3, 4, 4), np.uint8),
        "y_train": np.arange(3),
        "x_test": np.zeros((2, 4, 4), np.uint8),
        "y_test": np.arange(2),
    }
    return {name: array for name, array in (whole | changed).items() if array is not None}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"y_test": None}, "it must hold x_train, y_train, x_test, y_test"),
        ({"more": np.zeros(3)}, "it must hold"),
        ({"x_train": np.zeros((3, 4, 4))}, r"must be bytes \(uint8.*not float64"),
        ({"x_train": np.zeros((3, 16), np.uint8)}, r"not uint8 of shape \(3, 16\)"),
        ({"x_test": np.zeros((0, 4, 4), np.uint8), "y_test": np.zeros(0, int)}, r"shape \(0, 4, 4\)"),
        ({"x_test": np.zeros((2, 4, 5), np.uint8)}, r"must have one shape, not \(4, 4, 1\) and \(4, 5, 1\)"),
        ({"y_train": np.arange(2)}, "must be 3 integers, a class for each image"),
        ({"y_train": np.zeros(3)}, "not float64"),
        ({"y_train": np.array([0, -1, 2])}, "not numbers from -1 to 2"),
        ({"y_train": np.array([0, 1, 2**40])}, "fewer than 10,000"),
        ({"y_train": np.array([0, 1, None])}, "pickled objects"),
        ({"x_train": np.zeros((3, 4, 4), object)}, "pickled objects"),
    ],
    ids=range(12),
)
def test_npz_refused(tmp_path, changed, sentence):
    np.savez(tmp_path / "mine.npz", **arrays(**changed))
    with little_memory(), pytest.raises(InputError, match=sentence):
        load_images(str(tmp_path / "mine.npz"))


def test_places_that_are_no_folders(tmp_path):
    write(tmp_path / "real", cifar10_files()[0])
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "file").touch()
    for name, sentence in (("link", "symbolic link"), ("file", "is no folder"), ("none", "there is no folder")):
        with pytest.raises(InputError, match=sentence):
            read_folder(str(tmp_path / name), SMALL)
    with pytest.raises(InputError, match="cannot be read"):
        read_folder("a\0b", SMALL)
    with pytest.raises(InputError, match="there is no file"):
        read_folder(str(tmp_path / "none.npz"), SMALL)
    (tmp_path / "real" / "test_batch.bin").unlink()
    (tmp_path / "real" / "test_batch.bin").symlink_to(tmp_path)  # a link to a folder
    with pytest.raises(InputError, match=r"test_batch.bin is a folder; a file"):
        read_folder(str(tmp_path / "real"), SMALL)
    (tmp_path / "real" / "test_batch.bin").unlink()
    os.mkfifo(tmp_path / "real" / "test_batch.bin")  # reading would wait for ever
    with pytest.raises(InputError, match="no regular file"):
        read_folder(str(tmp_path / "real"), SMALL)


@settings(max_examples=60)
@given(data=st.data())
def test_any_change_of_a_file_is_refused_or_is_another_image(tmp_path_factory, data):
    """Bytes are overwritten, inserted or removed in one file: a changed length or header never passes."""
    files, _ = data.draw(st.sampled_from([mnist_files(), cifar10_files(), cifar100_files()]))
    name = data.draw(st.sampled_from(sorted(files)))
    whole = files[name]
    at = data.draw(st.integers(0, len(whole) - 1) | st.integers(0, 20))
    out, new = data.draw(st.integers(0, 40)), data.draw(st.binary(max_size=40))
    changed = whole[:at] + new + whole[at + out :]
    folder = write(tmp_path_factory.mktemp("images"), {**files, name: changed})
    header = 0 if name.endswith(".bin") else 16 if "images" in name else 8
    try:
        found = read_folder(str(folder), SMALL)
    except InputError:
        return
    assert len(changed) == len(whole) and changed[:header] == whole[:header]
    assert found.labels.min() >= 0 and found.labels.max() < found.n_classes
    assert found.points.min() >= 0 and found.points.max() <= 1


def test_the_folder_for_the_published_setting(tmp_path, monkeypatch):
    monkeypatch.delenv("OVERPARAM_DATA", raising=False)
    assert paper_images("cifar10", SMALL) is None
    monkeypatch.setenv("OVERPARAM_DATA", str(tmp_path))
    with pytest.raises(InputError, match=r"OVERPARAM_DATA=.*holds no images"):
        paper_images("cifar10", SMALL)
    write(tmp_path / "cifar-10-batches-bin", cifar10_files()[0])
    write(tmp_path / "fashion", mnist_files(seed=1)[0])
    assert paper_images("cifar10", SMALL).points.shape == (15, 32, 32, 3)
    assert paper_images("mnist", SMALL) is None
    assert paper_images("fashion", SMALL).name == "fashion"
    write(tmp_path / "mnist", {"data_batch_1": b"\x80"})
    with pytest.raises(InputError, match=r"OVERPARAM_DATA=.*mnist holds the python version"):
        paper_images("mnist", SMALL)
    write(tmp_path / "mnist", mnist_files()[0])
    assert paper_images("mnist", SMALL).points.shape == (6, 28, 28, 1)
    monkeypatch.setenv("OVERPARAM_DATA", str(tmp_path / "cifar-10-batches-bin"))
    assert paper_images("cifar10", SMALL).name == "cifar10" and paper_images("mnist", SMALL) is None
    with pytest.raises(InputError, match="10,000 records"):  # the published files are longer
        paper_images("cifar10")
    monkeypatch.setenv("OVERPARAM_DATA", str(tmp_path / "none"))
    with pytest.raises(InputError, match=r"OVERPARAM_DATA=.*there is no folder"):
        paper_images("mnist", SMALL)
