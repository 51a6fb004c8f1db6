"""A page of HTML as a reader without scripts sees it: some pages show their content only to browsers.

A challenge for browsers and an application that draws itself are alike: scripts or forms, and little else. What is not
in their HTML may still be on the page. Every search here is bounded, so that no page makes it slow.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

_LEAST = 1000
"""Bytes of text below which a page with scripts or forms has no content of its own."""
_LEAST_IF_DOUBTFUL = 5000
"""The same for a page that asks for scripts, or that no search engine may keep; challenges explain themselves."""
_LINKS = 10
"""So many links are a site's own: it leads its readers around."""
_TAG = re.compile(r"<!--|<([/!]?)([a-z][a-z\d-]{0,40})([^<>]*)>", re.IGNORECASE)
_UNSEEN = {
    name: re.compile(rf"</{name}\b", re.IGNORECASE)
    for name in ("script", "style", "noscript", "template", "title", "textarea", "select", "svg", "iframe")
}
"""Elements whose text is no content, each with what ends it."""
_HEADING = re.compile(r"h[1-6]", re.IGNORECASE)
_HTTP_REFRESH = re.compile(r"http-equiv\s{0,9}=\s{0,9}[\"']?refresh\b", re.IGNORECASE)
_LEADS_TO = re.compile(r"\burl\s{0,9}=", re.IGNORECASE)
_ROBOTS = re.compile(r"name\s{0,9}=\s{0,9}[\"']?robots\b", re.IGNORECASE)
_NO_INDEX = re.compile(r"\bno(?:index|ne)\b", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_NO_CHARSETS = frozenset({"idna", "palmos", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})
"""Encodings of Python's own, by its names, in which no page is written: one always fails, one takes quadratic time."""
_LETTER = re.compile(r"[^\W\d_]")


class Page(NamedTuple):
    """A page, and what it shows without its scripts."""

    text: str
    """Its HTML."""
    is_sure: bool
    """Whether its encoding is known for sure."""
    only_to_browsers: bool
    """Whether its content is elsewhere: behind a challenge, made by scripts, or on the page that it leads to."""
    needs_scripts: bool
    """Whether it has no word for readers without scripts, or only asks for scripts; a page that is missing says so."""
    headings: frozenset[str]
    """Its headings as `plain_name` gives them, if scripts may make anchors of them."""


def read_page(body: bytes, content_type: str) -> Page | None:
    """Return a page, of which `content_type` is the header Content-Type; `None` without a single element in it."""
    html, is_sure = _decoded(body, content_type)
    if _TAG.search(html) is None:
        return None
    size = links = position = 0
    scripted = asks = hides = leads_on = False
    headings: set[str] = set()
    heading: list[str] | None = None
    while (tag := _TAG.search(html, position)) is not None:
        text = html[position : tag.start()]
        size += _size(text)
        if heading is not None:
            heading.append(text)
        position = tag.end()
        if tag[2] is None:
            end = html.find("-->", position)
            position = len(html) if end < 0 else end
            continue
        name, attributes = tag[2].lower(), tag[3]
        scripted = scripted or name in {"script", "form"}
        links += name == "a" and not tag[1] and "href" in attributes.lower()
        if _HEADING.fullmatch(name):
            if heading is not None:
                headings.add(plain_name("".join(heading)))
            heading = None if tag[1] else []
        elif name == "meta":
            leads_on = leads_on or bool(_HTTP_REFRESH.search(attributes) and _LEADS_TO.search(attributes))
            hides = hides or bool(_ROBOTS.search(attributes) and _NO_INDEX.search(attributes))
        elif name in _UNSEEN and not tag[1]:
            end_tag = _UNSEEN[name].search(html, position)
            inside = html[position : end_tag.start() if end_tag else len(html)]
            asks = asks or (name == "noscript" and _LETTER.search(_TAG.sub("", inside)) is not None)
            position += len(inside)
    size += _size(html[position:])
    least = _LEAST_IF_DOUBTFUL if asks or hides else _LEAST
    is_bare = scripted and size < least and links < _LINKS
    needs_scripts = (leads_on and not size) or (is_bare and (asks or not size))
    by_scripts = frozenset(headings - {""}) if scripted else frozenset[str]()
    return Page(html, is_sure, leads_on or is_bare, needs_scripts, by_scripts)


def _decoded(body: bytes, content_type: str) -> tuple[str, bool]:
    """Return the text of a page, and whether its encoding is known for sure."""
    named = _CHARSET.search(content_type) or _CHARSET.search(body[:2048].decode("latin-1"))
    try:
        charset = codecs.lookup(named[1] if named else "utf-8").name
        if charset in _NO_CHARSETS:
            raise LookupError(charset)
        return body.decode(charset), True
    except (LookupError, UnicodeDecodeError):
        return body.decode("utf-8", "replace"), False


def _size(text: str) -> int:
    """Return the bytes of the words: a letter of Chinese says as much as three of English."""
    return sum(len(word.encode("utf-8", "replace")) + 1 for word in text.split())


def plain_name(text: str) -> str:
    """Return the letters and digits of a heading or an anchor.

    >>> plain_name("How to: Install?") == plain_name("how-to-install")
    True
    """
    return "".join(filter(str.isalnum, text.casefold()))
