"""The rule duplicate-page-name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.globs import glob_test
from wikitools.lint.rule import Finding, Related, Severity, listed, quoted, rule
from wikitools.text import Span
from wikitools.wiki.names_index import fold, group
from wikitools.wiki.paths import folder_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wikitools.lint.facts import Facts
    from wikitools.wiki.wiki import Wiki


@rule(group="pages", severity=Severity.WARNING, since="0.1.0", default=False)
def duplicate_page_name(wiki: Wiki, facts: Facts) -> Iterator[Finding]:
    """Two pages have the same name.

    A link by name fits both, and readers who search cannot tell them apart. Case and Unicode normalisation are ignored:
    on file systems that ignore them too, one of two such pages in a folder overwrites the other. Off by default: in
    wikis that link by path, names may repeat. Pages matched by the setting `entry-pages` (`index.md`, `README.md` …)
    are not reported.

    ```wiki
    -- ethics/Glossary.md --
    Terms.
    -- logic/glossary.md --
    Terms.
    ^ 2 pages are named "glossary": this one and "ethics/Glossary.md"
    ```

    Entry pages, and different names:

    ```wiki
    -- ethics/index.md --
    Terms.
    -- logic/index.md --
    Terms.
    -- logic/Glossary.md --
    Terms.
    ```
    """
    is_entry = glob_test(facts.settings.entry_pages)
    names = group((fold(page.name), path) for path, page in wiki.pages.items() if not is_entry(path))
    for paths in names.values():
        for path in paths[1:]:
            others = [other for other in paths if other != path]
            beside = [other for other in others if folder_of(other) == folder_of(path)]
            clash = "; on a file system that ignores case, one overwrites the other" if beside else ""
            yield Finding(
                span=Span(path, 0, 0),
                message=f"{len(paths)} pages are named {quoted(wiki.pages[path].name)}: "
                f"this one and {listed([quoted(other) for other in others])}{clash}",
                subject=path,
                related=tuple(Related(Span(other, 0, 0), "has the same name") for other in others[:_SHOWN]),
            )


_SHOWN = 5
