"""Removes from a block's text what Markdown formatters change: two texts that differ only in formatting become equal.

Formatters (prettier, mdformat, dprint, rumdl, markdownlint) add and remove blank lines, wrap lines, write emphasis with
`_` or `*`, choose bullets and numbers, add and drop escapes and the angle brackets around addresses. Such differences
cannot contain a word that somebody wrote.
"""

from __future__ import annotations

import hashlib
import re

ITEM = re.compile(r" {0,3}(?:([-*+])|(\d{1,9})([.)]))(?:[ \t]+|$)")
"""The start of a list line: a bullet, or a number with its end mark."""

_INLINE = re.compile(
    r"\\([!-/:-@\[-`{-~])"
    r"|(&(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)"
    r"|([*_]+)"
)
_BRACKETED_ADDRESS = re.compile(r"\]\(<([^<>]*)>\)")
# mdformat writes addresses in ASCII.
_ENCODED = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")
_ENCODED_HOST = re.compile(r"xn--[0-9a-z-]{1,59}")
_DELIMITER = "\x01"
"""Replaces a `*` or `_` that is markup; no text of a block contains it."""
# Lines of Chinese and Japanese are joined without a blank.
_IDEOGRAPHS = "\u2e80-\u312f\u3190-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_BESIDE_IDEOGRAPHS = re.compile(rf"(?<=[{_IDEOGRAPHS}]) | (?=[{_IDEOGRAPHS}])")


def digest(body: str) -> str:
    r"""Return eight hexadecimal digits that identify a body, whatever a formatter does with it.

    >>> digest("- *a* [b]\r\n") == digest("\n* _a_\n  \\[b\\]\n")
    True
    """
    return _short_hash(unformatted(body))


def is_digest_of(recorded: str, body: str) -> bool:
    """Say whether the hash in a marker is that of `body`, in the current form or in that of wikitools 0.1.

    A hash of 0.1 is that of the exact text, in which a formatter may since have changed blank lines and emphasis.
    """
    if recorded == digest(body):
        return True
    text = normalised(body)
    return recorded in (_short_hash(text), _short_hash(_EMPHASISED_LINE.sub(r"*\1*", text)))


_EMPHASISED_LINE = re.compile(r"^_([^\n]*)_$", re.MULTILINE)


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def normalised(body: str) -> str:
    """Return `body` with LF line ends, no blanks at line ends, no blank lines around it."""
    lines = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def unformatted(body: str) -> str:
    r"""Return `body` with one line for each paragraph and each item, in one spelling of its markup; only to compare.

    >>> unformatted("+ On\n  kelp\\_and \\*stars\\*\n\n+ two")
    '- On kelp_and *stars*\n- two'
    """
    units: list[str] = []
    paragraph_ended = True
    for line in normalised(body).split("\n"):
        item = ITEM.match(line)
        text = " ".join(line[item.end() if item is not None else 0 :].split())
        if item is not None:
            units.append(f"{'-' if item[1] else '1.'} {text}")
        elif not text:
            paragraph_ended = True
            continue
        elif paragraph_ended:
            units.append(text)
        else:
            units[-1] = f"{units[-1]} {text}"
        paragraph_ended = False
    return "\n".join(map(_in_one_spelling, units))


def _in_one_spelling(text: str) -> str:
    plain = _BESIDE_IDEOGRAPHS.sub("", _INLINE.sub(_plain, _BRACKETED_ADDRESS.sub(r"](\1)", text)))
    if "%" in plain:
        plain = _ENCODED.sub(_decoded, plain)
    return _ENCODED_HOST.sub(_decoded_host, plain) if "xn--" in plain else plain


def _decoded(match: re.Match[str]) -> str:
    try:
        return bytes.fromhex(match[0].replace("%", "")).decode("utf-8")
    except UnicodeDecodeError:
        return match[0]


def _decoded_host(match: re.Match[str]) -> str:
    try:
        return match[0].encode("ascii").decode("idna")
    except UnicodeError:
        return match[0]


def _plain(match: re.Match[str]) -> str:
    escaped, entity, marks = match.groups()
    if escaped is not None:
        return escaped
    if entity is not None:
        from html import unescape  # its table of entities is loaded only by pages that have one

        return unescape(entity)
    before, after = match.string[: match.start()][-1:], match.string[match.end() : match.end() + 1]
    alone = not before.strip() and not after.strip()
    within_word = marks[0] == "_" and before.isalnum() and after.isalnum()
    return marks if alone or within_word else _DELIMITER * len(marks)
