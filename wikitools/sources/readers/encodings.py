"""Decodes bibliography files, whatever their encoding, and reports what is wrong with their bytes."""

from __future__ import annotations

import codecs
import re

from wikitools.markdown.page import Problem
from wikitools.text import Span

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
"""Byte order marks. That of UTF-32 begins with that of UTF-16, but no UTF-16 text continues with U+0000."""
_HEAD = 4096
_MOSTLY, _HARDLY = 0.05, 10
"""Text without a mark: how many of its characters are ASCII at least, and how many times more than end in zeros."""


def decode(path: str, data: bytes) -> tuple[str, tuple[Problem, ...]]:
    """Return the text of a bibliography file, its byte order mark included, and a problem where it is not UTF-8.

    A text that is not UTF-8 is read as UTF-16 or UTF-32 if it is that, and otherwise as Windows-1252: a wrong guess
    spoils an accent, but a refusal would lose every entry. Never raises.
    """
    encoding, name = _wide_encoding(data)
    if encoding:
        text = data.decode(encoding, errors="replace")
        problems = [
            Problem(Span(path, 0, min(1, len(text))), "malformed-source", f"not UTF-8 but {name}; read as such")
        ]
        lost = text.find("\ufffd")
        if lost >= 0 and len(data.decode(encoding, errors="ignore")) < len(text):
            problems.append(Problem(Span(path, lost, lost + 1), "malformed-source", f"{name} is damaged here"))
        return text, tuple(problems)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _with_single_bytes(path, data, error)
    return text, _nuls(path, text)


def decode_head(data: bytes) -> str:
    """Return the text of the beginning of a file, which may end within a character."""
    return data.decode(_wide_encoding(data)[0] or "utf-8", errors="replace")


def _wide_encoding(data: bytes) -> tuple[str, str]:
    """Return the codec for text of two or four bytes a character, and its name; ("", "") for other text."""
    for mark, codec, name in _MARKS:
        if data.startswith(mark):
            return codec, name
    head = data[:_HEAD]
    if b"\x00" not in head or len(head) < 4:
        return "", ""
    places = [head[at::4] for at in range(4)]
    zeros = [place.count(0) / len(place) for place in places]
    if min(zeros[2:]) == 1 and zeros[0] < 1:
        return "utf-32-le", "UTF-32"
    if min(zeros[:2]) == 1 and zeros[3] < 1:
        return "utf-32-be", "UTF-32"
    even, odd = (zeros[0] + zeros[2]) / 2, (zeros[1] + zeros[3]) / 2
    if odd > _MOSTLY and even * _HARDLY < odd:
        return "utf-16-le", "UTF-16"
    if even > _MOSTLY and odd * _HARDLY < even:
        return "utf-16-be", "UTF-16"
    return "", ""


def _with_single_bytes(path: str, data: bytes, first: UnicodeDecodeError) -> tuple[str, tuple[Problem, ...]]:
    """Return text in which each byte that is not UTF-8 is read as Windows-1252, and UTF-8 around it stays."""
    place = len(data[: first.start].decode("utf-8"))
    # Old files have one encoding throughout; a stray byte in a UTF-8 file must not spoil the accents of all entries.
    kept = data.decode("utf-8", errors="surrogateescape")
    wrong = len(_ESCAPED.findall(kept))
    text = _ESCAPED.sub(lambda match: bytes([ord(match[0]) - 0xDC00]).decode("cp1252", errors="replace"), kept)
    more = f", and {wrong - 1:,} more" if wrong > 1 else ""
    message = f"not UTF-8 (byte 0x{data[first.start]:02x}{more}); read as Windows-1252"
    return text, (Problem(Span(path, place, place + 1), "malformed-source", message), *_nuls(path, text))


_ESCAPED = re.compile("[\udc80-\udcff]")


def _nuls(path: str, text: str) -> tuple[Problem, ...]:
    """Return a problem where a text has NULs: a crash or a full disk leaves them where the content was."""
    at = text.find("\x00")
    if at < 0:
        return ()
    count = text.count("\x00")
    what = f"{count:,} NUL characters" if count > 1 else "a NUL character"
    return (Problem(Span(path, at, at + 1), "malformed-source", f"{what} from here on: the file is damaged"),)
