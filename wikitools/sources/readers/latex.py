"""Reads LaTeX in bibliographies into plain Unicode."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

_MARKS = {
    '"': "\u0308",
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    ".": "\u0307",
    "u": "\u0306",
    "v": "\u030c",
    "H": "\u030b",
    "c": "\u0327",
    "d": "\u0323",
    "b": "\u0331",
    "k": "\u0328",
    "r": "\u030a",
}
_LETTERS = {
    "aa": "å",
    "AA": "Å",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "o": "ø",
    "O": "Ø",
    "l": "ł",
    "L": "Ł",
    "ss": "ß",
    "i": "ı",
    "j": "ȷ",
    "dh": "ð",
    "DH": "Ð",
    "dj": "đ",
    "DJ": "Đ",
    "th": "þ",
    "TH": "Þ",
    "ng": "ŋ",
    "NG": "Ŋ",
    "textendash": "–",
    "textemdash": "—",
    "textquoteright": "’",
    "textquoteleft": "‘",
    "textregistered": "®",
    "textcopyright": "©",
    "copyright": "©",
    "texttrademark": "™",
    "TeX": "TeX",
    "LaTeX": "LaTeX",
    "BibTeX": "BibTeX",
    "ldots": "…",
    "dots": "…",
}
_ACCENT = re.compile(
    r"""\\(?:(["'`^~=.])[ \t]*|([uvHcdbkr])(?:[ \t]+|(?=\{)))"""
    r"(?:\{[ \t]*(\\[ij](?![A-Za-z])|[^\W\d_])?[ \t]*\}|(\\[ij](?![A-Za-z])[ \t]?|[^\W\d_]))"
)
_LETTER = re.compile(
    r"\\(" + "|".join(sorted(_LETTERS, key=lambda name: (-len(name), name))) + r")(?![A-Za-z])(?:\{\}|[ \t]+)?"
)
_PLAIN = re.compile(r"\\([&%$#_{} ,/-])|([{}])|~|\$")
_HARD = re.compile(r"\\(?![&%$#_{} ,/-])|(?<!\\)\$")
_PERCENT = re.compile(r"(?<!\\)%")
_MACRO = re.compile(r"\\(?:[A-Za-z]+[ \t]*|.)", re.DOTALL)

_LONGEST = 20_000
_DEEPEST = 40


def to_unicode(value: str) -> str:
    r"""Return `value` as a reader of the typeset page sees it.

    Accents are composed, braces and macros gone, blanks squeezed. Never raises; text without `\ $ { ~` costs next to
    nothing, other text is remembered.

    >>> to_unicode(r'Sch{\"o}lkopf and {\O}rsted at {NASA}')
    'Schölkopf and Ørsted at NASA'
    """
    if "\\" in value or "{" in value or "~" in value or "$" in value or "}" in value:
        return _decode(value)
    return _squeezed(value)


def _squeezed(value: str) -> str:
    if "--" in value:
        value = value.replace("---", "—").replace("--", "–")
    if "``" in value or "''" in value:
        value = value.replace("``", "“").replace("''", "”")
    if "\n" in value or "  " in value or "\t" in value:
        return " ".join(value.split())
    return value.strip()


@lru_cache(maxsize=1 << 16)
def _decode(value: str) -> str:
    if "\\" in value:
        value = _LETTER.sub(_letter, _ACCENT.sub(_composed, value))
    if _HARD.search(value):
        value = _by_pylatexenc(value)
        return _squeezed(value)
    return unicodedata.normalize("NFC", _squeezed(_PLAIN.sub(_unescaped, value)))


def _composed(match: re.Match[str]) -> str:
    mark = _MARKS[match.group(1) or match.group(2)]
    base = (match.group(3) or match.group(4) or "").strip()
    if base.startswith("\\"):
        base = base[1]
    if not base:
        # An accent over nothing, `\~{}`, is how LaTeX writes the character itself.
        return match.group(1) or ""
    return unicodedata.normalize("NFC", base + mark)


def _letter(match: re.Match[str]) -> str:
    return _LETTERS[match.group(1)]


def _unescaped(match: re.Match[str]) -> str:
    escaped = match.group(1)
    if escaped is not None:
        return {" ": " ", ",": " ", "/": "", "-": ""}.get(escaped, escaped)
    return " " if match.group() == "~" else ""


def _by_pylatexenc(value: str) -> str:
    """Resolve what the tables above do not know: mathematics and other macros."""
    if len(value) > _LONGEST or _depth(value) > _DEEPEST or value.count("\\begin") + value.count("\\left") > _DEEPEST:
        # The library descends into groups by recursion and takes quadratic time on some inputs.
        return _PLAIN.sub(_unescaped, _MACRO.sub("", value))
    try:
        text: str = _converter().latex_to_text(_PERCENT.sub(r"\\%", value))
    except (RecursionError, ValueError, TypeError, AttributeError, LookupError):
        # It promises tolerance, but odd input trips its own code; a title is better read roughly than not.
        return _PLAIN.sub(_unescaped, _MACRO.sub("", value))
    return unicodedata.normalize("NFC", text.replace("{", "").replace("}", ""))


def _depth(value: str) -> int:
    depth = deepest = 0
    for character in value:
        if character == "{":
            depth += 1
            deepest = max(deepest, depth)
        elif character == "}":
            depth -= 1
    return deepest


@lru_cache(maxsize=1)
def _converter() -> Any:
    from pylatexenc.latex2text import LatexNodes2Text

    return LatexNodes2Text(math_mode="text", keep_comments=False, strict_latex_spaces=False)
