"""What follows when sources change: citations are matched again on the pages that asked what has another answer now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wikitools import files
from wikitools.project import memo
from wikitools.project.bibliographies import read_shared
from wikitools.project.cache_keys import CacheKeys, notes_key
from wikitools.project.first_pass import Item
from wikitools.project.live_files import is_much
from wikitools.project.memo import Question
from wikitools.project.reading import note_sources
from wikitools.project.seen import titled_pages
from wikitools.sources.changes import changes, common_ends
from wikitools.sources.joined import has_linked_authors, join_notes
from wikitools.sources.questions import fold
from wikitools.sources.source import Bibliography, Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wikitools.project.checking import Check
    from wikitools.project.seen import Seen


def concern_sources(before: dict[str, Seen], now: dict[str, Seen], bibliography: Bibliography) -> bool:
    """Say whether sources change with these pages: they are sources, or authors are called after them."""
    pairs = [(before.get(path), now.get(path)) for path in {*before, *now}]
    if any(_sources_on(old) != _sources_on(new) for old, new in pairs):
        return True
    renamed = any(_called(old) != _called(new) for old, new in pairs)
    return renamed and has_linked_authors(bibliography.layers[0].all_sources)


def _sources_on(seen: Seen | None) -> tuple[object, ...]:
    return () if seen is None else tuple(seen.note_sources)


def _called(seen: Seen | None) -> tuple[object, ...]:
    return () if seen is None else (seen.head.title, *seen.head.aliases)


def follow_sources(check: Check, before: dict[str, Seen], now: dict[str, Seen]) -> set[Question] | None:
    """Read the sources, match citations that they concern, and return the questions that have other answers now.

    `before` and `now` are what was and is known of pages that changed, came or went; pages that are matched again are
    added to both. `None` if anything may have another answer.
    """
    reading = check.reading
    try:
        shared = read_shared(check.job, check.inventory, check.plan.shared)
    except files.FileError:
        # The new check says it.
        return None
    known = {path: each for path, each in {**check.seen, **now}.items() if path in now or path not in before}
    carried = {path: each.note_sources for path, each in known.items() if each.note_sources}
    bibliography = Bibliography(join_notes(shared.sources, note_sources(carried), lambda: titled_pages(known)))
    old, new = reading.looker.bibliography.layers[0], bibliography.layers[0]
    if check.plan.with_cited or not old.all_sources or not new.all_sources:
        # What is kept of each citation then is where its source stands among all.
        return None
    old.on_question = None
    asked = {fold(question) for question in changes(old, new)}
    again = {path for path, each in known.items() if path in now or each.cites is None or each.cites.has_asked(asked)}
    if is_much(len(again), len(known)):
        return None
    check.plan = replace(check.plan, shared=shared)
    check.keys = CacheKeys(check.plan)
    reading.turn_to_sources(check.plan, check.keys, notes_key(carried, new.all_sources), bibliography)
    for path in again.difference(now):
        before[path] = each = check.seen[path]
        failures = tuple(failure for failure in each.failures if failure.rule not in check.plan.cite_rules)
        now[path] = replace(each, failures=failures)
    items = [
        Item(path, now[path].hash, reading.body(path, now[path].hash), (False, False, True)) for path in sorted(again)
    ]
    reading.take(reading.looker, items, now, {}, "matching citations")
    return {Question(memo.SOURCES, str(number)) for number in asked}


def same_sources(
    before: Sequence[Source], now: Sequence[Source], texts_before: Mapping[str, str], texts: Mapping[str, str]
) -> dict[int, int]:
    """Return the places of sources that are as they were, wherever they stand in their files, and their places before.

    An entry is the same only in the same words. Of a source on a page, who reads the page asks for it.
    """
    start, stop = common_ends(before, now)
    moved = len(now) - len(before)
    places = {at: at for at in range(start)} | {at: at - moved for at in range(len(now) - stop, len(now))}
    paths = {before[old].span.path for old in places.values()}
    both = {path: (texts_before.get(path, ""), texts.get(path, "")) for path in paths}

    def has_same_words(old: Source, new: Source) -> bool:
        then, today = both[old.span.path]
        return old.span.of(then) == new.span.of(today)

    return {at: old for at, old in places.items() if has_same_words(before[old], now[at])}
