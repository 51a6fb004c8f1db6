"""Corner cases of engines, one tiny wiki each: what resolves, what is reported, and what `rename` does."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from examples import few
from hypothesis import given
from hypothesis import strategies as st

from wikitools.files import find_pages
from wikitools.lint.facts import facts_of
from wikitools.lint.outside_files import WhyLeftOut
from wikitools.lint.policy import Policy
from wikitools.lint.run import lint
from wikitools.markdown.page import Page
from wikitools.wiki.engines import ENGINES, OTHER_NAMES, engine_name
from wikitools.wiki.names_index import Index
from wikitools.wiki.rename import RenameError, Renaming, plan_rename

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LINKS = Policy(select=("links", "anchors"), ignore=("case-mismatch",))


def said(texts: Mapping[str, str], engine: str = "obsidian", policy: Policy = LINKS) -> list[str]:
    """Return rules and messages, in page order."""
    outcome = lint(facts_of(texts, engine=engine), policy)
    assert not outcome.failures
    return [f"{each.rule}: {each.message}" for each in outcome.diagnostics]


def renamed(
    texts: Mapping[str, str],
    moves: Mapping[str, str] | None = None,
    headings: Mapping[tuple[str, int], str] | None = None,
    engine: str = "obsidian",
) -> str:
    """Return the text of `index.md` afterwards."""
    facts = facts_of(texts, engine=engine)
    return plan_rename(facts.wiki, Renaming(moves or {}, headings or {})).texts.get("index.md", texts["index.md"])


# ---- Dendron: ranges and wildcards -----------------------------------------------------------------------------------

RANGES = [
    # Which heading of "One", "Two" is reworded, and what becomes of the link.
    ("![[note#one,1:#*]]", 0, "![[note#reworded,1:#*]]"),
    ("![[note#one:#two]]", 0, "![[note#reworded:#two]]"),
    ("![[note#one:#two]]", 1, "![[note#one:#reworded]]"),
    ("![[note#one,1:#two]]", 1, "![[note#one,1:#reworded]]"),
    ("![[note#one,1]]", 0, "![[note#reworded,1]]"),
    ("![[note#One,1:#Two]]", 1, "![[note#One,1:#Reworded]]"),
    ("[[a label|note#one:#two]]", 0, "[[a label|note#reworded:#two]]"),
    ("![[dendron://vault/note#^begin:#two]]", 1, "![[dendron://vault/note#^begin:#reworded]]"),
    ("![[note#one:#gone]]", 0, "![[note#reworded:#gone]]"),
    ("![[note#one,1:]]", 0, "![[note#reworded,1:]]"),
    ("![[note#two,1:#*]]", 0, "![[note#two,1:#*]]"),
]


@pytest.mark.parametrize(("link", "heading", "wanted"), RANGES)
def test_both_ends_of_a_range_follow_their_headings(link: str, heading: int, wanted: str) -> None:
    texts = {"index.md": f"{link}\n", "vault/note.md": "# One\n\na\n\n# Two\n\nb\n"}
    assert renamed(texts, headings={("vault/note.md", heading): "Reworded"}, engine="dendron") == f"{wanted}\n"


def test_both_ends_and_the_page_at_once() -> None:
    texts = {"index.md": "![[note#one,1:#two]]\n", "note.md": "# One\n\n# Two\n"}
    headings = {("note.md", 0): "First", ("note.md", 1): "Last"}
    assert renamed(texts, {"note.md": "other.md"}, headings, "dendron") == "![[other#first,1:#last]]\n"


BELOW = {"a.b.md": "", "a.b.c.md": "", "a.b.c.d.md": "", "x/a.e.md": ""}


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ("![[a.b.*]]", []),
        ("![[A.b.c.*]]", []),
        ("![[a.*#summary]]", []),
        ("![[dendron://x/a.*]]", []),
        ("![[a.e.*]]", ['broken-embed: no page is named "a.e.*"']),
        ("![[z.*]]", ['broken-embed: no page is named "z.*"']),
    ],
)
def test_a_wildcard_shows_all_notes_below(link: str, found: list[str]) -> None:
    assert said({"index.md": f"{link}\n", **BELOW}, "dendron") == found


def test_a_wildcard_stays_while_it_shows_anything() -> None:
    texts = {"index.md": "![[a.b.*]]\n", **BELOW}
    assert renamed(texts, {"a.b.c.md": "q.md"}, engine="dendron") == "![[a.b.*]]\n"
    wiki = facts_of(texts, engine="dendron").wiki
    assert [len(wiki.links_to(path)) for path in sorted(BELOW)] == [1, 1, 0, 0]
    with pytest.raises(RenameError, match=r"index\.md:1 !\[\[a\.b\.\*\]\]"):
        plan_rename(wiki, Renaming({"a.b.c.md": "q.md", "a.b.c.d.md": "r.md"}))


# ---- Foam: definitions -----------------------------------------------------------------------------------------------


def test_a_definition_says_where_a_wikilink_of_foam_leads() -> None:
    texts = {
        "index.md": "[[x]] [[x#Part]] [[y]]\n\n[x]: docs/real.md 'Real'\n[y]: gone.md\n",
        "docs/real.md": "# Part\n",
    }
    assert said(texts, "foam", Policy(select=("broken-wikilink", "broken-anchor"))) == [
        'broken-wikilink: "y" is defined on this page as "gone.md", which does not exist'
    ]
    assert len(facts_of(texts, engine="foam").wiki.links_to("docs/real.md")) == 2
    # In other engines a definition does not affect wikilinks.
    assert len(said(texts, policy=Policy(select=("broken-wikilink",)))) == 3


def test_a_definition_wins_over_a_page_of_that_name() -> None:
    texts = {"index.md": "[[x]]\n\n[x]: b/x.md\n", "a/x.md": "", "b/x.md": ""}
    wiki = facts_of(texts, engine="foam").wiki
    assert len(wiki.links_to("b/x.md")) == 1
    assert said(texts, "foam", Policy(select=("ambiguous-wikilink", "broken-wikilink"))) == []


def test_wikilinks_keep_their_names_when_their_definition_follows_the_page() -> None:
    texts = {"index.md": "[[x]] and [[x]]\n\n[x]: real.md\n", "real.md": ""}
    assert renamed(texts, {"real.md": "other.md"}, engine="foam") == "[[x]] and [[x]]\n\n[x]: other.md\n"


def test_wikilinks_keep_their_names_when_their_page_moves_to_another_folder() -> None:
    texts = {"index.md": "[[real]]\n\n[real]: docs/real.md\n", "docs/real.md": ""}
    assert renamed(texts, {"docs/real.md": "a/real.md"}, engine="foam") == "[[real]]\n\n[real]: a/real.md\n"
    assert renamed(texts, {"docs/real.md": "docs/new.md"}, engine="foam") == "[[new]]\n\n[new]: docs/new.md\n"


# ---- names with "#" --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("engine", "path"), [("gollum", "C# Page.md"), ("github-wiki", "C#-Page.md"), ("logseq", "pages/C# Page.md")]
)
def test_names_with_a_hash_and_a_blank(engine: str, path: str) -> None:
    texts = {"index.md": "[[C# Page]] [[words|C# Page]] [[C# Pages]]\n", path: "# A\n"}
    if engine == "logseq":
        texts["index.md"] = texts["index.md"].replace("[[words|C# Page]] ", "")
    messages = said(texts, engine, Policy(select=("broken-wikilink", "broken-anchor")))
    # In Logseq every name is a page.
    assert len(messages) == (engine != "logseq")
    assert all(message.startswith('broken-wikilink: no page is named "C') for message in messages)
    new = path.replace("Page", "Leaf")
    assert "Page]]" not in renamed(texts, {path: new}, engine=engine)
    plain = path.replace("C#", "C").replace("C-", "C ")
    assert renamed(texts, {path: plain}, engine=engine).startswith("[[C Page]]")
    back = {"index.md": "[[C Page]]\n", plain: ""}
    assert renamed(back, {plain: path}, engine=engine) in ("[[C# Page]]\n", "[[C#-Page]]\n")


def test_a_heading_of_a_page_with_a_hash_in_its_name() -> None:
    texts = {"index.md": "[[C# Page#Old part]]\n", "C# Page.md": "# Old part\n"}
    assert said(texts, "gollum") == ['broken-anchor: "C# Page" has no heading "Old part"; did you mean "old-part"?']
    texts["index.md"] = "[[C# Page#old-part]]\n"
    assert said(texts, "gollum") == []
    assert renamed(texts, headings={("C# Page.md", 0): "New part"}, engine="gollum") == "[[C# Page#new-part]]\n"


# ---- near names ------------------------------------------------------------------------------------------------------


def test_near_names_among_very_many() -> None:
    names = [f"{first} {second} {third}" for first in WORDS for second in WORDS for third in WORDS]
    index = Index({f"{name}.md": Page(f"{name}.md", "") for name in names})
    for name in names[:: len(names) // 40]:
        for slip in (name[:3] + name[4:], f"{name[:-3]}x{name[-3:]}", f"{name}s", name.replace(" ", "-", 1)):
            assert index.near_pages(slip) == (f"{name}.md",)
        assert index.near_pages(f"{name} again") == index.near_pages(name[1:]) == ()
    assert index.near_pages("q") == index.near_pages("zzzzzzzzzzzzzzz") == ()


WORDS = "alignment bargaining corrigible deception emergence feature goodhart honesty incentive justice kernel".split()


@pytest.mark.slow
def test_dead_names_cost_the_same_however_large_the_wiki() -> None:
    def cost(size: int) -> float:
        index = Index({f"page {number * 7919} of {number}.md": Page("", "") for number in range(size)})
        index.near_pages("page")
        start = time.process_time()
        for number in range(300):
            index.near_pages(f"pgae {number * 7919} of {number}")
        return time.process_time() - start

    assert min(cost(16_000) for _ in range(2)) < 6 * max(cost(2_000), 0.02)


# ---- Logseq ----------------------------------------------------------------------------------------------------------

BLOCK = "6501d3c4-0b5e-4c0a-9d51-3f1f2a7c9e10"
LOGSEQ_TEXT = f"[a]([[Old]]) [b]((({BLOCK})))\n"


def test_logseq_has_wikilinks_and_block_ids_in_markdown_links() -> None:
    texts = {
        "pages/index.md": f"[a]([[Some page]]) [b]([[other]]) [c](((%s))) (({BLOCK}))\n" % BLOCK
        + "[d]([[pge]]) [e](((00000000-0000-0000-0000-000000000000)))\n",
        "pages/Some page.md": "",
        "pages/other.md": f"- text\n  id:: {BLOCK}\n",
    }
    assert said(texts, "logseq") == [
        'broken-link: no block has the id "((00000000-0000-0000-0000-000000000000))"',
    ]
    wiki = facts_of(texts, engine="logseq").wiki
    assert len(wiki.links_to("pages/other.md")) == 2


def test_every_name_is_a_page_in_logseq() -> None:
    texts = {
        "pages/index.md": (
            "- see [[Nobody]], [[Nobody|x]], [d]([[Nobody]]), #[[Nobody]], [[Org Mode]] and ![[Nobody]]\n"
            "- ![](assets/x.gif) ![](../assets/x.gif) ![](assets/gone.gif) [y](gone.md) [[https://example.org]]\n"
        ),
        "pages/Org Mode.org": "* x\n",
        "assets/x.gif": "",
        "logseq/config.edn": "{}\n",
    }
    assert said(texts, "logseq") == [
        'missing-image: there is no image "assets/gone.gif"',
        'broken-link: there is no page "gone.md"',
        'broken-wikilink: "https://example.org" is a web address, but a wikilink can only link to a page',
    ]
    # Each of these is a mistake in an engine in which a link must point to a file.
    assert len(said(texts, "obsidian")) > 6


def test_rename_writes_the_links_of_logseq_as_they_were() -> None:
    texts = {"index.md": LOGSEQ_TEXT, "pages/Old.md": f"- text\n  id:: {BLOCK}\n"}
    moved = renamed(texts, {"pages/Old.md": "pages/New.md"}, engine="logseq")
    assert moved == LOGSEQ_TEXT.replace("Old", "New")
    assert renamed(texts, {"pages/Old.md": "pages/New name.md"}, engine="logseq").startswith("[a]([[New name]]) ")


# ---- what is suggested works -----------------------------------------------------------------------------------------

NAMES = ("Alpha", "alpha", "Beta gamma", "beta-gamma", "Delta_x", "v1.2", "C# notes", "a|b", "[x]", "Über uns", "index")
FOLDERS = ("", "one/", "one/Two words/", "pages/")


def guessed(message: str) -> str | None:
    """Return what a message suggests."""
    found = re.search(
        r"(?:did you mean|only the case of|is an alias of|is the title of|the slug of) (\".*?\")", message
    )
    return found[1][1:-1] if found is not None else None


@given(
    st.sampled_from(sorted(ENGINES)),
    st.lists(st.tuples(st.sampled_from(FOLDERS), st.sampled_from(NAMES)), min_size=1, max_size=6, unique=True),
    st.sampled_from((*FOLDERS, "gone/")),
    st.sampled_from(
        (*NAMES, "Alpa", "Beta gama", "beta_gamma", "Nick", "A title", "C notes", "photo", "photo.png", "x")
    ),
    st.sampled_from(FOLDERS),
    st.booleans(),
)
@few(50)
def test_what_is_suggested_for_a_dead_link_leads_somewhere(  # noqa: PLR0917  # hypothesis gives them by position
    engine: str, files: list[tuple[str, str]], folder: str, name: str, here: str, markdown: bool
) -> None:
    head = "---\ntitle: A title\naliases: [Nick]\n---\n"
    texts = {f"{where}{bare}.md": head * (number == 0) for number, (where, bare) in enumerate(files)}
    page = f"{here}from.md"
    texts |= {"img/Photo.png": "", page: ""}

    def messages(target: str) -> list[str]:
        written = f"[a](<{target}>)" if markdown else f"[[{target}]]"
        return said(texts | {page: f"{written}\n"}, engine, Policy(select=("broken-wikilink", "broken-link")))

    for message in messages(folder + name):
        guess = guessed(message)
        if guess is not None:
            quoted_guess = guess.replace("%", "%25").replace("#", "%23") if markdown else guess
            assert messages(quoted_guess) == [], (message, sorted(texts))


HEADINGS = ("Early life", "early-life", "A & B", "C# | an overview", "Über straße", "v1.0.0", "See [1]", "What? Why!")


@given(
    st.sampled_from(sorted(ENGINES)),
    st.lists(st.sampled_from(HEADINGS), min_size=1, max_size=5),
    st.sampled_from(
        (*HEADINGS, "Early live", "earlylife", "a-b", "a--b", "uber-strae", "c-an-overview", "v100", "what-why")
    ),
    st.booleans(),
)
@few(50)
def test_what_is_suggested_for_a_dead_anchor_leads_somewhere(
    engine: str, headings: list[str], anchor: str, markdown: bool
) -> None:
    note = "".join(f"## {heading}\n\n" for heading in headings)

    def messages(wanted: str) -> list[str]:
        link = f"[a](<note.md#{wanted}>)" if markdown else f"[[note#{wanted}]]"
        texts = {"index.md": f"{link}\n", "note.md": note}
        return said(texts, engine, Policy(select=("broken-anchor", "broken-wikilink")))

    for message in messages(anchor):
        guess = guessed(message)
        if guess is not None and message.startswith("broken-anchor"):
            assert messages(guess) == [], (message, headings)


# ---- what is there and not shown -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "engine", "found"),
    [
        ("[[.trash/Old]]", "obsidian", '".trash/Old" is in ".trash"; Obsidian does not index hidden folders'),
        ("[a](.trash/Old.md)", "obsidian", '".trash/Old.md" is in ".trash"; Obsidian does not index hidden folders'),
        (
            "![](.obsidian/a.png)",
            "obsidian",
            '".obsidian/a.png" is in ".obsidian"; Obsidian does not index hidden folders',
        ),
        ("[[.github/x]]", "obsidian", '".github/x" is in ".github"; Obsidian does not index hidden folders'),
        ("[a](.github/x.md)", "obsidian", None),
        ("[a](.trash/Old.md)", "markdown", None),
    ],
)
def test_obsidian_shows_no_hidden_folders(link: str, engine: str, found: str | None) -> None:
    left = dict.fromkeys((".trash/Old.md", ".obsidian/a.png", ".github/x.md"), WhyLeftOut.UNREAD)
    outcome = lint(facts_of({"index.md": f"{link}\n"}, engine=engine, left_out=left), LINKS)
    messages = [each.message for each in outcome.diagnostics]
    assert len(messages) == (found is not None)
    assert not found or messages[0].startswith(found)


def test_a_symbolic_link_to_a_page_is_no_second_page(tmp_path: Path) -> None:
    (tmp_path / "real.md").write_text("# A title\n")
    (tmp_path / "alias.md").symlink_to("real.md")
    (tmp_path / "index.md").write_text("[[real]] [[alias]] [a](alias.md)\n")
    inventory = find_pages(tmp_path)
    assert inventory.pages == ("index.md", "real.md")
    texts = {path: (tmp_path / path).read_text() for path in inventory.pages} | {"alias.md": ""}
    assert said({path: texts[path] for path in inventory.pages}, policy=Policy(select=("duplicate-title",))) == []


def test_each_address_of_a_srcset_counts() -> None:
    html = '<picture>\n<source srcset="a.png, gone.png 2x">\n<img srcset="a.png, lost.png 1w, , a.png 2x">\n'
    assert said({"index.md": html + "</picture>\n", "a.png": ""}) == [
        'missing-image: there is no image "gone.png"',
        'missing-image: there is no image "lost.png"',
    ]
    assert renamed({"index.md": html, "a.png": ""}, {"a.png": "img/b c.png"}) == html.replace("a.png", "img/b%20c.png")


@pytest.mark.parametrize("written", ["quartz-shortest", "Quartz (shortest)", "quartz_absolute", "Ezlinks", "gfm"])
def test_engines_by_their_other_names(written: str) -> None:
    assert engine_name(written) in ENGINES


def test_other_names_lead_to_engines() -> None:
    assert set(OTHER_NAMES.values()) <= set(ENGINES)
    assert not set(OTHER_NAMES) & set(ENGINES)
    assert engine_name("hugo") == "hugo"


def test_assets_of_dendron_are_those_of_the_own_vault() -> None:
    texts = {"one/a.md": "![](/assets/x.png) ![](/assets/y.png)\n", "one/assets/x.png": "", "two/assets/x.png": ""}
    assert said(texts | {"two/assets/y.png": ""}, "dendron") == []
    assert len(facts_of(texts, engine="dendron").wiki.links_to("one/assets/x.png")) == 1


@pytest.mark.parametrize("engine", ["slug", "logseq"])
def test_slugs_are_suggested_where_slugs_are_written(engine: str) -> None:
    texts = {"index.md": "[a](#part-ii-a-l)\n\n## Part II (A–L)\n"}
    assert said(texts, engine) == ['broken-anchor: this page has no heading "part-ii-a-l"; did you mean "part-ii-al"?']
