"""Pages that are read by single searches say what the other readers say of them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wikitools.markdown import parse, sections
from wikitools.markdown.frontmatter import read_front_matter
from wikitools.markdown.sections import read_sections
from wikitools.markdown.skim import Skimmed, skim

if TYPE_CHECKING:
    from wikitools.markdown.page import Page


def skimmed(text: str) -> Skimmed | None:
    head = read_front_matter("a.md", text)[1]
    return skim(text, head.end if head is not None else text.startswith("\ufeff"))


def read_otherwise(text: str) -> Page:
    with patch.object(parse, "_read_plain", lambda _path, _text, _begin, _dialect: None):
        return parse.parse("a.md", text)


def read_by_sections(text: str) -> Page | None:
    """Read a page as if it were long and not plain as a whole; `None` where sections depend on each other."""
    head = read_front_matter("a.md", text)[1]
    with patch.object(sections, "_SHORT", 3):
        if read_sections("a.md", text, head.end if head is not None else text.startswith("\ufeff")) is None:
            return None
        with patch.object(parse, "_read_plain", read_sections):
            return parse.parse("a.md", text)


PLAIN = """\
words
# One\\n\\n## *Two* `three` ##\\n\\n###\\n#four
---\\ntitle: a\\n---\\n# B\\n\\n[c](d.md)
- [a](b.md)\\n  - [c d](e.md#f)\\n    - ![g](h.png)\\n> [i](j "k")
[a\\nb](c) and [d\\n  e](f), [g](h(i)j), [k&amp;](l&amp;m)
[[a]] [[b|c]] ![[d]] [[e#f]] [[g#^h|i]]\\n- [[j k]]
`a` and `[b](c)` and [`d`](e)
a <br> b</b> <https://c.d/e> https://f.g/h). (http://i.j) [https://k.l](m) HTTPS://n.o
$a$ and $5 and $6; $$b$$\\n\\n$$\\nc [d](e)\\n$$\\n[f](g)
a \\\\[b\\\\](c) \\\\(d\\\\) \\\\*e f \\\\$g [1][2] [ ] [x] a[1]
a\\n```py\\n[a](b)\\n```\\n[c](d)\\n~~~\\n[e](f)\\n~~~\\n
a\\n<!-- a -->\\n[b](c)\\n<!-- d\\ne -->\\nf <!-- g --> h
a[^1] b\\n\\n[^1]: c [d](e)\\n[^2]: f\\n\\ng
a ^b\\n\\n- c ^d\\n- e\\n\\nR^n
| a | b |\\n|---|---|\\n| [c](d) | `e` [[f\\\\|g]] |\\n\\nh `i|j`
a\\n\\n---\\n\\n***\\n\\nb
日本（[語](a.md)）。[b](c.md)，https://d.e/f。
"""

OTHER = """\
[a](b)\\n---
[a]: b
<div>\\n[a](b)\\n</div>
    [a](b)
- a\\n\\n      [b](c)
-     [a](b)
>     [a](b)
- ```\\n  [a](b)\\n  ```
```\\n[a](b)
$$\\n[a](b)\\n\\n```\\n$$\\n```
a `b\\nc` [d](e)
[a [b](c)](d)
[a]b](c)
[a][b]
[[a](b)]]
[[[a]]
<a href="b">c</a>
| a |\\n|---|\\n| `b|c` |
> # a
- # a
# a {#b}
%%\\n[a](b)\\n%%
$a\\nb$
[a](<b>)
a\\r\\n[b](c)
a\\0
\ufeff[a](b)
""".replace("\ufeff", "\\ufeff")


def unescaped(written: str) -> str:
    return written.encode("latin-1", "backslashreplace").decode("unicode_escape")


@pytest.mark.parametrize("written", PLAIN.splitlines())
def test_plain_pages_are_read_as_by_the_others(written: str) -> None:
    text = unescaped(written)
    assert skimmed(text) is not None
    assert repr(parse.parse("a.md", text)) == repr(read_otherwise(text))


@pytest.mark.parametrize("written", OTHER.splitlines())
def test_other_pages_are_left_to_the_others(written: str) -> None:
    text = unescaped(written)
    assert skimmed(text) is None
    assert repr(parse.parse("a.md", text)) == repr(read_otherwise(text))


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
    "][", "\\", "/", "://", ":", "+", "1.", "  ", "\t", "\xa0", "\n",
)  # fmt: skip
HEADINGS = ("\n# h", "\n## h `x`", "\n# [x](y)", "\n### ")
lines = st.tuples(st.sampled_from(STARTS), st.lists(st.sampled_from(PIECES), max_size=4).map(" ".join)).map("".join)
pages = st.tuples(
    st.sampled_from(["", "", "---\ntitle: a\n---\n", "\ufeff"]),
    st.lists(lines, max_size=6),
    st.sampled_from(["\n", "\n", "\n\n"]),
).map(lambda parts: parts[0] + parts[2].join(parts[1]))


@settings(max_examples=1500)
@given(pages)
@example("1. )\n    - ")
@example("\n[^n]:/\n[^1]")
@example("[[[l]]")
@example("$$\n<!--$$-->")
@example("[\\[1][2]")
@example("}\n    a|b\n-|-")
@example("^a|b\n-|-")
@example("# ^d #")
@example("\n-\n-\xa0[^n]:")
@example(">\t\n    b")
@example("+ \xa0#")
@example("[f\\[0\\]] and ![f\\[0\\]]\n\n[f\\[0\\]]: nowhere.md")
@example("Name |\n:---\n    [[missing]]")
@example("a |\n:-:\n`b|c`")
@example("\n\n$$\n\u2028\n$$")
def test_any_page_is_read_as_by_the_others(text: str) -> None:
    if skimmed(text) is not None:
        assert repr(parse.parse("a.md", text)) == repr(read_otherwise(text))


@settings(max_examples=800)
@given(
    st.lists(lines | st.sampled_from(HEADINGS), max_size=8).map("\n".join), st.sampled_from(["", "---\na: b\n---\n"])
)
@example("\n<div\n```\n\n```\n\n# ", "")
@example("~~~\n---\n~~~\n\n# ", "---\n")
@example("a\n\n# b\n[c][d]\n\n# e\n<i id='f'>\n\n# g\n[[h\ni]]", "")
@example("- a\n\n      b\n\n# c\n\n[d](e) ^f\n\n# g\n[^h]: i <!-- j -->\n\n# k [^h]", "")
def test_any_page_is_read_by_sections_as_by_the_others(text: str, head: str) -> None:
    page = read_by_sections(head + text)
    if page is not None:
        assert repr(page) == repr(read_otherwise(head + text))


def test_sections_that_are_not_plain_leave_the_others_plain() -> None:
    text = "\n\n".join(f"# {n}\n\n" + ("a `b\nc` " if n == 2 else "") + "[d](e.md) " * 400 for n in range(5))
    asked: list[int] = []

    def noticed(part: str, begin: int) -> Skimmed | None:
        found = skim(part, begin)
        asked.append(found is not None)
        return found

    assert skim(text, 0) is None
    with patch.object(sections, "skim", noticed):
        assert repr(parse.parse("a.md", text)) == repr(read_otherwise(text))
    assert asked == [True, True, False, True, True]


@pytest.mark.parametrize(
    "oddity", ["%%\na\n%%", "<pre>\n\n# a\n</pre>", "[d]: e", " ```\n\n# a\n ```", "```\n\n# a", "a\r\n"]
)
def test_pages_whose_sections_depend_on_each_other(oddity: str) -> None:
    text = "\n\n".join(f"# {n}\n\n[d](e.md) " + "[d] " * 1000 for n in range(3)) + f"\n\n{oddity}\n"
    assert read_sections("a.md", text, 0) is None
    assert repr(parse.parse("a.md", text)) == repr(read_otherwise(text))


def test_many_pages_are_read_as_by_the_others() -> None:
    dice = random.Random(20)
    taken = 0
    for _ in range(6000):
        rows = [
            dice.choice(STARTS) + " ".join(dice.choices(PIECES, k=dice.randrange(4)))
            for _ in range(dice.randrange(1, 6))
        ]
        text = dice.choice(["\n", "\n\n"]).join(rows)
        if skimmed(text) is not None:
            taken += 1
            assert repr(parse.parse("a.md", text)) == repr(read_otherwise(text)), text
    assert taken > 600
