"""Which work a page on the web is about: the identifier in its head, which publishers write for reference managers."""

from __future__ import annotations

import re
from html import unescape
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


_META = re.compile(r"<meta\s([^<>]{1,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w:.-]{1,40})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_BODY = re.compile(r"<body[\s>]", re.IGNORECASE)


def _identifiers(html: str) -> dict[str, None]:
    """Return the identifiers that a page gives for itself; identifiers of works that it cites are in its body.

    Python's parser takes quadratic time on some broken pages; here all repeats are bounded.
    """
    body = _BODY.search(html)
    found: dict[str, None] = {}
    for tag in _META.finditer(html, 0, body.start() if body else len(html)):
        attributes = _ATTRIBUTE.finditer(tag[1])
        values = {each[1].lower(): unescape(each[2] or each[3] or each[4] or "") for each in attributes}
        name = (values.get("name") or values.get("property", "")).lower()
        content = values.get("content", "").strip()[:500]
        if name in _ARXIV_NAMES and (arxiv := read_arxiv(content, marked=False)):
            found[f"arxiv:{arxiv}"] = None
        elif name in _DOI_NAMES and (doi := read_doi(content)):
            found[f"doi:{doi}"] = None
        elif name in _PMID_NAMES and content.isdigit():
            found[f"pmid:{content}"] = None
    return found


async def identifiers_on(web: Web, url: str) -> LookupResult[tuple[str, ...]]:
    """Return the identifiers of the work that a page is about: `doi:…`, `arxiv:…`, `pmid:…`; none if it names none.

    The host does not get the contact address, because it may be any host on the web.
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
    found = list(_identifiers(answer.body.decode("utf-8", "replace")))
    # A work has one DOI; others name the same work.
    dois = [each for each in found if each.startswith("doi:")]
    return Here(tuple(dois or [each for each in found if each.startswith("arxiv:")] or found), 0.0)
