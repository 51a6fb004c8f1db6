"""A style of the Citation Style Language, read as XML: what of it goes to the engine, and whose other name it is.

Styles come with wikis. One with a document type could hold entities that grow without end or name other files, and one
that names its parent would have the engine fetch it from any host. So the first is refused, and the engine gets what
was read here, written anew and without any link.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree
from xml.parsers import expat

NAMESPACE = "http://purl.org/net/xbiblio/csl"
_DEEPEST = 100
"""Elements within each other; no style of the CSL repository has more than 19."""


class StyleFileError(ValueError):
    """What was read is not a CSL style that can be used; the message says why, without its path."""


@dataclass(frozen=True, slots=True)
class StyleFile:
    """A CSL style."""

    text: str
    """The style as XML without links, comments and document type."""
    parent: str
    """The name of the style that it stands for ("apa"), the last part of an address; "" for a style of its own."""


def read_style_file(text: str) -> StyleFile:
    """Return the style in `text`. Raises `StyleFileError`."""
    root = _parsed(text)
    if _local(root.tag) != "style":
        raise StyleFileError("not a CSL style")
    parent = ""
    for element in root.iter():
        for child in list(element):
            local = _local(child.tag)
            if local == "link" and child.get("rel", "").strip() == "independent-parent":
                parent = parent or child.get("href", "").strip().rstrip("/").rpartition("/")[2]
                if not parent:
                    raise StyleFileError("the link to the independent parent names no style")
            if local in {"", "link"}:
                element.remove(child)
        element.tag = _local(element.tag)
    root.set("xmlns", NAMESPACE)
    return StyleFile(ElementTree.tostring(root, encoding="unicode"), parent)


def _local(tag: str) -> str:
    """Return the name of an element of CSL; "" for one of another namespace."""
    space, _brace, local = tag.rpartition("}")
    return local if space in {"", f"{{{NAMESPACE}"} else ""


def _parsed(text: str) -> ElementTree.Element:
    parser = expat.ParserCreate("utf-8", "}")
    parser.buffer_text = True
    builder = ElementTree.TreeBuilder()
    depth = 0

    def name(written: str) -> str:
        return f"{{{written}" if "}" in written else written

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise StyleFileError(f"more than {_DEEPEST} elements within each other")
        builder.start(name(tag), {name(key): value for key, value in attributes.items()})

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name(tag))

    def refuse(*_about: object) -> None:
        raise StyleFileError("has a document type (<!DOCTYPE …>), which no CSL style needs")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(text.encode("utf-8", "surrogatepass"), True)
        return builder.close()
    except expat.ExpatError as error:
        raise StyleFileError(
            f"not a CSL style: {expat.ErrorString(error.code)} ({error.lineno}:{error.offset + 1})"
        ) from error
