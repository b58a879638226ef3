"""Which images a folder of the user's holds, by the names of its files; nothing in it is written or unpacked."""

import os
import pathlib
from typing import Literal, NamedTuple

from overparam.data.images import _cifar, _idx
from overparam.data.images._images import Images
from overparam.data.images._npz import read_npz_images
from overparam.errors import InputError

VARIABLE = "OVERPARAM_DATA"
Kind = Literal["cifar10", "cifar100", "mnist", "fashion", "npz"]
_FILES = {  # family -> names of which one shows that its files are meant
    "cifar10": frozenset(_cifar.NAMES10),
    "cifar100": frozenset(_cifar.NAMES100),
    "idx": frozenset((*_idx.NAMES, *(f"{name}.gz" for name in _idx.NAMES))),
}
_PICKLED = frozenset(("data_batch_1", "test_batch", "batches.meta"))
_PICKLED100 = frozenset(("train", "test", "meta"))
_SUBFOLDERS = {  # where several kinds lie in one folder
    "cifar10": ("cifar10", "cifar-10-batches-bin"),
    "mnist": ("mnist", "MNIST"),
    "fashion": ("fashion", "fashion-mnist", "FashionMNIST"),
}
_EXPECTED = (
    "expected the four IDX files of MNIST or Fashion-MNIST, the .bin files of CIFAR-10 or CIFAR-100 (binary version), "
    "or one .npz file with x_train, y_train, x_test, y_test"
)


class Counts(NamedTuple):
    """Images in a file; those published, unless a test makes small ones."""

    idx_train: int = 60_000
    idx_test: int = 10_000
    cifar10_batch: int = 10_000
    cifar100_train: int = 50_000
    cifar100_test: int = 10_000


PUBLISHED = Counts()


def read_folder(source: str, counts: Counts = PUBLISHED) -> Images:
    """The images in a folder, or in an .npz file.

    Raises:
        InputError: no such folder, images of no known format or of several, or a file that is not what its name says.
    """
    place = pathlib.Path(source).expanduser()
    if place.suffix == ".npz" and not place.is_dir():
        return read_npz_images(place)
    names = _listing(place)
    kinds = _kinds(place, names)
    if len(kinds) > 1:
        raise InputError(f"{place} holds files of {' and of '.join(kinds)}; put each into a folder of its own")
    if not kinds:
        raise InputError(f"{place} holds no images that can be read: {_EXPECTED}; found {_found(names)}")
    return _read(place, kinds[0], counts)


def paper_images(kind: Literal["cifar10", "mnist", "fashion"], counts: Counts = PUBLISHED) -> Images | None:
    """Images in the published number, from the folder that the environment variable OVERPARAM_DATA names.

    They lie in that folder or, where it holds several kinds, in one below it: cifar10 (or cifar-10-batches-bin), mnist,
    fashion.

    Returns:
        None if the variable is not set, or if its folder holds images of other kinds only.
    Raises:
        InputError: the variable is set, and its folder cannot be read or holds no images, or damaged ones.
    """
    source = os.environ.get(VARIABLE, "")
    if not source:
        return None
    try:
        place = pathlib.Path(source).expanduser()
        names = _listing(place)
        here = _kinds(place, names)
        if kind in here:
            return _read(place, kind, counts)
        below = [name for names_of in _SUBFOLDERS.values() for name in names_of if name in names]
        for name in _SUBFOLDERS[kind]:
            if name in below:
                return _below(place / name, kind, counts)
        if not here and not below:
            names_below = ", ".join(first for first, *_ in _SUBFOLDERS.values())
            raise InputError(f"{place} holds no images: {_EXPECTED}, there or in {names_below}; found {_found(names)}")
    except InputError as error:
        raise InputError(f"{VARIABLE}={source}: {error}") from None
    return None


def _below(place: pathlib.Path, kind: Kind, counts: Counts) -> Images:
    names = _listing(place)
    wanted = "idx" if kind in ("mnist", "fashion") else kind
    if not _FILES[wanted] & names:
        _refuse_pickles(place, names)
        raise InputError(f"{place} holds no files of {kind}: {_EXPECTED}; found {_found(names)}")
    return _read(place, kind, counts)


def _listing(place: pathlib.Path) -> frozenset[str]:
    """Names in a folder that is one, not a link to one."""
    if place.is_symlink():
        raise InputError(f"{place} is a symbolic link; name the folder that it leads to")
    try:
        return frozenset(os.listdir(place))
    except FileNotFoundError:
        raise InputError(f"there is no folder {place}; name one that holds images, or mnist5k, digits") from None
    except NotADirectoryError:
        raise InputError(f"{place} is no folder; {_EXPECTED} in one folder, so name that") from None
    except (OSError, ValueError) as error:  # permissions, a NUL in the path
        raise InputError(f"{place} cannot be read ({error})") from None


def _kinds(place: pathlib.Path, names: frozenset[str]) -> list[Kind]:
    """What lies directly in a folder; refuses the python version of CIFAR where nothing else is there."""
    kinds: list[Kind] = []
    if _FILES["cifar10"] & names:
        kinds.append("cifar10")
    if _FILES["cifar100"] & names:
        kinds.append("cifar100")
    if _FILES["idx"] & names:
        kinds.append("fashion" if "fashion" in place.resolve().name.lower() else "mnist")
    if any(name.endswith(".npz") for name in names):
        kinds.append("npz")
    if not kinds:
        _refuse_pickles(place, names)
    return kinds


def _refuse_pickles(place: pathlib.Path, names: frozenset[str]) -> None:
    if _PICKLED & names or names >= _PICKLED100:
        raise InputError(
            f"{place} holds the python version of CIFAR, which consists of pickles; unpickling runs code, so they are "
            "never read: get the binary version"
        )


def _read(place: pathlib.Path, kind: Kind, counts: Counts) -> Images:
    if kind == "cifar10":
        return _cifar.read_cifar10(place, counts.cifar10_batch)
    if kind == "cifar100":
        return _cifar.read_cifar100(place, counts.cifar100_train, counts.cifar100_test)
    if kind == "npz":
        files = sorted(place.glob("*.npz"))
        if len(files) > 1:
            raise InputError(f"{place} holds {len(files)} .npz files; name the one to read instead of the folder")
        return read_npz_images(files[0])
    return _idx.read_idx(place, kind, counts.idx_train, counts.idx_test)


def _found(names: frozenset[str]) -> str:
    if not names:
        return "an empty folder"
    listed = sorted(names)
    shown = ", ".join(listed[:8]) + (f" and {len(listed) - 8:,} more" if len(listed) > 8 else "")
    packed = any(name.endswith((".tar", ".tar.gz", ".tgz", ".zip")) for name in listed)
    folder = any("." not in name for name in listed)
    return shown + (
        "; unpack the archive and name the folder that it makes" if packed else "; is it a folder in there?" * folder
    )
