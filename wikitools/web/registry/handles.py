"""Handles, and DOIs, which are handles: whether the registry has one, whoever registered it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from wikitools.web.answer import Absent, Received
from wikitools.web.asking import No, Said, Web, Yes, not_received, unreadable
from wikitools.web.fields import UnreadableError, read_json, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wikitools.web.lookup_result import LookupResult


async def dois_exist(web: Web, dois: Iterable[str]) -> dict[str, LookupResult[None]]:
    """Return for each DOI whether doi.org knows it."""
    return await _exist(web, "doi", dois)


async def handles_exist(web: Web, handles: Iterable[str]) -> dict[str, LookupResult[None]]:
    """Return for each handle (`2027/mdp.39015012345678`) whether hdl.handle.net knows it."""
    return await _exist(web, "handle", handles)


async def _exist(web: Web, service: str, names: Iterable[str]) -> dict[str, LookupResult[None]]:
    async def fetch(chunk: list[str]) -> dict[str, Said]:
        return {name: await _ask(web, service, name) for name in chunk}

    return await web.many(service, names, fetch, exists=True)


async def _ask(web: Web, service: str, name: str) -> Said:
    label = web.services[service].label
    answer = await web.ask(service, f"/api/handles/{quote(name, safe='/')}", {"type": "URL"})
    if not isinstance(answer, Received | Absent):
        return answer
    try:
        said = table(read_json(Received(answer.code, answer.url, answer.headers, answer.body)))
    except UnreadableError as error:
        return unreadable(label, error)
    # A 404 alone may come from any machine on the way; the code (RFC 3652) comes from the registry. 200 means that
    # the handle exists, but has no value of this type.
    match said.get("responseCode"):
        case 1 | 200:
            return Yes(None)
        case 100:
            return No()
    return not_received(answer, label)
