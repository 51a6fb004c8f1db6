"""Archived copies of pages that are gone: the one nearest to the day on which the link was written.

The index of the Wayback Machine is asked (its CDX server); the "availability" service answers with nothing for pages
that are archived.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from wikitools.web.answer import Received
from wikitools.web.asking import No, Said, Web, Yes, not_received, unreadable
from wikitools.web.fields import UnreadableError, read_json
from wikitools.web.lookup_result import Here, NoAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping

_STAMP = re.compile(r"\d{14}")
_MOST_SILENT = 3


async def find_copies(web: Web, written: Mapping[str, float]) -> dict[str, str]:
    """Return the address of an archived copy for each page that has one.

    `written` has the time at which the link to each address was written, in seconds since 1970. After a few questions
    without an answer, no more are asked. Addresses that are not everybody's are never sent there.
    """
    found: dict[str, str] = {}
    silent = 0
    for url, when in written.items():
        if web.client.is_own(url):
            continue
        if silent == _MOST_SILENT:
            # Remembered answers still count.
            web.until(0)
        day = time.strftime("%Y%m%d", time.gmtime(when))
        said = await web.many("wayback", [f"{day} {url}"], lambda chunk: _fetch(web, chunk))
        for answer in said.values():
            if isinstance(answer, Here) and isinstance(answer.what, str):
                found[url] = f"https://web.archive.org/web/{answer.what}/{url}"
            silent += isinstance(answer, NoAnswer)
    return found


async def _fetch(web: Web, chunk: list[str]) -> dict[str, Said]:
    return {subject: await _ask(web, *subject.split(" ", 1)) for subject in chunk}


async def _ask(web: Web, day: str, url: str) -> Said:
    parameters = {
        "url": url,
        "output": "json",
        "fl": "timestamp",
        "filter": "statuscode:200",
        "sort": "closest",
        "closest": day,
        "limit": "1",
    }
    answer = await web.ask("wayback", "/cdx/search/cdx", parameters)
    if not isinstance(answer, Received):
        return not_received(answer, "the Wayback Machine")
    try:
        rows = read_json(answer)
    except UnreadableError as error:
        return unreadable("the Wayback Machine", error)
    # The first row names the columns; a page that was never archived has no row at all.
    if rows in ([], [["timestamp"]]):
        return No()
    match rows:
        case [["timestamp"], [str(stamp)]] if _STAMP.fullmatch(stamp):
            return Yes(stamp)
    return not_received(answer, "the Wayback Machine")
