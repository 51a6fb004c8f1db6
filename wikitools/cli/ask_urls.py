"""Which web addresses a command is about, and what their hosts and registries say of them, now or earlier."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wikitools.cli.since import texts_before
from wikitools.globs import glob_test
from wikitools.sources.identifiers import url_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wikitools.cli.since import Scope
    from wikitools.cli.startup import AskedWiki
    from wikitools.lint.run import Diagnostic
    from wikitools.lint.url_status import UrlStatus
    from wikitools.text import Span
    from wikitools.web.asking import Web


def remembered_findings(wiki: AskedWiki) -> tuple[Diagnostic, ...]:
    """Return what the rules about addresses find by the answers that are remembered, of any age."""
    return look_back(wiki)[0]


def look_back(wiki: AskedWiki) -> tuple[tuple[Diagnostic, ...], float | None]:
    """Return the same, and when the oldest answer was given, in seconds since 1970."""
    from wikitools.lint.run import lint as run
    from wikitools.project.prepare import policy_of

    statuses, oldest = ask_for(wiki, find_addresses(wiki, None), None, (), offline=True)
    facts = replace(wiki.workspace.facts, web=statuses)
    settings = replace(wiki.settings, select=("web",), extend_select=())
    return run(facts, policy_of(settings, wiki.asked)).diagnostics, oldest


def find_addresses(wiki: AskedWiki, scope: Scope | None) -> Iterator[str]:
    """Yield the addresses in the pages and bibliography files that are reported on, or those that a change adds."""
    from wikitools.lint.url_status import addresses_of
    from wikitools.markdown.page import WebLink
    from wikitools.sources.source import Source

    facts = wiki.workspace.facts
    inside = None if scope is None else scope.changed or frozenset()
    texts = {} if scope is None else texts_before(wiki, scope, sorted(inside or ()))
    before = {path: _addresses_in(path, text, wiki) for path, text in texts.items()}

    def is_meant(path: str, url: str) -> bool:
        is_asked = (wiki.asked is None or path in wiki.asked) and (inside is None or path in inside)
        return is_asked and url not in before.get(path, ()) and not _names(texts.get(path, ""), url)

    for link in facts.each(WebLink):
        if link.url.lower().startswith(("http://", "https://", "//")) and is_meant(link.span.path, link.url):
            yield link.url
    for source in facts.each(Source):
        yield from (url for url in addresses_of(source) if is_meant(source.span.path, url))


def _addresses_in(path: str, text: str, wiki: AskedWiki) -> frozenset[str]:
    """Return the addresses in an earlier text of a file."""
    from wikitools.lint.url_status import addresses_of
    from wikitools.markdown.page import WebLink
    from wikitools.markdown.parse import parse
    from wikitools.sources.readers import read_bibliography

    facts = wiki.workspace.facts
    if path in facts.wiki.pages:
        page = parse(path, text, facts.wiki.dialect)
        return frozenset(each.url for each in page.links if isinstance(each, WebLink))
    sources, _problems = read_bibliography(path, text)
    return frozenset(url for each in sources for url in addresses_of(each))


def _names(text: str, url: str) -> bool:
    """Say whether an earlier text of a file names the DOI or the arXiv id that an address is made of."""
    kind, _colon, value = url_key(url).partition(":")
    if not text or kind not in {"doi", "arxiv"}:
        return False
    return re.search(rf"(?<!\w){re.escape(value)}(?!\.?[\w/%?=&#~+-])", text, re.IGNORECASE) is not None


_FOR_COPIES = 60.0
"""Seconds for the archived copies of what is gone; the next run asks for the rest."""


def ask_for(
    wiki: AskedWiki, addresses: Iterable[str], seconds: float | None, globs: tuple[str, ...], *, offline: bool
) -> tuple[dict[str, UrlStatus], float | None]:
    """Return what is known of each address, and when the oldest remembered answer was given if nobody was asked."""
    from wikitools.cli.network import ask_web
    from wikitools.cli.progress import ProgressBar
    from wikitools.lint.url_status import Gone
    from wikitools.web.archive import find_copies
    from wikitools.web.client import Limits
    from wikitools.web.urls import Plan, find_statuses, oldest_answer

    wanted = list(addresses)
    if not wanted:
        return {}, None
    settings = wiki.settings.web
    excluded, skipped = glob_test(globs), frozenset(settings.hosts("skip", True))
    with ProgressBar(wanted=wiki.request.progress) as progress:
        asking = Plan(
            seconds,
            excluded=lambda url: excluded(url) or _is_at(url, skipped),
            reads_anchors=lambda url: not _is_at(url, without_anchors),
            limits=Limits(seconds=float(settings.timeout), cut=True),
            progress=progress,
        )
        without_anchors = frozenset(settings.hosts("anchors", False))

        async def question(web: Web) -> tuple[dict[str, UrlStatus], float | None]:
            began = web.client.clock.monotonic()
            found = await find_statuses(web, wanted, asking)
            # Copies are only a help: they get what is left of the time, and a minute at most.
            left = _FOR_COPIES if seconds is None else began + seconds - web.client.clock.monotonic()
            web.until(min(_FOR_COPIES, max(0.0, left)))
            written = _written(wiki, {url for url, each in found.items() if isinstance(each, Gone)}, web)
            copies = await find_copies(web, written)
            statuses: dict[str, UrlStatus] = {
                url: replace(each, archived=copies.get(url, "")) if isinstance(each, Gone) else each
                for url, each in found.items()
            }
            return statuses, oldest_answer(web, wanted) if offline else None

        return ask_web(wiki.request, wiki.settings, question, offline=offline, insist=False)


def _is_at(url: str, hosts: frozenset[str]) -> bool:
    """Say whether an address is at one of these hosts, each written with its port if that is unusual."""
    try:
        return bool(hosts) and urlsplit(url).netloc.rpartition("@")[2].lower() in hosts
    except ValueError:
        return False


def _written(wiki: AskedWiki, gone: set[str], web: Web) -> dict[str, float]:
    """Return when the links to dead addresses were written, according to git, or else now.

    Those whose time would be over are left out: no command outlasts its time for the sake of a help.
    """
    from wikitools import files, git
    from wikitools.markdown.page import WebLink
    from wikitools.repository import open_repository
    from wikitools.text import line_and_column, line_starts

    root = wiki.settings.root
    first: dict[str, Span] = {}
    for link in wiki.workspace.facts.each(WebLink):
        if link.url in gone:
            first.setdefault(link.url, link.span)
    of_page: dict[str, dict[str, int]] = {}
    for url, span in first.items():
        of_page.setdefault(span.path, {})[url] = span.start
    repository = open_repository(root) if gone and files.find_repository(str(root)) is not None else None
    found: dict[str, float] = {}
    for path, places in of_page.items():
        if (left := web.left()) <= 0:
            break
        starts = line_starts(wiki.workspace.text_of(path))
        lines = {url: line_and_column(starts, start)[0] for url, start in places.items()}
        times = git.when_written(repository, path, lines.values(), left) if repository is not None else {}
        found |= {url: times.get(line, time.time()) for url, line in lines.items()}
    return found
