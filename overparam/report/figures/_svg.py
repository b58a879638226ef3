"""SVG files without what a reader does not see: groups, names, digits, and styles that are the default anyway."""

import re
import xml.etree.ElementTree as ET

from overparam.report.figures._paths import compact, short

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_HREF = f"{{{_XLINK}}}href"
_DEFAULTS = {  # of SVG itself, but for the join, which is set once for the whole file
    "fill": ("#000000", "black"),
    "stroke": ("none",),
    "stroke-width": ("1",),
    "stroke-linecap": ("butt",),
    "stroke-dashoffset": ("0",),
    "stroke-linejoin": ("round",),
    "stroke-miterlimit": ("100000", "4"),
    "opacity": ("1",),
    "fill-opacity": ("1",),
    "stroke-opacity": ("1",),
    "text-anchor": ("start",),
}
_FONT = re.compile(r"(?:(\d+|bold) )?([\d.]+)px .*")
_FACE = "DejaVu Sans, Verdana, sans-serif"  # as wide as what the figure was laid out with, or narrower


def slim(svg: bytes) -> bytes:
    """The same picture in a fraction of the bytes, from what matplotlib writes with text as text.

    Lengths keep one digit behind the point of 1/72 inch, shapes of markers two.  Nothing depends on anything but the
    picture, so equal pictures give equal bytes.
    """
    ET.register_namespace("", _SVG)
    root = ET.fromstring(svg)
    for parent in list(root.iter()):
        for child in list(parent):
            if _name(child) in ("metadata", "style"):
                parent.remove(child)
    flat = ET.Element(root.tag, {k: v for k, v in root.attrib.items() if k != "version"})
    flat.attrib |= {"font-family": _FACE, "stroke-linejoin": "round"}
    names: dict[str, str] = {}
    outlines: dict[str, str] = {}  # of markers: those of one shape are one, whatever their colours
    for element in root.iter():
        if element.get("id") and _name(element) in ("path", "clipPath"):
            shape = element.get("d", "") or element.attrib["id"]
            names[element.attrib["id"]] = outlines.setdefault(shape, f"m{len(outlines)}")
    _flatten(root, flat, names)
    _once(flat)
    _share(flat)
    text = ET.tostring(flat, encoding="unicode")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n' + re.sub(r">\s+<", "><", text).replace(" />", "/>") + "\n"
    ).encode()


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _flatten(source: ET.Element, target: ET.Element, names: dict[str, str]) -> None:
    """Copy what draws, without the groups around it; groups that clip or move what they hold stay."""
    for child in source:
        name = _name(child)
        if name in ("g", "defs") and not set(child.attrib) - {"id"}:
            if name == "defs":
                kept = ET.SubElement(target, child.tag)
                _flatten(child, kept, names)
            elif child.get("id", "").startswith("matplotlib.axis"):
                axis = ET.Element(child.tag)
                _flatten(child, axis, names)
                target.extend(sorted(axis, key=lambda one: _name(one) == "text"))  # lines, then what stands at them
            else:
                _flatten(child, target, names)
            continue
        copy = ET.SubElement(target, child.tag, _attributes(child, names))
        copy.text = child.text if name in ("text", "tspan") else None
        _flatten(child, copy, names)


def _once(root: ET.Element) -> None:
    """Leave out markers that are there already, and what is left of definitions without them."""
    seen: set[str] = set()
    for place in [*root.iter(f"{{{_SVG}}}defs")]:
        for child in list(place):
            if child.get("id", "") in seen:
                place.remove(child)
            seen.add(child.get("id", ""))
    for parent in [*root.iter()]:
        for child in list(parent):
            if _name(child) == "defs" and not len(child):
                parent.remove(child)


def _attributes(element: ET.Element, names: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    marker = "id" in element.attrib
    for key, value in element.attrib.items():
        if key == "style":
            found |= {} if marker else _styled(value)  # a marker looks as where it is used
        elif key == "id":
            if value in names:
                found[key] = names[value]
        elif key == "d":
            found[key] = compact(value, digits=2 if marker else 1)
        elif key in (_HREF, "clip-path"):
            known = re.sub(r"#([\w.-]+)", lambda match: f"#{names.get(match[1], match[1])}", value)
            found["href" if key == _HREF else key] = known
        elif key in ("x", "y", "width", "height", "x1", "x2", "y1", "y2"):
            found[key] = short(float(value)) if re.fullmatch(r"-?[\d.]+(e-?\d+)?", value) else value
        elif key == "transform":
            turned = re.sub(r"-?\d+\.\d+(e-?\d+)?", lambda match: short(float(match[0])), value)
            if not re.fullmatch(r"rotate\(-?0( \S+ \S+)?\)", turned):
                found[key] = turned
        elif not key.startswith("{http://www.w3.org/XML"):
            found[key] = value
    return found


def _styled(style: str) -> dict[str, str]:
    """Declarations as attributes, without those that say what holds anyway."""
    found: dict[str, str] = {}
    for declaration in filter(None, (part.strip() for part in style.split(";"))):
        key, value = (part.strip() for part in declaration.split(":", 1))
        if key == "font" and (font := _FONT.fullmatch(value)):
            found["font-size"] = font[2]
            if font[1]:
                found["font-weight"] = font[1]
        elif key in ("font-family", "font-stretch", "font-variant", "font-style") or value in _DEFAULTS.get(key, ()):
            continue
        else:
            numbers = re.sub(r"(?<![#\w])\d+\.\d+(?!\w)", lambda match: short(float(match[0]), 2), value)
            found[key] = numbers.removesuffix("px") if key == "font-size" else numbers
    return found


def _share(parent: ET.Element) -> None:
    """Neighbours that look the same say so once: outlines become one, other things get a group around them."""
    for child in parent:
        if _name(child) == "g":
            _share(child)
    start = 0
    while start < len(parent):
        look = _look(parent[start])
        end = start + 1
        while look and end < len(parent) and _look(parent[end]) == look:
            end += 1
        if end - start > 1:
            _put_together(parent, start, end, look)
        start += 1


def _put_together(parent: ET.Element, start: int, end: int, look: tuple[tuple[str, str], ...]) -> None:
    members = parent[start:end]
    plain = all(set(member.attrib) <= {"d", *(key for key, _ in look)} for member in members)
    solid = dict(look).get("fill") == "none" and "stroke-opacity" not in dict(look)
    if _name(members[0]) == "path" and plain and solid:
        members[0].attrib["d"] = "".join("M" + member.attrib["d"][1:] for member in members)
    elif len(members) > 2:
        group = ET.Element(f"{{{_SVG}}}g", dict(look))
        for member in members:
            for key, _ in look:
                del member.attrib[key]
            group.append(member)
        members[0] = group
    else:
        return
    for member in parent[start + 1 : end]:
        parent.remove(member)
    parent[start] = members[0]


def _look(element: ET.Element) -> tuple[tuple[str, str], ...]:
    """The name, and the attributes that neighbours may share; none for what is not drawn."""
    if _name(element) not in ("path", "use", "text"):
        return ()
    own = ("d", "x", "y", "id", "transform", "opacity", "href")  # opacity of a group is another thing
    found = tuple(sorted((k, v) for k, v in element.attrib.items() if k not in own))
    return found if not (set(element.attrib) & {"opacity"}) else ()
