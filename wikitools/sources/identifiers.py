"""DOIs, arXiv ids and URLs: where prose has them, and when two of them are the same."""

from __future__ import annotations

import re
from functools import lru_cache

_DOI = re.compile(r"10\.\d{4,9}/[^\s\"'<>?#]+", re.IGNORECASE)
_ARXIV_ID = re.compile(r"(?:[a-z-]+(?:\.[a-z]{2})?/\d{7}|\d{4}\.\d{4,5})(?:v\d+)?", re.IGNORECASE)
_ARXIV_PLACE = re.compile(
    r"(?:arxiv\.org/(?:abs|pdf|html|format|e-print)/|alphaxiv\.org/abs/|ar5iv\.org/(?:abs|html)/|arxiv:)", re.IGNORECASE
)
_VERSION = re.compile(r"v\d+$")
_TAIL = ".,;:!?*_`'\"’”"


def doi_in(text: str) -> str:
    """Return the first DOI in `text`, bare and lower-case, or "".

    The suffix runs to a blank, quote or angle bracket (DOI Handbook §2.2); punctuation and unpaired brackets at its end
    are prose.

    >>> doi_in("(https://doi.org/10.1000/182(A).)")
    '10.1000/182(a)'
    """
    match = _DOI.search(text)
    return trimmed(match[0]).lower() if match else ""


def arxiv_in(text: str) -> str:
    """Return the arXiv id, without version, that an arXiv URL or `arXiv:` in `text` names, or "".

    >>> arxiv_in("https://arxiv.org/pdf/1906.01820v3.pdf"), arxiv_in("1906.01820")
    ('1906.01820', '')
    """
    place = _ARXIV_PLACE.search(text)
    if place is None:
        return ""
    found = _ARXIV_ID.match(text, place.end()) or _ARXIV_ID.match(text, place.end() + 1)
    return _VERSION.sub("", found[0].lower()) if found else ""


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
    """Return what is compared of an address: `doi:…`, `arxiv:…`, else host and path.

    arXiv's own DOIs (10.48550/arXiv.…) are arXiv ids.

    >>> url_key("https://doi.org/10.48550/arXiv.1906.01820"), url_key("http://www.Example.org/a/#b")
    ('arxiv:1906.01820', 'example.org/a')
    """
    url = url.strip()
    if arxiv := arxiv_in(url):
        return "arxiv:" + arxiv
    if doi := doi_in(url):
        if doi.startswith("10.48550/arxiv."):
            return "arxiv:" + _VERSION.sub("", doi.removeprefix("10.48550/arxiv."))
        return "doi:" + doi
    rest = url.partition("#")[0]
    scheme, separator, after = rest.partition("://")
    if separator:
        rest = after
    elif scheme.startswith("//"):
        rest = scheme[2:]
    host, slash, path = rest.partition("/")
    host = host.lower().removeprefix("www.")
    return (host + slash + path).rstrip("/") if "." in host else ""


_WRITTEN_DOI = re.compile(r"10\.\d{4,9}/[^\s\"'<>?#|]+")
_WRITTEN_ARXIV = re.compile(r"[aA][rR][xX][iIİı][vV]:(?i:[ ]?(?:[a-z-]+(?:\.[a-z]{2})?/\d{7}|\d{4}\.\d{4,5})(?:v\d+)?)")


def identifiers_in(text: str) -> list[tuple[int, int, str]]:
    """Return start, end and `doi:…` or `arxiv:…` of the bare identifiers that `text` contains, in order.

    >>> identifiers_in("see arXiv:1906.01820v2, 10.1000/abc).")
    [(4, 22, 'arxiv:1906.01820'), (24, 35, 'doi:10.1000/abc')]
    """
    found: list[tuple[int, int, str]] = []
    doi = _WRITTEN_DOI.search(text) if "10." in text else None
    arxiv = _WRITTEN_ARXIV.search(text) if any(mark in text for mark in ARXIV_MARKS) else None
    while doi is not None or arxiv is not None:
        # Each is looked for by itself, which is quicker than for both at once.
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


ARXIV_MARKS = ("rXiv:", "rxiv:", "RXIV:", "RXiv:")
"""What stands before arXiv ids in prose."""


def named_identifier(subject: str) -> tuple[str, str]:
    """Return what people call an identifier, and the identifier itself.

    >>> named_identifier("arxiv:1906.01820")
    ('arXiv id', '1906.01820')
    """
    kind, _colon, value = subject.partition(":")
    return {"doi": "DOI", "arxiv": "arXiv id", "pmid": "PubMed id", "isbn": "ISBN"}.get(kind, kind), value
