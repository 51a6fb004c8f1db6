"""What one page, the list of files and the bibliographies tell by themselves: said before anybody knows the wiki."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wikitools.lint.facts import Facts
from wikitools.lint.outcome_codec import unpack_diagnostics
from wikitools.lint.rule import load_rules
from wikitools.lint.run import Run, able_rules
from wikitools.lint.suppressions import UnusedSuppression
from wikitools.markdown.parse import read
from wikitools.project import loading
from wikitools.project.bibliographies import Shared, hash_shared, read_shared
from wikitools.project.checking import Check
from wikitools.project.first_pass import Item, PageLooker
from wikitools.project.live_files import find_files
from wikitools.project.seen import unpack_cites, unpack_found, unpack_head, unpack_links
from wikitools.project.source_pages import may_be_sources
from wikitools.sources.readers.notes import read_note_alone
from wikitools.sources.source import Bibliography
from wikitools.wiki.wiki import Wiki

if TYPE_CHECKING:
    from collections.abc import Collection

    from wikitools.files import Unsaved
    from wikitools.lint.run import Diagnostic
    from wikitools.project.job import Job


class EarlierRun(Check):
    """Looks for what an earlier run found, without checking anything."""

    def _read_shared(self) -> Shared:
        # Which sources there are says the earlier run.
        return hash_shared(self.job, self.inventory)

    def known_of(self, paths: Collection[str]) -> dict[str, list[Diagnostic]] | None:
        """Return what an earlier run found on these pages; `None` if there is none, or a file has changed since."""
        from wikitools.project.cache import unpack_each

        self.inventory = self._find_files()
        self._begin(self._plan(with_sources=False))
        found: dict[str, list[Diagnostic]] = {path: [] for path in paths}
        try:
            known = self._known_run(self.reading.by_stamps())
            for each in unpack_diagnostics(unpack_each(known.outcome), found) if known is not None else ():
                found[each.path].append(each)
        except (ValueError, TypeError, KeyError, IndexError):
            # The checksum is right, but this version did not write it.
            return None
        return None if known is None else found


def look_first(job: Job, path: str, text: Unsaved) -> tuple[Diagnostic, ...]:
    """Return the findings about a page that its text, the list of files and the bibliographies tell; there may be more.

    Nothing that depends on what is on other pages or on git is among them, and nothing about citations if pages are
    sources. `path` is relative to the root; the page need not be saved. Raises `FileError` and `UnknownRuleError`.
    """
    settings, policy = job.settings, job.policy
    # Whether a comment is of use can only be told when all rules have looked.
    rules = {name: rule for name, rule in load_rules().items() if UnusedSuppression not in rule.looks_at}
    unsaved = {path: text}
    inventory = find_files(settings, unsaved)
    if path not in inventory.pages:
        return ()
    able, _skipped = able_rules(policy, rules, web=False, registries=False, tracked=None, pages=inventory.pages)
    cite_rules = tuple(rule.id for rule in able if rule.needs_sources)
    saved = [each for each in inventory.pages if each != path]
    if cite_rules and (may_be_sources(job, saved) or read_note_alone(path, text.data)):
        cite_rules = ()
    looker = PageLooker(
        settings=settings,
        pages=inventory.pages,
        attachments=inventory.attachments,
        absent=inventory.absent,
        link_rules=tuple(rule.id for rule in able if not rule.needs_sources),
        cite_rules=cite_rules,
        tracked=None,
        bibliography=Bibliography(read_shared(job, inventory).sources if cite_rules else ()),
        with_notes=bool(cite_rules),
        with_cited=False,
        keeps_bodies=False,
        cites=bool(cite_rules),
        unsaved=unsaved,
    )
    answer = looker(Item(path))
    if answer.head is None or answer.links is None or answer.stamp is None:
        return ()
    found = [unpack_found(path, unpack_links(answer.links).look)]
    if answer.cites is not None:
        found.append(unpack_found(path, unpack_cites(answer.cites).look))
    page = read(path, text.data, loading.find_dialect(settings))
    facts = Facts(wiki=Wiki([page], engine=settings.engine), bibliography=Bibliography(()), settings=settings.for_rules)
    run = Run(facts, replace(policy, paths=frozenset({path})), rules)
    run.take(path, found, commented=unpack_head(answer.head).may_silence)
    return run.outcome().diagnostics
