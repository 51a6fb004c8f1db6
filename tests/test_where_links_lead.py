"""Where a link leads in the same wiki under each engine, or why it leads nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from small_wikis import shown, wiki

from wikitools.markdown.page import MarkdownLink, Wikilink
from wikitools.markdown.parse import parse

if TYPE_CHECKING:
    from wikitools.wiki.wiki import Wiki

FILES = (
    *("index.md", "README.md", "Home.md", "Foo-Bar.md", "Foo Bar.md", "a/index.md", "a/README.md", "a/Deep.md"),
    *("a/b/Deep.md", "a/b/index.md", "notes/Salt Lake.md", "notes/salt-lake.md", "vault/salt.lake.md", "vault/salt.md"),
    *("v1.2.md", "img/photo.png", "img/Photo Two.PNG", "photo.png", "a/photo.png", "pages/a___b.md", "pages/A%2FB.md"),
    *("journals/2020_01_02.md", "_Sidebar.md", "uploads/x.png", "a/page.html.md", "tags/sea.md", "C# notes.md"),
    *("Über.md", "x/y/z/w.md", "readme/other.md"),
)
CASES = (
    # github-wiki
    ("github-wiki", "index.md", "[[https://x.org/a]]", "other-wiki"),
    ("github-wiki", "index.md", "[[photo.png]]", "photo.png"),
    ("github-wiki", "index.md", "[x](.)", "Home.md"),
    ("github-wiki", "index.md", "[x](..)", "outside-root"),
    ("github-wiki", "index.md", "[x](../../../Home.md)", "outside-root"),
    ("github-wiki", "index.md", "[x](../../Home.md)", "other-wiki"),
    ("github-wiki", "index.md", "[x](../Home.md)", "outside-root"),
    ("github-wiki", "index.md", "[x](../issues/1)", "other-wiki"),
    ("github-wiki", "index.md", "[x](/a/)", "a/"),
    ("github-wiki", "index.md", "[x](/a/b/index.md)", "a/b/index.md"),
    ("github-wiki", "index.md", "[x](a/Deep/)", "wrong-folder"),
    ("github-wiki", "index.md", "[x](wiki/Foo-Bar)", ("Foo Bar.md", "Foo-Bar.md")),
    # gollum
    ("gollum", "index.md", "[[../Deep]]", "outside-root"),
    ("gollum", "index.md", "[[C# notes]]", "C# notes.md"),
    ("gollum", "index.md", "[[https://x.org/a]]", "other-wiki"),
    ("gollum", "index.md", "[x](/Foo-Bar)", "Foo-Bar.md"),
    # quartz
    ("quartz", "index.md", "[[../../a]]", "outside-root"),
    ("quartz", "index.md", "[[../a/Deep]]", "a/Deep.md"),
    ("quartz", "index.md", "[[Deep]]", "wrong-folder"),
    ("quartz", "index.md", "[[salt lake]]", "notes/salt-lake.md"),
    # quartz-relative
    ("quartz-relative", "x/y/z/w.md", "[[index]]", "x/y/z/"),
    # quartz-absolute
    ("quartz-absolute", "index.md", "[[Salt Lake]]", "wrong-folder"),
    # mkdocs-ezlinks
    ("mkdocs-ezlinks", "a/Deep.md", "[[..]]", "no-such-page"),
    ("mkdocs-ezlinks", "a/Deep.md", "[[Deep]]", "not-linkable"),
    ("mkdocs-ezlinks", "a/Deep.md", "[[photo.png]]", "not-linkable"),
    ("mkdocs-ezlinks", "index.md", "[[Deep]]", "wrong-folder"),
    ("mkdocs-ezlinks", "index.md", "[[Salt Lake]]", "notes/salt-lake.md"),
    ("mkdocs-ezlinks", "index.md", "[[b/Deep]]", "not-linkable"),
    ("mkdocs-ezlinks", "index.md", "[[index]]", "index.md"),
    ("mkdocs-ezlinks", "index.md", "[x](..)", "outside-root"),
    ("mkdocs-ezlinks", "index.md", "[x](/Foo-Bar)", "wrong-folder"),
    ("mkdocs-ezlinks", "x/y/z/w.md", "[[../..]]", "no-such-page"),
    ("mkdocs-ezlinks", "x/y/z/w.md", "[[photo.png]]", "space-or-dash"),
    # mkdocs-roamlinks
    ("mkdocs-roamlinks", "a/Deep.md", "[x](Foo-Bar.md)", "Foo-Bar.md"),
    ("mkdocs-roamlinks", "a/Deep.md", "[x](a/Deep.md)", "wrong-folder"),
    ("mkdocs-roamlinks", "index.md", "[[../Deep]]", "outside-root"),
    ("mkdocs-roamlinks", "index.md", "[[Foo Bar]]", ("Foo-Bar.md", "Foo Bar.md")),
    ("mkdocs-roamlinks", "index.md", "[[Home]]", "Home.md"),
    ("mkdocs-roamlinks", "index.md", "[[a/Deep]]", "a/Deep.md"),
    ("mkdocs-roamlinks", "index.md", "[[a]]", "no-such-page"),
    ("mkdocs-roamlinks", "index.md", "[x](index.md)", "index.md"),
    ("mkdocs-roamlinks", "x/y/z/w.md", "[x](index.md)", ("index.md", "a/index.md", "a/b/index.md")),
    # dendron
    ("dendron", "a/Deep.md", "[[README]]", "a/README.md"),
    ("dendron", "a/Deep.md", "[x](a/Deep.md?x=1)", "a/Deep.md"),
    ("dendron", "index.md", "[[Deep]]", ("a/Deep.md", "a/b/Deep.md")),
    ("dendron", "index.md", "[[Photo Two.PNG]]", "wrong-folder"),
    ("dendron", "index.md", "[x](/Foo-Bar)", "Foo-Bar.md"),
    # logseq
    ("logseq", "index.md", "[[Foo Bar]]", "Foo Bar.md"),
    ("logseq", "index.md", "[[Jan 2nd, 2020]]", "journals/2020_01_02.md"),
    ("logseq", "index.md", "[[a/Deep]]", "unwritten"),
    ("logseq", "index.md", "[[https://x.org/a]]", "web-address"),
    ("logseq", "index.md", "[[img/photo.png]]", "img/photo.png"),
    ("logseq", "index.md", "[[photo.png]]", "unwritten"),
    ("logseq", "index.md", "[[photo]]", "unwritten"),
    ("logseq", "index.md", "[x](/wiki/Foo-Bar)", "wrong-folder"),
    # foam
    ("foam", "index.md", "[[../Deep]]", "outside-root"),
    ("foam", "index.md", "[[/a/Deep]]", "a/Deep.md"),
    ("foam", "index.md", "[[Deep]]", ("a/Deep.md", "a/b/Deep.md")),
    ("foam", "index.md", "[[a/]]", "no-such-page"),
    ("foam", "index.md", "[[a]]", "a/index.md"),
    ("foam", "index.md", "[[foo bar]]", "Foo Bar.md"),
    ("foam", "index.md", "[[readme]]", "case-differs"),
    # obsidian
    ("obsidian", "a/Deep.md", "[[./Deep]]", "a/Deep.md"),
    ("obsidian", "a/Deep.md", "[[Deep]]", "a/Deep.md"),
    ("obsidian", "a/Deep.md", "[x](a/Deep.md?x=1)", "a/Deep.md"),
    ("obsidian", "a/Deep.md", "[x](index.md)", "a/index.md"),
    ("obsidian", "index.md", "[[../Deep]]", "outside-root"),
    ("obsidian", "index.md", "[[/a/Deep]]", "a/Deep.md"),
    ("obsidian", "index.md", "[[Deep]]", ("a/Deep.md", "a/b/Deep.md")),
    ("obsidian", "index.md", "[x](b/Deep.md)", "a/b/Deep.md"),
    ("obsidian", "x/y/z/w.md", "[[Deep]]", ("a/Deep.md", "a/b/Deep.md")),
    # slug
    ("slug", "a/Deep.md", "[x](/wiki/Foo-Bar)", ("Foo Bar.md", "Foo-Bar.md")),
    ("slug", "index.md", "[[/a/Deep]]", "a/Deep.md"),
    ("slug", "index.md", "[[b/Deep]]", "a/b/Deep.md"),
    ("slug", "index.md", "[[index]]", "index.md"),
    ("slug", "index.md", "[x](../Home.md)", "outside-root"),
    ("slug", "index.md", "[x](/Foo-Bar)", "Foo-Bar.md"),
)


@pytest.fixture(scope="module")
def wikis() -> dict[str, Wiki]:
    return {engine: wiki(engine, *FILES) for engine in dict.fromkeys(case[0] for case in CASES)}


@pytest.mark.parametrize(("engine", "path", "link", "expected"), CASES)
def test_where_a_link_leads(wikis: dict[str, Wiki], engine: str, path: str, link: str, expected: object) -> None:
    there = wikis[engine]
    (found,) = parse(path, link, there.dialect).links
    assert isinstance(found, Wikilink | MarkdownLink)
    assert shown(there.resolve(found) if isinstance(found, Wikilink) else there.resolve_link(found)) == expected
