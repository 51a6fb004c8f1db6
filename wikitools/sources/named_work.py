"""Reads the name that a user gives to a work: a DOI, arXiv id, ISBN or PubMed id, the address of a page, or a title."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from wikitools.sources.identifiers import url_key
from wikitools.sources.names import Name
from wikitools.sources.readers.address_fields import read_arxiv
from wikitools.sources.record import Record
from wikitools.sources.wellformed import isbn_error

_ISBN = re.compile(r"(?:ISBN(?:-1[03])?:?\s*)?((?:97[89][ -]?)?\d(?:[ -]?\d){8}[ -]?[\dXx])", re.IGNORECASE)
_DOI = re.compile(r"(?:doi:?\s*|(?:https?://)?(?:dx\.|www\.)?doi\.org/)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_PARTED_DOI = re.compile(r"(?:doi:?\s*|(?:https?://)?(?:dx\.|www\.)?doi\.org/)?10\.\d{4,9}/", re.IGNORECASE)
_RESOLVER = re.compile(r"(?:https?://)?(?:dx\.|www\.)?doi\.org/", re.IGNORECASE)
_ARXIV = re.compile(r"(?:arxiv:?\s*)?(?:[a-z-]+(?:\.[a-z]{2})?/\d{7}|\d{4}\.\d{4,5})(?:v\d+)?", re.IGNORECASE)
_PMID = re.compile(r"(?:pmid:?\s*|(?:https?://)?pubmed\.ncbi\.nlm\.nih\.gov/)(\d{1,8})/?", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)


class NamedWork(NamedTuple):
    """A work as the user named it: `kind` is `doi`, `arxiv`, `isbn`, `pmid`, `url` or `title`."""

    kind: str
    value: str

    @property
    def subject(self) -> str:
        """The identifier in the form for services: `doi:10.1000/182`."""
        return f"{self.kind}:{self.value}"


class NotAWorkError(ValueError):
    """The text cannot name a work; the message says why."""


def read_named_work(written: str) -> NamedWork:
    """Return the work that the text names. Raises `NotAWorkError` for an invalid ISBN or DOI, and for an empty text.

    >>> read_named_work("https://doi.org/10.1038/NATURE14539").subject, read_named_work("1906.01820v3").subject
    ('doi:10.1038/nature14539', 'arxiv:1906.01820')
    >>> read_named_work("ISBN 0-306-40615-2").subject, read_named_work("Deep learning").kind
    ('isbn:9780306406157', 'title')
    >>> read_named_work("https://doi.org/10.5555/x?utm_source=y#top").value
    '10.5555/x'
    >>> read_named_work("10.1002/(SICI)1097-0258(1998)17:15<1661::AID>3.0.CO;2-2").value
    '10.1002/(sici)1097-0258(1998)17:15<1661::aid>3.0.co;2-2'
    """
    text = " ".join(written.split()).strip("<>")
    if not text:
        raise NotAWorkError("the text is empty")
    if match := _PMID.fullmatch(text):
        return NamedWork("pmid", match[1])
    if match := _ISBN.fullmatch(text):
        return _isbn(re.sub(r"[ -]", "", match[1]).upper())
    if match := _DOI.fullmatch(text):
        # In an address, what follows "?" or "#" is no part of the path (RFC 3986, section 3); a DOI escapes both there.
        return _doi(re.split(r"[?#]", match[1], maxsplit=1)[0] if _RESOLVER.match(text) else match[1])
    if _ADDRESS.fullmatch(text):
        kind, colon, value = url_key(text).partition(":")
        return NamedWork(kind, value) if colon and kind in {"doi", "arxiv"} else NamedWork("url", text)
    if _ARXIV.fullmatch(text) and (arxiv := read_arxiv(text, marked=False)):
        return NamedWork("arxiv", arxiv)
    if _PARTED_DOI.match(text):
        raise NotAWorkError(f'"{text}" is no DOI: it has a blank')
    return NamedWork("title", text)


STUB = "Stub: only the citation is known"
"""The note in an entry that was made from a citation alone."""
_CITED = re.compile(
    r"\(?(?P<names>[^\W\d_][^()\d]*?)[\s,(]+(?P<year>1[5-9]\d\d|20\d\d)(?P<suffix>[a-z])?\)?", re.IGNORECASE
)
_ET_AL = re.compile(r",?\s*(?:et al\b\.?|and others)\s*$", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:,\s*(?:and|&)|,|\band\b|&)\s*")


def read_stub(written: str) -> Record:
    """Return what a citation says about a work: names and year. Raises `NotAWorkError` for anything else.

    >>> record = read_stub("van der Maaten & Hinton (2008)")
    >>> [name.family for name in record.names], record.years, record.others
    (['van der Maaten', 'Hinton'], ('2008',), False)
    """
    match = _CITED.fullmatch(" ".join(written.split()))
    if match is None:
        raise NotAWorkError(f'"{written}" is no citation such as "Ngo et al. 2022"')
    people = _ET_AL.sub("", match["names"])
    names = tuple(Name(each) for each in _BETWEEN.split(people) if each)
    return Record("stub", names=names, years=(match["year"],), others=people != match["names"], note=STUB)


def _doi(written: str) -> NamedWork:
    """Return a DOI that is the whole text; many contain `<` and `>`."""
    doi = unquote(written).rstrip(".,;").lower()
    arxiv = doi.removeprefix("10.48550/arxiv.")
    return NamedWork("doi", doi) if arxiv == doi else NamedWork("arxiv", read_arxiv(arxiv, marked=False) or arxiv)


def _isbn(digits: str) -> NamedWork:
    if wrong := isbn_error(digits):
        raise NotAWorkError(f"{digits} is no ISBN: {wrong}")
    if len(digits) == 10:
        digits = f"978{digits[:9]}"
        total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
        digits += str(-total % 10)
    return NamedWork("isbn", digits)
