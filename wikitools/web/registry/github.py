"""Repositories on GitHub, a hundred in one request, for those who have a token."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from wikitools.web.answer import Received
from wikitools.web.asking import No, Said, Web, Yes, all_of, not_received, unreadable
from wikitools.web.fields import UnreadableError, read_json, rows, table, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wikitools.web.lookup_result import LookupResult

BATCH = 100


async def repositories(web: Web, names: Iterable[str]) -> dict[str, LookupResult[str]]:
    """Return the address of each repository (`owner/name`), which is another one if it was renamed."""

    async def fetch(chunk: list[str]) -> dict[str, Said]:
        parts = [each.split("/") for each in chunk]
        asked = " ".join(
            f"r{number}: repository(owner: {json.dumps(owner)}, name: {json.dumps(name)}) {{ url }}"
            for number, (owner, name) in enumerate(parts)
        )
        answer = await web.ask(
            "github",
            "/graphql",
            body=json.dumps({"query": f"query {{ {asked} }}"}).encode(),
            secrets={"authorization": f"Bearer {web.keys['github']}"},
        )
        if not isinstance(answer, Received):
            return all_of(chunk, not_received(answer, "GitHub"))
        try:
            said = table(read_json(answer))
        except UnreadableError as error:
            return all_of(chunk, unreadable("GitHub", error))
        errors = [each for each in rows(said.get("errors")) if text(each.get("type")) == "NOT_FOUND"]
        absent = {path[0] for each in errors if isinstance(path := each.get("path"), list) and len(path) == 1}
        found: dict[str, Said] = {}
        for number, each in enumerate(chunk):
            if url := text(table(table(said.get("data")).get(f"r{number}")).get("url")):
                found[each] = Yes(url)
            elif f"r{number}" in absent:
                found[each] = No()
        return found

    return await web.many("github", names, fetch, batch=BATCH)
