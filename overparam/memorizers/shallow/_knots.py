"""Points on a line: the exact minimal width K* or K* + 1 (docs/theory/one_dimension.md), from `line_widths`."""

from overparam.exact import ExactData
from overparam.memorizers._built import Built, Options
from overparam.memorizers.shallow._line import line_widths


def build_knots(data: ExactData, _: Options) -> Built:
    """The network of `line_widths`; the notes say whether its width is the least."""
    found = line_widths(data.points, data.labels)
    least = f"least width {found.high}" if found.decided else f"least width {found.low} or {found.high}"
    rigid = "; no knot can move" if found.rigid else ""
    return Built(
        found.network,
        (f"at least {found.k_star} knots; {least}: {found.how}{rigid}",),
        numbers={"fewest knots": found.k_star, "least width is at least": found.low},
    )
