"""Pages as Python-Markdown and Pandoc read them: what is content there and not in CommonMark, and ids in braces."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from wikitools.markdown.dialects import PLAIN, Dialect
from wikitools.markdown.parse import parse
from wikitools.markdown.python_markdown import as_commonmark
from wikitools.markdown.slugs import pandoc_slugs, python_markdown_slugs
from wikitools.wiki.anchors import Anchors
from wikitools.wiki.engines import ENGINES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Call

    from wikitools.markdown.page import Page

PYTHON_MARKDOWN = {
    "admonition and a blank line": "!!! note\n\n    ## Inside\n\n    See [a](a.md).\n",
    "admonition without one": "!!! note\n    ## Inside\n\n    See [a](a.md).\n",
    "types, and a title with a link": '!!! danger big "See [a](a.md)"\n\n    ## Inside\n    [b](b.md)\n',
    "no blank behind the mark": "!!!tip\n\n    ## Inside\n",
    "empty title": '!!! note ""\n\n    ## Inside\n',
    "details": "??? note\n\n    ## Inside\n\n    [a](a.md)\n",
    "open details with a title alone": '???+ "More"\n\n    ## Inside\n',
    "tabs": '=== "One"\n\n    ## First\n\n    [a](a.md)\n\n=== "Two"\n\n    ## Second\n',
    "selected tab": '===+ "One"\n\n    ## First\n',
    "second paragraph": "!!! note\n\n    One.\n\n    [a](a.md)\n\n\n    ## Far\n",
    "behind text": "Text.\n!!! note\n    [a](a.md)\n\nAfter [b](b.md).\n",
    "list in one": "!!! note\n\n    - one\n\n        [a](a.md)\n\n    ## After\n",
    "one in a list": "- item\n\n    !!! note\n\n        ## Inside\n\n        [a](a.md)\n",
    "one in a numbered list": '1. item\n\n    === "Tab"\n\n        ## Inside\n',
    "one in one": '!!! note\n\n    ??? tip\n\n        ## Deep\n\n        === "Tab"\n\n            [a](a.md)\n',
    "one in a quote": "> !!! note\n>\n>     ## Inside\n>\n>     [a](a.md)\n",
    "code in one": "!!! note\n\n        [no](no.md)\n\n    [a](a.md)\n",
    "fence in one": "!!! note\n\n    ```\n    ## no\n    [no](no.md)\n    ```\n\n    ## Inside\n",
    "code stays code": "Write:\n\n    !!! note\n\n        ## No\n\n    [no](no.md)\n",
    "reference in one": "See [a] and [b][].\n\n!!! note\n\n    [a]: a.md\n\n[b]: b.md\n",
    "definitions": "Term\n\n:   One [a](a.md).\n\n    Two [b](b.md).\n\n    ## In one\n",
    "short definition": "Term\n: One [a](a.md).\n\n    Two [b](b.md).\n",
    "HTML with Markdown in it": '<div markdown="1">\n## Inside\n[a](a.md)\n</div>\nAfter [b](b.md).\n',
    "HTML with an attribute alone": "<div class='x' markdown>\n## Inside\n</div>\n",
    "HTML on one line": "<div markdown>See [a](a.md).</div>\n",
    "details of HTML": "<details markdown='1'>\n<summary>More</summary>\n## Inside\n[a](a.md)\n</details>\n",
    "no Markdown in an element within": (
        "<details markdown='1'>\n<summary>[t](t.md)</summary>\n## Inside\n[a](a.md)\n</details>\n\n"
        "<figure markdown='span'>\n  ![i](i.png){#fig}\n  <figcaption>[t](t.md)</figcaption>\n</figure>\n[a](a.md)\n"
    ),
    "HTML in HTML": '<div markdown="1">\n<div markdown="1">\n## Inside\n</div>\n[a](a.md)\n</div>\n',
    "HTML in an admonition": '!!! note\n\n    <div markdown="1">\n    ## Inside\n    </div>\n',
    "ids in braces": (
        "[t](https://example.org){#one} ![i](x.png){ #two } `c`{: #three .c } *e*{#four} <https://example.org>{#five}\n"
        "\nText.\n{: #six }\n\n- item\n{: #seven }\n\n| a | b |\n| - | - |\n| x {: #eight } | y |\n"
        "\n> Quote.\n{: #nine }\n"
        "\n[t][r]{#ten}\n\n[r]: r.md\n\n## Head {: #eleven }\n"
    ),
    "braces of nothing": "Plain (x){#no} {#no2} [s]{#no3}\n\n- item {: #no4 }\n\n`{#no5}` and\n\n    [x](y){#no6}\n",
    "id of code": "``` { .py #listing }\n[x](y){#no}\n```\n\n~~~ { .py #other }\n~~~\n",
}

PANDOC = {
    "escaped brackets": "\\[x]{#no1} [x\\]{#no2}\n\n\\\\[x]{#yes1} [a \\[b]{#yes2} [a [b] c]{#yes3} a] b]{#no3}\n",
    "span": "[]{#here} [text]{#there .c} [a [b] `]` c]{#nested}\n",
    "image, link, code": "![P](x.png){#fig} [t](https://example.org){#lnk} `c`{#cc} <https://example.org>{#auto}\n",
    "reference link": "[t][r]{#one}\n\n[r]: x.md\n",
    "fenced divs": "::: {#box .note}\nText\n:::\n\n:::: {.a #b2 k=v} ::::\nText\n::::\n\n> ::: {#quoted}\n> x\n> :::\n",
    "code blocks": "``` {#lst .python}\n[x]{#no}\n```\n\n- ~~~ {.c #inner}\n  x\n  ~~~\n",
    "other spellings": '[x]{id=foo} [y]{id="bar" .c} [z]{ #sp } [m]{#ml\n k=v} [n]{#a.b}\n',
    "table": "| a | b |\n|---|---|\n| [x]{#cell} | y |\n\n: Caption {#tbl}\n",
    "headings": "# One {#first .c}\n\nTwo {#second}\n---\n",
    "nothing": "[x] {#no} plain (x){#no1} {#no2} \\[x\\]{#no3} *e*{#no4} $x${#no5}\n",
    "lists": "- item {#no}\n\nTerm {#no2}\n\n: def\n",
    "colon": "[x](y.md){: #no}\n\nText\n{: #no2}\n",
}


def ids_of(page: Page, slugger: Callable[..., tuple[str, ...]]) -> set[str]:
    anchors = Anchors(page, slugger)
    return {*anchors.by_slug, *anchors.by_id}


def read(text: str, maker: str = "python-markdown") -> Page:
    return parse("page.md", text, Dialect(maker))


@pytest.mark.parametrize("text", PYTHON_MARKDOWN.values(), ids=PYTHON_MARKDOWN)
def test_what_python_markdown_reads(text: str) -> None:
    """The expected answer is the program's own, so that the table holds nothing but pages."""
    markdown = pytest.importorskip("markdown", reason="markdown is in the dev group")
    pytest.importorskip("pymdownx", reason="pymdown-extensions is in the dev group")
    extensions = [
        "admonition",
        "attr_list",
        "def_list",
        "md_in_html",
        "pymdownx.details",
        "pymdownx.superfences",
        "pymdownx.tabbed",
        "tables",
        "toc",
    ]
    html = markdown.markdown(text, extensions=extensions)
    page = read(text)
    wanted = {name for name in re.findall(r'\sid="([^"]*)"', html) if not name.startswith("__tabbed")}
    found = ids_of(page, python_markdown_slugs)
    explicit = {heading_id for heading in page.headings for heading_id in heading.ids}
    slugs = set(Anchors(page, python_markdown_slugs).slugs)
    # A heading with an id has no other anchor; that it is found by its words as well is our leniency.
    assert wanted <= found
    assert found - wanted <= (slugs if explicit else set())
    addresses = [url for url in re.findall(r'<a [^>]*?href="([^"]*)"', html) if not url.startswith("http")]
    assert sorted(link.url for link in page.links if link.url.endswith(".md")) == sorted(addresses)


EVERYTHING = [*PYTHON_MARKDOWN.values(), "\n".join(PYTHON_MARKDOWN.values())]


@pytest.mark.parametrize("text", EVERYTHING)
def test_what_is_rewritten_keeps_its_place(text: str) -> None:
    rewritten = as_commonmark(text, 0)
    assert len(rewritten.text) == len(text)
    assert [len(line) for line in rewritten.text.split("\n")] == [len(line) for line in text.split("\n")]
    page = read(text)
    for link in page.links:
        assert link.url_span.of(text) == link.url
    for heading in page.headings:
        assert heading.span.of(text) == heading.text
    for place in page.html_ids:
        assert place.span.of(text) == place.name


@pytest.mark.parametrize("text", EVERYTHING)
def test_line_ends_and_other_dialects(text: str) -> None:
    page, other = read(text), read(text.replace("\n", "\r\n"))
    assert [link.url for link in other.links] == [link.url for link in page.links]
    assert [heading.text for heading in other.headings] == [heading.text for heading in page.headings]
    plain = parse("page.md", text)
    assert "no" not in {each.name for each in plain.html_ids}
    assert parse("page.md", text, PLAIN) == plain


@pytest.mark.parametrize("text", PANDOC.values(), ids=PANDOC)
def test_what_pandoc_gives_ids_to(text: str) -> None:
    pypandoc = pytest.importorskip("pypandoc", reason="pypandoc-binary is in the dev group")
    html = pypandoc.convert_text(text, "html", "markdown", extra_args=["--wrap=none"])
    wanted = {name for name in re.findall(r'\sid="([^"]*)"', html) if not re.search(r"-\d+\Z", name)}
    page = read(text, "pandoc")
    explicit = {heading_id for heading in page.headings for heading_id in heading.ids}
    found = ids_of(page, pandoc_slugs)
    assert wanted <= found
    assert found - wanted <= (set(Anchors(page, pandoc_slugs).slugs) if explicit else set())


def test_front_matter_and_long_pages_are_rewritten_behind_their_head() -> None:
    text = "---\ntitle: x\n---\n!!! note\n\n    ## Inside\n\n    [a](a.md)\n" + "\n## More\n\nText.\n" * 400
    page = read(text)
    assert page.headings[0].text == "Inside"
    assert [link.url for link in page.links] == ["a.md"]


WIKILINKS_FIRST = (
    "obsidian", "foam", "dendron", "gollum", "github-wiki", "mkdocs-roamlinks", "mkdocs-ezlinks", "logseq", "slug",
)  # fmt: skip
LINKS_FIRST = ("quartz", "quartz-absolute", "quartz-relative", "markdown")
BEHIND_BRACKETS = {
    # What a page says, then the rules with the words that they quote: of wikilinks first, of Markdown links first.
    "a number": ("[[gone]](14)", {("broken-wikilink", "gone")}, {("broken-link", "14")}),
    "a label": ("[[gone|gone]](14)", {("broken-wikilink", "gone")}, {("broken-link", "14")}),
    "a path": ("[[gone]](lost.md)", {("broken-wikilink", "gone")}, {("broken-link", "lost.md")}),
    "an address": ("[[gone]](https://example.org/x)", {("broken-wikilink", "gone")}, set()),
    "a place": ("[[gone]](#lost)", {("broken-wikilink", "gone")}, {("broken-anchor", "a place#lost")}),
    "a title": ("[[gone]](lost.md 'T')", {("broken-wikilink", "gone")}, {("broken-link", "lost.md")}),
    "an image": ("![[gone]](lost.png)", {("broken-embed", "gone")}, {("missing-image", "lost.png")}),
    "more words": ("[[gone]](no address)", {("broken-wikilink", "gone")}, {("broken-wikilink", "gone")}),
    "a blank": ("[[gone]] (14)", {("broken-wikilink", "gone")}, {("broken-wikilink", "gone")}),
    "on a long page": (
        "Text.\n\n## More\n\n" * 300 + "[[gone]](14)",
        {("broken-wikilink", "gone")},
        {("broken-link", "14")},
    ),
}


@pytest.fixture(scope="module")
def behind_brackets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("brackets")
    for name, (text, *_rules) in BEHIND_BRACKETS.items():
        (root / f"{name}.md").write_text(f"{text}\n")
    return root


@pytest.mark.parametrize("engine", ENGINES)
def test_what_stands_before_an_address_depends_on_the_engine(engine: str, behind_brackets: Path, call: Call) -> None:
    # All share one wiki and its cache: under another engine, pages are read again.
    _code, out, _err = call(
        "lint", "-j1", "--select", "links,anchors", "--output-format", "json", f"--config=engine={engine}",
        str(behind_brackets),
    )  # fmt: skip
    found: dict[str, set[tuple[str, str]]] = {name: set() for name in BEHIND_BRACKETS}
    for each in json.loads(out)["diagnostics"]:
        found[each["path"].removesuffix(".md")].add((each["rule"], each["subject"]))
    column = 1 if engine in WIKILINKS_FIRST else 2
    expected = {name: row[column] for name, row in BEHIND_BRACKETS.items()}
    if engine == "logseq":
        # A link to a page that was never written is not a mistake there.
        expected = {name: set() for name in expected}
    assert found == expected


def test_a_wikilink_before_an_address_comes_with_the_form_that_is_none(tmp_path: Path, call: Call) -> None:
    (tmp_path / "page.md").write_text("[[1]](https://example.org), [[2]](14), [[3]] (a/b)\n")
    _code, out, _err = call("lint", "-j1", "--select", "links", str(tmp_path))
    helps = [line.partition("= help: ")[2] for line in out.splitlines() if "= help: " in line]
    assert helps == [r"this engine reads a wikilink before the address; a Markdown link is [\[1\]](…)"]
    (tmp_path / "page.md").write_text(r"[\[1\]](https://example.org)")
    assert call("lint", "-j1", "--select", "links", str(tmp_path))[0] == 0


def test_each_engine_reads_one_of_both_first() -> None:
    assert sorted((*WIKILINKS_FIRST, *LINKS_FIRST)) == sorted(ENGINES)


@pytest.mark.slow
def test_hostile_pages_stay_quick() -> None:
    import time

    started = time.process_time()
    for text in (
        "!!! " + "a " * 50_000,
        '!!! a "' + '" ' * 50_000,
        "<div markdown>" * 20_000,
        "<div markdown>\n" * 5_000 + "</p>" * 20_000,
        "<a '" * 30_000,
        "<div markdown>" + "<b></b>" * 30_000,
        "<b markdown></b>" * 20_000,
        "[" * 30_000 + "]{#x}" * 10_000,
        "{#" * 50_000,
        "|" + " x {: #a } |" * 5_000,
        "```\n<div markdown>\n" * 10_000,
    ):
        read(text)
        read(text, "pandoc")
    assert time.process_time() - started < 20, "linear"
