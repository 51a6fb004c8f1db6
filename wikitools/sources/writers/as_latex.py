"""Writes text as LaTeX for BibTeX values: special characters escaped, capitals protected, letters as macros."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from wikitools.sources.readers.latex import to_unicode


def as_latex(value: str, *, ascii_only: bool = False) -> str:
    """Return a value as LaTeX; `ascii_only`: letters beyond ASCII as macros, where these mean the letters again.

    >>> as_latex("Müller & Sons"), as_latex("Müller", ascii_only=True)
    ('Müller \\\\& Sons', 'M{\\\\"u}ller')
    """
    # BibTeX counts all braces, even behind a backslash: those without a partner cannot be written.
    value = value if _is_balanced(value) else value.replace("{", "(").replace("}", ")")
    plain = "".join(_SPECIAL.get(char, char) for char in value)
    if ascii_only and not plain.isascii():
        plain = "".join(char if char.isascii() else _encoded(char) for char in plain.translate(_TYPED))
    return plain


def _is_balanced(text: str) -> bool:
    depth = 0
    for char in text:
        depth += (char == "{") - (char == "}")
        if depth < 0:
            return False
    return depth == 0


_SPECIAL = {
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\^{}",
    "\\": r"\textbackslash{}",
}
_TYPED = str.maketrans({"’": "'", "‘": "`", "“": "``", "”": "''", "–": "--", "—": "---"})
"""What is typed for these signs in LaTeX."""
_WORD = re.compile(r"(?<![\\\w{])[^\W\d_][\w'’]*(?:-[\w'’]+)*(?![\w}])")


def protected(title: str, *, doubly: bool = False) -> str:
    """Return a title with braces around words that must keep their capitals: `{LLMs}`, `{COVID-19}`, `{Bayes}`.

    In a title in lower case, a capital belongs to a name; in a title whose words start with capitals, that is unknown.
    """
    words = list(_WORD.finditer(title))
    later = [word for word in words[1:] if len(word[0]) > 3]
    is_sentence = 2 * sum(word[0][0].isupper() for word in later) < len(later)
    opening, closing = ("{{", "}}") if doubly else ("{", "}")

    def braced(match: re.Match[str]) -> str:
        word = match[0]
        begins = match.start() == words[0].start() or title[: match.start()].rstrip()[-1:] in ":.?!—–"
        is_name = is_sentence and word[0].isupper() and not begins
        return f"{opening}{word}{closing}" if is_name or any(char.isupper() for char in _LATER.sub("", word)) else word

    return _WORD.sub(braced, title)


_LATER = re.compile(r"(?:^|-)\w")
"""The first letters of the parts of a word."""


@cache
def _encoded(char: str) -> str:
    """Return a letter as LaTeX, where that means the letter again when it is read."""
    found = str(_encoder().unicode_to_latex(char))
    return found if to_unicode(found) == char else char


@cache
def _encoder() -> Any:
    from pylatexenc.latexencode import UnicodeToLatexEncoder

    return UnicodeToLatexEncoder(
        non_ascii_only=True,
        replacement_latex_protection="braces-all",
        unknown_char_policy="keep",
        unknown_char_warning=False,
    )
