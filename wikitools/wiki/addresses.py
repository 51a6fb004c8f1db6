"""Decides whether two link destinations are the same address in different spellings."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from wikitools.markdown.links import is_web_address
from wikitools.wiki.names_index import compose

_WEB = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*:)?(?://([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
_DEFAULT_PORTS = {"http:": ":80", "https:": ":443"}
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def address_key(url: str) -> str:
    """Return a destination in the normalized spelling that is used for comparison.

    A path in the wiki is percent-decoded, and its steps `.` and `..` are resolved. An address on the web is compared as
    RFC 3986 (§6.2) says: scheme and host in lower case, no default port, no empty path, each character escaped in the
    same way.

    >>> address_key("./my%20page.md#a"), address_key("HTTPS://Example.org:443"), address_key("https://example.org/%7Ea%c3%a9")
    ('my page.md#a', 'https://example.org/', 'https://example.org/~a%C3%A9')
    """
    if not is_web_address(url):
        path, hash_sign, fragment = url.partition("#")
        return f"{_without_dots(compose(unquote(path)))}{hash_sign}{compose(unquote(fragment))}"
    match = _WEB.fullmatch(url)
    if match is None:
        return url
    scheme, host, path, query, fragment = (part or "" for part in match.groups())
    scheme = scheme.lower()
    if match[2] is not None:
        user, at, name = host.rpartition("@")
        name = name.lower().removesuffix(_DEFAULT_PORTS.get(scheme, ":")).removesuffix(":")
        host, path = f"//{user}{at}{name}", _without_dots(_escaped(path)) or "/"
    else:
        path = _escaped(path)
    return f"{scheme}{host}{path}{_escaped(query)}{_escaped(fragment)}"


def _without_dots(path: str) -> str:
    """Return a path without `.`, and without each `..` and the step that it undoes."""
    if "." not in path:
        return path
    steps = path.split("/")
    if steps[-1] in (".", ".."):
        steps.append("")
    found: list[str] = []
    for step in steps:
        if step == ".." and found and found[-1] not in ("", ".."):
            found.pop()
        elif step != ".":
            found.append(step)
    return "/".join(found)


def _escaped(part: str) -> str:
    """Return a part of an address with only those characters escaped that must be, always in the same way."""
    plain = _ESCAPED.sub(lambda match: _unescaped(match[0]), part)
    return quote(plain, safe="%!#$&'()*+,/:;=?@[]~")


def _unescaped(escape: str) -> str:
    char = chr(int(escape[1:], 16))
    return char if char in _UNRESERVED else escape.upper()
