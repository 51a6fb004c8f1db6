"""Lines that other programs replace by text of their own: what is one, and what only looks like one."""

from __future__ import annotations

import pytest

from wikitools.markdown.parse import parse

INSERTED = {
    "snippet": '--8<-- "links.md"',
    "snippets in a block": "-8<-\nlinks.md\nwords.md\n-8<-",
    "API docs": "::: shop.cart",
    "API docs with options": "::: mkdocs-click\n    :module: shop.cli",
    "Liquid": "{% include menu.html %}",
    "Liquid, relative": '{%- include_relative "menu.md" -%}',
    "a plugin of MkDocs": '{% include-markdown "menu.md" %}',
    "Hugo": '{{% include "menu.md" %}}',
    "Quarto": "{{< include _menu.qmd >}}",
    "a macro of MkDocs": '{{ table("prices.csv") }}',
    "mdBook": "{{#include menu.md}}",
    "MyST, as code": "```{include} menu.md\n```",
    "MyST, with colons": ":::{include} menu.md\n:::",
    "Sphinx in MyST": "```{eval-rst}\n.. automodule:: shop\n```",
    "markdown-exec": '```python exec="on"\nprint("# Menu")\n```',
    "VitePress": "<!--@include: ./menu.md-->",
    "MDX": 'import Menu from "./_menu.mdx"',
    "in a quote": '> --8<-- "links.md"',
    "in a list": "- one\n\n    ::: shop.cart",
}
NONE = {
    "Pandoc's div": "::: note\nText\n:::",
    "Docusaurus": ":::tip Read this\nText\n:::",
    "in code": '`--8<-- "links.md"`',
    "in a code block": '~~~\n--8<-- "links.md"\n::: shop.cart\n~~~',
    "in a comment": "<!--\n{% include menu.md %}\n-->",
    "a variable": "{{ page.title }}",
    "within a line": 'Write --8<-- "links.md" there.',
    "another shortcode": "{{< figure src=kelp.png >}}",
    "a figure of MyST": "```{figure} kelp.png\n```",
    "code of another kind": '```python title="on"\nx = 1\n```',
    "a module of a script": 'import menu from "./menu.js"',
}


@pytest.mark.parametrize("text", INSERTED.values(), ids=INSERTED)
@pytest.mark.parametrize("before", ["", "# Shop\n\n"])
def test_text_is_inserted(before: str, text: str) -> None:
    page = parse("a.md", f"{before}{text}\n")
    assert page.insertions
    first = text.removeprefix("> ").removeprefix("- one\n\n    ").splitlines()[0]
    assert page.insertions[0].span.of(page.text) == first


@pytest.mark.parametrize("text", NONE.values(), ids=NONE)
def test_nothing_is_inserted(text: str) -> None:
    assert not parse("a.md", f"# Shop\n\n{text}\n").insertions
