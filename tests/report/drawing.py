"""What a figure really draws as text, and that it can be read: on the page, and nothing on anything else."""

import itertools
from unittest import mock

from matplotlib.text import Text

COLUMNS = ("single", "double")


def texts_of(figure):
    """(text, box in pixels) of everything that is drawn; ticks outside an axis are not."""
    drawn, draw = [], Text.draw

    def draw_and_note(self, renderer):
        if self.get_visible() and self.get_text().strip():
            drawn.append((self.get_text(), Text.get_window_extent(self, renderer)))
        return draw(self, renderer)

    with mock.patch.object(Text, "draw", draw_and_note):
        figure.canvas.draw()
    return drawn


def check_texts(figure):
    """No text is cut off, none lies on another; hands back all of it."""
    boxes, page = texts_of(figure), figure.bbox
    assert boxes
    for text, box in boxes:
        assert page.x0 <= box.x0, text
        assert box.x1 <= page.x1, text
        assert page.y0 <= box.y0, text
        assert box.y1 <= page.y1, text
    for (text, box), (other, another) in itertools.combinations(boxes, 2):
        wide = min(box.x1, another.x1) - max(box.x0, another.x0)
        high = min(box.y1, another.y1) - max(box.y0, another.y0)
        assert wide <= 1 or high <= 2, f"{text!r} lies on {other!r}"  # pixels: boxes include empty leading
    return "\n".join(text for text, _ in boxes)
