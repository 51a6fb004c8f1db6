"""The fast readings, of blocks and of front matter, say what the slow ones say, or nothing."""

from __future__ import annotations

import subprocess
import sys
import time
from unittest.mock import patch

import mistletoe.span_token
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wikitools.markdown import frontmatter, parse
from wikitools.markdown.blocks import Block, needed, split_cells, split_lines
from wikitools.markdown.fast import HTML_BLOCK_NAMES, read_blocks_fast
from wikitools.markdown.frontmatter import read_front_matter
from wikitools.markdown.structure import read_blocks, read_blocks_twice


def read_both(text: str) -> tuple[list[Block] | None, list[Block]]:
    lines = split_lines(text)
    return read_blocks_fast(text, lines), needed(text, read_blocks(lines))


def shown(text: str, blocks: list[Block]) -> list[tuple[str, int, list[str]]]:
    return [(block.kind, block.level, [text[start:end] for start, end in block.pieces]) for block in blocks]


TAKEN = """\
plain `a`
two lines\\nof `text`\\n\\nand [one](x)
# a\\n## b ##\\n###\\n#c `d`\\n####### e `f`\\n   # g\\n    # h
`a`\\nb\\n===\\n\\n`c`\\n---\\n---\\n- - -\\n* * *\\n___
> `a`\\n===\\n> `b`\\n> ---\\n\\n> ```\\n`c`\\n>     d\\n`e`
> - `a`\\n>   - `b`\\n> `c`\\n`d`\\n> > `e`\\n> `f`\\n\\n>`g`
- `a`\\n- [b](c)\\n\\n- **d** `e`\\n* `f`\\n+ `g`\\n1. `h`\\n2. `i`\\n3) `j`
- `a`\\n  `b`\\n`c`\\n  - `d`\\n    `e`\\n   `f`\\n\\n    `g`\\n\\n      `h`\\n\\n `i`
- `a`\\n===\\n- `b`\\n  ===\\n-\\n  `c`\\n-\\n\\n  `d`\\n-     `e`\\n- - `f`\\n1. - `g`
- `a`\\n# b\\n- `c`\\n> `d`\\n- `e`\\n***\\n- `f`\\n<div>`g`\\n- `h`\\n<b>`i`</b>
- ```\\n  `a`\\n  ```\\n- ~~~\\n`b`\\n~~~\\n- $$\\n  `c`\\n  $$
* a\\n* **\\n* `b`\\n* * *\\n* __c__ `d`\\n* _\\n* [e]: /f\\n* [g] [h](i)\\n* 1. `j`
- `a`\\n  | x | `y` |\\n  |---|---|\\n  | z | [w](v) |\\n- | `q` |\\n  |-|
`a`\\n2. b\\n1. `c`\\n\\n2. `d`\\n2. `e`
```x\\n`a`\\n````\\n`b`\\n~~~ `c`\\n~~\\n~~~~\\n`d`\\n```e`f\\n```\\n
| a | `b` |\\n|:-:|--|\\n| [c](d) | e\\\\|`f` |\\n|`g`|\\n> `h` |
a | `b`\\n---\\n\\na | `b`\\n-|-\\nc | [d](e)\\n- `f` | g
<div>\\n`a`\\n\\n`b`\\n<pre>\\n\\n`c`\\n</PRE> x\\n`d`\\n<!-- e\\n\\nf --> `g`\\n`h`
`a`\\n<b>\\n`c`\\n\\n<b a='1' c>\\n`d`\\n\\n<b> `e`\\n<?x\\n\\n?>\\n<!A\\n>\\n<![CDATA[\\n]]>
[a]: /b\\n[c]:\\n  /d\\n  "e\\nf"\\n[g]: /h i\\n[j][k]\\n[l]: <>
[^a]: `b`\\n    c\\n\\n    - `d`\\n\\ne `f`\\n[^g]:\\n[^h]: i [^j]: k
$$\\n- `a`\\n$$\\n`b` $$\\nc\\n$$\\n\\n$$\\n\\n%%\\n# d\\n\\n`e`\\n%%\\n`f`
    `a`\\n\\n    b\\n\\n  \\n`c`\\n    `d`\\n\\t`e`\\n\\n\\t`f`
-\\t`a`\\n\\t- `b`\\n\\n\\t\\t`c`\\n1.\\t`d`\\n>\\t`e`\\n- \\t-\\t`f`
`a`\\xa0\\n\\u3000\\n\\xa0# `b`\\n-\\xa0`c`\\n- \\u3000`d`\\n  \\u3000`e`
a\\r\\n- `b`\\r\\n\\r\\n  `c`\\r# d\\re `f`\\r\\n```\\r\\n`g`\\r\\n```
words of no interest\\n\\n| only | words |\\n|------|-------|\\n| in | a table |
[^a]: words alone\\n\\n    and `b`\\n[^c]: words
"""


@pytest.mark.parametrize("written", TAKEN.splitlines())
def test_blocks_are_the_references(written: str) -> None:
    text = written.encode("latin-1", "backslashreplace").decode("unicode_escape")
    fast, reference = read_both(text)
    assert fast is not None
    assert shown(text, fast) == shown(text, reference)
    assert fast == reference


@pytest.mark.parametrize(
    "text",
    ["a\0`b`", ">     code\n>\n>     `more`", "> " * 60 + "`a`", "> \u3000\n> `a`", "[^a]:\xa0\n    `b`"],
    ids=["NUL", "blank in quoted code", "deep nesting", "odd blank in a quote", "odd blank in a footnote"],
)
def test_declines_where_only_the_reference_knows(text: str) -> None:
    lines = split_lines(text)
    assert read_blocks_fast(text, lines) is None
    assert parse.parse("a.md", text).text == text


def test_what_is_not_needed_is_left_out() -> None:
    text = "words\n\n```\na\nb\nc\n```\n|a|`b`|\n|-|-|\n"
    fast, _reference = read_both(text)
    assert fast is not None
    assert shown(text, fast) == [("code", 0, ["```", "```"]), ("cell", 0, ["`b`"])]


def test_element_names_are_mistletoes() -> None:
    assert set(mistletoe.span_token._tags) == HTML_BLOCK_NAMES


FRAGMENTS = [
    *(
        "- ",
        "* ",
        "+ ",
        "1. ",
        "2) ",
        "-",
        "*",
        "1.",
        "> ",
        ">",
        " ",
        "  ",
        "    ",
        "\t",
        "# ",
        "##",
        "[",
        "]",
        "(",
        ")",
    ),
    *(
        "```",
        "~~~",
        "`",
        "---",
        "===",
        "***",
        "- - -",
        "___",
        "<div>",
        "</div>",
        "<!--",
        "-->",
        "<pre>",
        "</pre>",
        "<?",
    ),
    *(
        "<b>",
        "<b a='c'>",
        "</b>",
        "<!A",
        "<![CDATA[",
        "]]>",
        "<",
        ">",
        "[a]: /u",
        "[a]",
        "[^x]: ",
        "](/v)",
        "]: ",
        '"t"',
    ),
    *("$$", "$", "%%", "|", "|-|", "a|b", "-|-", ":-:", "a", "b c", "`x`", "https://x.y", "\\", "\xa0", "\u3000", "\f"),
    *("\n", "\n", "\n", "\n", "\n\n", "\n\n", "\n  ", "\n    ", "\n> ", "\n- ", "\r\n", "\r", "\x1c", "\u2028", "日本"),
]
soups = st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join)


@settings(max_examples=600)
@given(soups)
@example("- a\n  - b\n c\n===\n`d`")
def test_blocks_of_any_page_are_the_references(text: str) -> None:
    fast, reference = read_both(text)
    assert fast is None or fast == reference


@settings(max_examples=150)
@given(soups)
def test_pages_are_the_references(text: str) -> None:
    with (
        patch.object(parse, "_read_plain", lambda _path, _text, _begin, _dialect: None),
        patch.object(parse, "read_blocks_fast", lambda _text, _lines: None),
    ):
        reference = parse.parse("a.md", text)
    assert parse.parse("a.md", text) == reference


# ---- front matter ----------------------------------------------------------------------------------------------------


@settings(max_examples=400)
@given(soups, soups, soups, soups)
def test_two_versions_are_read_as_each_by_itself(head: str, old: str, new: str, tail: str) -> None:
    before, after = split_lines(head + old + tail), split_lines(head + new + tail)
    assert read_blocks_twice(before, after) == (read_blocks(before), read_blocks(after))


def is_flat(text: str) -> bool:
    with patch.object(frontmatter._Head, "read", lambda _head: None):
        fields, _span, _wikilinks, _weblinks, problems = read_front_matter("a.md", text)
    return bool(fields) and not problems


def read_head_by_yaml(text: str) -> str:
    with patch.object(frontmatter._Head, "read_flat", lambda _head: False):
        return repr(read_front_matter("a.md", text))


FLAT = """\
title: Alan Turing
a: 1\\nb: 1.5\\nc: true\\nd: ~\\ne: 2020-01-31\\nf: 12:30\\ng: no\\nh: 0x1F\\ni: 1e3
a:\\nb: \\nc:   d  \\n\\n\\ne: f
a: "b c"\\nd: 'e'\\nf: ""\\ng: 'it''s'\\nh: "say \\\\"i\\\\""
a: [b, c d,e]\\nf: []\\ng: [ ]\\nh: ["i, j", 'k', 3]
a:\\n  - b\\n  - "c"\\nd:\\n- e\\n- 4\\nf: g
\\na: b
a: x:y#z\\nb: https://x.org/a, https://y.org\\nc: '[[d]] https://z.org'\\ne: "[[f|g]]"\\nh: [i, "[[j]]"]
a: 日本\\nb: é\\xa0\\nc: \\U0001f600
a: \\n- x\\xa0
a:\\n  - x\\u3000\\nb: y\\u3000 \\nc: "z\\xa0" \\nd: [x\\xa0, y]
"""


@pytest.mark.parametrize("written", FLAT.splitlines())
def test_flat_heads_are_what_yaml_says(written: str) -> None:
    head = written.encode("latin-1", "backslashreplace").decode("unicode_escape")
    text = f"---\n{head}\n---\n"
    assert is_flat(text)
    assert repr(read_front_matter("a.md", text)) == read_head_by_yaml(text)


@pytest.mark.parametrize(
    "head",
    [
        *(
            "a: b: c",
            "a: b #c",
            "a: &b c",
            "a: |\n  b",
            "a: {b: c}",
            "a: [[b]]",
            "a: b\n  c",
            "a: b\na: c",
            "a:\n  b: c",
            "# a\nb: c",
        ),
        *("a: !b c", "a: @b", 'a: "b\\n"', "a: 'b", "- a", "true: a", "a: [b, ]", "a:\tb", "a:\r\nb: c", "a: \x07"),
        *("a:\n  - b\n - c", "a:\n  - - b", "a:\n  - b: c", "a: b\u2028c", "1: a", '"a": b'),
    ],
)
def test_other_heads_are_left_to_yaml(head: str) -> None:
    text = f"---\n{head}\n---\n"
    assert not is_flat(text)
    assert repr(read_front_matter("a.md", text)) == read_head_by_yaml(text)


HEAD_FRAGMENTS = [
    *(
        "a: ",
        "b:",
        "c: x",
        "\n",
        "\n",
        "\n",
        "- ",
        "\n- x",
        "\n  - y",
        "[",
        "]",
        ", ",
        '"',
        "'",
        "''",
        '\\"',
        ": ",
        " #",
    ),
    *(
        "http://x.y",
        "[[w]]",
        '"[[w]]"',
        "12",
        "1.5",
        "2020-01-01",
        "true",
        "~",
        "{",
        "}",
        "&a",
        "*a",
        "!",
        "|",
        "-",
        "?",
    ),
    *('k: "v"\n', "t: [a, b]\n", "l:\n  - p\n  - q\n", "e:\n", "日", "\xa0", "\u2028", "\t", "\r\n", "x:y", "a#b", " "),
]


@settings(max_examples=500)
@given(st.lists(st.sampled_from(HEAD_FRAGMENTS), max_size=15).map("".join))
def test_heads_are_what_yaml_says(head: str) -> None:
    text = f"---\n{head}\n---\n"
    assert repr(read_front_matter("a.md", text)) == read_head_by_yaml(text)


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


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_take_linear_time(name: str) -> None:
    begin = time.process_time()
    parse.parse("a.md", HOSTILE[name])
    assert time.process_time() - begin < 2


@given(st.text(alphabet="| \ta", max_size=30))
def test_cells_are_the_same_without_escapes(row: str) -> None:
    # An escape behind the last cell makes the splitting look at each bar.
    slow = split_cells(row.rstrip(" \t") + "\\") if row.strip() and not row.rstrip().endswith("|") else None
    fast = split_cells(row)
    assert slow is None or [cell for cell, _end in slow] == [cell for cell, _end in fast]
