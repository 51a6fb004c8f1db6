"""Which addresses are identifiers, and the registries that know them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from wikitools.lint.url_status import host_of
from wikitools.sources.identifiers import doi_in, plain_arxiv, url_key
from wikitools.web.registry import github, handles, pubmed_central
from wikitools.web.works import arxiv, pubmed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from wikitools.web.asking import Web
    from wikitools.web.lookup_result import LookupResult


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry of one kind of identifiers: the service that is asked, and how."""

    service: str
    ask: Callable[[Web, list[str]], Awaitable[Mapping[str, LookupResult[Any]]]]
    batch: int
    """How many are asked for at once."""
    absent: str
    """What it means that there is none, as a phrase."""


REGISTRIES: Mapping[str, Registry] = {
    "doi": Registry("doi", handles.dois_exist, 1, "doi.org has no such DOI"),
    "handle": Registry("handle", handles.handles_exist, 1, "hdl.handle.net has no such handle"),
    "arxiv": Registry("arxiv", arxiv.versions, arxiv.BATCH, "arXiv has no such preprint"),
    "pmid": Registry("pubmed", pubmed.records, pubmed.BATCH, "PubMed has no such article"),
    "pmc": Registry("pubmed", pubmed_central.articles_exist, 200, "PubMed Central has no such article"),
    "github": Registry("github", github.repositories, github.BATCH, "GitHub has no such repository"),
}
"""By kind of identifier."""

_PMC = re.compile(r"https?://(?:www\.ncbi\.nlm\.nih\.gov/pmc|pmc\.ncbi\.nlm\.nih\.gov)/articles/(PMC\d{1,9})/?", re.I)
_RESOLVERS = frozenset({"doi.org", "dx.doi.org", "www.doi.org"})
_ARXIV = re.compile(
    r"/(?:10\.48550/arxiv\.)?(?P<id>\d\d(?:0[1-9]|1[0-2])\.\d{4,5}"
    r"|[a-z-]+(?:\.[a-z-]{2,12})?/\d\d(?:0[1-9]|1[0-2])\d{3})(?:v(?P<version>[1-9]\d{0,3}))?(?:\.pdf)?/?\Z",
    re.IGNORECASE,
)
"""The end of the address of a preprint: with its month, since April 2007 four digits, since 2015 five."""
_FIVE_DIGITS = "1501"
_ANOTHER = re.compile(r"https?:/", re.IGNORECASE)
"""An address in the path of another one."""
_HANDLE = re.compile(r"https?://hdl\.handle\.net/(\d[\d.]*/[^?#]+)", re.I)
_REPOSITORY = re.compile(
    r"https?://(?:www\.)?github\.com/([a-z\d](?:[a-z\d-]{0,38}))/([\w.-]{1,100}?)(?:\.git)?/?", re.I
)
_NO_OWNERS = frozenset(
    "about apps collections customer-stories features marketplace orgs search settings sponsors topics".split()
)


def identify(url: str, keys: Mapping[str, str]) -> tuple[str, str]:
    """Return the kind and the name of the identifier that an address is; ("", "") for other addresses.

    GitHub is asked only with its key.

    >>> identify("https://doi.org/10.1000/182", {}), identify("http://hdl.handle.net/2027/mdp.1", {})
    (('doi', '10.1000/182'), ('handle', '2027/mdp.1'))
    """
    kind, _colon, name = url_key(url).partition(":")
    plain = f"https:{url}" if url.startswith("//") else url
    if _ANOTHER.search(plain, len("https://")):
        # A copy in an archive, say: whether that exists, its host decides.
        return "", ""
    if kind == "arxiv" and _arxiv_at(plain)[0] != name:
        # It only looks like an id, there is more behind it, or another site shows it: the host decides.
        return ("doi", doi) if host_of(plain) in _RESOLVERS and (doi := doi_in(unquote(plain))) else ("", "")
    if kind in {"doi", "arxiv", "pmid"} and name:
        return kind, name
    if match := _PMC.fullmatch(plain):
        return "pmc", match[1].upper()
    if match := _HANDLE.fullmatch(plain):
        return "handle", unquote(match[1])
    if "github" in keys and (match := _REPOSITORY.fullmatch(plain)) and match[1].lower() not in _NO_OWNERS:
        return "github", f"{match[1]}/{match[2]}".lower()
    return "", ""


def _arxiv_at(url: str) -> tuple[str, int]:
    """Return the arXiv id at which an address ends, and the version that it names; ("", 0) if it ends otherwise."""
    try:
        match = _ARXIV.search(unquote(urlsplit(url).path))
    except ValueError:
        return "", 0
    if match is None or not (host_of(url) in _RESOLVERS or f".{host_of(url)}".endswith(".arxiv.org")):
        return "", 0
    month, _dot, number = match["id"].partition(".")
    if month.isdigit() and len(number) != (5 if month >= _FIVE_DIGITS else 4):
        return "", 0
    return plain_arxiv(match["id"]), int(match["version"] or 0)


def is_newer(url: str, latest: int) -> bool:
    """Say whether the address of a preprint names a later version than the latest that arXiv told of."""
    return 0 < latest < _arxiv_at(f"https:{url}" if url.startswith("//") else url)[1]


def is_surely(url: str, kind: str, name: str) -> bool:
    """Say whether an address is this identifier at its registry, so that the registry's "no" is its own.

    A publisher's address may only look as if it held a DOI, and what was left out to read one may belong to it.
    """
    host = host_of(url).removeprefix("www.")
    if kind == "github":
        # A token may not be let to see a repository that everybody can read.
        return False
    if kind == "doi":
        return host in _RESOLVERS and unquote(urlsplit(url).path).strip("/").lower() == name
    return host in {"arxiv.org", "export.arxiv.org"} if kind == "arxiv" else True
