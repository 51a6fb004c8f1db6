"""The inline text of blocks: a table of what is a link, what is not, and what is left as prose."""

from __future__ import annotations

import pytest

from wikitools.markdown.links import bare_url_end, is_web_address, unescape
from wikitools.markdown.page import MarkdownLink, PageLink, WebLink, Wikilink
from wikitools.markdown.parse import parse


def links(text: str) -> list[tuple[str, str]]:
    """Return each link's place as written, with what it points to."""
    return [(link.span.of(text), goal(link)) for link in parse("a.md", text).links]


def goal(link: PageLink) -> str:
    if isinstance(link, Wikilink):
        return link.target if link.anchor is None else f"{link.target}#{link.anchor}"
    return f"{link.syntax} {link.url}"


WIKILINKS = [
    ("[[t]]", "t", None, None, False),
    ("[[ t ]]", "t", None, None, False),
    ("[[t|label]]", "t", None, "label", False),
    ("[[t|]]", "t", None, "", False),
    ("[[t|a|b]]", "t", None, "a|b", False),
    ("[[t#h]]", "t", "h", None, False),
    ("[[#h]]", "", "h", None, False),
    ("[[t#A#B]]", "t", "A#B", None, False),
    ("[[t#^b1]]", "t", "^b1", None, False),
    ("[[t#]]", "t", "", None, False),
    ("![[i.png|300]]", "i.png", None, "300", True),
    ("[[https://x.y/z]]", "https://x.y/z", None, None, False),
    ("[[Note v1.2]]", "Note v1.2", None, None, False),
    ("[[a, b (c) 😀]]", "a, b (c) 😀", None, None, False),
    ("[[page|[1]]]", "page", None, "[1]", False),
    (r"[[a\|b]]", "a", None, "b", False),
]


@pytest.mark.parametrize(("written", "target", "anchor", "label", "embed"), WIKILINKS)
def test_wikilink(written: str, target: str, anchor: str | None, label: str | None, embed: bool) -> None:
    text = f"😀 see {written} there"
    (link,) = parse("a.md", text).links
    assert isinstance(link, Wikilink)
    assert link.span.of(text) == written
    assert (link.target, link.anchor, link.label, link.embed) == (target, anchor, label, embed)


def test_wikilink_in_a_table_escapes_its_bar() -> None:
    text = "| a | b |\n|---|---|\n| [[x\\|y]] | `[[n\\|o]]` |\n"
    (link,) = parse("a.md", text).links
    assert isinstance(link, Wikilink)
    assert (link.span.of(text), link.target, link.label) == ("[[x\\|y]]", "x", "y")


def test_a_line_break_ends_a_wikilink() -> None:
    text = "see [[Alan\nTuring|him]] there"
    page = parse("a.md", text)
    assert page.links == ()
    (wrapped,) = page.wrapped
    assert (wrapped.span.of(text), wrapped.target, wrapped.label) == ("[[Alan\nTuring|him]]", "Alan Turing", "him")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[t](u)", [("[t](u)", "inline u")]),
        ('[t](u "title")', [('[t](u "title")', "inline u")]),
        ("[t](<a b.md>)", [("[t](<a b.md>)", "inline a b.md")]),
        ("[t](a(b)c)", [("[t](a(b)c)", "inline a(b)c")]),
        (r"[t](a\_b&amp;c)", [(r"[t](a\_b&amp;c)", "inline a_b&c")]),
        ("[a [b] c](u)", [("[a [b] c](u)", "inline u")]),
        ("![i](p.png)", [("![i](p.png)", "inline p.png")]),
        ("[![i](p)](u)", [("[![i](p)](u)", "inline u"), ("![i](p)", "inline p")]),
        ("[a [b](c) d](e)", [("[b](c)", "inline c")]),
        ("[]()", [("[]()", "inline ")]),
        ("[t](u v)", []),
        ("[t](a(b)", []),
        ("[t] (u)", []),
        (r"\[t](u)", []),
        ("`[t](u)` [a`](u)`]", []),
        ("[[1]](https://x.y)", [("[[1]]", "1"), ("https://x.y", "bare https://x.y")]),
        ("<https://x.y/z>", [("<https://x.y/z>", "autolink https://x.y/z")]),
        ("<a@b.cd>", [("<a@b.cd>", "autolink mailto:a@b.cd")]),
        ("<https://x.y/ z>", [("https://x.y/", "bare https://x.y/")]),
        ("(https://x.y/a_(b)).", [("https://x.y/a_(b)", "bare https://x.y/a_(b)")]),
        ("**https://x.y**, https://z.w!", [("https://x.y", "bare https://x.y"), ("https://z.w", "bare https://z.w")]),
        ("https://x.y/?a=b&amp;", [("https://x.y/?a=b", "bare https://x.y/?a=b")]),
        ("见 https://x.y/z。好", [("https://x.y/z", "bare https://x.y/z")]),
        ("[https://x.y](https://z.w)", [("[https://x.y](https://z.w)", "inline https://z.w")]),
        ("xhttps://x.y https:// http://", []),
        ('<a href="p.md">t</a>', [('<a href="p.md">', "html p.md")]),
        ("<img src=p.png alt='x'/>", [("<img src=p.png alt='x'/>", "html p.png")]),
        ("<a href='[t](u)'>", [("<a href='[t](u)'>", "html [t](u)")]),
        ("x <!-- [[a]] --> <!--> [[b]]", [("[[b]]", "b")]),
        ("$[[a]]$ $$[b](c)$$ `[[d]]` ``[[e]]`f``", []),
        ("$5 [[a]] and $6", [("[[a]]", "a")]),
        ("$ [[a]]$ $[[b]] $ $[[c]]$5", [("[[a]]", "a"), ("[[b]]", "b"), ("[[c]]", "c")]),
        (r"\$[[a]]$ x", [("[[a]]", "a")]),
        ("%% [[a]] %% [[b]] %%", [("[[b]]", "b")]),
        ("[[]] [[ ]] [[a", []),
        ("![[a]](b)", [("![[a]]", "a")]),
        ("![[a]](b.png)", [("![[a]]", "a")]),
        ("[[a]](14)", [("[[a]]", "a")]),
        ("[[a|x]](14)", [("[[a|x]]", "a")]),
        ("[[a|x]](b/c.md)", [("[[a|x]]", "a")]),
        ("[[a]](b/c.md)", [("[[a]]", "a")]),
        ("[[1]](#note)", [("[[1]]", "1")]),
    ],
)
def test_links(text: str, expected: list[tuple[str, str]]) -> None:
    assert links(text) == expected


def test_reference_links() -> None:
    text = "[a][ Ref ] [REF][] [ref] ![i][ref] [b][none] [none] [ref]: x\n\n[ref]: <p q.md> 'T'\n[ref]: later\n"
    page = parse("a.md", text)
    found = [(link.span.of(text), goal(link), link.url_span.of(text)) for link in page.links if not is_wiki(link)]
    assert found == [
        ("[a][ Ref ]", "full p q.md", "p q.md"),
        ("[REF][]", "collapsed p q.md", "p q.md"),
        ("[ref]", "shortcut p q.md", "p q.md"),
        ("![i][ref]", "full p q.md", "p q.md"),
        ("[ref]", "shortcut p q.md", "p q.md"),
    ]
    assert [(one.span.of(text), one.label) for one in page.undefined] == [("[b][none]", "none")]
    first, second = page.definitions
    assert (first.span.of(text), first.key, first.url) == ("[ref]: <p q.md> 'T'", "ref", "p q.md")
    assert second.span.of(text) == "[ref]: later"


def is_wiki(link: PageLink) -> bool:
    return isinstance(link, Wikilink)


@pytest.mark.parametrize(
    "text", ["a[0][1]", "[^1][^2]", "[@a][@b]", "[ ][x]", "[a][b](c)", "`[a][b]`", "so.[1][2–3] x", "[a] [b]"]
)
def test_no_undefined_reference(text: str) -> None:
    assert parse("a.md", text).undefined == ()


def test_footnotes() -> None:
    text = "A[^1] b[^n].\n\n[^1]: One [[x]]\n    more\n\n    [y](z)\n[^n]: Two\n\nafter\n"
    page = parse("a.md", text)
    assert [(one.span.of(text), one.name) for one in page.footnotes] == [("[^1]", "1"), ("[^n]", "n")]
    first, second = page.footnote_definitions
    assert (first.span.of(text), first.name) == ("[^1]:", "1")
    assert first.body.of(text) == "One [[x]]\n    more\n\n    [y](z)"
    assert second.body.of(text) == "Two"
    assert [goal(link) for link in page.links] == ["x", "inline z"]


def test_block_ids() -> None:
    text = "A block ^one\n\n- item ^two-2\n- 2^10 ^no_t\n\n| a |\n|---|\n| b |\n^three\n\nx ^four y\n"
    page = parse("a.md", text)
    assert [(one.span.of(text), one.name) for one in page.block_ids] == [
        ("^one", "one"),
        ("^two-2", "two-2"),
        ("^three", "three"),
    ]


def test_html() -> None:
    text = '<div id="d">\n[[no]] <a name=n href="h.md">T</a> <!-- c -->\n<!-- open\n</div>\n\n<b id="e">[[yes]]</b>\n'
    page = parse("a.md", text)
    assert [(one.span.of(text), one.name) for one in page.html_ids] == [("d", "d"), ("n", "n"), ("e", "e")]
    assert [goal(link) for link in page.links] == ["html h.md", "yes"]
    assert [(one.span.of(text), one.text) for one in page.comments] == [("<!-- c -->", "c")]


def test_text_of_html_links() -> None:
    page = parse("a.md", 'x <a href="u"><b>T &amp;</b>\n v</a> <img src="i" alt="A"> <a href="w">')
    assert [getattr(link, "text", None) for link in page.links] == ["T & v", "A", ""]


def test_kinds_of_links() -> None:
    page = parse("a.md", "[a](b.md) [c](//h/x) [d](mailto:e@f) [g](C:/x) [h](#i) [j](k%20l.md)")
    kinds = [type(link) for link in page.links]
    assert kinds == [MarkdownLink, WebLink, WebLink, MarkdownLink, MarkdownLink, MarkdownLink]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("# a *b* **c** `d_e_` f_g", "a b c d_e_ f_g"),
        ("# [[x|y]] [[z]] [[p#q]] [t](u) ![i](j)", "y z p > q t i"),
        ("# C# #", "C#"),
        ("# A* and 2 * 3 == 6", "A* and 2 * 3 == 6"),
        ("# ~~a~~ ==b== <b>c</b> &amp; \\*d\\*", "a b c & *d*"),
        ("# def _f(self, *args)", "def _f(self, *args)"),
        ("# $x_1$ <!-- c -->", "$x_1$"),
        ("a *b\nc*\n===", "a b c"),
        ("#", ""),
        ("## ##", ""),
    ],
)
def test_heading_text(written: str, shown: str) -> None:
    (heading,) = parse("a.md", written + "\n").headings
    assert heading.text == shown


@pytest.mark.parametrize(
    ("written", "text", "ids"),
    [
        ("## Intro {#start}", "Intro", ("start",)),
        ("## Intro {#start .c a=b} ##", "Intro", ("start",)),
        ("## Intro {: .c #start }", "Intro", ("start",)),
        ("## Set {a, b}", "Set {a, b}", ()),
        ("## Set {a #b", "Set {a #b", ()),
    ],
)
def test_heading_attributes(written: str, text: str, ids: tuple[str, ...]) -> None:
    (heading,) = parse("a.md", written).headings
    assert (heading.text, heading.ids) == (text, ids)
    assert heading.span.of(written) == text


@pytest.mark.parametrize(
    ("text", "prose"),
    [
        ("[Hubinger et al., 2019](https://arxiv.org/abs/1906.01820)!", " Hubinger et al., 2019 !"),
        ("a `2019` b ``x`y`` c", "a b c"),
        ("a <b id='2019'>c</b> <!-- 2019 --> d", "a c d"),
        ("a [[t 2019|B 2020]] [[C 2021]] ![[d]] e", "a B 2020 C 2021 e"),
        ("see https://x.y/2019 and <https://x.y/2020>.", "see and ."),
        ("a $x_{2019}$ b $$2020$$ c %% 2021 %% d", "a b c d"),
        ("[x][ref 2019]\n\n[ref 2019]: https://x.y/2019 'T 2019'", " x"),
        ("a[^2019] ^id-2019", "a"),
        ("# A {#b-2019}", "# A"),
    ],
)
def test_prose(text: str, prose: str) -> None:
    page = parse("a.md", text)
    assert " ".join(page.prose().split()) == " ".join(prose.split())
    assert len(page.prose()) == len(text)


def test_unescape() -> None:
    assert unescape(r"\&amp; &amp;lt; &#65;&unknown; \a") == r"&amp; &lt; A&unknown; \a"


def test_addresses() -> None:
    assert is_web_address("https://x")
    assert is_web_address("//x")
    assert not is_web_address("c:/x")
    assert bare_url_end("https://x.y)", 0) == 11
    assert bare_url_end("x", 0) == 0
