"""Finds and repairs UTF-8 that was read in another encoding and saved."""

from __future__ import annotations

import re

_C1252 = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_MOJIBAKE = re.compile(f"[\u00c2-\u00df][\u0080-\u00bf{_C1252}]|[\u00e0-\u00ef][\u0080-\u00bf{_C1252}]{{2}}")
"""The two and three octets of a UTF-8 character, each shown as Windows-1252 or Latin-1 would."""
_ODD = re.compile(f"[\ufffd\x00]|{_MOJIBAKE.pattern}")


def has_broken_characters(text: str) -> bool:
    """Say whether `text` holds mojibake, replacement characters or NUL; all-ASCII text costs next to nothing."""
    return "\x00" in text or (not text.isascii() and _ODD.search(text) is not None)


def broken_characters(text: str, start: int, end: int) -> tuple[tuple[int, int, str], ...]:
    """Return the first of each kind of broken character between two offsets: start, end, what is wrong with it."""
    found: list[tuple[int, int, str]] = []
    told: set[str] = set()
    for match in _ODD.finditer(text, start, end):
        kind = match.group() if match.group() in "\ufffd\x00" else "mojibake"
        if kind in told:
            continue
        told.add(kind)
        if kind == "mojibake":
            reason = f'"{match.group()}" is "{mended(match.group())}" in the wrong encoding; it is read as that'
        elif kind == "\x00":
            reason = "NUL character"
        else:
            reason = "characters are lost: the file was not UTF-8"
        found.append((match.start(), match.end(), reason))
    return tuple(found)


def mended(text: str) -> str:
    """Return `text` as it was before its UTF-8 was taken for Windows-1252 or Latin-1.

    >>> mended("MÃ¼ller’s cafÃ©")
    'Müller’s café'
    """
    return _MOJIBAKE.sub(_mended_character, text)


def _mended_character(match: re.Match[str]) -> str:
    octets = bytearray()
    for character in match.group():
        try:
            octets += character.encode("latin-1")
        except UnicodeEncodeError:
            octets += character.encode("cp1252")
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        # Looks like it and is not: three characters that spell no code point.
        return match.group()
