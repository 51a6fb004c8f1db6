"""The rule duplicate-title."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.globs import glob_test
from wikitools.lint.rule import Finding, Related, Severity, listed, quoted, rule
from wikitools.wiki.names_index import fold, group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Page
    from wikitools.text import Span
    from wikitools.wiki.wiki import Wiki


@rule(group="pages", severity=Severity.WARNING, since="0.1.0", default=False)
def duplicate_title(wiki: Wiki, facts: Facts) -> Iterator[Finding]:
    """Two pages have the same title.

    Readers cannot tell them apart in search results and menus, and often both are drafts of one page. The title is
    `title` in the front matter or the first level-1 heading; file names do not count. Off by default: templates and
    series of notes repeat titles on purpose. Pages matched by the setting `entry-pages` are not reported.

    ```wiki
    -- turing-machine.md --
    # Turing machine
    -- turing_machine_2.md --
    ---
    title: Turing Machine
           ^^^^^^^^^^^^^^ 2 pages have the title "Turing Machine": this one and "turing-machine.md"
    ---
    It computes.
    ```

    A title against a file name, and entry pages:

    ```wiki
    -- turing-machine.md --
    # Turing machine
    -- Turing machine.md --
    No heading here.
    -- logic/index.md --
    # Overview
    -- ethics/index.md --
    # Overview
    ```
    """
    is_entry = glob_test(facts.settings.entry_pages)
    places = {path: place for path, page in wiki.pages.items() if not is_entry(path) and (place := _place(page))}
    titles = group((" ".join(fold(wiki.pages[path].title).split()), path) for path in places)
    for paths in titles.values():
        for path in paths[1:]:
            others = [other for other in paths if other != path]
            title = quoted(wiki.pages[path].title)
            yield Finding(
                span=places[path],
                message=f"{len(paths)} pages have the title {title}: this one and {listed(list(map(quoted, others)))}",
                subject=wiki.pages[path].title,
                related=tuple(Related(places[other], "has the same title") for other in others[:_SHOWN]),
            )


_SHOWN = 5


def _place(page: Page) -> Span | None:
    title = page.front_matter.get("title")
    if title is not None and isinstance(title.value, str) and title.value.strip():
        return title.span
    return next((heading.span for heading in page.headings if heading.level == 1 and heading.text), None)
