"""Which pages get a new block, and where."""

from __future__ import annotations

import pytest
from cited_works import CITED, CLOSE, OPEN, STYLE, after, entries, page, state

from wikitools.block.block import BlockState, BlockStyle, StyleError, plan_block
from wikitools.cite.citation import Citation, Cited
from wikitools.markdown.parse import parse
from wikitools.sources.source import Source
from wikitools.text import Span, apply
from wikitools.wiki.resolution import Found

# --- a new block -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["Text.", "Text.\n", "Text.\r\n", "\ufeff", "", "---\ntitle: x\n---\n", "- a\n- b\n", "a\n\n\n"]
)
def test_init_adds_a_block_at_the_end(text: str) -> None:
    assert state(text) is BlockState.ABSENT
    new = after(text, init=True)
    assert new.startswith(text)
    assert "## Sources cited" in new
    assert new.endswith("\n") == (not text or text[-1] == "\n")
    assert after(new, init=True) == new


def test_init_does_nothing_on_a_page_that_cites_nothing() -> None:
    assert state("Text.\n", cited=(), init=True) is BlockState.NOTHING_CITED


def test_init_uses_an_empty_section_and_respects_a_full_one() -> None:
    assert after("# T\n\n## Sources cited\n\n## Next\n", init=True).endswith(f"{CLOSE}\n\n## Next\n")
    assert state("# T\n\n## Sources cited\n\nMine.\n", init=True) is BlockState.HEADING_TAKEN


@pytest.mark.parametrize("text", ["```\ncode\n", "<!-- open\n", "~~~\ncode"])
def test_init_refuses_a_page_that_ends_inside_something(text: str) -> None:
    assert state(text, init=True) is BlockState.UNSAFE_PLACE


# --- which pages get a block, and where ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "style", "wanted"),
    [
        ("mesa.md", STYLE, True),
        ("Index fossils.md", STYLE, True),
        ("Log law.md", STYLE, True),
        ("README.md", STYLE, False),
        ("sub/readme.md", STYLE, False),
        ("AGENTS.md", STYLE, False),
        ("sub/CLAUDE.md", STYLE, False),
        ("sub/index.md", STYLE, False),
        ("log/2024-01.md", STYLE, False),
        ("wiki/logs/a/b.md", STYLE, False),
        ("_templates/page.md", STYLE, False),
        ("1. Templates/page.md", STYLE, False),
        ("protocol-template.md", STYLE, False),
        ("README.md", BlockStyle(exclude=()), True),
        ("a/mesa.md", BlockStyle(pages=("a/**",)), True),
        ("b/mesa.md", BlockStyle(pages=("a/**",)), False),
        ("a/drafts/mesa.md", BlockStyle(pages=("a/**",), exclude=("**/drafts/**",)), False),
    ],
)
def test_pages_about_the_wiki_get_no_block(path: str, style: BlockStyle, wanted: bool) -> None:
    made = plan_block(parse(path, "# T\n\nText.\n"), CITED, style, init=True)
    assert made.state is (BlockState.ADDED if wanted else BlockState.LEFT_OUT)
    assert plan_block(parse(path, "# T\n\nText.\n"), CITED, style).state is (
        BlockState.ABSENT if wanted else BlockState.LEFT_OUT
    )
    # A block that is there is kept up to date.
    assert plan_block(parse(path, f"{OPEN}\n{CLOSE}\n"), CITED, style).state is BlockState.UPDATED


@pytest.mark.parametrize(
    "heading",
    ["References", "**Sources:**", "5. References", "Notes and Sources", "Key references", "Literatur", "参考文献"],
)
@pytest.mark.parametrize("items", ["- One\n", "Some words.\n\n1. One\n", "### Books\n\n* One\n"])
def test_pages_with_a_list_of_their_own_get_no_block(heading: str, items: str) -> None:
    text = f"# T\n\nText.\n\n## {heading}\n\n{items}"
    made = plan_block(page(text), CITED, STYLE, init=True)
    assert (made.state, made.fix) == (BlockState.LISTED_BY_HAND, None)
    assert made.places[0].span.start == text.index(heading.strip("*:")) or heading.startswith("*")
    assert state(text, style=BlockStyle(beside_lists=True), init=True) is BlockState.ADDED
    assert state(text + f"\n{OPEN}\n{CLOSE}\n") is BlockState.UPDATED


@pytest.mark.parametrize("heading", ["Energy sources", "Cross-references", "Literature search", "History", "Resources"])
def test_other_lists_hinder_nobody(heading: str) -> None:
    assert state(f"# T\n\n## {heading}\n\n- One\n", init=True) is BlockState.ADDED


@pytest.mark.parametrize(
    ("line", "listed"),
    [
        ("Walker, M. (2017). *Why We Sleep*.", True),
        ("**van der Berg, J.**, & Orr, B. (2013). Sand.", True),
        ("[1] Walker: Why We Sleep", True),
        ("| Work | Year |\n|---|---|\n| Sand | 2013 |", True),
        ("Walker, M. told us more.", False),
        ("In 2017, M. Walker said so.", False),
        ("[1](one.md) says so.", False),
    ],
)
def test_references_are_a_list_without_bullets_too(line: str, listed: bool) -> None:
    text = f"# T\n\nText.\n\n## References\n\n{line}\n"
    assert state(text, init=True) is (BlockState.LISTED_BY_HAND if listed else BlockState.ADDED)
    # Without items, no list can be taken over.
    assert state(text, style=BlockStyle(adopt_lists=True), init=True) is (
        BlockState.NOT_ADOPTED if listed else BlockState.ADDED
    )


def test_prose_about_sources_is_no_list_and_a_page_s_own_heading_is_respected() -> None:
    assert state("# T\n\n## References\n\nNo list.\n", init=True) is BlockState.ADDED
    assert state("# T\n\n## Sources cited\n\n- mine\n", init=True) is BlockState.LISTED_BY_HAND
    assert state("# T\n\n## Belege\n\n- mine\n", style=BlockStyle(heading="Belege"), init=True) is (
        BlockState.LISTED_BY_HAND
    )


def test_an_address_in_a_list_of_sources_cites_nothing() -> None:
    text = "# T\n\nSee https://a.example.\n\n## Sources\n\n- https://b.example\n"
    found = []
    for address in ("https://a.example", "https://b.example"):
        at = text.index(address)
        citation = Citation(Span("a.md", at, at + len(address)), address, kind="url", url=address)
        source = Source(Span("r.bib", at, at + 1), f"k{at}", title=address, url=address)
        found.append(Cited(citation, Found(source, "its address"), (), ()))
    assert entries(tuple(found), text=text) == [
        "- [https\\://a.example](https://a.example) — referenced as `https://a.example`"
    ]
    assert state(text, (found[1],), init=True) is BlockState.NOTHING_CITED


def test_a_note_never_lists_itself() -> None:
    note = parse("atlas.md", "# Atlas\n\nSee Atlas Ch.7.\n")
    assert plan_block(note, CITED[1:], STYLE, init=True).state is BlockState.NOTHING_CITED
    made = plan_block(note, CITED, STYLE, init=True)
    assert "Risks from Learned" in made.new
    assert "Atlas" not in made.new


PLACES = [
    ("end", "# T\n\n## Notes\n", "# T\n\n## Notes\n\nBLOCK\n"),
    ("before ## Notes", "# T\n\nText.\n\n## Notes\n\nx\n", "# T\n\nText.\n\nBLOCK\n\n## Notes\n\nx\n"),
    ("before ## Notes", "# T\n\nText.\n## Notes\n", "# T\n\nText.\n\nBLOCK\n\n## Notes\n"),
    ("before ## Notes", "# T\n\nText.\n\n### Notes\n", "# T\n\nText.\n\n### Notes\n\nBLOCK\n"),
    ("before ## Notes", "# T\n\n```\n## Notes\n```\n", "# T\n\n```\n## Notes\n```\n\nBLOCK\n"),
    ("before %% mine %%", "Text.\n\n%% mine %%\nx\n", "Text.\n\nBLOCK\n\n%% mine %%\nx\n"),
    ("after <!-- list -->", "Text.\n\n<!-- list -->\n\n## Next\n", "Text.\n\n<!-- list -->\n\nBLOCK\n\n## Next\n"),
    ("after <!-- list -->", "Text.\n\n<!-- list -->\n## Next\n", "Text.\n\n<!-- list -->\n\nBLOCK\n\n## Next\n"),
    ("after <!-- list -->", "Text.\n\n<!-- list -->", "Text.\n\n<!-- list -->\n\nBLOCK"),
    ("after <!-- list -->", "Text.\n\n<!-- list -->\n", "Text.\n\n<!-- list -->\n\nBLOCK\n"),
    ("start", "---\na: b\n---\n\n# T\n\nText.\n", "---\na: b\n---\n\nBLOCK\n\n# T\n\nText.\n"),
    ("start", "---\na: b\n---\nText.\n", "---\na: b\n---\n\nBLOCK\n\nText.\n"),
    ("start", "---\na: b\n---\n", "---\na: b\n---\n\nBLOCK\n"),
    ("start", "# T\n\nText.\n", "BLOCK\n\n# T\n\nText.\n"),
    ("start", "\ufeff# T\n", "\ufeffBLOCK\n\n# T\n"),
    ("start", "# T\n\n## Sources cited\n", "# T\n\n## Sources cited\n\nBLOCK\n"),
]


@pytest.mark.parametrize(("place", "before", "expected"), PLACES)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_where_a_new_block_goes(place: str, before: str, expected: str, end: str) -> None:
    text = before.replace("\n", end)
    made = plan_block(page(text), CITED, BlockStyle(place=place), init=True)
    assert made.fix is not None
    whole = made.new if "## Sources cited" in before else f"## Sources cited{end}{end}{made.new}"
    now = apply(text, made.fix.edits)
    assert now == expected.replace("\n", end).replace("BLOCK", whole)
    assert plan_block(page(now), CITED, BlockStyle(place=place), init=True).state is BlockState.UNCHANGED


@pytest.mark.parametrize("place", ["", "top", "before", "after ", "behind x", "before a\nb"])
def test_a_place_that_is_none_is_refused(place: str) -> None:
    with pytest.raises(StyleError, match='"place" of the block must be'):
        BlockStyle(place=place)
