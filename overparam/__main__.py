"""`python -m overparam`, the same as the command `overparam`."""

from overparam.cli import script

script()
