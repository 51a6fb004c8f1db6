"""The services that are asked: their addresses, and the pace that their rules allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wikitools.web.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Service:
    """One service. `label` is its name for people."""

    name: str
    label: str
    base: str
    interval: float
    """Seconds between two requests."""


SERVICES: Mapping[str, Service] = {
    each.name: each
    for each in (
        Service("doi", "doi.org", "https://doi.org", 1.0),
        Service("handle", "hdl.handle.net", "https://hdl.handle.net", 1.0),
        Service("crossref", "Crossref", "https://api.crossref.org", 1.0),
        Service("datacite", "DataCite", "https://api.datacite.org", 1.0),
        Service("arxiv", "arXiv", "https://export.arxiv.org", 3.0),
        Service("openalex", "OpenAlex", "https://api.openalex.org", 1.0),
        Service("openlibrary", "Open Library", "https://openlibrary.org", 1.0),
        Service("pubmed", "PubMed", "https://eutils.ncbi.nlm.nih.gov", 0.4),
        Service("github", "GitHub", "https://api.github.com", 1.0),
        Service("wayback", "the Wayback Machine", "https://web.archive.org", 1.0),
        Service("semanticscholar", "Semantic Scholar", "https://api.semanticscholar.org", 1.0),
    )
}


class ServicesError(ValueError):
    """The addresses of services are not in the right form; the message is a phrase."""


def services_at(written: str) -> dict[str, Service]:
    """Return the services, with the addresses in `written` for those named there.

    It is a list like `crossref=http://127.0.0.1:8000 datacite=https://mirror.example.org`. Raises `ServicesError`.
    """
    found = dict(SERVICES)
    for part in written.replace(",", " ").split():
        name, _equals, base = part.partition("=")
        if name not in SERVICES:
            raise ServicesError(f'"{name}" is not one of {", ".join(SERVICES)}')
        if urlsplit(base).scheme not in {"http", "https"} or not urlsplit(base).hostname:
            raise ServicesError(f'"{base}" is not an address like https://example.org')
        known = SERVICES[name]
        found[name] = Service(name, known.label, base.rstrip("/"), known.interval)
    return found


def host_of(service: Service) -> str:
    """Return the host of a service, with its port if that is unusual."""
    return urlsplit(service.base).netloc


def paces_of(services: Mapping[str, Service]) -> dict[str, Pace]:
    """Return the pace of each service's host; that of the slower service if a host serves two."""
    paces: dict[str, Pace] = {"github.com": Pace(1.0, 1.0), "arxiv.org": Pace(3.0, 3.0)}
    for service in services.values():
        host = host_of(service)
        slowest = max(service.interval, paces[host].interval if host in paces else 0.0)
        paces[host] = Pace(slowest, slowest)
    return paces
