"""Titles and names that want to be markup: from a bibliography file through `backfill` to a page, and harmless there."""

from __future__ import annotations

import json
import os
import random
import re
from typing import TYPE_CHECKING

import pytest

from wikitools.block.block import find_block
from wikitools.block.ownership import split_items
from wikitools.block.style import BlockStyle
from wikitools.markdown.parse import parse, read

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Call

pytestmark = pytest.mark.slow


# All 20,000 take minutes: WIKITOOLS_TEST_TITLES=20000. (Read here: the tests' own environment has none of these names.)
TITLES = int(os.environ.get("WIKITOOLS_TEST_TITLES", "400"))
ON_A_PAGE = 100

# ruff: noqa: E501
PIECES = [
    *"[]()<>{}|\\`*_~^$#%@!&=+-:;.,'\"/ \t\n\r",
    *("\x00 \x01 \x07 \x08 \x0b \x0c \x1b \x1e \x7f \x85 \x9b \u2028 \u2029 \ufeff \u200b \u200e \u202e \u2066 \u2069".split(" ")),
    *("\ud800", "\udfff", "\U000e0041", "\u0301", "ﬁ", "日本", "שלום", "é", "😀"),
    *("[[page]]", "]]", "![[x]]", "[x](javascript:alert(1))", "](", "[^1]", "[^1]: ", "<!--", "-->", "--!>", "<![CDATA["),
    *("<!-- wikitools:sources -->", "<!-- /wikitools:sources -->", "<!-- wikitools:sources hash=00000000 -->"),
    *("<!-- wikitools-ignore-file -->", "%%", "$$", "```", "~~~", "\n---\n", "\n# H\n", "\n- x", "\n1. y", "\n> z", "    "),
    *("<script>", "</div>", "<br/>", "&lt;", "&#93;", "&amp", "https://a.example/(x)", "www.a.example", "a@b.example"),
    *("\\emph{x}", "$\\alpha$", "{\\'e}", "\\textbf{", "\\href{a}{b}", "\\input{/etc/passwd}", "{{ x }}", "{% y %}", "{title}"),
    *(" — referenced as (Doe 2020)", "*Nothing*", "| a | b |", "::: note", "==mark==", "[@k1]", "^block", "#tag", "\x1b[31m"),
    *("word", "On sheep", "A", "1", ": ", "1984"),
]  # fmt: skip
URLS = [
    "",
    "",
    "https://a.example/x",
    "https://a.example/(a)[b]|`",
    "javascript:alert(1)",
    "//a.example/\u202ex\n-->",
    "x",
]


def hostile(rng: random.Random, most: int) -> str:
    return "".join(rng.choice(PIECES) for _ in range(rng.randint(1, most)))


def items(seed: int, count: int) -> list[dict[str, object]]:
    rng = random.Random(seed)
    return [
        {
            "id": f"k{at}",
            "type": "book",
            # Titles that are alike in letters would be one work.
            "title": f"{hostile(rng, 9)} z{seed}q{at}",
            "author": [
                {"family": f"{hostile(rng, 4)}", "given": hostile(rng, 2)} for _ in range(rng.randint(1, 3))
            ],
            "issued": {"date-parts": [[2020]]},
            "URL": rng.choice(URLS),
            "DOI": rng.choice(["", "", f"10.1000/{seed}.{at}{hostile(rng, 3)}"]),
            "container-title": hostile(rng, 3),
            "note": hostile(rng, 3),
        }
        for at in range(count)
    ]  # fmt: skip


def test_hostile_titles_make_the_list_they_should(tmp_path: Path, call: Call) -> None:
    style = BlockStyle()
    end = "\n\n## After\n\nText with [[p0]] and [a link](p0.md).\n"
    before: dict[str, bytes] = {}
    for page in range(TITLES // ON_A_PAGE):
        listed = items(page, ON_A_PAGE)
        for each in listed:
            each["id"] = f"p{page}x{each['id']}"
        (tmp_path / f"r{page}.json").write_text(json.dumps(listed), encoding="ascii")
        cited = "; ".join(f"@{each['id']}" for each in listed)
        text = f"# Page {page}\n\nSee [{cited}].\n\n<!-- wikitools:sources -->\n<!-- /wikitools:sources -->{end}"
        before[f"p{page}.md"] = text.encode()
        (tmp_path / f"p{page}.md").write_bytes(before[f"p{page}.md"])
    (tmp_path / "wikitools.toml").write_text('bibliography = ["r*.json"]\n')
    code, out, err = call("backfill", str(tmp_path))
    assert code == 0, (out[-3000:], err)
    assert not re.search("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", out)
    written = {path.name: path.read_bytes() for path in sorted(tmp_path.glob("p*.md"))}
    for name, data in written.items():
        page = read(name, data)
        block = find_block(page, style)
        assert block is not None, name
        # Outside of the block every byte is as it was.
        head, _open, rest = before[name].decode().partition("<!-- wikitools:sources -->\n<!-- /wikitools:sources -->")
        assert (page.text[: block.span.start], page.text[block.span.end :]) == (head, rest)
        body = block.body.of(page.text)
        assert len(split_items(body)) == ON_A_PAGE
        # One line each, in which nothing is markup but the link to the source.
        lines = [line for line in body.splitlines() if line.startswith("- ")]
        assert len(lines) == ON_A_PAGE
        keys = sorted(re.findall(r"z\d+q(\d+)\b", " ".join(re.findall(r"z\d+q\d+(?=\]\(| — ref)", body))), key=int)
        assert keys == sorted(map(str, range(ON_A_PAGE)), key=int)
        assert [heading.text for heading in page.headings] == [f"Page {name[1:-3]}", "After"]
        inside = [
            link
            for link in page.links
            if block.span.contains(link.span) and not getattr(link, "url", "").startswith(("https://", "ftp://"))
        ]
        assert not inside
        assert not [each for each in page.comments if block.body.contains(each.span)]
        assert not page.footnotes
        assert not page.footnote_definitions
        assert parse(name, page.text) == page
    code, out, _err = call("backfill", str(tmp_path))
    assert code == 0
    assert "Nothing to change" in out
    assert {path.name: path.read_bytes() for path in sorted(tmp_path.glob("p*.md"))} == written
    assert call("lint", str(tmp_path), "--select", "stale-sources,malformed-block")[0] == 0
