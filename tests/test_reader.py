"""One reading of a page, whichever way it is given to pyromark, and what pyromark alone would not read so."""

from __future__ import annotations

import subprocess
import sys
import time
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wikitools.markdown import reader
from wikitools.markdown.page import Page, Wikilink
from wikitools.markdown.parse import parse


def shown(page: Page) -> list[str]:
    """Return the elements of a page, by the text that they cover."""
    things = (page.headings, page.links, page.definitions, page.undefined, page.footnotes, page.footnote_definitions)
    more = (page.block_ids, page.html_ids, page.comments, page.wrapped)
    return [f"{type(each).__name__} {each.span.of(page.text)}" for kind in (*things, *more) for each in kind]


# ---- what pyromark gets ----------------------------------------------------------------------------------------------

STARTS = (
    "", "", "", "", "- ", "* ", "1. ", "> ", "> - ", "  - ", "    - ", "    ", "  ", "# ", "## ", "#", "| ", "|-|-|",
    "---", "===", "***", "- - -", "```", "~~~", "$$", "%%", "<div>", "<!-- x -->", "<!--", "-->", "[a]: b", "[^1]: ",
    "\t", "-\t", "-     ", ">     ", "    ```", "- ```", "<b>", "-", "1.", "^id", "- $$", "---\n", "\n",
)  # fmt: skip
PIECES = (
    "a", "b c", "[x](y.md)", "[x y](z#q)", "![i](p)", "[x\\]y]", "[x\\]y]: z", ":---",
    "[[w]]", "[[w|l]]", "![[e]]", "[[w#h]]", "`c`", "`[a](b)`",
    "`a|b`", "<br>", "</b>", "<https://x.y/z>", "https://x.y/a_b", "http://q.r).", "$x$", "$5 and $6", "$", "$$y$$",
    "\\[", "\\(", "\\`", "\\|", "\\!", "[1][2]", "[1]", "[ ]", "]", "[", "(", ")", "!", "|", "a|b", "^id", "R^n",
    "[^1]", "[^n]:", "%%", "<!-- c -->", "<!--", "-->", "<", "<a", "&amp;", "**b**", "*", "`", "``", "{#i}", "}", "#",
    "##", "- ", "日", '"t"', '[x](y "t")', "[x](a(b)c)", "[x](<y>)", "[a`b`c](d)", "[https://x.y](z)", "[x][y]", "](",
    "<**b [[w]]**>", "<R&D [[w]]>", "<a_b:c>", "1_", "][", "\\", "/", "://", ":", "+", "1.", "  ", "\t", "\xa0", "\n",
)  # fmt: skip
HEADINGS = ("\n# h", "\n## h `x`", "\n# [x](y)", "\n### ")
lines = st.tuples(st.sampled_from(STARTS), st.lists(st.sampled_from(PIECES), max_size=4).map(" ".join)).map("".join)
pages = st.tuples(
    st.sampled_from(["", "", "---\ntitle: a\n---\n", "\ufeff"]),
    st.lists(lines, max_size=6),
    st.sampled_from(["\n", "\n", "\n\n"]),
).map(lambda parts: parts[0] + parts[2].join(parts[1]))


def read_by_label(text: str) -> Page:
    """Read a page as if it had reference links: pyromark gets its very text, emphasis and other scripts included."""
    with (
        patch.object(reader, "without_emphasis", lambda source: source),
        patch.object(reader, "in_ascii", lambda source: source),
    ):
        return parse("a.md", text)


@pytest.mark.slow
@settings(max_examples=600)
@given(pages)
@example("***\n-")
@example("<file_stem>")
@example("<**b [[w]]**> <R&D [[w]]>")
@example("<a_b:[[w]]> <x data_y='z' id='i'> <a_b@c.de>")
@example("1_ a\n\n       `b")
@example("日 **a** _b_ <?x?> `**`")
@example("[日本] [a]\n\n[中国]: b")
@example("__\n**\n- - -")
def test_the_shape_of_a_page_reads_like_its_text(text: str) -> None:
    assert repr(parse("a.md", text)) == repr(read_by_label(text))


@settings(max_examples=300)
@given(pages)
def test_no_page_is_read_otherwise_for_its_line_ends(text: str) -> None:
    if "\\\n" not in text:
        assert [each.replace("\r", "") for each in shown(parse("a.md", text.replace("\n", "\r\n")))] == shown(
            parse("a.md", text)
        )


# ---- what pyromark alone would not read so ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "things"),
    [
        # Wikilinks win where they start first, and code where it does.
        ("[[a`b]] c` [[d]]", ["Wikilink [[a`b]]", "Wikilink [[d]]"]),
        ("`a [[b` c]] [[d]]", ["Wikilink [[d]]"]),
        ("[[a|`b`]] [c [[d]] e](f)", ["Wikilink [[a|`b`]]", "MarkdownLink [c [[d]] e](f)", "Wikilink [[d]]"]),
        ("[[[x]]] [[a]](b)", ["Wikilink [[[x]]]", "Wikilink [[a]]"]),
        (r"\[[a]] \\[[b]] \![[c]] ![[d]]", [r"Wikilink [[b]]", "Wikilink [[c]]", "Wikilink ![[d]]"]),
        ("<div>\n[[a]] [^1]\n</div>\n\n[[b]]", ["Wikilink [[b]]"]),
        ("[a](<[[b]]>) <i title='[[c]]'>", ["MarkdownLink [a](<[[b]]>)"]),
        # What looks like a tag, but for a mark of emphasis or an ampersand.
        ("<**a [[b]]**> <R&D [[c]]> <d_e:[[f]]>", ["Wikilink [[b]]", "Wikilink [[c]]", "Wikilink [[f]]"]),
        ("1_ a\n\n       [[b]]", []),
        # Formulas and comments.
        ("$[a](b)$ [c](d) $5 and [e](f) $6", ["MarkdownLink [c](d)", "MarkdownLink [e](f)"]),
        ("[a $x](b) y$ c", []),
        ("%%\n# [[a]]\n\n```\n%%\n[[b]]", ["Wikilink [[b]]"]),
        (
            "{/* [[a]] */}\n\n{/*\n# [[b]]\n\n[c](c.md)\n*/}\n\n`{/*` [[d]] {/* [[e]]",
            ["Wikilink [[d]]", "Wikilink [[e]]"],
        ),
        ("$$\n- [a](b)\n$$\n---\n[[c]]", ["Wikilink [[c]]"]),
        ("$$\n$$\n===\n", []),
        ("- $$\n- $$ [[a]]", ["Wikilink [[a]]"]),
        # Tables: cells that GitHub drops, and tables that follow text.
        ("|a|\n|-|\n|b|[c](d)|`[[e]]`| [[f]] |", ["MarkdownLink [c](d)", "Wikilink [[f]]"]),
        ("a\n|b|\n|-|\n|[[c]] ^d|", ["Wikilink [[c]]", "BlockId ^d"]),
        # Labels in other scripts.
        (
            "[日本] [中国] [x][日本]\n\n[日本]: a",
            ["MarkdownLink [日本]", "MarkdownLink [x][日本]", "ReferenceDefinition [日本]: a"],
        ),
        # The same label twice, and text that is not a definition.
        ("[a]: b\n[A]: c\n\nd\n[e]: f", ["ReferenceDefinition [a]: b", "ReferenceDefinition [A]: c"]),
        ("> [a]: b\n> [c][a]", ["MarkdownLink [c][a]", "ReferenceDefinition [a]: b"]),
        (
            "[a][] ![b][] [c][d]\n\n[a]: u",
            [
                "MarkdownLink [a][]",
                "ReferenceDefinition [a]: u",
                "UndefinedReference ![b][]",
                "UndefinedReference [c][d]",
            ],
        ),
        # Block ids end a block.
        ("a ^b\nc\n\nd ^e\n\n- f ^g\n- h\n\n`^i`", ["BlockId ^e", "BlockId ^g"]),
        # Tags whose end starts a line, and HTML that a quote holds.
        ("<div\n  id='b'\n>\n\n> <a\n> href='c'>", ["MarkdownLink <a\n> href='c'>", "HtmlId b"]),
    ],
)
def test_what_stands_on_a_page(text: str, things: list[str]) -> None:
    assert shown(parse("a.md", text)) == things


def test_a_bar_in_a_table_that_follows_text_cuts_a_link() -> None:
    page = parse("a.md", "Text\n| a | b |\n|---|---|\n| [[c|d]] | e |\n")
    assert [link.cut for link in page.links if isinstance(link, Wikilink)] == [True]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("==a== *b* __c__ ~~d~~ ~e~", "a b c d ~e~"),
        ("`a*b*` [c](d) ![e](f) <g@h.i> <https://j.k>", "a*b* c e g@h.i https://j.k"),
        ("[[a#b#c]] [[d|e]] [[f]] [^1] $x_y_z$ %%g%%", "a > b > c e f $x_y_z$"),
        (r"a \* b &amp; *c\**", "a * b & c*"),
        ("中*文*字 snake_case_name", "中文字 snake_case_name"),
        ("C# {#x} #", "C#"),
    ],
)
def test_headings_as_their_reader_sees_them(written: str, text: str) -> None:
    assert parse("a.md", f"# {written}\n").headings[0].text == text


# ---- cost ------------------------------------------------------------------------------------------------------------


def test_a_plain_page_needs_neither_mistletoe_nor_yaml() -> None:
    code = (
        "import sys; from wikitools.markdown.parse import parse;"
        "page = parse('', '---\\ntitle: T\\ntags: [a]\\n---\\n# H\\n- [[x]]\\n\\n> q\\n\\n|a|b|\\n|-|-|\\n|c|d|\\n');"
        "assert page.title == 'T' and len(page.links) == 1;"
        "print([name for name in ('mistletoe', 'yaml') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


HOSTILE = {
    "list marks": "- " * 50_000,
    "quote marks": ">" * 100_000,
    "items": "- `a`\n" * 20_000,
    "items and blanks": "- `a`\n\n" * 20_000,
    "lazy lines": "- a\n" + "`b`\n" * 20_000,
    "open brackets": "[" * 100_000,
    "open links": "[a](" * 25_000,
    "links without end": "[a](" + "b" * 100_000,
    "labels": "[a:b%c" * 20_000,
    "ticks": "".join("`" * (n % 300) + " " for n in range(700)),
    "tags": "<a " + "b='c' " * 20_000 + "\n",
    "pipes": "|" * 50_000 + "\n" + "|-" * 50_000,
    "comments": "%%\na\n\n" * 10_000,
    "math": "$$\na\n\n" * 10_000,
    "definitions": "[a\n" * 20_000,
    "colons": "---\na: " + "b:c#" * 3_000 + "\n---\n",
    "flow": "---\na: [" + "b, " * 4_000 + "]\n---\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_take_linear_time(name: str) -> None:
    begin = time.process_time()
    parse("a.md", HOSTILE[name])
    assert time.process_time() - begin < 2
