"""Cells for a terminal: `%%sh` shows what the commands printed, in one piece, and fails where one of them fails.

IPython's own magic of that name hands output on in pieces of a hundred letters, and pages would show lines that break
there.  This file is run by every kernel when it starts; lines of progress, on standard error, are not shown.
"""

import subprocess

from IPython.core.magic import register_cell_magic


@register_cell_magic
def sh(line: str, cell: str) -> None:
    """Run the lines of a cell with `sh`, ending at the first that fails."""
    done = subprocess.run(["sh", "-e", "-c", cell], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
    print(done.stdout, end="")
