"""The whole reading of a page: structure, exact places, hostile pages, and other readers' opinions."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import mistletoe.block_token
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wikitools.markdown.blocks import read_blocks, source_of
from wikitools.markdown.events import emphasis_marks
from wikitools.markdown.links import match_definition
from wikitools.markdown.page import MarkdownLink, WebLink, Wikilink
from wikitools.markdown.parse import parse, read
from wikitools.markdown.reference import top_blocks
from wikitools.markdown.tables import is_table, split_cells
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Callable


def blocks(text: str) -> list[tuple[str, list[str]]]:
    return [(each.kind, [text[start:end] for start, end in each.pieces]) for each in read_blocks(parse("a.md", text))]


STRUCTURE = [
    ("a\nb\n\nc", [("paragraph", ["a", "b"]), ("paragraph", ["c"])]),
    ("# a #\n##\n", [("heading", ["a"])]),
    ("a\nb\n==", [("heading", ["a", "b"])]),
    ("2019\n---", [("heading", ["2019"])]),
    ("> a\n> ===\n\n> b\n===", [("heading", ["a"]), ("paragraph", ["b", "==="])]),
    ("- a\n===\n", [("paragraph", ["a", "==="])]),
    ("a\n---\n---\n***", [("heading", ["a"])]),
    ("- a\n- b\n\n  c\n  1. d", [("paragraph", [text]) for text in "abcd"]),
    ("-\n\n  [[a]]\n\n-\n  b", [("paragraph", ["[[a]]"]), ("paragraph", ["b"])]),
    (
        "-\ta\n\n\tb\n\n\t\tcode",
        [("paragraph", ["a"]), ("paragraph", ["b"]), ("code", ["code"])],
    ),
    (">\ta\n> \tb >\tc", [("paragraph", ["a", "b >\tc"])]),
    ("> -\ta\n> \t---", [("heading", ["a"])]),
    ("> a\nb\n> c", [("paragraph", ["a", "b", "c"])]),
    ("> ```\n> x\n> ```\ny", [("code", ["```", "x", "```"]), ("paragraph", ["y"])]),
    ("- ```\nx", [("code", ["```"]), ("paragraph", ["x"])]),
    ("```py\n\na\n~~~\n````\nb", [("code", ["```py", "a", "~~~", "````"]), ("paragraph", ["b"])]),
    ("    a\n\n    b\n\nc", [("code", ["a", "b"]), ("paragraph", ["c"])]),
    ("a\n    b", [("paragraph", ["a", "b"])]),
    ("<div>\n[[a]]\n</div>\n\nb", [("html", ["<div>", "[[a]]", "</div>"]), ("paragraph", ["b"])]),
    ("<!-- a\n\nb --> c\nd", [("html", ["<!-- a", "b --> c"]), ("paragraph", ["d"])]),
    ("|a|b|\n|-|-|\n|c\\|d||\nx", [("cell", ["a"]), ("cell", ["b"]), ("cell", ["c\\|d"]), ("cell", ["x"])]),
    ("a | b\n---", [("heading", ["a | b"])]),
    ("t\na | b\n--|--\nc | d", [("paragraph", ["t"]), *[("cell", [text]) for text in "abcd"]]),
    ("|a|\n|-|\n|b|\n> c|", [("cell", ["a"]), ("cell", ["b"]), ("paragraph", ["c|"])]),
    (
        "[a]: /u\n[b]:\n /v\n 't'\nc",
        [("definition", ["[a]: /u"]), ("definition", ["[b]:", "/v", "'t'"]), ("paragraph", ["c"])],
    ),
    ("[a]: /u x", [("paragraph", ["[a]: /u x"])]),
    ("a\n[b]: /u", [("paragraph", ["a", "[b]: /u"])]),
    (". a\n) b\n- c", [("paragraph", [". a", ") b"]), ("paragraph", ["c"])]),
    ("a\n2. b\n\n2. c", [("paragraph", ["a", "2. b"]), ("paragraph", ["c"])]),
    ("$$\n- a\n# b\n$$\nc", [("paragraph", ["$$", "- a", "# b", "$$"]), ("paragraph", ["c"])]),
    (
        "a $$x\n$$, b\n\n# c\n\n$$ d $$",
        [("paragraph", ["a $$x", "$$, b"]), ("heading", ["c"]), ("paragraph", ["$$ d $$"])],
    ),
    ("%%\na\n\n- b\n%%\nc", [("paragraph", ["%%", "a", "- b", "%%"]), ("paragraph", ["c"])]),
    ("%%\n\n# a", [("paragraph", ["%%"]), ("heading", ["a"])]),
    ("a\fb\x85c\u2028d\ve", [("paragraph", ["a\fb\x85c\u2028d\ve"])]),
    ("a\0b\n# c\0", [("paragraph", ["a\0b"]), ("heading", ["c\0"])]),
    ("", []),
    (" \n\t\n", []),
]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(("text", "expected"), STRUCTURE)
def test_structure(text: str, expected: list[tuple[str, list[str]]], newline: str) -> None:
    assert blocks(text.replace("\n", newline)) == expected


def test_mistletoe_is_left_as_it_was() -> None:
    before = list(mistletoe.block_token._token_types)
    assert top_blocks("> " * 10 + "a\n\n> b\n===\n\n<div>\n") is not None
    assert mistletoe.block_token._token_types == before
    assert mistletoe.block_token.Paragraph.parse_setext


def test_mistletoe_is_not_asked_about_deep_nesting() -> None:
    assert top_blocks("- " * 40 + "a") is None


def test_mistletoe_reads_pages_with_a_front_matter() -> None:
    head = f"---\ntitle: {'A long title ' * 5}\n---\n"
    page = parse("a.md", f"{head}# A\n\nb\n")
    assert (top_blocks(source_of(page)) or [])[-2:] == [("Heading", len(head)), ("Paragraph", len(head) + 5)]


# ---- reading bytes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "at", "says"),
    [
        (b"# A\nb \xff c", 6, "0xff"),
        ("# 😀é ".encode() + b"\xe2\x82", 5, "0xe2"),
        ("# A\n".encode("utf-16"), 0, "UTF-16"),
        (b"# A\n\0", 4, "NUL"),
    ],
)
def test_unreadable_pages_are_read_all_the_same(data: bytes, at: int, says: str) -> None:
    page = read("a.md", data)
    (problem,) = page.problems
    assert (problem.kind, problem.span.start) == ("unreadable-page", at)
    assert says in problem.message
    assert len(page.headings) == 1


def test_byte_order_mark() -> None:
    page = read("a.md", b"\xef\xbb\xbf# A [[b]]\r\n")
    assert page.problems == ()
    assert page.text.startswith("\ufeff#")
    assert page.headings[0].span == Span("a.md", 3, 10)
    assert page.links[0].span.of(page.text) == "[[b]]"


def test_conflict_marks() -> None:
    text = "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> other\n\n    <<<<<<< x\n\n```\n<<<<<<< y\n=======\n>>>>>>> z\n```\n"
    (problem,) = parse("a.md", text).problems
    assert (problem.kind, problem.span.of(text)) == ("conflict-marker", "<<<<<<<")


# ---- exact places ----------------------------------------------------------------------------------------------------


@dataclass
class Written:
    """A generated page's lines, and what its writer put into them."""

    lines: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


class Writer:
    """Draws pages. Every part that matters has a number of its own, so its place is where it stands in the text."""

    def __init__(self, draw: Callable[[st.SearchStrategy[int]], int]) -> None:
        self.draw = draw
        self.count = 0

    def pick(self, *choices: str) -> str:
        return choices[self.draw(st.integers(0, len(choices) - 1))]

    def chance(self, most: int) -> int:
        return self.draw(st.integers(0, most))

    def number(self) -> int:
        self.count += 1
        return self.count

    def inline(self, page: Written, *, table: bool = False) -> str:
        n = self.number()
        kind = self.chance(9)
        if kind <= 2:
            word = self.pick("word", "😀", "naïve", "（王）", "*em*", "x_y", "5 > 3", "a \\[ b")
            if word == "word":
                page.words.append(f"word{n}q")
                return f"word{n}q"
            return word
        bar = "\\|" if table else "|"
        if kind == 3:
            page.code.append(f"`[[code{n}]]`")
            return page.code[-1]
        written = [
            f"[[t{n}{bar}l {n}]]",
            f"![[t{n}#h]]",
            f"[te*x*t](u{n}.md)",
            f"![alt](<u {n}.png> 'T')",
            f"<https://x.y/{n}>",
            f"https://x.y/{n}",
        ][kind - 4]
        page.links.append(written)
        return written

    def line(self, page: Written, *, table: bool = False) -> str:
        return "w " + " ".join(self.inline(page, table=table) for _ in range(self.chance(3)))

    def blocks(self, depth: int) -> Written:
        page = Written()
        for index in range(1 + self.chance(2)):
            if index:
                page.lines.append("")
            self.block(page, depth)
        return page

    def block(self, page: Written, depth: int) -> None:
        kind = self.chance(8 if depth else 6)
        if kind <= 1:
            page.lines += [self.line(page) for _ in range(1 + self.chance(2))]
        elif kind == 2:
            level = 1 + self.chance(5)
            written = f"H{self.number()} 😀"
            page.headings.append((level, written))
            page.lines.append("#" * level + self.pick(" ", "  ", "\t") + written + self.pick("", " #", "  "))
        elif kind == 3:
            written = f"S{self.number()} x"
            page.headings.append((2, written))
            page.lines += [written, "---"]
        elif kind == 4:
            code = f"[[fenced{self.number()}]]"
            mark = self.pick("```", "~~~~")
            page.code.append(code)
            page.lines += [mark + self.pick("", "py"), code, "", "# no", "  " + code, mark]
        elif kind == 5:
            page.lines += [f"| {self.line(page, table=True)} | {self.line(page, table=True)} |", "|---|:-:|"]
            page.lines += [f"| {self.line(page, table=True)} | b" for _ in range(self.chance(2))]
        elif kind == 6:
            code = f"<!-- [[hidden{self.number()}]] -->"
            page.code.append(code)
            page.lines.append(code)
        else:
            inner = self.blocks(depth - 1)
            if kind == 7:
                page.lines += [("> " + line) if line else ">" for line in inner.lines]
            else:
                first, rest = [("- ", "  "), ("12. ", "    "), ("-\t", "\t"), ("*   ", "    ")][self.chance(3)]
                page.lines += [
                    (rest if index else first) + line if line else "" for index, line in enumerate(inner.lines)
                ]
                page.lines.append("")
                page.lines.append("w.")
            page.links += inner.links
            page.headings += inner.headings
            page.code += inner.code
            page.words += inner.words


@st.composite
def pages(draw: st.DrawFn) -> tuple[Written, str]:
    page = Writer(draw).blocks(3)
    newline = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    return page, draw(st.sampled_from(["", "\ufeff"])) + newline.join(page.lines) + draw(st.sampled_from(["", newline]))


@settings(max_examples=150)
@given(pages())
def test_everything_is_where_it_was_written(generated: tuple[Written, str]) -> None:
    written, text = generated
    page = parse("a.md", text)
    assert [link.span.of(text) for link in page.links] == sorted(written.links, key=text.index)
    assert [(heading.level, heading.span.of(text)) for heading in page.headings] == written.headings
    for link in page.links:
        if isinstance(link, MarkdownLink | WebLink):
            assert link.url_span.of(text) == link.url
    prose = page.prose()
    assert len(prose) == len(text)
    assert re.findall(r"[\r\n]", prose) == re.findall(r"[\r\n]", text)
    assert all(code not in prose for code in written.code)
    assert all(prose.find(word) == text.index(word) for word in written.words)
    assert list(page.masked) == sorted(page.masked)
    assert all(before[1] < after[0] for before, after in zip(page.masked, page.masked[1:], strict=False))


PARTS = st.sampled_from(
    [
        *(
            "a",
            " ",
            "\n",
            "\n\n",
            "[",
            "]",
            "[[",
            "]]",
            "(",
            ")",
            "`",
            "```\n",
            "<",
            ">",
            "<!--",
            "-->",
            "$",
            "$$",
            "%%",
        ),
        *("|", "- ", "> ", "1. ", "    ", "\t", "#", "---\n", "===", "|-|", "[^1]", ":", "[a]: b", "!", "\\", "*", "_"),
        *("^b", "é", "😀", "\r\n", "\r", "\0", "\f", "\xa0", "https://a.b", "<div>", "</div>", "<a href='", "'", '"'),
        *("&amp;", "{#x}", "\ufeff"),
    ]
)


@settings(max_examples=300)
@given(st.lists(PARTS, max_size=40).map("".join))
def test_any_text_is_read(text: str) -> None:
    page = parse("a.md", text)
    assert len(page.prose()) == len(text)
    for link in page.links:
        assert 0 <= link.span.start < link.span.end <= len(text)
        assert link.span.of(text)[0] in "[!<hH"
    for one in (*page.headings, *page.comments, *page.definitions, *page.html_ids, *page.block_ids, *page.footnotes):
        assert 0 <= one.span.start <= one.span.end <= len(text)


# ---- other readers ---------------------------------------------------------------------------------------------------


def read_by_mistletoe(text: str) -> tuple[list[tuple[int, str]], list[str]]:
    """Return headings and destinations as mistletoe reads them, inline text included."""
    from mistletoe import Document, HtmlRenderer, block_token, span_token

    headings: list[tuple[int, str]] = []
    destinations: list[str] = []

    def walk(part: object) -> str:
        if isinstance(part, span_token.Link | span_token.AutoLink):
            destinations.append(part.target)
        elif isinstance(part, span_token.Image):
            destinations.append(part.src)
        if isinstance(part, block_token.Table):
            walk(part.header)
        inner = "".join(walk(child) for child in getattr(part, "children", None) or ())
        if isinstance(part, block_token.Heading | block_token.SetextHeading):
            headings.append((part.level, inner))
        return part.content if isinstance(part, span_token.RawText) else inner

    with HtmlRenderer():
        walk(Document(text.splitlines(keepends=True)))
    return headings, destinations


@settings(max_examples=100)
@given(pages())
def test_mistletoe_finds_the_same(generated: tuple[Written, str]) -> None:
    # Setext headings in quotes are paragraphs to mistletoe, and wikilinks are brackets.
    written, _ = generated
    text = "\n".join(line for line in written.lines if not line.endswith("---") or "|" in line) + "\n"
    page = parse("a.md", text)
    headings, destinations = read_by_mistletoe(text)
    assert [(heading.level, heading.text) for heading in page.headings] == headings
    ours = [link.url for link in page.links if not isinstance(link, Wikilink) and link.syntax != "bare"]
    assert sorted(ours) == sorted(destinations)


# ---- hostile pages ---------------------------------------------------------------------------------------------------


HOSTILE: dict[str, Callable[[int], str]] = {
    "empty": lambda _n: "",
    "one long line": lambda n: "word and " * (20 * n),
    "wikilinks that open": lambda n: "[[" * n,
    "backticks": lambda n: "` `` " * n,
    "comments that open": lambda n: "x <!--" * n,
    "comment lines that open": lambda n: "<!--\n" * n,
    "destinations that open": lambda n: "[a](b" * n,
    "brackets that close": lambda n: "](" * n,
    "nested brackets": lambda n: "[" * n + "](u)" * n,
    "labels": lambda n: "[a][b" * n,
    "nested quotes": lambda n: "> " * n + "x",
    "quotes 200 deep": lambda n: ("> " * 200 + "x\n") * (n // 200),
    "list items": lambda n: "- item\n" * (n // 2),
    "lists that alternate": lambda n: "- a\n+ b\n" * (n // 4),
    "lists that alternate and nest": lambda _n: "".join("  " * i + "- a\n" + "  " * i + "+ b\n" for i in range(80)),
    "nested lists on one line": lambda n: "- " * n + "x",
    "table rows": lambda n: "|a|b|\n|-|-|\n" + "| [[x\\|y]] | z |\n" * (n // 5),
    "unclosed fence": lambda n: "```\n" + "[[x]]\n" * n,
    "unclosed comment": lambda n: "<!--\n" + "[[x]]\n" * n,
    "unclosed front matter": lambda n: "---\n" + "a: b\n" * n,
    "definitions that break off": lambda n: "[a\n# h\n" * (n // 2),
    "dollars": lambda n: "$a a$5" * n,
    "math that opens": lambda n: "$$ a\n$b\n" * (n // 2),
    "tags that open": lambda n: "<a b=\"<a b='" * n,
    "attributes": lambda n: "<a" + " b" * n,
    "blanks in a heading": lambda n: "# a" + " " * (20 * n) + "x",
    "blanks in a delimiter row": lambda n: "a|b\n-" + " " * (20 * n) + "x",
    "stars": lambda n: "# " + "*a _" * n,
    "footnotes": lambda n: "[^1]: " * n,
    "URLs": lambda n: "https://a" + ")" * n + "&amp;" * n,
    "escapes": lambda n: "[a](b" + "\\" * n + ")",
    "images in images": lambda n: "![" * n + "a" + "](b)" * n,
    "tables behind text": lambda n: "t\n|a|b|\n|-|-|\n|c|d|\n\n" * (n // 10),
    "delimiter rows": lambda n: "a\n|-|\n" * (n // 2),
    "cells beyond the width": lambda n: "|a|\n|-|\n" + "|b|[c](d)|`e`|\n" * (n // 5),
    "comments in items": lambda n: "- %%\n" * (n // 2),
    "wikilinks that may be code": lambda n: "[[a`b]] c` " * n,
    "labels that close": lambda n: "\\[" * n + "]:" * n,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages(name: str) -> None:
    text = HOSTILE[name](10_000)
    begin = time.process_time()
    page = parse("a.md", text)
    # A tenth of a second is usual. What is quadratic takes minutes.
    assert time.process_time() - begin < 5
    assert len(page.prose()) == len(text)


# ---- grammars of single blocks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("| a | b |", ["a", "b"]),
        ("a|b", ["a", "b"]),
        (r"| a\|b | |", [r"a\|b", ""]),
        ("||", [""]),
        ("", []),
    ],
)
def test_cells(row: str, cells: list[str]) -> None:
    assert [row[start:end] for start, end in split_cells(row)] == cells


def test_tables() -> None:
    assert is_table("a|b", ":-:|-")
    assert not is_table("a|b", "---")
    assert not is_table("a|b", "-|x")
    assert not is_table("a|b", "-|:")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("[a]: b", ("a", "b", "[a]: b")),
        ("[a]: <b c> 't'  ", ("a", "b c", "[a]: <b c> 't'")),
        ("[a]:\n  b\n  (t\nu)\nv", ("a", "b", "[a]:\n  b\n  (t\nu)")),
        ("[a]: b\n't' u", ("a", "b", "[a]: b")),
        ("[a]: <>", ("a", "", "[a]: <>")),
    ],
)
def test_definitions(text: str, parts: tuple[str, str, str]) -> None:
    found = match_definition(text)
    assert found is not None
    assert (text[slice(*found.label)], text[slice(*found.url)], text[: found.end]) == parts


@pytest.mark.parametrize("text", ["[a]:", "[ ]: b", "[^a]: b", "[a] : b", "[a]: b c", "[a[b]]: c", "[a]: <b", "a"])
def test_no_definitions(text: str) -> None:
    assert match_definition(text) is None


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("***a** b*", "a b"),
        ("a*b*c a_b_c", "abc a_b_c"),
        ("**a*", "*a"),
        ("* a * _ b _", "* a * _ b _"),
        ("~~a~~ ~b~", "a ~b~"),
        ("**`x`**", "`x`"),
    ],
)
def test_emphasis(text: str, left: str) -> None:
    for start, end in reversed(emphasis_marks(text)):
        text = text[:start] + text[end:]
    assert text == left
