"""DOIs at doi.org: whether there is such a handle, at any registration agency."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from wikitools.web.answer import Absent, Received
from wikitools.web.asking import No, Said, Web, Yes, not_received, unreadable
from wikitools.web.fields import UnreadableError, read_json, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wikitools.web.lookup_result import LookupResult


async def exists(web: Web, dois: Iterable[str]) -> dict[str, LookupResult[None]]:
    """Return for each DOI whether doi.org knows it."""

    async def fetch(chunk: list[str]) -> dict[str, Said]:
        return {doi: await _ask(web, doi) for doi in chunk}

    return await web.many("doi", dois, fetch, exists=True)


async def _ask(web: Web, doi: str) -> Said:
    answer = await web.ask("doi", f"/api/handles/{quote(doi, safe='/')}", {"type": "URL"})
    if not isinstance(answer, Received | Absent):
        return answer
    try:
        said = table(read_json(Received(answer.code, answer.url, answer.headers, answer.body)))
    except UnreadableError as error:
        return unreadable("doi.org", error)
    # A 404 alone may come from any machine on the way; the code (RFC 3652) comes from the registry. 200 means that
    # the handle exists, but has no value of this type.
    match said.get("responseCode"):
        case 1 | 200:
            return Yes(None)
        case 100:
            return No()
    return not_received(answer, "doi.org")
