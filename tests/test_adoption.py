"""A hand-written list of sources becomes the block, from the file to the page, if that loses no word of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call

BIB = """@article{orr2019, author={Orr, Ann and Pim, Bo}, title={On kelp}, journal={J. Algae}, volume={1}, pages={2--3},
  year={2019}, url={https://example.org/k}}
@article{vane2020, author={Vane, Di}, title={On moss}, year={2020}, url={https://example.org/m}}
"""
PROSE = "# A\n\nKelp grows (Orr & Pim 2019), moss too (Vane 2020).\n\n## References\n\n"
KELP, MOSS = "- [On kelp](https://example.org/k)\n", "- Vane, D. (2020). *On moss*. https://example.org/m\n"


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "refs.bib").write_text(BIB)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "kelp", [KELP, "- Orr, A., & Pim, B. (2019). On kelp. *J. Algae*, 1, 2-3. https://example.org/k\n"]
)
def test_a_list_of_known_sources_becomes_the_block(wiki: Path, call: Call, kelp: str) -> None:
    page = wiki / "a.md"
    text = f"{PROSE}Read these first:\n\n{kelp}{MOSS}\n## See also\n\nMore.\n"
    page.write_text(text)
    call("backfill", "--init")
    assert page.read_text() == text
    code, patch, _ = call("backfill", "--adopt", "--diff")
    assert (code, page.read_text()) == (1, text)
    assert f"-{MOSS}" in patch
    assert call("backfill", "--adopt", "--dry-run")[0] == 0
    assert page.read_text() == text
    assert call("backfill", "--adopt")[0] == 0
    now = page.read_text()
    before, after = text.split(f"{kelp}{MOSS}")
    assert now.startswith(f"{before}<!-- wikitools:sources hash=")
    assert now.endswith(f"<!-- /wikitools:sources -->\n{after}")
    assert "- [On kelp](https://example.org/k) — referenced as (Orr & Pim 2019)\n" in now
    assert "- [On moss](https://example.org/m) — referenced as (Vane 2020)\n" in now
    assert call("backfill", "--check")[0] == 0
    assert call("lint")[0] == 0


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (
            f"{KELP}- Vane, D. (2020). On moss. Read this one twice.\n",
            'does not say "Read this one twice" of "On moss"',
        ),
        (f"{KELP}- Vane, D. (2020). On moss, p. 45.\n", 'does not say "45" of "On moss"'),
        (f"{KELP}- ⭐ Vane, D. (2020). On moss.\n", 'does not say "⭐" of "On moss"'),
        (f"{KELP}- Vane, D. (2020). [On moss](moss.pdf)\n", 'would not have the link "[On moss](moss.pdf)"'),
        (f"{KELP}- Vane, D. (2020). On moss. [[moss]]\n", 'would not have the link "[[moss]]"'),
        (f"{KELP}- Vane, D. (2020). On moss #moss\n", 'would not have "#moss"'),
        (f"{KELP}- Vane, D. (2020). On moss {{#moss}}\n", 'would not have "#moss"'),
        (f"{KELP}- Vane, D. (2020). On moss ^moss\n", 'would not have "^moss"'),
        (f"{KELP}- Vane, D. (2020). ==On moss==\n", 'does not say "= = = =" of "On moss"'),
        (f"{KELP}{MOSS}[m]: https://example.org/m\n", "a.md:9:1: some engines read this as a definition"),
        (f"{KELP}{MOSS}*[On]: moss\n", "some engines read this as a definition"),
        (f"{KELP}{MOSS}\n^moss\n", "links may lead to the list by this name"),
        (f"{KELP}  {MOSS}", "this line belongs to the one above it"),
        (f"{KELP}---\n{MOSS}", "the list goes on here, after other text"),
        (f"{KELP}- My own notes.\n", "this line names no known source"),
        (f"{KELP}- Kelp (Orr & Pim 2019; Vane 2020)\n", "this line names several sources"),
        (f"{KELP}\nAnd then:\n\n{MOSS}", "the list goes on here, after other text"),
        (f"{KELP}\n## Sources\n\n{MOSS}", "the page has a second list of sources here"),
    ],
)
def test_a_list_that_says_more_stays(wiki: Path, call: Call, lines: str, why: str) -> None:
    page = wiki / "a.md"
    page.write_text(PROSE + lines)
    code, said, _ = call("backfill", "--adopt")
    assert (code, page.read_text()) == (0, PROSE + lines)
    assert why in said


def test_a_listed_work_that_the_text_does_not_cite_stays(wiki: Path, call: Call) -> None:
    page = wiki / "a.md"
    text = f"Kelp grows (Orr & Pim 2019).\n\n## References\n\n{KELP}{MOSS}"
    page.write_text(text)
    said = call("backfill", "--adopt")[1]
    assert page.read_text() == text
    assert 'the text does not cite "On moss"' in said
    page.write_text(f"---\nnocite: '@vane2020'\n---\n{text}")
    assert call("backfill", "--adopt")[0] == 0
    assert "wikitools:sources" in page.read_text()


@pytest.mark.parametrize("number", ["[2]", "\\[2\\]", "(2)", "[1, 2]", "see ref. 2", "as in source 2"])
@pytest.mark.parametrize("marks", [("1. ", "2. "), ("- ", "2. "), ("- [1] ", "- [2] "), ("- 1. ", "- ")])
def test_a_list_with_any_number_stays_where_the_text_has_one(
    wiki: Path, call: Call, number: str, marks: tuple[str, str]
) -> None:
    page = wiki / "a.md"
    lines = f"{marks[0]}{KELP.removeprefix('- ')}{marks[1]}{MOSS.removeprefix('- ')}"
    page.write_text(text := PROSE.replace("moss too", f"moss too {number}") + lines)
    call("backfill", "--adopt")
    assert page.read_text() == text


@pytest.mark.parametrize("number", ["(3)", "[7]", "[3, 12]", "see ref. 40", "as in source 3", "water⁹"])
def test_a_number_beyond_the_list_is_none_of_it(wiki: Path, call: Call, number: str) -> None:
    page = wiki / "a.md"
    lines = f"1. {KELP.removeprefix('- ')}2. {MOSS.removeprefix('- ')}"
    page.write_text(PROSE.replace("moss too", f"moss too {number}") + lines)
    call("backfill", "--adopt")
    assert "wikitools:sources" in page.read_text()


def test_what_a_line_says_is_asked_before_the_numbers(wiki: Path, call: Call) -> None:
    page = wiki / "a.md"
    page.write_text(PROSE.replace("moss too", "moss too (1)") + f"1. {KELP.removeprefix('- ')}2. My own notes.\n")
    assert "this line names no known source" in call("backfill", "--adopt")[1]


@pytest.mark.parametrize(
    ("line", "passage"),
    [
        ("- [@orr2019, p. 2]\n", "p. 2"),
        ("- [@orr2019, pp. 2-4]\n", "pp. 2-4"),
        ("- (Orr & Pim 2019, ch. 1)\n", "ch. 1"),
        ("- [@orr2019, pp. 2-3]\n", ""),  # all of it
        ("- [@orr2019]\n", ""),
    ],
)
def test_a_passage_is_not_lost(wiki: Path, call: Call, line: str, passage: str) -> None:
    page = wiki / "a.md"
    page.write_text(PROSE + line + MOSS)
    said = call("backfill", "--adopt")[1]
    assert (f'would not have the passage "{passage}"' in said) == bool(passage)
    assert ("wikitools:sources" in page.read_text()) == (not passage)


def test_what_closes_something_around_the_list_stays(wiki: Path, call: Call) -> None:
    page = wiki / "a.md"
    page.write_text(text := f"{PROSE}::: refs\n{KELP}{MOSS}:::\n")
    assert "would change how the page reads" in call("backfill", "--adopt")[1]
    assert page.read_text() == text
    page.write_text(text := text.replace("::: refs\n", "::: refs\n\n").replace("\n:::", "\n\n:::"))
    assert call("backfill", "--adopt")[0] == 0
    assert page.read_text().startswith(text.partition("- ")[0])
    assert page.read_text().endswith("<!-- /wikitools:sources -->\n\n:::\n")


@pytest.mark.parametrize("link", ["[[on-kelp]]", "[[notes/on-kelp|On kelp]]"])
def test_a_link_to_a_source_note_stays_unless_the_text_has_it_too(wiki: Path, call: Call, link: str) -> None:
    (wiki / "notes").mkdir()
    (wiki / "notes" / "on-kelp.md").write_text("---\ntitle: On kelp\nurl: https://example.org/k\n---\nText.\n")
    page = wiki / "a.md"
    page.write_text(text := f"{PROSE}- {link}\n{MOSS}")
    assert f'would not have the link "{link}"' in call("backfill", "--adopt")[1]
    assert page.read_text() == text
    page.write_text(text.replace("Kelp grows", f"Kelp grows ({link})"))
    call("backfill", "--adopt")
    assert f"- {link}" not in page.read_text()


def test_a_list_in_mdx_stays(wiki: Path, call: Call) -> None:
    (wiki / "wikitools.toml").write_text('suffixes = [".md", ".mdx"]\n')
    page = wiki / "a.mdx"
    page.write_text(text := PROSE + KELP + MOSS)
    assert "MDX has no HTML comments" in "".join(map(str, call("backfill", "--adopt")))
    assert page.read_text() == text


def test_a_numbered_list_stays_where_the_text_has_its_numbers(wiki: Path, call: Call) -> None:
    page = wiki / "a.md"
    text = "Kelp grows (Orr & Pim 2019) [1].\n\n## References\n\n1. [On kelp](https://example.org/k)\n"
    page.write_text(text)
    said = call("backfill", "--adopt")[1]
    assert page.read_text() == text
    assert "a.md:1:29: this may be a number of the list" in said


HEAD = "# A\n\nKelp grows (Orr & Pim 2019).\n\n"
APA = "- Orr, A., & Pim, B. (2019). On kelp. *J. Algae*, 1, 2-3.\n- Roe, J. (2001). On sand. *Silt*, 4, 1-9.\n"
NUMBERED = "1. Roe J, Poe B. The growth of kelp. Silt 2001;4:1-9.\n2. Roe J. The rest of sand. Silt 2002;5:3-8.\n"
NOTES = '- Ann Orr and Bo Pim, "On kelp", *J. Algae* (2019)\n- Jane Roe, *On sand* (Leeds: Alder, 2001)\n'
TITLES = "- *On kelp*, by Ann Orr and Bo Pim\n- On moss (Vane 2020)\n- [The kelp paper](https://example.org/k)\n"
LINKS = "- [On kelp](https://example.org/k)\n- [On sand](https://doi.org/10.1017/s0022112001)\n- Further links\n"
ANNOTATED = f"{APA.splitlines()[0]}\n  Still the best.\n\n{APA.splitlines()[1]}\n"


def pages(wiki: Path, items: tuple[str, ...], names: tuple[str, ...]) -> dict[Path, str]:
    """Write a page for each of some lists below each of some lines; return their texts."""
    texts = {
        wiki / f"{row}-{column}.md": f"{HEAD}{name}{each}\n## See also\n\n- More.\n"
        for row, each in enumerate(items)
        for column, name in enumerate(names)
    }
    for page, text in texts.items():
        page.write_text(text)
    return texts


def test_a_list_of_references_is_one_whatever_it_is_called(wiki: Path, call: Call) -> None:
    lists = (APA, NUMBERED, NOTES, TITLES, LINKS, ANNOTATED, APA.replace("- ", "\n"))
    names = ("**Sources:**\n", "**Papers**\n\n", "## Further reading\n\n", "## Papers\n\nRead:\n\n", "")
    texts = pages(wiki, lists, names)
    said = call("backfill", "--init", "-v")[1]
    assert {page: page.read_text() for page in texts} == texts
    assert "No block on 35 pages with a hand-written list of sources" in said
    assert call("lint", "--select", "missing-sources")[0] == 0


CLAIMS = (
    "- Orr & Pim (2019) found that kelp grows.\n- Roe (2001) says no.\n",
    "- **Orr & Pim (2019)**: kelp grows.\n- **Roe (2001)**: it does not.\n",
    "- Kelp grows (Orr & Pim 2019).\n- Sand does not ([Roe 2001](https://doi.org/10.1017/s0022112001)).\n",
    "- [Orr & Pim 2019](https://example.org/k) found that kelp grows.\n",
    "- [Kelp](https://example.org/k) grows up to 30 m.\n",
    "- [[b]] (2019)\n- [On moss](b.md)\n- [A tool](https://example.org/tool)\n",
    "- Orr, A., & Pim, B. (2019). On kelp.\n- Boats\n- Nets\n",
)


def test_a_list_of_claims_is_no_list_of_references(wiki: Path, call: Call) -> None:
    (wiki / "b.md").write_text("# B\n")
    texts = pages(wiki, CLAIMS, ("**Findings:**\n", "## Further reading\n\n"))
    call("backfill", "--init")
    assert not [text for page, text in texts.items() if "wikitools:sources" not in page.read_text()]


def test_what_a_line_calls_sources_is_a_list_of_them(wiki: Path, call: Call) -> None:
    page = wiki / "a.md"
    for name in ("**Sources:**", "**Key references**", "Sources:", "__Quellen__"):
        page.write_text(text := f"{HEAD}{name}\n- my shelf\n\nMore words.\n")
        call("backfill", "--init")
        assert page.read_text() == text, name
    for text in (f"{HEAD}```yaml\nsources:\n- x\n```\n", f"---\nsources:\n- x\n---\n{HEAD}"):
        page.write_text(text)
        call("backfill", "--init")
        assert "wikitools:sources" in page.read_text(), text


def test_a_list_below_a_bold_line_becomes_the_block(wiki: Path, call: Call) -> None:
    page = wiki / "a.md"
    page.write_text(text := f"{PROSE.partition('##')[0]}**Papers**\n\n{KELP}{MOSS}\nMore words.\n")
    assert call("backfill", "--adopt")[0] == 0
    now = page.read_text()
    assert now.startswith(f"{text.partition('- ')[0]}<!-- wikitools:sources hash=")
    assert now.endswith("<!-- /wikitools:sources -->\n\nMore words.\n")
    assert call("backfill", "--check")[0] == 0
