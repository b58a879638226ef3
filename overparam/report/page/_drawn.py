"""A figure as an element of the page: the wide one, and the narrow one for small windows where there is one."""

from overparam.report.figures._style import inline


def drawn(files: dict[str, bytes], *, prefix: str, label: str) -> str:
    """The figure at both widths; the style sheet shows the one that can be read.

    Args:
        files: by ending, with "svg" and perhaps "single.svg".
        prefix: letters that no other figure of the page uses.
        label: what a reader who cannot see it is told.
    """
    wide = inline(files["svg"], prefix=prefix, label=label)
    if "single.svg" not in files:
        return wide
    narrow = inline(files["single.svg"], prefix=f"{prefix}n", label=label)
    return f'<div class="wide">{wide}</div><div class="narrow">{narrow}</div>'
