"""`python -m overparam`, the same as the command `overparam`."""

import sys

from overparam.cli import main

sys.exit(main())
