"""The quick reading of front matter says what YAML says, or nothing."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from examples import few
from hypothesis import given
from hypothesis import strategies as st

from wikitools.markdown import frontmatter
from wikitools.markdown.frontmatter import read_front_matter


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


@few(150)
@given(st.lists(st.sampled_from(HEAD_FRAGMENTS), max_size=15).map("".join))
def test_heads_are_what_yaml_says(head: str) -> None:
    text = f"---\n{head}\n---\n"
    assert repr(read_front_matter("a.md", text)) == read_head_by_yaml(text)
