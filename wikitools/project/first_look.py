"""What is certain of one page by its text and the list of files alone: said before anybody knows the wiki."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wikitools.lint.facts import Facts
from wikitools.lint.rule import load_rules
from wikitools.lint.run import Run, able_rules
from wikitools.lint.suppressions import UnusedSuppression
from wikitools.markdown.parse import read
from wikitools.project import loading
from wikitools.project.checking import SOURCES
from wikitools.project.first_pass import Item, PageLooker
from wikitools.project.live_files import find_files
from wikitools.project.seen import unpack_found, unpack_head, unpack_links
from wikitools.sources.source import Bibliography
from wikitools.wiki.wiki import Wiki

if TYPE_CHECKING:
    from wikitools.config import Settings
    from wikitools.files import Unsaved
    from wikitools.lint.policy import Policy
    from wikitools.lint.run import Diagnostic


def look_first(settings: Settings, policy: Policy, path: str, text: Unsaved) -> tuple[Diagnostic, ...]:
    """Return the findings about a page that are certain by its text and the list of files; there may be more.

    Nothing that depends on what stands on other pages, on sources or on git is among them. `path` is relative to the
    root; the page need not be saved. Raises `FileError` and `UnknownRuleError`.
    """
    # Whether a comment is of use can only be told when all rules have looked.
    rules = {name: rule for name, rule in load_rules().items() if UnusedSuppression not in rule.looks_at}
    unsaved = {path: text}
    inventory = find_files(settings, unsaved)
    if path not in inventory.pages:
        return ()
    able, _skipped = able_rules(policy, rules, web=False, registries=False, tracked=None, pages=inventory.pages)
    looker = PageLooker(
        settings=settings,
        pages=inventory.pages,
        attachments=inventory.attachments,
        absent=inventory.absent,
        link_rules=tuple(rule.id for rule in able if rule.group not in SOURCES),
        cite_rules=(),
        tracked=None,
        bibliography=Bibliography(()),
        with_notes=False,
        with_cited=False,
        keeps_bodies=False,
        unsaved=unsaved,
    )
    answer = looker(Item(path))
    if answer.head is None or answer.links is None or answer.stamp is None:
        return ()
    found = unpack_found(path, unpack_links(answer.links).look)
    page = read(path, text.data, loading.find_dialect(settings))
    facts = Facts(wiki=Wiki([page], engine=settings.engine), bibliography=Bibliography(()), settings=settings.for_rules)
    run = Run(facts, replace(policy, paths=frozenset({path})), rules)
    run.take(path, (found,), commented=unpack_head(answer.head).may_silence)
    return run.outcome().diagnostics
