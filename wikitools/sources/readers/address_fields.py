"""Reads DOIs, arXiv ids and URLs in the fields of a bibliography, which have more spellings than in prose."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from wikitools.sources.identifiers import arxiv_in, doi_in, plain_arxiv, trimmed

if TYPE_CHECKING:
    from collections.abc import Iterable

_YEAR_AND_MONTH = r"\d{2}(?:0[1-9]|1[0-2])"
_ARXIV_ID = re.compile(
    rf"(?<![\w./])({_YEAR_AND_MONTH}\.\d{{4,5}}|[a-z]+(?:-[a-z]+)*(?:\.[A-Za-z-]{{2,12}})?/{_YEAR_AND_MONTH}\d{{3}})(?:v\d+)?(?![\d/])"
)
_ARXIV_WORD = re.compile(
    r"arxiv[\s.:/]*(?:preprint)?[\s.:/]*(?:arxiv)?[\s.:/]*\[?\s*$|\bcorr\b.*$|\babs/$", re.IGNORECASE
)
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.", re.IGNORECASE)
_URL = re.compile(r"(?:https?|ftp)://[^\s<>\"{}|\\^`]+", re.IGNORECASE)

_LONGEST = 2000
"""The longest field that is searched for identifiers; longer text is prose."""


@lru_cache(maxsize=1 << 14)
def read_doi(written: str) -> str:
    r"""Return the first DOI in `written`, bare and lower-case, or "".

    Also `doi:…`, URLs, percent-encoded, and with LaTeX's `\_`. arXiv's own DOIs do not count here: `read_arxiv` reads
    them.

    >>> read_doi("https://dx.doi.org/10.1000/X%2FYZ.")
    '10.1000/x/yz'
    """
    if "10." not in written:
        return ""
    text = without_latex(written[:_LONGEST])
    if "\\" in text or "{" in text:
        text = text.replace("\\", "").replace("{", "").replace("}", "")
    if "%" in text:
        text = unquote(text)
    found = doi_in(text)
    return "" if _ARXIV_DOI.match(found) else found


@lru_cache(maxsize=1 << 14)
def read_arxiv(written: str, marked: bool = True) -> str:
    """Return the first arXiv id in `written`, bare and without version, or "".

    `marked` demands that the text says so (`arXiv:…`, an arXiv URL or DOI, DBLP's `abs/…`); otherwise a bare id will
    do.

    >>> read_arxiv("arXiv preprint arXiv:1906.01820v3 [cs]"), read_arxiv("hep-th/9901001v2", marked=False)
    ('1906.01820', 'hep-th/9901001')
    """
    text = written[:_LONGEST]
    found = arxiv_in(text)
    if found:
        return found
    doi = _ARXIV_DOI.search(text)
    if doi is not None:
        match = _ARXIV_ID.match(text, doi.end())
        if match is None:
            # The id is glued to "arXiv." there, which the pattern's look-behind refuses.
            match = _ARXIV_ID.match(text[doi.end() :])
        return plain_arxiv(match.group(1)) if match else ""
    for match in _ARXIV_ID.finditer(text.replace("abs/", "abs ") if "abs/" in text else text):
        if not marked or _ARXIV_WORD.search(text[max(0, match.start() - 40) : match.start()]):
            return plain_arxiv(match.group(1))
    return ""


def year_of_arxiv(identifier: str) -> str:
    """Return the year in which arXiv received the preprint with this bare id, or "".

    >>> year_of_arxiv("hep-th/9901001"), year_of_arxiv("1906.01820")
    ('1999', '2019')
    """
    digits = identifier.rpartition("/")[2][:2]
    if not digits.isdigit():
        return ""
    return ("19" if int(digits) > 90 else "20") + digits


def read_url(written: str) -> str:
    r"""Return the first web address in `written`, or "": what `\url{…}`, a sentence or a Markdown link holds.

    >>> read_url("Available at https://example.org/a_(b).")
    'https://example.org/a_(b)'
    """
    match = _URL.search(written, 0, _LONGEST)
    return trimmed(match.group()) if match else ""


def read_urls(written: str) -> tuple[str, ...]:
    r"""Return all web addresses in a text of LaTeX, each once.

    >>> read_urls(r"\href{https://example.org/a\_b}{Site}, <https://example.org/c>.")
    ('https://example.org/a_b', 'https://example.org/c')
    """
    if "://" not in written:
        return ()
    found = _URL.finditer(without_latex(written[:_LONGEST]))
    return tuple(dict.fromkeys(trimmed(match.group()) for match in found))


def read_address(written: str) -> str:
    r"""Return the web address in a field for addresses, or "": all of it, unless prose seems to follow.

    LaTeX's escapes are read in every format, since managers carry them from one into another. Blanks and backticks,
    which end an address in prose, are percent-encoded.

    >>> read_address("https://example.org/my files/a`b.pdf"), read_address("https://example.org/a (seen in May)")
    ('https://example.org/my%20files/a%60b.pdf', 'https://example.org/a')
    >>> read_address(r"https://example.org/{\~{}}user/some{\_}page"), read_address("https://example.org/{id}")
    ('https://example.org/~user/some_page', 'https://example.org/{id}')
    """
    text = without_latex(written[:_LONGEST]).strip().strip("<>`")
    if _WHOLE.fullmatch(text) is None or (" " in text and _PROSE.search(text) is not None) or _TWO.search(text):
        return read_url(text)
    whole = "%20".join(text.split()).replace("`", "%60")
    return whole if " " in text or "`" in text else trimmed(whole)


_WHOLE = re.compile(r"(?:https?|ftp)://[^\s<>\"]+(?:[ ]+[^\s<>\"{}|\\^]+)*", re.IGNORECASE)
_TWO = re.compile(r".://.*://")
_PROSE = re.compile(
    r"\s[(\[]|[,;.:!?]\s|\s[-–—]\s|\s\d{4}(?:\s|$)|\s\d{1,2}[./-]\d"
    r"|\s(?:accessed|archived|at|available|cited|checked|consulted|from|in|last|see|seen|on|online|or|and|doi|retrieved"
    r"|viewed|visited|via|access|abgerufen|zugriff|consulté)\b",
    re.IGNORECASE,
)


def without_latex(written: str) -> str:
    r"""Return an address or identifier without LaTeX: `\url{…}`, `\href{…}{…}`, and how it writes `_ % & # ~ $ < >`.

    >>> without_latex(r"\href{https://example.org/a{\_}b}{the site}").strip(), without_latex(r"{\textless}1::a$>$")
    ('https://example.org/a_b', '<1::a>')
    """
    if not ("\\" in written or "{" in written or "$" in written):
        return written
    written = _SIGN.sub(lambda match: _SIGNS[match[1] or match[2]], written)
    written = _ESCAPED.sub(lambda match: match[1] or match[2], written)
    return _OF_ADDRESS.sub(r" \1 ", written)


_SIGNS = {
    "textasciitilde": "~", "~{}": "~", "~{ }": "~", "string~": "~", "sim": "~", "textless": "<", "textgreater": ">",
    "<": "<", ">": ">", "textunderscore": "_",
}  # fmt: skip
_SIGN = re.compile(
    r"\{?(?:\\(~\{[ ]?\}|string~|text(?:asciitilde|less|greater|underscore)(?![A-Za-z]))(?:\{\}|[ ]+)?"
    r"|\$\\?(sim|<|>)\$)\}?"
)
_ESCAPED = re.compile(r"\{\\?([_%&#~$])\}|\\([_%&#~$])")
_OF_ADDRESS = re.compile(
    r"\\(?:url|href|path|nolinkurl|texttt|detokenize)\s*\{((?:[^{}]|\{[^{}]*\})*)\}(?:(?<=\})\s*\{(?:[^{}]|\{[^{}]*\})*\})?"
)
"""A macro with an address, and the text that `\\href` shows for it."""


def years_with_preprint(years: Iterable[str], arxiv: str) -> tuple[str, ...]:
    """Return the years of a work, each once, and last that of its preprint if it has an arXiv id."""
    return tuple(dict.fromkeys((*years, *((year_of_arxiv(arxiv),) if arxiv else ()))))
