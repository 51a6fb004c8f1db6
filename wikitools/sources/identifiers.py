"""DOIs, arXiv ids and URLs: finds them in prose, and says when two of them are the same."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from wikitools.text import NO_ADDRESS

if TYPE_CHECKING:
    from collections.abc import Iterator

_SICI = r"<[^\s<>\"]{1,80}>\d\.\d\.[A-Za-z]{2}[;:]\d(?:-#)?"
"""The end of an older DOI with an item's identifier (ANSI/NISO Z39.56). Only there, `<` does not end the DOI."""
_DOI = re.compile(rf"10\.\d{{4,9}}/(?:[^\s\"'<>?#{NO_ADDRESS}]|{_SICI})+", re.IGNORECASE)
_VIEW = re.compile(
    r"(?:/(?:abstract|citations?|epdf|epub|figures|full|fulltext|full-text|html|meta|metrics|pdf|pdfft|references"
    r"|summary|suppinfo|supplementary|tables|xml)(?:/[\w.-]*)?"
    r"|\.(?:abstract|full|full-text|html?|long|pdf|short|xml)(?:\+html)?|/)+\Z"
)
"""What publishers' sites add to a DOI: the same work in another form, or a part of its page."""
_VERSION_OF_PREPRINT = re.compile(r"(10\.(?:1101|64898)/[\d.]+)v\d+\Z")
"""bioRxiv and medRxiv number versions in addresses; one DOI stands for all versions."""
_ARXIV_ID = re.compile(r"(?:[a-z-]+(?:\.[a-z-]{2,12})?/\d{7}|\d{4}\.\d{4,5})(?:v\d+)?", re.IGNORECASE)
_SUBJECT_CLASS = re.compile(r"\.[a-z-]+(?=/)")
_ARXIV_PLACE = re.compile(
    r"(?:arxiv\.org/(?:abs|pdf|html|format|e-print)/|alphaxiv\.org/abs/|ar5iv\.org/(?:abs|html)/|arxiv:)", re.IGNORECASE
)
_VERSION = re.compile(r"v\d+$")
_TAIL = ".,;:!?*_`'\"’”"


def doi_in(text: str) -> str:
    """Return the first DOI in `text`, bare and lower-case, or "".

    The suffix may contain any character (DOI Handbook §2.2); here it ends before a blank, a quote or an angle bracket,
    unless that is part of a SICI. Punctuation and unpaired brackets at its end are prose. In the address of a site,
    "/full" is a view of the work; elsewhere it belongs to the DOI.

    >>> doi_in("(https://doi.org/10.1000/182(A).)"), doi_in("https://example.org/articles/10.1000/182/full")
    ('10.1000/182(a)', '10.1000/182')
    >>> doi_in("doi:10.1000/182.html")
    '10.1000/182.html'
    """
    if "&" in text:
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    match = _DOI.search(text)
    if match is None:
        return ""
    doi = trimmed(match[0]).lower().rstrip("/")
    if _is_on_site(text[: match.start()]):
        doi = _VIEW.sub("", doi)
    return _VERSION_OF_PREPRINT.sub(r"\1", doi)


def doi_address(doi: str) -> str:
    """Return the address of a DOI; what means something else in addresses is encoded (DOI Handbook §2.5.2.4).

    >>> doi_address("10.1000/(a)17:15<1661::b>3.0.co;2-#")
    'https://doi.org/10.1000/(a)17:15%3C1661::b%3E3.0.co;2-%23'
    """
    return "https://doi.org/" + _NOT_IN_ADDRESSES.sub(lambda match: quote(match[0]), doi)


_NOT_IN_ADDRESSES = re.compile(r"[\s%#?<>\"{}|\\^`\[\]]")


def _is_on_site(before: str) -> bool:
    """Say whether the text before a DOI ends with the address of a site, not of the resolver of DOIs."""
    word = before.rsplit(maxsplit=1)[-1] if before and not before[-1].isspace() else ""
    host, slash, _path = (word.partition("://")[2] or word).partition("/")
    return bool(slash) and "." in host and not host.lower().endswith("doi.org")


def arxiv_in(text: str) -> str:
    """Return the arXiv id that an arXiv URL or `arXiv:` in `text` names, as `plain_arxiv` has it, or "".

    >>> arxiv_in("https://arxiv.org/pdf/1906.01820v3.pdf"), arxiv_in("1906.01820")
    ('1906.01820', '')
    """
    place = _ARXIV_PLACE.search(text)
    if place is None:
        return ""
    found = _ARXIV_ID.match(text, place.end()) or _ARXIV_ID.match(text, place.end() + 1)
    return plain_arxiv(found[0]) if found else ""


def plain_arxiv(identifier: str) -> str:
    """Return an arXiv id without its version and, in those before April 2007, its subject class.

    See arXiv's "Understanding the arXiv identifier": both lead to the same work.

    >>> plain_arxiv("math.GT/0309136v2")
    'math/0309136'
    """
    return _SUBJECT_CLASS.sub("", _VERSION.sub("", identifier.lower()))


def trimmed(text: str) -> str:
    """Return an address without the punctuation that belongs to the sentence around it."""
    unpaired = {")": text.count(")") - text.count("("), "]": text.count("]") - text.count("[")}
    end = len(text)
    while end:
        last = text[end - 1]
        if unpaired.get(last, 0) > 0:
            unpaired[last] -= 1
        elif last not in _TAIL:
            break
        end -= 1
    return text[:end]


@lru_cache(maxsize=1 << 14)
def url_key(url: str) -> str:
    """Return the part of an address that is compared: `doi:…`, `arxiv:…`, else host and path.

    arXiv's own DOIs (10.48550/arXiv.…) are arXiv ids, and PubMed's pages are `pmid:…`.

    >>> url_key("https://doi.org/10.48550/arXiv.1906.01820"), url_key("http://www.Example.org/a/#b")
    ('arxiv:1906.01820', 'example.org/a')
    """
    url = url.strip()
    plain = unquote(url) if "%" in url and not url.startswith("doi:") else url
    if arxiv := arxiv_in(plain):
        return "arxiv:" + arxiv
    # Views count neither at the resolver nor in prose here: people copy them along.
    if doi := _VIEW.sub("", doi_in(plain)):
        if doi.startswith("10.48550/arxiv."):
            return "arxiv:" + plain_arxiv(doi.removeprefix("10.48550/arxiv."))
        return "doi:" + doi
    if pmid := _PUBMED.fullmatch(url):
        return "pmid:" + pmid[1]
    rest = url.partition("#")[0]
    scheme, separator, after = rest.partition("://")
    if separator:
        rest = after
    elif scheme.startswith("//"):
        rest = scheme[2:]
    host, slash, path = rest.partition("/")
    host = host.lower().removeprefix("www.")
    return (host + slash + path).rstrip("/") if "." in host else ""


def shorter_dois(key: str) -> Iterator[str]:
    """Yield the DOIs of the works that a publisher's address with this `doi:…` in its path may show, longest first.

    Sites add words, versions and numbers of their own; "….ch5" is a chapter, and has a DOI of its own.

    >>> list(shorter_dois("doi:10.1093/qje/qjx032/4095198"))
    ['doi:10.1093/qje/qjx032', 'doi:10.1093/qje']
    """
    for end in range(len(key) - 1, key.find("/"), -1):
        if _ADDED.match(key, end):
            yield key[:end]


_PUBMED = re.compile(r"(?:pmid:?[ ]?|(?:https?://)?pubmed\.ncbi\.nlm\.nih\.gov/)(\d{1,8})/?", re.IGNORECASE)
_WRITTEN_PUBMED = re.compile(r"\bPMID:?[ ]?(\d{4,8})(?!\d)")
_ADDED = re.compile(r"/|\.[a-z][a-z-]+(?:[./]|\Z)|(?<=\d)v\d+(?:\W|\Z)")
_WRITTEN_DOI = re.compile(rf"10\.\d{{4,9}}/(?:[^\s\"'<>?#|\]{NO_ADDRESS}]|\](?!\()|{_SICI})+")
"""A DOI in prose. Behind `](` is the address of a link that is not complete."""
_WRITTEN_ARXIV = re.compile(
    r"[aA][rR][xX][iIİı][vV]:(?i:[ ]?(?:[a-z-]+(?:\.[a-z-]{2,12})?/\d{7}|\d{4}\.\d{4,5})(?:v\d+)?)"
)


def identifiers_in(text: str) -> list[tuple[int, int, str]]:
    """Return start, end and `doi:…` or `arxiv:…` of the bare identifiers that `text` contains, in order.

    >>> identifiers_in("see arXiv:1906.01820v2, 10.1000/abc).")
    [(4, 22, 'arxiv:1906.01820'), (24, 35, 'doi:10.1000/abc')]
    >>> identifiers_in("[10.1000/a[1]b](https://doi.org/10.10")
    [(1, 14, 'doi:10.1000/a[1]b')]
    """
    found: list[tuple[int, int, str]] = []
    doi = _WRITTEN_DOI.search(text) if "10." in text else None
    arxiv = _WRITTEN_ARXIV.search(text) if any(mark in text for mark in ARXIV_MARKS) else None
    while doi is not None or arxiv is not None:
        # Each is searched separately, which is faster than both at once.
        match = doi if arxiv is None or (doi is not None and doi.start() < arxiv.start()) else arxiv
        assert match is not None
        written = trimmed(match[0])
        key = url_key("doi:" + written) if match is doi else url_key(written.replace(" ", ""))
        if key:
            found.append((match.start(), match.start() + len(written), key))
        if doi is not None and doi.start() < match.end():
            doi = _WRITTEN_DOI.search(text, match.end())
        if arxiv is not None and arxiv.start() < match.end():
            arxiv = _WRITTEN_ARXIV.search(text, match.end())
    return found


def pubmed_ids_in(text: str) -> list[tuple[int, int, str]]:
    """Return start, end and `pmid:…` of the PubMed ids that `text` contains, in order.

    >>> pubmed_ids_in("doi:10.1000/abc · PMID 15192576")
    [(18, 31, 'pmid:15192576')]
    """
    return [(match.start(), match.end(), "pmid:" + match[1]) for match in _WRITTEN_PUBMED.finditer(text)]


ARXIV_MARKS = ("rXiv:", "rxiv:", "RXIV:", "RXiv:")
"""The text before arXiv ids in prose."""


def named_identifier(subject: str) -> tuple[str, str]:
    """Return what people call an identifier, and the identifier itself.

    >>> named_identifier("arxiv:1906.01820")
    ('arXiv id', '1906.01820')
    """
    kind, _colon, value = subject.partition(":")
    return {"doi": "DOI", "arxiv": "arXiv id", "pmid": "PubMed id", "isbn": "ISBN"}.get(kind, kind), value
