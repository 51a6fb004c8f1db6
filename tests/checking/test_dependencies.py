"""What results depend on: no rule and no setting is ever served what is no longer so."""

from __future__ import annotations

import random
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pytest
from checks import BIB, EVERYTHING, by_reading_all, checked, page, told

from wikitools.config import Settings
from wikitools.lint import run
from wikitools.lint.policy import ALL, Policy
from wikitools.lint.rule import Finding, Rule, Severity, load_rules, rule
from wikitools.project import checking, first_pass, loading
from wikitools.project.bibliographies import Shared
from wikitools.project.cache_keys import NO_MATTER, CacheKeys, Plan
from wikitools.project.live import Live
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Page


def test_pages_can_be_read_by_any_executor(tmp_path: Path) -> None:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    root = tmp_path / "wiki"
    root.mkdir()
    rng = random.Random(11)
    for number in range(12):
        (root / f"p{number}.md").write_bytes(page(rng))
    (root / "refs.bib").write_text(BIB.format(n=1, year=2020))
    settings = Settings(root=root)
    expected = told(by_reading_all(settings, EVERYTHING))
    # Fresh processes have nothing but what is sent to them.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        assert told(checking.check(settings, EVERYTHING, jobs=1, executor=executor).outcome) == expected


@rule(group="pages", severity=Severity.INFO, since="0.1.0")
def asks_for_sources(page: Page, facts: Facts) -> Iterator[Finding]:
    """A rule about pages asks for sources."""
    keys = ", ".join(source.key for source in facts.bibliography.sources)
    yield Finding(span=Span(page.path, 0, 0), message=f"sources: {keys}")


@rule(group="links", severity=Severity.INFO, since="0.1.0")
def asks_for_citations(page: Page, facts: Facts) -> Iterator[Finding]:
    """A rule about links asks for the citations of another page."""
    cited = [type(each.resolution).__name__ for each in facts.cited.get("b.md", ())]
    yield Finding(span=Span(page.path, 0, 0), message=f"b cites {cited}")


@rule(group="anchors", severity=Severity.INFO, since="0.1.0")
def asks_for_a_page(page: Page, facts: Facts) -> Iterator[Finding]:
    """A rule about anchors asks for the text of another page."""
    yield Finding(span=Span(page.path, 0, 0), message=f"b has {len(facts.wiki.pages['b.md'].text)} letters")


@rule(group="pages", severity=Severity.INFO, since="0.1.0")
def asks_for_names(page: Page, facts: Facts) -> Iterator[Finding]:
    """A rule about pages asks what a title means."""
    yield Finding(span=Span(page.path, 0, 0), message=f"moon is {facts.wiki.index.titles.get('moon')}")


@rule(group="pages", severity=Severity.INFO, since="0.1.0")
def asks_for_links(page: Page, facts: Facts) -> Iterator[Finding]:
    """A rule about pages asks which links point to another page."""
    found = [link.span.path for link in facts.wiki.links_to("b.md")]
    yield Finding(span=Span(page.path, 0, 0), message=f"links to b: {found}")


@rule(group="pages", severity=Severity.INFO, since="0.1.0")
def asks_for_settings(page: Page, facts: Facts) -> Iterator[Finding]:
    """A rule about pages asks for a setting of the block."""
    yield Finding(span=Span(page.path, 0, 0), message=f"the block is headed {facts.style.heading}")


THROWN_AWAY = (
    asks_for_sources,
    asks_for_citations,
    asks_for_a_page,
    asks_for_names,
    asks_for_links,
    asks_for_settings,
)


@pytest.mark.parametrize("select", [(ALL,), ("links", "pages", "anchors")], ids=["all", "links"])
@pytest.mark.parametrize("thrown_away", THROWN_AWAY, ids=lambda rule: rule.id)
def test_a_rule_of_any_group_is_never_served_what_is_no_longer_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, thrown_away: Rule, select: tuple[str, ...]
) -> None:
    rules = {**load_rules(), thrown_away.id: thrown_away}
    for module in (checking, first_pass, run):
        monkeypatch.setattr(module, "load_rules", lambda: rules)
    root = tmp_path / "wiki"
    root.mkdir()
    (root / "refs.bib").write_text(BIB.format(n=1, year=2020))
    (root / "a.md").write_text("# A\n\nSee [[b]].\n")
    (root / "b.md").write_text("# B\n\nAs (Doe and Poe 2020) say.\n")
    policy = Policy(select=select)
    settings = Settings(root=root)
    live = Live(settings, policy, asked=lambda _inventory, _others: None, jobs=1)
    live.start()
    changes = {
        "refs.bib": BIB.format(n=2, year=2021),
        "b.md": "# Moon\n\nAs (Doe and Poe 2021) say, and more.\n",
        "a.md": "# A\n\nNo link any more.\n",
    }
    for path, text in changes.items():
        checked(settings, policy, tmp_path / "cache")
        (root / path).write_text(text)
        expected = told(by_reading_all(settings, policy))
        assert any(thrown_away.id in each for each in expected)
        assert told(checked(settings, policy, tmp_path / "cache").outcome) == expected
        found = live.update([str(root / path)])
        assert found is not None
        assert told(found.checked.outcome) == expected
    other = replace(settings, block=replace(settings.block, heading="Works"))
    assert told(checked(other, policy, tmp_path / "cache").outcome) == told(by_reading_all(other, policy))


def test_every_setting_counts_but_those_that_are_known_to_be_harmless(tmp_path: Path) -> None:
    settings = Settings(root=tmp_path)
    plan = Plan(
        settings=settings,
        inventory=loading.find_pages(settings),
        link_rules=(),
        cite_rules=(),
        with_cited=False,
        tracked=None,
        shared=Shared(),
    )
    before = CacheKeys(plan).links
    harmless = []
    for each in fields(Settings):
        changed = replace(settings, **{each.name: "something else"})
        if CacheKeys(replace(plan, settings=changed)).links == before:
            harmless.append(each.name)
    assert set(harmless) == NO_MATTER & {each.name for each in fields(Settings)}
    assert {"engine", "anchors", "placeholders", "entry_pages", "max_page_size", "block"}.isdisjoint(NO_MATTER)
