"""Parses XML from strangers without what makes XML dangerous: a document type, and with it entities, is refused."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.parsers import expat

_DEEPEST = 100
"""Elements within each other; no style of the CSL repository has more than 19."""


class XmlError(ValueError):
    """The text is not XML, or not XML that is accepted; the message is a phrase."""


class DocumentTypeError(XmlError):
    """The XML has a document type, which can define entities that grow without end or name other files."""


def read_xml(data: bytes) -> ElementTree.Element:
    """Return the root element; names of other namespaces are written `{namespace}name`. Raises `XmlError`."""
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
            raise XmlError(f"more than {_DEEPEST} elements within each other")
        builder.start(name(tag), {name(key): value for key, value in attributes.items()})

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name(tag))

    def refuse(*_about: object) -> None:
        raise DocumentTypeError("has a document type (<!DOCTYPE …>)")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
        return builder.close()
    except expat.ExpatError as error:
        raise XmlError(f"{expat.ErrorString(error.code)} ({error.lineno}:{error.offset + 1})") from error
