"""The wiki as a whole: what resolves, in linear time, in any order of pages."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from examples import few
from hypothesis import given
from hypothesis import strategies as st

from wikitools.markdown.page import (
    BlockId,
    Heading,
    MarkdownLink,
    Page,
    PageLink,
    WebLink,
    Wikilink,
)
from wikitools.markdown.parse import parse
from wikitools.text import Span
from wikitools.wiki.engines import ENGINES
from wikitools.wiki.resolution import Ambiguous, Found, Missing, Reason, nearest
from wikitools.wiki.wiki import Wiki, split_url

if TYPE_CHECKING:
    import random


def link(
    target: str, page: str, *, anchor: str | None = None, label: str | None = None, embed: bool = False
) -> Wikilink:
    return Wikilink(Span(page, 0, 5), target, anchor, label, embed)


def markdown_link(url: str, page: str, *, image: bool = False) -> MarkdownLink:
    return MarkdownLink(Span(page, 0, 5), url, "text", Span(page, 1, 4), image)


def headed(path: str, *headings: str) -> Page:
    text = "".join(f"# {heading}\n" for heading in headings)
    found = []
    at = 0
    for heading in headings:
        found.append(Heading(Span(path, at + 2, at + 2 + len(heading)), 1, heading))
        at += len(heading) + 3
    return Page(path, text, headings=tuple(found))


def test_same_page() -> None:
    wiki = Wiki([Page("a.md", "")])
    assert wiki.resolve(link("", "a.md", anchor="x")) == Found("a.md", "the page itself")


def test_a_reversed_link_is_recognised() -> None:
    wiki = Wiki([Page("Alan Turing.md", "")])
    assert wiki.resolve(link("the mathematician", "a.md", label="Alan Turing")) == Missing(
        ("Alan Turing",), Reason.LOOKS_REVERSED
    )
    size = wiki.resolve(link("portrait", "a.md", label="Alan Turing", embed=True))
    assert isinstance(size, Missing)
    assert size.why == Reason.NO_SUCH_PAGE


def test_what_else_is_known_comes_before_reversal() -> None:
    wiki = Wiki([Page("a b.md", ""), Page("c.md", "")])
    answer = wiki.resolve(link("a-b", "c.md", label="c"))
    assert answer == Missing(("a b",), Reason.SPACE_OR_DASH)


def test_missing_markdown_link_suggests_the_path_from_the_page() -> None:
    wiki = Wiki([Page("a/b/Only one.md", ""), Page("a/c/page.md", "")])
    assert wiki.resolve_link(markdown_link("../Only%20one.md", "a/c/page.md")) == Missing(
        ("../b/Only one.md",), Reason.WRONG_FOLDER
    )
    assert wiki.resolve_link(markdown_link("only-one.md", "a/c/page.md")) == Missing(
        ("../b/Only one.md",), Reason.SPACE_OR_DASH
    )


def test_missing_image() -> None:
    wiki = Wiki([Page("a.md", "")], attachments=["img/cat.png"])
    answer = wiki.resolve_link(markdown_link("img/cats", "a.md", image=True))
    assert isinstance(answer, Missing)
    assert answer.why == Reason.ASSET_MISSING


def test_anchors_of_either_kind() -> None:
    page = headed("a.md", "Hello World", "Hello World", "A & B")
    wiki = Wiki([page], attachments=["paper.pdf"])
    assert wiki.resolve_anchor(link("a", "x.md", anchor="hello  world"), "a.md") == Found(
        page.headings[0].span, "heading text"
    )
    assert wiki.resolve_anchor(link("a", "x.md", anchor="hello-world"), "a.md") == Missing(
        ("Hello World",), Reason.SLUG_ANCHOR
    )
    assert wiki.resolve_fragment("hello-world-1", "a.md") == Found(page.headings[1].span, "heading slug")
    assert wiki.resolve_anchor(link("a", "x.md"), "a.md") == Found(Span("a.md", 0, 0), "the page itself")
    assert isinstance(wiki.resolve_anchor(link("paper.pdf", "x.md", anchor="page=3"), "paper.pdf"), Found)
    assert isinstance(wiki.resolve_fragment("page=3", "paper.pdf"), Found)


def test_block_ids() -> None:
    page = Page("a.md", "Text ^Proof", block_ids=(BlockId(Span("a.md", 5, 11), "Proof"),))
    wiki = Wiki([page])
    assert wiki.resolve_anchor(link("a", "a.md", anchor="^proof"), "a.md") == Found(Span("a.md", 5, 11), "block id")
    near = wiki.resolve_anchor(link("a", "a.md", anchor="^proofs"), "a.md")
    assert near == Missing(("^Proof",), Reason.NO_SUCH_BLOCK)


def test_links_to_counts_every_kind() -> None:
    links: tuple[PageLink, ...] = (
        link("b", "a.md"),
        markdown_link("b.md#x", "a.md"),
        WebLink(Span("a.md", 0, 1), "https://example.org/b.md", "b", Span("a.md", 0, 1)),
        link("nowhere", "a.md"),
        link("", "a.md", anchor="x"),
        link("twice", "a.md"),
    )
    wiki = Wiki([Page("b.md", ""), Page("a.md", "", links=links), Page("y/twice.md", ""), Page("x/twice.md", "")])
    assert wiki.links_to("b.md") == links[:2]
    assert wiki.links_to("a.md") == (links[4],)
    assert wiki.links_to("x/twice.md") == (links[5],)
    assert wiki.links_to("y/twice.md") == ()
    assert wiki.target_of(links[2]) is None


def test_one_path_belongs_to_one_page() -> None:
    with pytest.raises(ValueError, match=r"two pages have the path 'a\.md'"):
        Wiki([Page("a.md", "one"), Page("a.md", "two")])


def test_unknown_engine() -> None:
    with pytest.raises(KeyError):
        Wiki([], engine="obsidiam")


def test_split_url() -> None:
    assert split_url("a.md#b#c") == ("a.md", "b#c")


def test_missing_looks_for_near_names_only_when_asked() -> None:
    asked = []

    def near() -> tuple[str, ...]:
        asked.append(1)
        return ("x",)

    missing = Missing[str](near, Reason.NO_SUCH_PAGE)
    assert missing.why == "no-such-page"
    assert asked == []
    assert (missing.near, missing.near) == (("x",), ("x",))
    assert asked == [1]
    assert missing == Missing(("x",), "no-such-page")
    assert hash(missing) == hash(Missing(("x",), "no-such-page"))
    assert repr(missing) == "Missing(near=('x',), why='no-such-page')"
    match missing:
        case Missing(near=names, why=why):
            assert (names, why) == (("x",), "no-such-page")


def test_nearest_breaks_ties_by_name() -> None:
    assert nearest("note", ["notec", "noteb", "notea", "noted"]) == ("notea", "noteb", "notec")
    assert nearest("a-b_c", ["A B C"]) == ("A B C",)
    assert nearest("x" * 5_000_000, ["x"]) == ()


NAMES = st.sampled_from(["Note", "note", "No te", "no-te", "Set.up", "é", "e\u0301", "README", "index"])
FOLDERS = st.lists(st.sampled_from(["a", "A", "b b", "c.d"]), max_size=3)
PATHS = st.builds(lambda parts, name: "/".join([*parts, f"{name}.md"]), FOLDERS, NAMES)


@pytest.mark.slow
@few(50)
@given(st.lists(PATHS, min_size=1, max_size=12, unique=True), st.lists(PATHS, min_size=1, max_size=5), st.randoms())
def test_the_order_of_pages_never_matters(paths: list[str], targets: list[str], chance: random.Random) -> None:
    shuffled = chance.sample(paths, len(paths))
    one, other = Wiki(Page(path, "") for path in paths), Wiki(Page(path, "") for path in shuffled)
    for target in targets:
        for written in (target, target[:-3], target.rpartition("/")[2], f"../{target}", f"/{target[:-3]}"):
            for page in paths[:3]:
                assert one.resolve_name(written, page) == other.resolve_name(written, page)
                asked = markdown_link(written, page)
                assert one.resolve_link(asked) == other.resolve_link(asked)


@few(50)
@given(st.lists(PATHS, min_size=1, max_size=12, unique=True), PATHS, FOLDERS)
def test_answers_are_those_of_a_scan_over_all_pages(paths: list[str], target: str, folder: list[str]) -> None:
    from wikitools.wiki.names_index import fold

    wiki = Wiki(Page(path, "") for path in paths)
    answer = wiki.resolve_name(target, "/".join([*folder, "page.md"]))
    fit = {path for path in paths if ("/" + fold(path)).endswith("/" + fold(target))}
    if isinstance(answer, Missing):
        assert not fit
    elif isinstance(answer, Found):
        assert answer.target in fit
    else:
        assert set(answer.candidates) <= fit
        assert len(answer.candidates) > 1


WRITTEN = st.sampled_from(
    ["Note", "no-te", "a/Note", "../Set.up", "No%20te.md", "é?x=1", "gone", "a/", "", "#x", "..."]
)


@few(50)
@given(
    st.lists(PATHS, min_size=1, max_size=8, unique=True),
    st.sampled_from(sorted(ENGINES)),
    st.lists(st.tuples(WRITTEN, st.none() | WRITTEN, st.booleans()), min_size=1, max_size=8),
)
def test_what_is_reached_is_what_is_found(
    paths: list[str], engine: str, links: list[tuple[str, str | None, bool]]
) -> None:
    texts = {path: f"---\ntitle: Title {path}\naliases: [gone]\n---\n[Note]: a/Note.md\n" for path in paths[:2]}
    pages = [parse(path, texts.get(path, "")) for path in paths]
    wiki, fresh = (Wiki(pages, attachments=["x/gone.png"], engine=engine, absent=["sub"]) for _ in range(2))
    for target, label, flag in links:
        wikilink = Wikilink(Span(paths[0], 0, 0), target, None, label, flag)
        path = MarkdownLink(Span(paths[0], 0, 0), target, label or "", Span(paths[0], 0, 0), flag)
        for link, found in ((wikilink, wiki.resolve(wikilink)), (path, wiki.resolve_link(path))):
            assert fresh.reach(link) == (None if isinstance(found, Missing) else found)
            assert wiki.reach(link) == fresh.reach(link)


@few(50)
@given(st.lists(PATHS, min_size=1, max_size=12, unique_by=str.lower))
def test_a_written_target_leads_back_from_every_page(paths: list[str]) -> None:
    wiki = Wiki(Page(path, "") for path in paths)
    for path in paths:
        for page in paths:
            answer = wiki.resolve_name(wiki.name_of(path), page)
            if isinstance(answer, Found):
                assert answer.target == path
            else:
                # Two files of one canonical path ("é" in two encodings) cannot be told apart by composed names.
                assert isinstance(answer, Ambiguous)


@pytest.mark.slow
def test_ten_thousand_pages_of_one_name_stay_quick() -> None:
    paths = [f"d{number % 100}/e{number}/README.md" for number in range(10_000)]
    wiki = Wiki(Page(path, "") for path in paths)
    started = time.process_time()
    for path in paths:
        assert isinstance(wiki.resolve_name("README", path), Found)
        assert isinstance(wiki.resolve_name("README", "x/" + path), Ambiguous)
        assert isinstance(wiki.resolve_name("x/README", path), Missing)
    assert time.process_time() - started < 5, "three sweeps over 10,000 pages take a fraction of a second when linear"


def test_very_deep_folders() -> None:
    deep = "d/" * 20_000 + "Page.md"
    wiki = Wiki([Page(deep, ""), Page("index.md", "")])
    assert wiki.resolve_name("d/d/Page", "index.md") == Found(deep, "path ending")
    assert wiki.resolve_name("../" * 20_000 + "index", deep) == Found("index.md", "path relative to the page")


def test_start_up_needs_neither_rapidfuzz_nor_mistletoe() -> None:
    code = (
        "import sys; from wikitools.wiki.wiki import Wiki; from wikitools.markdown.page import Page;"
        "Wiki([Page('a.md', '')]).resolve_name('nowhere', 'a.md');"
        "print(*sorted({'rapidfuzz', 'mistletoe', 'yaml', 'httpx'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")
