"""`wikitools backfill` from end to end: which pages it takes, and what it says of them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from backfilling import BIBLIOGRAPHY, EMPTY, snapshot, states

from wikitools.markdown.parse import parse

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call


# --- what is asked for -----------------------------------------------------------------------------------------------


def test_json(wiki: Path, call: Call) -> None:
    (wiki / "risks.md").write_text(f"# R\n\nSee (Hubinger et al. 2019), (Nobody et al. 1999) (Shah 2023).\n\n{EMPTY}")
    (wiki / "lone.md").write_text("See (Shah 2023).\n")
    code, out, err = call("backfill", "--check", "--json")
    said = json.loads(out)
    assert (code, err, said["version"], said["written"]) == (1, "", 1, False)
    pages = {page["path"]: page for page in said["pages"]}
    assert list(pages) == ["goals.md", "lone.md", "plain.md", "risks.md"]
    assert pages["lone.md"]["state"] == "absent"
    assert pages["plain.md"]["state"] == "nothing-cited"
    risks = pages["risks.md"]
    assert (risks["state"], risks["changed"], risks["added"]) == ("updated", True, ["Risks", "Goals"])
    assert risks["without_url"] == ["Goals"]
    assert [(each["line"], each["status"], each["text"]) for each in risks["open_citations"]] == [
        (3, "unmatched", "Nobody et al. 1999")
    ]
    assert said["summary"] == {
        "pages": 4,
        "with_block": 2,
        "changed": 2,
        "without_block": 1,
        "not_touched": 0,
        "added": 3,
        "removed": 0,
        "reworded": 0,
        "unmatched": 1,
        "ambiguous": 0,
        "without_url": 3,
    }
    assert json.loads(call("backfill", "--json")[1])["written"] is True
    assert set(states(call).values()) == {"unchanged", "absent", "nothing-cited"}
    assert call("backfill", "--json", "--diff")[0] == 2


def test_a_changed_source_means_the_pages_that_cite_it(wiki: Path, call: Call) -> None:
    (wiki / "notes/atlas.md").write_text(
        "---\ntitle: The Atlas\nurl: https://a.example\ncitekey: atlas\nyear: 2020\n---\n"
    )
    (wiki / "chapter.md").write_text(f"See [[atlas]].\n\n{EMPTY}")
    (wiki / "own.md").write_text(f"---\nbibliography: own.bib\n---\n\nSee (Li 2001).\n\n{EMPTY}")
    (wiki / "own.bib").write_text("@book{li2001, author = {Li, Wei}, title = {Own}, year = {2001}}\n")
    (wiki / "open.md").write_text(f"See (Nobody et al. 1999).\n\n{EMPTY}")
    assert set(states(call, "--check", "risks.md")) == {"risks.md"}
    assert set(states(call, "--check", "refs.bib")) == {"risks.md", "goals.md", "open.md"}
    assert set(states(call, "--check", "own.bib")) == {"own.md", "open.md"}
    assert set(states(call, "--check", "notes/atlas.md")) == {"notes/atlas.md", "chapter.md", "open.md"}
    # A folder selects its own pages only.
    assert set(states(call, "--check", "notes")) == {"notes/atlas.md"}
    assert set(states(call, "--check", "refs.bib", "plain.md")) == {"risks.md", "goals.md", "open.md", "plain.md"}


def test_a_bibliography_outside_of_the_wiki_can_be_named(wiki: Path, call: Call) -> None:
    (wiki.parent / ".git").mkdir()
    (wiki / "refs.bib").rename(wiki.parent / "refs.bib")
    (wiki / "wikitools.toml").write_text('bibliography = ["../refs.bib"]\n')
    asked = ("--check", "--config", "wikitools.toml", "../refs.bib", "plain.md")
    assert set(states(call, *asked)) == {"risks.md", "goals.md", "plain.md"}


def test_what_is_no_source_any_more_can_be_named(wiki: Path, call: Call) -> None:
    note = "---\ntitle: The Note\nauthor: Ada Noe\nurl: https://example.org/note\n---\n"
    (wiki / "note.md").write_text(note)
    (wiki / "extra.md").write_text(f"# Extra\n\nSee [[note]].\n\n{EMPTY}")
    (wiki / "other.md").write_text(f"# Other\n\nSee [[plain]] and [[extra]].\n\n{EMPTY}")
    assert call("backfill", "-q")[0] == 0
    assert "`[[note]]`" in (wiki / "extra.md").read_text()
    (wiki / "note.md").write_text("# The Note\n")
    assert set(states(call, "--check", "note.md")) == {"note.md", "extra.md"}
    assert set(states(call, "--check", "plain.md")) == {"plain.md"}
    assert call("backfill", "note.md")[0] == 0
    assert "[[note]]" not in (wiki / "extra.md").read_text().partition("<!--")[2]


def test_a_bibliography_that_lost_all_its_sources_can_be_named(wiki: Path, call: Call) -> None:
    assert call("backfill", "-q")[0] == 0
    (wiki / "refs.bib").write_text("% nothing left\n")
    (wiki / "wikitools.toml").write_text('bibliography = ["refs.bib"]\n')
    assert set(states(call, "--check", "refs.bib")) >= {"risks.md", "goals.md"}


def test_an_intro_may_link_to_what_is_hidden_but_not_to_what_nobody_has(wiki: Path, call: Call) -> None:
    (wiki / ".github").mkdir()
    (wiki / ".github" / "HOW.md").write_text("# How\n")
    (wiki / "own.md").write_text("# Own\n")
    (wiki / ".git").mkdir()
    (wiki / ".gitignore").write_text("own.md\n")
    assert call("backfill", "--config", "block.intro='See [how](.github/HOW.md).'", "goals.md")[0] == 0
    assert call("lint", "--select", "links", "goals.md")[0] == 0
    code, out, _ = call("backfill", "--config", "block.intro='See [how](own.md).'", "goals.md")
    assert code == 1
    assert "git ignores it" in out


# --- front matter ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "listed"),
    [
        ('"@shah2023"', ["Goals"]),
        ("'@hubinger2019, @{shah2023}'", ["Risks", "Goals"]),
        ("|\n  @shah2023,\n  @hubinger2019", ["Goals", "Risks"]),
        ("[shah2023, '@hubinger2019']", ["Goals", "Risks"]),
        ("'@*'", ["Risks", "Goals"]),
        ("me@shah2023", []),
        ("false", []),
    ],
)
def test_nocite_lists_what_the_text_does_not_cite(wiki: Path, call: Call, written: str, listed: list[str]) -> None:
    (wiki / "extra.md").write_text(f"---\nnocite: {written}\n---\n\n{EMPTY}")
    call("backfill", "extra.md")
    text = (wiki / "extra.md").read_text()
    assert re.findall(r"^- \[?(\w+)", text, re.M) == listed
    assert text.startswith(f"---\nnocite: {written}\n---\n\n## Sources cited\n\n<!-- wikitools:sources hash=")
    assert call("backfill", "--check", "extra.md")[0] == 0


def test_nocite_beside_citations(wiki: Path, call: Call) -> None:
    (wiki / "extra.md").write_text(
        f'---\nnocite: "@shah2023 @hubinger2019 @gone"\n---\n\n(Hubinger et al. 2019)\n\n{EMPTY}'
    )
    code, out, _ = call("backfill", "-v", "extra.md")
    assert code == 0
    assert "  unmatched: @gone at 2:35" in out
    assert (wiki / "extra.md").read_text().splitlines()[12:14] == [
        "- [Risks](https://example.org/risks) — referenced as (Hubinger et al. 2019)",
        "- Goals — referenced as `@shah2023`",
    ]


def test_a_page_may_want_no_block(wiki: Path, call: Call) -> None:
    (wiki / "risks.md").write_text(f"---\nsources: false\n---\n\nSee (Hubinger et al. 2019).\n\n{EMPTY}")
    (wiki / "goals.md").write_text("---\nsources: false\n---\n\nSee (Shah 2023).\n")
    before = snapshot(wiki)
    assert set(states(call, "--init", "--force").values()) == {"unwanted", "nothing-cited"}
    assert snapshot(wiki) == before


def test_pages_that_embed_a_changed_source_are_meant_too(wiki: Path, call: Call) -> None:
    (wiki / "notes/atlas.md").write_text("---\ntitle: The Atlas\nurl: https://a.example\nyear: 2020\n---\nText.\n")
    (wiki / "embeds.md").write_text(f"![[atlas]]\n\nSee (Shah 2023).\n\n{EMPTY}")
    (wiki / "links.md").write_text(f"[[atlas]]\n\n{EMPTY}")
    assert set(states(call, "--check", "notes/atlas.md")) == {"notes/atlas.md", "embeds.md", "links.md"}
    assert call("backfill", "notes/atlas.md")[0] == 0
    assert "Goals" in (wiki / "embeds.md").read_text()
    assert (wiki / "goals.md").read_text().endswith(EMPTY)
    assert set(states(call, "--check", "embeds.md")) == {"embeds.md"}


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://example.org/a b/c d.pdf", "https://example.org/a%20b/c%20d.pdf"),
        ("https://example.org/a`b", "https://example.org/a%60b"),
        ("https://example.org/(x) y", None),
        ("https://example.org/x_(y)", "<https://example.org/x_(y)>"),
        ("https://example.org/a (accessed 2020)", "https://example.org/a"),
    ],
)
def test_addresses_with_blanks_and_backticks_stay_whole(wiki: Path, call: Call, url: str, written: str | None) -> None:
    (wiki / "refs.bib").write_text(BIBLIOGRAPHY.replace("year = {2023}", f"year = {{2023}}, url = {{{url}}}"))
    (wiki / "notes/note.md").write_text(f'---\ntitle: Note\nurl: "{url}"\nyear: 2020\n---\n')
    (wiki / "goals.md").write_text(f"See (Shah 2023), [[note]].\n\n{EMPTY}")
    assert call("backfill")[0] == 0
    text = (wiki / "goals.md").read_text()
    if written is not None:
        assert f"- [Goals]({written}) — referenced as (Shah 2023)\n" in text
    links = [link for link in parse("goals.md", text).links if type(link).__name__ == "WebLink"]
    assert links
    assert all(link.span.of(text).endswith(")") for link in links)
    assert call("backfill", "--check")[0] == 0


def test_counts_of_blocks(wiki: Path, call: Call) -> None:
    (wiki / "lone.md").write_text("See (Shah 2023).\n")
    (wiki / "open.md").write_text("See (Shah 2023).\n\n```\n")
    (wiki / "taken.md").write_text("See (Shah 2023).\n\n## sources cited\n\nMine.\n")
    (wiki / "broken.md").write_text("See (Shah 2023).\n\n<!-- wikitools:sources -->\n")
    (wiki / "unwanted.md").write_text(f"---\nsources: off\n---\n{EMPTY}")
    said = call("backfill", "--check")[1]
    assert (
        "Would change 2 pages: 2 sources added (3 of 8 pages with a block, 1 not touched, --init would add 1)." in said
    )
    said = call("backfill", "--init", "--check")[1]
    assert "Would change 3 pages: 3 sources added (4 of 8 pages with a block, 3 not touched)." in said
    assert (
        "Changed 3 pages: 3 sources added (4 of 8 pages with a block, 3 not touched)." in call("backfill", "--init")[1]
    )
    code, out, _ = call("backfill", "--init")
    assert (code, "Nothing to change (4 of 8 pages with a block, 3 not touched)." in out) == (1, True)
    assert "open.md:3:1: this is never closed" in out
    assert 'taken.md:3:4: the section "sources cited" was written by hand' in out
    assert "broken.md:3:1: the block of sources opened here is never closed" in out
    pages = {page["path"]: page for page in json.loads(call("backfill", "--json")[1])["pages"]}
    assert [(each["line"], each["column"]) for each in pages["broken.md"]["places"]] == [(3, 1)]


def test_what_init_leaves_alone_is_said_and_is_no_failure(wiki: Path, call: Call) -> None:
    (wiki / "README.md").write_text("See (Shah 2023).\n")
    (wiki / "listed.md").write_text("See (Shah 2023).\n\n## References\n\n- Shah (2023). Goals.\n")
    (wiki / "unwanted.md").write_text("---\nsources: false\n---\nSee (Shah 2023).\n")
    (wiki / "plain.md").write_text("See (Shah 2023).\n")
    before = snapshot(wiki)
    code, said, _ = call("backfill", "--init", "--dry-run")
    assert (code, snapshot(wiki)) == (0, before)
    assert "added    1  plain.md\n" in said
    assert (
        'No block on 1 page left out by "pages" and "exclude" of [block]:\n  README.md\n'
        "No block on 1 page with a hand-written list of sources; --adopt makes the block of it, beside-lists of "
        "[block] adds one beside it:\n"
        "  listed.md\n"
        'No block on 1 page with "sources: false" in the front matter:\n  unwanted.md\n'
    ) in said
    assert call("backfill", "--init")[0] == 0
    assert call("backfill", "--init")[:2] == (0, "Nothing to change (3 of 6 pages with a block).\n")
    for path in ("README.md", "listed.md", "unwanted.md"):
        assert "wikitools:sources" not in (wiki / path).read_text()


@pytest.mark.parametrize(
    ("engine", "link"), [("obsidian", "[Atlas](<../my notes/atlas.md>)"), ("github-wiki", "Atlas")]
)
def test_a_source_without_an_address_links_to_its_note_and_leads_there(
    wiki: Path, call: Call, engine: str, link: str
) -> None:
    (wiki / "wikitools.toml").write_text(f'engine = "{engine}"\n')
    (wiki / "my notes").mkdir()
    (wiki / "my notes/atlas.md").write_text("---\ntitle: Atlas\ntype: book\nauthor: Cy Noor\nyear: 2021\n---\n")
    (wiki / "deep").mkdir()
    (wiki / "deep/page.md").write_text(f"See (Noor 2021).\n\n{EMPTY}")
    code, out, _ = call("backfill", "deep")
    assert code == 0, out
    entry = (wiki / "deep/page.md").read_text().partition("\n- ")[2].partition(" — ")[0]
    assert entry == link.replace("<../my notes/atlas.md>", "../my%20notes/atlas.md")
    assert call("lint", "deep")[0] == 0
    assert call("backfill", "--check", "deep")[0] == 0


def test_a_literature_note_and_the_entry_of_its_key_are_listed_once(wiki: Path, call: Call) -> None:
    (wiki / "lit").mkdir()
    (wiki / "lit/@shah2023.md").write_text("# Reading notes\n\nI liked this one.\n")
    page = wiki / "lit/page.md"
    page.write_text(f"As [[@shah2023]] shows (Shah 2023).\n\n{EMPTY}")
    assert call("backfill", "lit/page.md")[0] == 0
    entries = [line for line in page.read_text().splitlines() if line.startswith("- ")]
    assert entries == ["- [Goals](@shah2023.md) — referenced as `[[@shah2023]]`, (Shah 2023)"]
