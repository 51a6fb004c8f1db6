"""Places where the program that renders a page inserts text from elsewhere: the file is not all that readers see."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.markdown.wiki_syntax import Range, Ranges

_SIGNS = ("{%", "{{", "--8<--", "-8<-", ":::", "{include}", "{eval-rst}", "{auto", "exec=", "include:", "\nimport ")
"""What a page with an insertion surely contains; to search for these is quick."""

_INCLUDE = r"(?:include|insert|partial|readfile|render|snippet|transclude)"
_INSERTION = re.compile(
    rf"""
    \n[ \t>]*+(?P<mark>
        -{{1,}}8<-{{1,}}[^\n]*+                                                # pymdownx.snippets
        | :::[ \t]++[A-Za-z_]\w*+(?:\.\w++)++[ \t]*+(?=\n|\Z)                  # mkdocstrings: `::: package.module`
        | :::[ \t]++[\w-]++[ \t]*+(?=\n[ ]{{4,}}:?[\w-]++:)                    # the same with options: mkdocs-click
        | \{{%-?[ \t]*+{_INCLUDE}[\w-]*+\b[^\n]*?%\}}                          # Liquid, Jinja
        | \{{\{{[<%][ \t]*+[\w-]*{_INCLUDE}[\w-]*+\b[^\n]*?\}}\}}              # shortcodes of Hugo and Quarto
        | \{{\{{[ \t]*+\w[\w.]*+\([^\n]*?\}}\}}[ \t]*+(?=\n|\Z)                # macros: `{{ table("x.csv") }}`
        | \{{\{{[#]\w++[ \t]++[^\n{{}}]++\}}\}}                                # includes of mdBook
        | (?:`{{3,}}|~{{3,}}|:{{3,}})\{{(?:include|eval-rst|auto\w+|click)\}}[^\n]*+ # MyST
        | (?:`{{3,}}|~{{3,}})[^\n`]*\bexec=["'][^\n]*+                         # markdown-exec
        | <!--[ \t]*+@?include:[^\n]*?-->                                      # VitePress
        | import[ \t]++\w++[ \t]++from[ \t]++["'][^"'\n]+\.mdx?["']           # MDX
    )
    """,
    re.VERBOSE,
)


def may_insert(text: str) -> bool:
    """Say whether a page may have an insertion: without one of these signs, it has none."""
    text = "\n" + text
    return any(sign in text for sign in _SIGNS)


def find_insertions(text: str, hidden: Ranges) -> Iterator[Range]:
    """Yield the lines of a page that are replaced by other text, such as `--8<-- "file.md"` and `::: package.module`.

    What stands in something `hidden` (code, comments) does not count, unless it starts there: MyST includes files
    by means of code blocks. Forms, each from its project's documentation: snippets of PyMdown Extensions, mkdocstrings,
    mkdocs-click and mkdocs-macros, Liquid (Jekyll), shortcodes of Hugo and Quarto whose name says that they include
    something, mdBook, MyST, markdown-exec, VitePress, MDX. Linear in the length of the text.

    >>> from wikitools.markdown.wiki_syntax import Ranges
    >>> text = '# API\\n\\n::: shop.cart\\n\\n::: note\\nText\\n:::\\n\\n{% include menu.md %}\\n'
    >>> [text[start:end] for start, end in find_insertions(text, Ranges(()))]
    ['::: shop.cart', '{% include menu.md %}']
    """
    for match in _INSERTION.finditer("\n" + text):
        start, end = match.start("mark") - 1, match.end("mark") - 1
        if hidden.end_at(start) < 0 or hidden.starts_at(start):
            yield start, end
