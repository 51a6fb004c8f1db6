"""Sources without identifiers, looked up by title and authors with paper-preflight (the extra `verify`).

It asks Crossref, DBLP, OpenAlex, arXiv and others with its own client and keeps their answers in its own cache.
If a service that could know a work gave no answer, the result is undetermined.
"""

from __future__ import annotations

import json
import os
import tempfile
from typing import TYPE_CHECKING, Any

from wikitools.sources.record import Record
from wikitools.sources.verdict import Differs, Judged, NotFound, Undetermined, Verified, differences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wikitools.sources.names import Name
    from wikitools.sources.source import Source
    from wikitools.sources.verdict import Verdict

_FIELDS = ("container-title", "volume", "issue", "pages", "publisher")
_LIKE = {"journal": "container-title", "journaltitle": "container-title", "booktitle": "container-title"}
BY = "paper-preflight"


class NotInstalledError(Exception):
    """paper-preflight is not installed."""


def judge_by_title(sources: Sequence[Source], *, keep: bool) -> list[tuple[Source, Judged]]:
    """Return the verdict on each source that has a title. With `keep`, answers go into paper-preflight's own cache.

    Raises `NotInstalledError`.
    """
    try:
        import paper_preflight
    except ImportError as error:
        raise NotInstalledError(str(error)) from error
    named = {f"source{number}": source for number, source in enumerate(sources) if source.title}
    if not named:
        return []
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "sources.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump([_item(key, source) for key, source in named.items()], file)
        # No settings: a file somewhere above must not switch services off.
        report = paper_preflight.check_paper(path, settings=None, cache="default" if keep else None)
    return [
        (named[each.key], Judged(_verdict(named[each.key], each))) for each in report.references if each.key in named
    ]


def _item(key: str, source: Source) -> dict[str, Any]:
    item: dict[str, Any] = {"id": key, "type": source.kind or "article-journal", "title": source.title}
    item["author"] = [_person(name) for name in source.names]
    years = [int(year) for year in source.years if year.isdigit()][:1]
    if years:
        item["issued"] = {"date-parts": [years]}
    for name, value in source.fields.items():
        known = _LIKE.get(name, name)
        if known in _FIELDS and value:
            item["page" if known == "pages" else known] = value
    return item


def _person(name: Name) -> dict[str, str]:
    return {"literal": name.family} if name.literal or not name.given else {"family": name.family, "given": name.given}


def _verdict(source: Source, said: Any) -> Verdict:
    """Return the verdict for an answer of paper-preflight, a `Reference`."""
    if said.verdict == "not_found":
        return NotFound(BY)
    if said.verdict not in {"verified", "metadata_mismatch"} or said.matched is None:
        why = ", ".join(reason.lower().replace("_", " ") for reason in said.reasons) or said.verdict.replace("_", " ")
        return Undetermined(f"{BY}: {why}")
    matched = said.matched
    record = Record(BY, title=matched.title, years=_years(matched.year), doi=(matched.doi or "").lower())
    if said.verdict == "verified":
        return Verified(record)
    found = differences(source, record)
    return Differs(record, found) if found else Undetermined(f"{BY}: something differs from {matched.source}")


def _years(year: int | None) -> tuple[str, ...]:
    return () if year is None else (str(year),)
