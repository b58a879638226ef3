"""`python -m proofs_check ...` and, from a bare clone without any setting, `python -I -S proofs_check ...`."""

import os
import sys

if not __package__:  # run as a folder: Python put the folder itself on the path, where its parent belongs
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from proofs_check.cli import main

sys.exit(main())
