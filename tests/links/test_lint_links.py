"""Which rule reports which link, with which message, and how it is repaired."""

from __future__ import annotations

import time
import unicodedata
from typing import TYPE_CHECKING

import pytest
from link_findings import LINKS, found

from wikitools.lint.facts import facts_of
from wikitools.lint.fix.fixing import Policy, fix, lint
from wikitools.wiki.engines import ENGINES

if TYPE_CHECKING:
    from collections.abc import Mapping


def fixed(files_: Mapping[str, str], *, unsafe: bool = False, engine: str = "obsidian") -> Mapping[str, str]:
    def facts(texts: Mapping[str, str]) -> object:
        return facts_of({**files_, **texts}, engine=engine)

    return fix(facts({}), LINKS, rebuild=facts, unsafe=unsafe).texts  # type: ignore[arg-type]  # facts are Facts


# Names

AWKWARD = [
    "💡 Ideas, (old) & new!",
    "C# notes",
    "100%20",
    "a'b",
    "Étude — suite",
    "日本語",
    "v1.2.3",
    "x" * 200,
    "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/deep",
    "[draft]",
    "semi;colon=equals+plus",
]


@pytest.mark.parametrize("name", AWKWARD)
@pytest.mark.parametrize("engine", ["obsidian", "markdown"])
def test_markdown_links_to_awkward_names_live(name: str, engine: str) -> None:
    from urllib.parse import quote

    wiki = {"notes/index.md": f"[a](../{quote(name)}.md) [b](<../{quote(name)}.md>)\n", f"{name}.md": ""}
    assert found(wiki, engine=engine) == []


@pytest.mark.parametrize("name", [name for name in AWKWARD if not set(name) & set("#[]")])
def test_wikilinks_to_awkward_names_live(name: str) -> None:
    assert found({"index.md": f"[[{name}]] ![[{name}]] | [[{name}|x]]\n", f"{name}.md": ""}) == []


@pytest.mark.parametrize("name", [name for name in AWKWARD if "/" not in name])
def test_a_path_is_repaired_whatever_the_name(name: str) -> None:
    """The page is in another folder; the link that --fix writes points there."""
    from urllib.parse import quote

    wiki = {"index.md": f"[a]({quote(name)}.md)\n", f"other/{name}.md": ""}
    (finding,) = found(wiki, engine="markdown")
    assert finding == ("broken-link", "wrong-folder", f"{name}.md")
    texts = fixed(wiki, engine="markdown")
    assert found({**wiki, **texts}, engine="markdown") == []


def test_unicode_forms_are_one_name() -> None:
    name = "Café"
    nfd, nfc = unicodedata.normalize("NFD", name), unicodedata.normalize("NFC", name)
    for written, on_disk in ((nfc, nfd), (nfd, nfc)):
        for engine in ENGINES:
            if engine not in {"dendron", "gollum", "github-wiki", "logseq"} and "quartz" not in engine:
                link = f"[a](<{written}.md>)\n"
                assert found({"index.md": link, f"{on_disk}.md": ""}, engine=engine) == [], engine


def test_case_counts_where_the_engine_says_so() -> None:
    wiki = {"index.md": "[a](people/turing.md) ![](IMG/a.PNG)\n", "people/Turing.md": "", "img/a.png": ""}
    assert found(wiki, engine="obsidian") == []
    assert found(wiki, engine="markdown") == [
        ("broken-link", "case-differs", "people/turing.md"),
        ("missing-image", "case-differs", "IMG/a.PNG"),
    ]
    assert fixed(wiki, engine="markdown") == {"index.md": "[a](people/Turing.md) ![](img/a.png)\n"}
    mismatches = found(wiki, Policy(select=("case-mismatch",)))
    assert [subject for _rule, _reason, subject in mismatches] == ["people/turing.md", "IMG/a.PNG"]


# Messages and rules

WIKI = {
    "Alan Turing.md": "---\naliases: [AMT, A. M. Turing]\n---\n## Early life\n",
    "sub/Inner alignment.md": "",
    "img/machine.png": "",
}

TABLE = [
    ("[[Alan Turing]]", None),
    ("[[Alan Turng]]", ("broken-wikilink", "no-such-page")),
    ("[[AMT]]", ("broken-wikilink", "alias-only")),
    ("[[inner_alignment]]", ("broken-wikilink", "space-or-dash")),
    ("[[other/Inner alignment]]", ("broken-wikilink", "wrong-folder")),
    ("[[Alan%20Turing]]", ("broken-wikilink", "percent-encoded")),
    ("[[he|Alan Turing]]", ("broken-wikilink", "looks-reversed")),
    ("[[../../x]]", ("broken-wikilink", "outside-root")),
    ("[[https://example.org]]", ("broken-wikilink", "web-address")),
    ("[[gone.pdf]]", ("broken-wikilink", "asset-missing")),
    ("[[...]]", None),
    ("[[<slug>]]", None),
    ("![[Alan Turng]]", ("broken-embed", "no-such-page")),
    ("![[gone.pdf]]", ("broken-embed", "asset-missing")),
    ("![[gone.png|300]]", ("missing-image", "asset-missing")),
    ("![[machine.png|300]]", None),
    ("![x](img/gone.png)", ("missing-image", "asset-missing")),
    ('<img src="gone.png">', ("missing-image", "asset-missing")),
    ("[x](gone.md)", ("broken-link", "no-such-page")),
    ("[x](../gone.md)", ("broken-link", "outside-root")),
    ('<a href="gone.md">x</a>', ("broken-link", "no-such-page")),
    ("[x](Alan%20Turing.md#early-life)", None),
    ("[x](Alan%20Turing.md#late-life)", ("broken-anchor", "no-such-heading")),
    ("[[Alan Turing#early-life]]", ("broken-anchor", "slug-anchor")),
    ("[[Alan Turing#^b]]", ("broken-anchor", "no-such-block")),
    ("[[Alan\nTuring]]", ("wrapped-link", "")),
    ("> quoted [[Alan\n> Turing|him]]", ("wrapped-link", "")),
    ("[x][nobody]", ("undefined-reference", "")),
    ("`[[Nobody]]` `[x](gone.md)`", None),
    ("<!-- [[Nobody]] ![](gone.png) -->", None),
    ("$[[Nobody]]$ and $$[x](gone.md)$$", None),
    ("    [[Nobody]]", None),
    ("```\n[[Nobody\nX]] [x](gone.md)\n```", None),
]


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_what_is_said_of_a_link(text: str, expected: tuple[str, str] | None) -> None:
    findings = [(rule, reason) for rule, reason, _subject in found({**WIKI, "notes.md": f"{text}\n"})]
    assert findings == ([] if expected is None else [expected])


REPAIRS = [
    ("[[A. M. Turing]]", "[[Alan Turing|A. M. Turing]]"),
    ("[[AMT|Alan Turing]]", "[[Alan Turing|Alan Turing]]"),
    ("[[other/Inner alignment|x]]", "[[sub/Inner alignment|x]]"),
    ("[[Alan Turing#early-life]]", "[[Alan Turing#Early life]]"),
    ("> a [[Alan\n> Turing#Early life|his\n> youth]] b", "> a [[Alan Turing#Early life|his youth]] b"),
    ("![[Alan\nTuring]]", "![[Alan Turing]]"),
    ("[x](other/Inner%20alignment.md)", "[x](sub/Inner%20alignment.md)"),
    ("[x](<./other/Inner alignment.md>)", "[x](<./sub/Inner alignment.md>)"),
    ('<a href="other/Inner%20alignment.md">x</a>', '<a href="sub/Inner%20alignment.md">x</a>'),
    ("[x](other/Inner%20alignment)", "[x](sub/Inner%20alignment.md)"),
]


@pytest.mark.parametrize(("before", "after"), REPAIRS)
def test_repairs_keep_the_look_of_a_link(before: str, after: str) -> None:
    wiki = {**WIKI, "notes.md": f"{before}\n"}
    assert fixed(wiki, engine="obsidian" if "[[" in before else "markdown") == {"notes.md": f"{after}\n"}


def test_a_path_from_the_root_keeps_its_look_in_an_unsafe_repair() -> None:
    wiki = {**WIKI, "notes.md": "[x](/other/Inner%20alignment.md?plain=1)\n"}
    assert fixed(wiki, engine="markdown") == {}
    assert fixed(wiki, engine="markdown", unsafe=True) == {"notes.md": "[x](/sub/Inner%20alignment.md?plain=1)\n"}


@pytest.mark.parametrize(
    "text",
    [
        "[x](../README.md)",  # the only README is another folder's
        "![](images/img_001.png)",  # files are named alike in each folder
        "[x](TODO)",  # a title elsewhere
        "[x](wiki/a-b.md)",  # another name in another folder
    ],
)
def test_what_is_not_sure_is_not_repaired_without_being_asked(text: str) -> None:
    wiki = {
        "notes/page.md": f"{text}\n",
        "sub/README.md": "",
        "old/images/img_001.png": "",
        "todo-list.md": "# TODO\n",
        "other/a_b.md": "",
    }
    assert found(wiki, engine="markdown")
    assert fixed(wiki, engine="markdown") == {}


def test_numbers_are_no_misspellings() -> None:
    wiki = {"index.md": "[[Chapter 12]]\n", "Chapter 13.md": ""}
    assert found(wiki) == [("broken-wikilink", "no-such-page", "Chapter 12")]
    assert fixed(wiki, unsafe=True) == {}


def test_of_several_pages_of_one_name_the_path_tells_which_is_meant() -> None:
    wiki = {"repos/brax.md": "[x](../wiki/entities/brax.md)\n", "docs/wiki/entities/brax.md": ""}
    assert fixed(wiki, engine="markdown") == {"repos/brax.md": "[x](../docs/wiki/entities/brax.md)\n"}


def test_a_repair_of_a_link_may_bring_news_of_its_target() -> None:
    wiki = {"index.md": "[[inner-alignment]]\n", "Inner alignment.md": "Moved to [[Alignment]].\n", "Alignment.md": ""}
    assert fixed(wiki) == {"index.md": "[[Alignment|Inner alignment]]\n"}


def test_anchors_of_another_program() -> None:
    wiki = {"index.md": "[a](page.md#caf%C3%A9) [b](page.md#cafe)\n", "page.md": "## Café\n"}
    (one,) = found(wiki, engine="markdown")
    (other,) = found(wiki, engine="markdown", anchors="python-markdown")
    assert (one[2], other[2]) == ("page#cafe", "page#caf%C3%A9")


def test_each_link_is_resolved_once() -> None:
    wiki = facts_of({"a.md": "[[Nobody]] [[Nobody]] [x](no.md) [y](no.md)\n"}).wiki
    one, two, three, four = wiki.pages["a.md"].links
    assert wiki.resolve(one) is wiki.resolve(two)  # type: ignore[arg-type]  # these two are wikilinks
    assert wiki.resolve_link(three) is wiki.resolve_link(four)  # type: ignore[arg-type]  # and these are not


def test_many_dead_anchors_on_a_long_page_take_linear_time() -> None:
    headings = "".join(f"## Heading number {n}\n" for n in range(1000))
    facts = facts_of({"a.md": headings + "[[#zz]] [x](#zy)\n" * 3000})
    began = time.process_time()
    outcome = lint(facts, Policy(select=("broken-anchor",)))
    assert len(outcome.diagnostics) == 6000
    assert time.process_time() - began < 5
