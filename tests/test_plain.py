"""Plain links: recognised without running rules, and never a link that a rule would have reported."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from wikitools.lint.facts import facts_of
from wikitools.lint.rule import load_rules
from wikitools.markdown.page import MarkdownLink, WebLink, Wikilink
from wikitools.wiki.engine_counts import tally_links
from wikitools.wiki.engines import ENGINES
from wikitools.wiki.plain_links import PlainTargets
from wikitools.wiki.wiki import Wiki

URLS = (
    "b.md", "./b.md", "../b.md", "../notes/b.md", "./../notes/./b.md", "../../b.md", "/b.md", "/notes/b.md", "B.md",
    "b", "notes/b.md", "../NOTES/b.md", "x/../b.md", "../notes", "..", ".", "b.md#top", "b.md#", "#top", "b.md?x",
    "what%3F.md", "what?.md", "c%20d.md", "<c d.md>", "e%CC%81.md", "é.md", "img/p.png", "../img/p.png", "IMG/p.png",
    "none.md", "...", "%7Bslug%7D.md", "((x)).md", "b.md/", "b.markdown", "twice.md", "", "[[b]]", "100%.md", "//b.md",
)  # fmt: skip
NAMES = (
    "b", "B", "b.md", "notes/b", "/notes/b", "./b", "../b", "b#top", "b#", "#top", "b|shown", "shown|b", "b|", "|b",
    "c d", "c-d", "é", "e\u0301", "p.png", "p.png|300", "img/p.png", "none", "twice", "...", "Title of b", "what?",
    "notes", "notes/", "index", "b > c", "vault/b", "C# d", "b\\|x",
)  # fmt: skip
PAGE = "\n\n".join(
    [f"[x]({url}) ![y]({url})" for url in URLS]
    + [f"[[{name}]] ![[{name}]]" for name in NAMES]
    + ["[web](https://b.md)"]
)
FILES = {
    "notes/a.md": PAGE,
    "a.md": PAGE,
    "notes/b.md": "---\ntitle: Title of b\n---\n# Top\n",
    "b.md": "# Top\n",
    "notes/c d.md": "",
    "notes/what?.md": "",
    "notes/é.md": "",
    "notes/e\u0301.md": "",
    "é.md": "",
    "notes/((x)).md": "",
    "100%.md": "",
    "C# d.md": "",
    "x/twice.md": "",
    "y/Twice.md": "",
    "notes/img/p.png": "",
    "img/p.png": "",
    "index.md": "",
    "notes/index.md": "",
}


@pytest.mark.parametrize("engine", ENGINES)
def test_rules_that_pass_plain_links_have_nothing_to_say_of_them(engine: str) -> None:
    facts = facts_of(FILES, engine=engine)
    wiki = facts.wiki
    rules = [rule for rule in load_rules().values() if rule.passes_plain_links]
    assert rules
    for page in wiki.pages.values():
        targets = wiki.plain_targets(page).targets
        for link, target in zip(page.links, targets, strict=True):
            if target is None:
                continue
            assert wiki.target_of(link) == target
            for rule in rules:
                if type(link) in rule.looks_at:
                    assert list(rule.check(link, facts)) == [], link
        doubtful = [number for number, link in enumerate(page.links) if not isinstance(link, WebLink)]
        none_plain = PlainTargets([None] * len(page.links), doubtful)
        with patch.object(Wiki, "plain_targets", lambda _wiki, _page, none_plain=none_plain: none_plain):
            counted = tally_links(page, wiki)
        assert tally_links(page, wiki) == counted


def test_usual_links_are_plain() -> None:
    wiki = facts_of(FILES).wiki
    page = wiki.pages["notes/a.md"]
    targets = wiki.plain_targets(page).targets
    paths = {link.url: at for link, at in zip(page.links, targets, strict=True) if isinstance(link, MarkdownLink)}
    names = {link.target: at for link, at in zip(page.links, targets, strict=True) if isinstance(link, Wikilink)}
    assert {url for url, target in paths.items() if target} >= {"b.md", "./b.md", "../b.md", "c%20d.md", "img/p.png"}
    assert paths["../b.md"] == "b.md"
    assert not {paths[url] for url in ("B.md", "b.md#top", "none.md", "..", "#top")} - {None}
    assert names["b"] == "b.md"
    assert (names["c d"], names["none"], names["B"]) == ("notes/c d.md", None, None)
    assert all(at is None for link, at in zip(page.links, targets, strict=True) if isinstance(link, WebLink))
