"""What may go wrong on purpose.  Each message names the argument, what it must be, what it was, what to do next."""


class OverparamError(Exception):
    """Base of the errors that the command line prints as one sentence instead of a traceback."""


class InputError(OverparamError, ValueError):
    """The caller's data, file or option cannot be used."""


class PrecisionError(OverparamError, ValueError):
    """JAX is running without the dtype that was asked for."""


class RepairError(OverparamError):
    """A float network could not be turned into an exact one; nothing is thereby shown impossible."""
