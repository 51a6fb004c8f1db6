"""Reads a CSL style as XML, for the citation engine, and finds the parent of a dependent style.

Styles come with wikis. A document type could define entities that grow without end or name other files, so a style with
one is refused. A link to a parent would make the engine fetch it from any host, so the engine gets the style written
again without any link.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree

from wikitools.sources.readers.safe_xml import DocumentTypeError, XmlError, read_xml

NAMESPACE = "http://purl.org/net/xbiblio/csl"


class StyleFileError(ValueError):
    """The text is not a usable CSL style; the message says why, without the path."""


@dataclass(frozen=True, slots=True)
class StyleFile:
    """A CSL style."""

    text: str
    """The style as XML without links, comments and document type."""
    parent: str
    """The name of its parent style ("apa"), the last part of an address; "" for an independent style."""


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
    try:
        return read_xml(text.encode("utf-8", "surrogatepass"))
    except DocumentTypeError as error:
        raise StyleFileError(f"{error}, which no CSL style needs") from error
    except XmlError as error:
        raise StyleFileError(f"not a CSL style: {error}") from error
