"""Whether the identifiers of a source are well-formed: DOIs, arXiv ids, ISBNs and URLs, judged without the network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.sources.readers.address_fields import read_arxiv, read_doi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.sources.source import Source

_DOI_FIELDS = ("doi",)
_ARXIV_FIELDS = ("arxiv", "arxivid", "arxiv_id")
_ARCHIVES = ("archiveprefix", "eprinttype")
_ARXIV_ID = re.compile(r"\d\d(?P<month>\d\d)\.(?P<number>\d{4,5})|[a-z-]+(?:\.[a-z]{2})?/\d\d(?P<old>\d\d)\d{3}", re.I)
_URL = re.compile(r"(?:https?|ftp)://(?P<host>[^\s/?#]+)(?P<rest>[^\s<>\"]*)", re.I)
_HOST = re.compile(r"(?:[^@\s]*@)?(?:(?:[\w-]+\.)+\w[\w-]*\.?|localhost|\[[0-9a-f:.]+\])(?::\d{1,5})?", re.I)
_ISBN_PIECES = re.compile(r"[,;/|()\[\]]|\band\b|\bor\b", re.I)
_ISBN_SIGNS = re.compile(r"[0-9Xx]")
_LONGEST = 500


def wrong_identifiers(source: Source) -> Iterator[tuple[str, str, str]]:
    """Yield what is written, what it should be ("DOI", "arXiv id", "ISBN", "web address") and what is wrong with it."""
    fields = source.fields
    if not source.doi:
        for name in _DOI_FIELDS:
            written = fields.get(name, "")[:_LONGEST]
            if any(map(str.isdigit, written)) and not read_doi(written) and not read_arxiv(written):
                yield written, "DOI", ""
    yield from _wrong_arxiv(source)
    for written in isbns_in(fields.get("isbn", "")[:_LONGEST]):
        if wrong := isbn_error(written):
            yield written, "ISBN", wrong
    if (url := source.url) and (reason := url_error(url)) is not None:
        yield url, "web address", reason


def _wrong_arxiv(source: Source) -> Iterator[tuple[str, str, str]]:
    fields = source.fields
    if source.arxiv:
        if reason := arxiv_error(source.arxiv):
            yield source.arxiv, "arXiv id", reason
        return
    names = [name for name in _ARXIV_FIELDS if name in fields]
    if any(fields.get(name, "").strip().lower() == "arxiv" for name in _ARCHIVES) and "eprint" in fields:
        names.append("eprint")
    for name in names:
        written = fields[name][:_LONGEST]
        if any(map(str.isdigit, written)) and not read_arxiv(written, marked=False):
            plain = _ARXIV_ID.search(written)
            yield written, "arXiv id", arxiv_error(plain[0]) if plain else ""


def arxiv_error(identifier: str) -> str:
    """Return what is wrong with a bare arXiv id ("" if nothing), after arXiv's "Understanding the arXiv identifier".

    >>> arxiv_error("1906.01820"), arxiv_error("1913.01820"), arxiv_error("hep-th/9901001")
    ('', 'there is no month 13', '')
    """
    match = _ARXIV_ID.fullmatch(identifier)
    if match is None:
        return "it is neither YYMM.NNNNN nor archive/YYMMNNN"
    month = match["month"] or match["old"]
    if not 1 <= int(month) <= 12:
        return f"there is no month {month}"
    if match["number"] and (len(match["number"]) == 5) != (identifier[:2] >= "15"):
        return "ids have five digits after the point since 2015, and had four before"
    return ""


def isbns_in(written: str) -> Iterator[str]:
    """Yield the ISBNs in a field, as written: separated by commas, slashes, brackets, words or blanks.

    >>> list(isbns_in("ISBN-13: 978-0-306-40615-7 (cloth), 0 306 40615 2"))
    ['978-0-306-40615-7', '0 306 40615 2']
    """
    for piece in _ISBN_PIECES.split(written):
        label, _sign, rest = piece.rpartition(":")
        number = (rest if label else piece).strip()
        number = re.sub(r"^(?:e?isbn)(?:[- ]?1[03](?=[ :]))?[ :]*", "", number, flags=re.I).strip(" .-‐–")
        if not number or not re.fullmatch(r"[0-9Xx][0-9Xx \u2010-\u2015-]*", number):
            continue
        if len(_ISBN_SIGNS.findall(number)) <= 13:
            yield number
        else:
            yield from number.split()


def isbn_error(written: str) -> str:
    """Return what is wrong with one ISBN ("" if nothing): ISO 2108, ten or thirteen signs, the last a check digit.

    >>> isbn_error("0-306-40615-2"), isbn_error("9780306406158"), isbn_error("12345")
    ('', 'its check digit is wrong', 'it has 5 digits, not 10 or 13')
    """
    signs = [sign.upper() for sign in _ISBN_SIGNS.findall(written)]
    digits = [10 if sign == "X" else int(sign) for sign in signs]
    if len(digits) == 10 and 10 not in digits[:-1]:
        right = sum(weight * digit for weight, digit in zip(range(10, 0, -1), digits, strict=True)) % 11 == 0
    elif len(digits) == 13 and 10 not in digits:
        right = sum(digit * (1, 3)[place % 2] for place, digit in enumerate(digits)) % 10 == 0
    else:
        if len(digits) == 8:
            return "with 8 digits it looks like an ISSN"
        return f"it has {len(digits)} digits, not 10 or 13" if "X" not in signs[:-1] else "X can only be its last digit"
    return "" if right else "its check digit is wrong"


def url_error(url: str) -> str | None:
    """Return what is wrong with a web address; "" if that is obvious, and `None` if nothing is (RFC 3986, §3).

    Characters beyond ASCII are taken as browsers take them.

    >>> url_error("https://example.org/a"), url_error("example.org/a"), url_error("https://https://example.org")
    (None, 'it has no scheme (https://)', 'its host is "https:"')
    """
    match = _URL.fullmatch(url)
    if match is None:
        if "://" not in url and _HOST.fullmatch(url.partition("/")[0]):
            return "it has no scheme (https://)"
        return "it contains a blank" if " " in url.strip() else ""
    if not _HOST.fullmatch(match["host"][:_LONGEST]):
        return f'its host is "{match["host"][:60]}"'
    return None
