"""The one entry point for images: a packaged set by name, or a folder."""

from overparam.data.images._images import Images
from overparam.data.images._packaged import digits, drawn, mnist5k

_PACKAGED = {"mnist5k": mnist5k, "digits": digits, "mixture": drawn}


def load_images(source: str = "mnist5k") -> Images:
    """Images with classes.

    Args:
        source: "mnist5k", "digits" or "mixture" (drawn; a stand-in), or the path of a folder that holds MNIST or
            Fashion-MNIST files (IDX), CIFAR-10 or CIFAR-100 files (binary version), or one .npz file.
    Raises:
        InputError: the folder holds none of these, or a file that is not what its name says.
    """
    if source in _PACKAGED:
        return _PACKAGED[source]()
    from overparam.data.images._folder import read_folder

    return read_folder(source)
