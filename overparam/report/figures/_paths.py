"""Outlines of SVG elements in few characters: steps instead of places, and no point that lies on the way."""

import itertools
import math
import re

_STEP = re.compile(r"([MLQCZz])([^MLQCZz]*)")
_POINTS = {"M": 1, "L": 1, "Q": 2, "C": 3, "Z": 0}
_STRAIGHT = 1.4  # tenths of 1/72 inch


def compact(data: str, *, digits: int) -> str:
    """Absolute lines and curves as steps from point to point, rounded so that no error adds up."""
    unit = 10**digits
    parts: list[tuple[str, list[tuple[int, int]]]] = []
    for letter, given in _STEP.findall(data):
        numbers = [round(float(number) * unit) for number in given.split()]
        if len(numbers) != 2 * _POINTS[letter.upper()]:
            return data  # not of the shape that is known here: as it was
        parts.append((letter.upper(), list(zip(numbers[::2], numbers[1::2], strict=True))))
    out, at, start, last = [], (0, 0), (0, 0), ""
    for kind, points in parts if digits > 1 else _straightened(parts):
        if kind == "L" and points[0] == at and last == "L":
            continue
        steps = [short(value / unit, digits) for x, y in points for value in (x - at[0], y - at[1])]
        named = kind != last or kind not in "LQC"
        out.append((kind.lower() if named else "") + _joined(steps, bare=named))
        at = points[-1] if points else start
        start = at if kind == "M" else start
        last = kind
    return "".join(out)


def _straightened(parts: list[tuple[str, list[tuple[int, int]]]]) -> list[tuple[str, list[tuple[int, int]]]]:
    """Long runs of lines without the points that lie on the way, to a seventh of 1/72 inch."""
    found: list[tuple[str, list[tuple[int, int]]]] = []
    for straight, run in itertools.groupby(parts, key=lambda part: part[0] == "L"):
        listed = list(run)
        if straight and found and found[-1][0] == "M" and len(listed) > 8:
            way = [found[-1][1][0], *(points[0] for _, points in listed)]
            listed = [("L", [point]) for point in _thinned(way)[1:]]
        found += listed
    return found


def _thinned(way: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ramer, Douglas and Peucker: the point farthest from the chord stays, and so on to either side of it."""
    keep, pending = {0, len(way) - 1}, [(0, len(way) - 1)]
    while pending:
        first, last = pending.pop()
        off = [_distance(point, way[first], way[last]) for point in way[first + 1 : last]]
        if off and max(off) > _STRAIGHT:
            far = first + 1 + off.index(max(off))
            keep.add(far)
            pending += [(first, far), (far, last)]
    return [way[i] for i in sorted(keep)]


def _distance(point: tuple[int, int], start: tuple[int, int], end: tuple[int, int]) -> float:
    """From a point to a segment."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    x, y = point[0] - start[0], point[1] - start[1]
    along = min(max((x * dx + y * dy) / ((dx * dx + dy * dy) or 1), 0), 1)
    return math.hypot(x - along * dx, y - along * dy)


def _joined(numbers: list[str], *, bare: bool) -> str:
    """Numbers with a blank only where no sign parts them; `bare`: a letter stands before the first."""
    text = ""
    for number in numbers:
        text += number if (not text and bare) or number.startswith("-") else f" {number}"
    return text


def short(value: float, digits: int = 1) -> str:
    """A number in as few characters as the digits allow."""
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:.0f}"
    text = re.sub(r"^(-?)0\.", r"\1.", text)
    return "0" if text in ("-0", "-", "") else text
