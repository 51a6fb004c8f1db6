"""Articles in PubMed Central: whether there is one with an id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.web.asking import No, Said, Web, Yes
from wikitools.web.fields import table, text
from wikitools.web.works.pubmed import ABSENT, summaries

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wikitools.web.lookup_result import LookupResult


async def articles_exist(web: Web, ids: Iterable[str]) -> dict[str, LookupResult[None]]:
    """Return for each id (`PMC1234567`) whether PubMed Central has the article."""

    async def fetch(chunk: list[str]) -> dict[str, Said]:
        numbers = {each: each.removeprefix("PMC") for each in chunk}
        result = await summaries(web, "pmc", list(numbers.values()))
        if not isinstance(result, dict):
            return dict.fromkeys(chunk, result)
        found: dict[str, Said] = {}
        for each, number in numbers.items():
            item = table(result.get(number))
            if text(item.get("error")) == ABSENT:
                found[each] = No()
            elif text(item.get("uid")) == number and not item.get("error"):
                found[each] = Yes(None)
        return found

    return await web.many("pubmed", ids, fetch, batch=200, exists=True)
