"""Asks registries about the identifiers of a wiki's sources, for `bib verify` and the baseline."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wikitools.cli.startup import AskedWiki
    from wikitools.lint.facts import Facts
    from wikitools.lint.run import Diagnostic
    from wikitools.sources.source import Source
    from wikitools.sources.verdict import Judged
    from wikitools.web.asking import Web


def asked_sources(wiki: AskedWiki) -> list[Source]:
    """Return the sources that PATHS name, or all."""
    from wikitools.sources.source import Source

    found = wiki.workspace.facts.each(Source)
    return [each for each in found if wiki.asked is None or each.span.path in wiki.asked]


def judge_sources(
    wiki: AskedWiki, sources: Sequence[Source], *, offline: bool, seconds: float | None
) -> list[tuple[Source, Judged]]:
    """Return the sources that have identifiers, each with what their registries say."""
    from wikitools.cli.network import ask_web
    from wikitools.cli.progress import ProgressBar
    from wikitools.web.verify import verify as verify_sources

    with ProgressBar(wanted=wiki.request.progress) as progress:

        async def question(web: Web) -> list[tuple[Source, Judged]]:
            web.progress = progress
            web.until(seconds)
            return await verify_sources(web, sources)

        return ask_web(wiki.request, wiki.settings, question, offline=offline, insist=False)


def with_verdicts(wiki: AskedWiki, judged: Sequence[tuple[Source, Judged]]) -> Facts:
    """Return what is known of the wiki with these verdicts, for the rules about registries."""
    from wikitools.lint.usage import identity

    verdicts = {identity(source): each for source, each in judged}
    return replace(wiki.workspace.facts, verdicts=verdicts)


def remembered_findings(wiki: AskedWiki) -> tuple[Diagnostic, ...]:
    """Return what the rules about registries find by the answers that are remembered, of any age."""
    from wikitools.lint.run import lint as run
    from wikitools.project.prepare import policy_of

    facts = with_verdicts(wiki, judge_sources(wiki, asked_sources(wiki), offline=True, seconds=None))
    settings = replace(wiki.settings, select=("registries",), extend_select=())
    return run(facts, policy_of(settings, wiki.asked)).diagnostics
