"""Which work a page on the web is about: the identifier that publishers put into its head for reference managers."""

from __future__ import annotations

import contextlib
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from wikitools.sources.readers.address_fields import read_arxiv, read_doi
from wikitools.web.answer import Absent, Received
from wikitools.web.client import Ask, Limits
from wikitools.web.lookup_result import Here, LookupResult, NoAnswer

if TYPE_CHECKING:
    from wikitools.web.asking import Web

_DOI_NAMES = frozenset("citation_doi bepress_citation_doi prism.doi dc.identifier dc.identifier.doi doi".split())
_ARXIV_NAMES = frozenset(("citation_arxiv_id",))
_PMID_NAMES = frozenset(("citation_pmid",))
_LIMITS = Limits(cut=True)


class _Head(HTMLParser):
    """Collects what a page says of itself; what it quotes of others stands in its body."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta":
            return
        values = {name: value or "" for name, value in attrs}
        name = (values.get("name") or values.get("property", "")).lower()
        content = values.get("content", "").strip()[:500]
        if name in _ARXIV_NAMES and (arxiv := read_arxiv(content, marked=False)):
            self.found[f"arxiv:{arxiv}"] = None
        elif name in _DOI_NAMES and (doi := read_doi(content)):
            self.found[f"doi:{doi}"] = None
        elif name in _PMID_NAMES and content.isdigit():
            self.found[f"pmid:{content}"] = None


async def identifiers_on(web: Web, url: str) -> LookupResult[tuple[str, ...]]:
    """Return the identifiers of the work that a page is about: `doi:…`, `arxiv:…`, `pmid:…`; none where it names none.

    The contact address is not told to the host: it is any host on the web.
    """
    if web.offline:
        return NoAnswer("offline")
    answer = await web.client.ask(Ask(url, accept="text/html,application/xhtml+xml;q=0.9,*/*;q=0.1", limits=_LIMITS))
    if isinstance(answer, Absent):
        return NoAnswer(f"there is no such page ({answer.code})")
    if not isinstance(answer, Received):
        return NoAnswer(answer.why)
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if "html" not in kind:
        return NoAnswer(f"it is not a page but {kind or 'something else'}")
    head = _Head()
    with contextlib.suppress(AssertionError):
        # Python's parser gives up on some broken declarations; what stood before them was read.
        head.feed(answer.body.decode("utf-8", "replace"))
    found = list(head.found)
    # A work has one DOI; others name the same work.
    dois = [each for each in found if each.startswith("doi:")]
    return Here(tuple(dois or [each for each in found if each.startswith("arxiv:")] or found), 0.0)
